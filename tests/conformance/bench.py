"""What a test is given: the LNS that is aimed at, and, where it is one of our own, a look inside."""

import json
import re
import socket
import subprocess
import threading
import time
from collections import namedtuple

import wire
from peer import WAIT, Fail, Peer, Port, check

# A daemon that tests/conformance/run has started
Instance = namedtuple('Instance', 'name port lnsctl control log pid')

# Result codes of StopCCN and CDN, and error codes, that are registered (§4.4.2, RFC 3438)
RESULTS = {wire.STOPCCN: range(1, 8), wire.CDN: range(1, 12)}
ERRORS = range(0, 9)


class Skip(Exception):
    """Not to be tried here, and why."""


class Ledger:
    """What all tests share: how many datagrams may still be sent, and what was wrong with any that came."""

    def __init__(self, budget):
        self.lock = threading.Lock()
        self.left, self.sent, self.seen = budget, 0, 0
        self.complaints = {}
        self.numbers = set()  # of ports that were used

    def spend(self):
        with self.lock:
            self.sent += 1
            self.left -= 1
            if self.left < 0:
                raise Fail('the number of datagrams that may be sent is used up')

    def socket(self, family, source, number):
        """A UDP socket; where the kernel chooses its port, one that none had before: the LNS may still know those."""
        taken = []
        while True:
            taken.append(socket.socket(family, socket.SOCK_DGRAM))
            taken[-1].bind((source, number))
            got = taken[-1].getsockname()[1]
            with self.lock:
                if number or got not in self.numbers:
                    self.numbers.add(got)
                    break
        for other in taken[:-1]:
            other.close()
        return taken[-1]

    def complain(self, ident, text):
        with self.lock:
            self.complaints.setdefault(ident, text)


class Bench:
    """One test's own; close() takes its tunnels away."""

    def __init__(self, ledger, address, secret=None, instance=None):
        self.ledger, self.secret, self.instance = ledger, secret, instance
        self.family = socket.AF_INET6 if ':' in address[0] else socket.AF_INET
        self.address = socket.getaddrinfo(*address, self.family, socket.SOCK_DGRAM)[0][4]
        self.host = self.address[0]
        self.ports = []

    @property
    def local(self):
        return self.instance is not None

    def spend(self):
        self.ledger.spend()

    def socket(self, source, number):
        return self.ledger.socket(self.family, source, number)

    def complain(self, ident, text):
        self.ledger.complain(ident, text)

    def at(self, host):
        """The same LNS by another of its addresses."""
        other = Bench(self.ledger, (host, self.address[1]), self.secret, self.instance)
        self.ports.append(other)
        return other

    def port(self, source='', number=0):
        port = Port(self, source, number)
        self.ports.append(port)
        return port

    def peer(self, host_name='conformance.test', secret=None, tid=None, source='', number=0):
        """A peer on a port of its own. Of a foreign LNS all tunnels have the one secret, if any."""
        return Peer(self.port(source, number), host_name, tid=tid, secret=secret or self.secret)

    def open(self, *args, **how):
        return self.peer(*args, **how).open()

    def close(self):
        for port in self.ports:
            port.close()

    def traces(self):
        return [line for port in self.ports for line in port.traces()]

    # ---- a look inside

    def need(self, what):
        """For tests that only one of our own can be put to."""
        if not self.local:
            raise Skip(f'needs {what}')

    def ctl(self, *words):
        """lnsctl's exit code and what it says."""
        self.need('lnsctl')
        command = [self.instance.lnsctl, '--socket', self.instance.control, *map(str, words)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        return done.returncode, (done.stdout + done.stderr).decode('utf-8', 'replace')

    def begin(self, *words):
        """An lnsctl that takes its time."""
        self.need('lnsctl')
        return subprocess.Popen([self.instance.lnsctl, '--socket', self.instance.control, *map(str, words)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ask(self, *words):
        """lnsctl's document."""
        code, text = self.ctl(*words, '--json')
        check(code == 0, f'lnsctl {" ".join(map(str, words))} failed: {text.strip()}')
        return json.loads(text)

    def counter(self, name):
        return self.ask('status')['dropped'][name]

    def tunnels(self, port):
        """The tunnels from this port, of any state."""
        host = port.source or self.host
        return [row for row in self.ask('tunnels') if (row['peer'], row['peer_port']) == (host, port.number)]

    def living(self, peer):
        """The tunnel of this peer as lnsctl shows it, None when it is over."""
        for row in self.tunnels(peer.port):
            if row['peer_id'] == peer.tid and row['state'] not in ('closing', 'linger', 'dead'):
                return row
        return None

    def shown(self, call):
        """A session as `lnsctl show` has it."""
        return self.ask('show', f'{call.peer.peer_tid}-{call.peer_sid}')['session']

    def log(self):
        self.need('the log')
        with open(self.instance.log, encoding='utf-8', errors='replace') as file:
            return file.read()

    def logged(self, pattern, timeout=WAIT):
        """The line of the log that matches, which may take a moment."""
        until = time.monotonic() + timeout
        while True:
            match = re.search(f'^.*{pattern}.*$', self.log(), re.MULTILINE)
            if match:
                return match.group(0)
            check(time.monotonic() < until, f'no line of the log matches {pattern!r}')
            time.sleep(0.1)

    def wait(self, what, truth, timeout=WAIT):
        until = time.monotonic() + timeout
        while not truth():
            check(time.monotonic() < until, f'did not come true in {timeout:g} s: {what}')
            time.sleep(0.1)

    # ---- what holds for every datagram that comes

    def inspect(self, peer, message):
        with self.ledger.lock:
            self.ledger.seen += 1
        # 0 stands where the id is not known
        if message.tid != peer.tid and (message.tid or peer.named and message.type != wire.SCCRQ):
            self.complain('HDR-08', f'tunnel id {message.tid} in place of ours, {peer.tid}: {message}')
        if not message.is_control:
            return
        if message.flags != wire.CONTROL:
            self.complain('HDR-01', f'flags {message.flags:#06x} in a control message')
        if message.length != message.size:
            self.complain('HDR-01', f'length {message.length} in a control message of {message.size} bytes')
        if message.body:
            self.inspect_avps(peer, message)

    def inspect_avps(self, peer, message):
        first = message.avps[0]
        if (first.vendor, first.attr, len(first.value), first.mandatory, first.hidden) != (0, 0, 2, True, False):
            self.complain('AVP-08', 'the first AVP is not a mandatory Message Type')
        if message.type not in wire.NAMES:
            self.complain('IAN-01', f'message type {message.type} is not registered')
        vector = False
        for item in message.avps:
            if item.reserved:
                self.complain('AVP-01', f'reserved bits in {item.name()} of {message.name()}')
            if item.hidden and not (vector and peer.secret):
                self.complain('HID-01', f'{item.name()} is hidden without a secret or a Random Vector before it')
            if item.vendor == 0:
                self.inspect_definition(message, item)
            elif item.mandatory:
                self.complain('AVP-07', f'{item.name()} of {message.name()} is mandatory')
            vector = vector or (item.vendor == 0 and item.attr == wire.RANDOM_VECTOR)
        if message.type in RESULTS:
            code, error, text = message.result()
            # §4.4.3: with "version not supported" the error is the version
            if code not in RESULTS[message.type] or ((message.type, code) != (wire.STOPCCN, 5) and
                                                     error is not None and error not in ERRORS):
                self.complain('IAN-01', f'not a registered result and error: {message}')
            if error == 6 and not text:
                self.complain('AVP-16', f'error 6 without a text: {message}')

    def inspect_definition(self, message, item):
        rule = wire.RULES.get(item.attr)
        where = f'{item.name()} of {message.name()}'
        if rule is None:
            self.complain('IAN-01', f'attribute {item.attr} is not registered')
            return
        if item.mandatory != rule.mandatory and item.attr <= wire.SEQUENCING:
            self.complain('AVP-14', f'the M bit of {where} is {int(item.mandatory)}')
        if item.mandatory and item.attr > wire.SEQUENCING:
            self.complain('AVP-07', f'{where} is mandatory')
        if item.hidden and not rule.hideable:
            self.complain('AVP-14', f'{where} is hidden')
        if rule.length is not None and item.readable and len(item.value) != rule.length:
            self.complain('AVP-14', f'{where} has {len(item.value)} bytes')
