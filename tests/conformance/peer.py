"""The other end: a UDP port, the tunnels on it, and calls in them. Reliable delivery (§5.8) is done by default, and
each part of it can be taken into a test's own hand."""

import collections
import random
import socket
import time

import wire
from wire import M

WAIT = 5.0   # for an answer that must come
QUIET = 1.0  # for one that must not


# Messages by which a tunnel's id is told
NAMING = (wire.SCCRQ, wire.SCCRP, wire.STOPCCN)


class Fail(Exception):
    """What was wanted did not happen."""


def check(truth, wanted):
    if not truth:
        raise Fail(wanted)


def equal(what, wanted, got):
    if wanted != got:
        raise Fail(f'{what}: wanted {wanted!r}, got {got!r}')


class Port:
    """A UDP socket and the peers behind it, by the tunnel id that each has assigned."""

    def __init__(self, bench, source='', number=0):
        self.bench, self.peers, self.last = bench, {}, None
        self.listener = None  # the peer that a SCCRQ is for
        self.trace = collections.deque(maxlen=40)
        self.began = time.monotonic()
        self.socket = bench.socket(source, number)
        self.source = source
        self.number = self.socket.getsockname()[1]
        self.target = bench.address

    def add(self, peer):
        self.peers[peer.tid] = self.last = peer

    def traces(self):
        return self.trace

    def note(self, way, what):
        self.trace.append(f'{time.monotonic() - self.began:7.3f} {way} {what}')

    def send(self, datagram):
        self.bench.spend()
        self.socket.sendto(datagram, self.target)

    def receive(self, timeout):
        """One datagram and where it came from, or None."""
        self.socket.settimeout(max(timeout, 0.001))
        try:
            return self.socket.recvfrom(65536)
        except (TimeoutError, ConnectionRefusedError):
            return None

    def pump(self, timeout):
        """Takes one datagram to its peer; False when none came."""
        got = self.receive(timeout)
        if got is None:
            return False
        datagram, source = got
        if source[:2] != self.target[:2]:
            self.bench.complain('UDP-03', f'an answer came from {source[:2]}, not {self.target[:2]}')
        tid = int.from_bytes(datagram[4:6] if datagram[0] & 0x40 else datagram[2:4], 'big')
        (self.peers.get(tid) or self.listener or self.last).take(datagram)
        return True

    def reopen(self, seconds):
        """Nobody listens for this time, and what comes is answered with ICMP port unreachable."""
        source = self.socket.getsockname()
        self.socket.close()
        time.sleep(seconds)
        self.socket = socket.socket(self.bench.family, socket.SOCK_DGRAM)
        self.socket.bind(source)

    def close(self):
        for peer in self.peers.values():
            if peer.up:
                peer.send(wire.STOPCCN, wire.avp(wire.TUNNEL_ID, peer.tid), wire.result(1))
        self.socket.close()


def sccrq(tid, host_name, without=(), change=None):
    """The AVPs of a SCCRQ in a dict, so that a test can take one out or put another in its place."""
    avps = {
        wire.PROTOCOL_VERSION: wire.avp(wire.PROTOCOL_VERSION, 0x0100),
        wire.FRAMING_CAPS: wire.avp(wire.FRAMING_CAPS, 3),
        wire.HOST_NAME: wire.avp(wire.HOST_NAME, host_name),
        wire.TUNNEL_ID: wire.avp(wire.TUNNEL_ID, tid),
        wire.WINDOW: wire.avp(wire.WINDOW, 8),
    }
    return edit(avps, without, change)


def edit(avps, without, change):
    avps.update(change or {})
    for attr in without:
        avps.pop(attr, None)
    return list(avps.values())


class Peer:
    """One end of one tunnel."""

    def __init__(self, port, host_name='conformance.test', tid=None, secret=None):
        self.port, self.bench = port, port.bench
        self.host_name, self.secret = host_name, secret
        self.tid = tid or random.randrange(1, 65536)
        self.peer_tid = 0
        self.ns = self.nr = self.acked = 0
        self.sent = {}                 # what is not acknowledged, by Ns: (tid, sid, body)
        self.arrived = collections.deque()
        self.heard = set()             # Ns of what came, while it is not taken
        self.auto_ack = self.taking = self.persist = True
        self.up = False
        self.named = False             # we have told our id
        port.add(self)

    # ---- out

    def send(self, kind, *avps, sid=0, tid=None, ns=None, nr=None, bits=M, **header):
        """A control message; without `ns` it is the next in order and kept until it is acknowledged. Gives its Ns."""
        self.named = self.named or kind in NAMING and wire.avp(wire.TUNNEL_ID, self.tid) in avps
        return self.send_body(wire.raw_avp(wire.MESSAGE_TYPE, kind.to_bytes(2, 'big'), bits) + b''.join(avps),
                              wire.NAMES.get(kind, kind), sid=sid, tid=tid, ns=ns, nr=nr, **header)

    def send_body(self, body, name='?', sid=0, tid=None, ns=None, nr=None, **header):
        tid = self.peer_tid if tid is None else tid
        if ns is None:
            ns = self.ns
            self.ns = (self.ns + 1) & 0xffff
            self.sent[ns] = (tid, sid, body)
        nr = self.nr if nr is None else nr
        self.port.note('>', f'{name} tid={tid} sid={sid} ns={ns} nr={nr}')
        self.port.send(wire.control(tid, sid, ns, nr, body, **header))
        return ns

    def resend(self, ns=None):
        """Again what is not acknowledged, or this one: the same Ns, the Nr of today."""
        for each in sorted(self.sent) if ns is None else [ns]:
            tid, sid, body = self.sent[each]
            self.send_body(body, 'again', sid=sid, tid=tid, ns=each)

    def ack(self, ns=None, nr=None, sid=0):
        self.send_body(b'', 'ZLB', sid=sid, ns=self.ns if ns is None else ns, nr=nr)

    # ---- in

    def take(self, datagram):
        try:
            message = wire.Message(datagram, self.secret)
        except wire.Malformed as why:
            raise Fail(f'a malformed message came: {why}') from None
        self.port.note('<', message)
        self.bench.inspect(self, message)
        message.when = time.monotonic()
        if message.is_control:
            self.take_control(message)
        self.arrived.append(message)

    def take_control(self, message):
        if 0 < (message.nr - self.acked) & 0xffff < 0x8000:
            self.acked = message.nr
        for ns in [ns for ns in self.sent if (ns - message.nr) & 0xffff >= 0x8000]:
            del self.sent[ns]
        if message.is_zlb:
            return
        if message.type in (wire.SCCRQ, wire.SCCRP, wire.STOPCCN) and not self.peer_tid:
            self.peer_tid = message.number(wire.TUNNEL_ID) or 0
        if self.taking:
            message.new = message.ns == self.nr
            if message.new:
                self.nr = (self.nr + 1) & 0xffff
        else:
            message.new = message.ns not in self.heard
            self.heard.add(message.ns)
        if message.type == wire.STOPCCN:
            self.up = False
        if self.auto_ack:
            self.ack()

    def poll(self, timeout):
        """The next message of any kind, or None."""
        until = time.monotonic() + timeout
        while not self.arrived:
            left = until - time.monotonic()
            if left <= 0 or not self.port.pump(left):
                return None
        return self.arrived.popleft()

    def collect(self, seconds):
        """All that comes in this time."""
        until, got = time.monotonic() + seconds, []
        while (left := until - time.monotonic()) > 0:
            message = self.poll(left)
            if message:
                got.append(message)
        return got

    def burst(self, seconds=0.4, wait=3.0):
        """All that comes until nothing has come for this time; the first may take longer."""
        got, timeout = [], wait
        while message := self.poll(timeout):
            got.append(message)
            timeout = seconds
        return got

    def news(self, seconds):
        """The new control messages of this time, without HELLO."""
        return [m for m in self.collect(seconds) if m.new and m.type != wire.HELLO]

    def expect(self, *kinds, timeout=WAIT):
        """The next new control message, which must be of one of these types; what we sent is repeated meanwhile."""
        until, again = time.monotonic() + timeout, time.monotonic() + 1
        wanted = ' or '.join(wire.NAMES[kind] for kind in kinds)
        while (now := time.monotonic()) < until:
            if now >= again and self.persist:
                self.resend()
                again = now + 2
            message = self.poll(min(again if again > now else until, until) - now)
            if message is None or not message.new or (message.type == wire.HELLO and wire.HELLO not in kinds):
                continue
            if message.type not in kinds:
                raise Fail(f'wanted {wanted}, got {message}')
            return message
        raise Fail(f'no {wanted} came in {timeout:g} s')

    def silence(self, seconds=QUIET):
        """Not one datagram."""
        message = self.poll(seconds)
        check(message is None, f'wanted no answer, got {message}')

    def nothing(self, seconds=QUIET):
        """Acknowledgements at most."""
        got = self.news(seconds)
        check(not got, f'wanted no message, got {", ".join(map(str, got))}')

    def settle(self, timeout=WAIT):
        """All that we sent is acknowledged."""
        until, kept = time.monotonic() + timeout, []
        while self.acked != self.ns:
            if time.monotonic() > until:
                raise Fail(f'ns={(self.ns - 1) & 0xffff} was not acknowledged in {timeout:g} s (Nr is {self.acked})')
            message = self.poll(min(1.0, timeout))
            if message is None and self.persist:
                self.resend()
            elif message and message.new and message.type in (wire.STOPCCN, wire.CDN):
                raise Fail(f'wanted an acknowledgement only, got {message}')
            elif message and (message.new or not message.is_control):
                kept.append(message)
        self.arrived.extendleft(reversed(kept))

    # ---- whole exchanges

    def request(self, *more, without=(), change=None, bits=M, **header):
        """Sends a SCCRQ."""
        return self.send(wire.SCCRQ, *sccrq(self.tid, self.host_name, without, change), *more, bits=bits, **header)

    def replied(self, timeout=WAIT):
        """The SCCRP, whose id is ours to use from now on."""
        reply = self.expect(wire.SCCRP, timeout=timeout)
        self.peer_tid = reply.number(wire.TUNNEL_ID) or 0
        check(self.peer_tid, 'wanted an Assigned Tunnel ID that is not 0 in the SCCRP')
        self.up = True
        return reply

    def proof(self, reply):
        """What the challenge of a SCCRP asks for in the SCCCN."""
        challenge = reply.get(wire.CHALLENGE)
        if challenge is None or not self.secret:
            return []
        return [wire.avp(wire.RESPONSE, wire.response_to(challenge, self.secret, wire.SCCCN))]

    def connect(self, reply, *more, **header):
        """Sends the SCCCN."""
        self.send(wire.SCCCN, *self.proof(reply), *more, **header)

    def open(self, *more, **how):
        """A tunnel up to established; gives the peer itself."""
        self.request(*more, **how)
        self.connect(self.replied())
        self.settle()
        return self

    def asked(self, timeout=WAIT):
        """The SCCRQ of an LNS that opens a tunnel to us."""
        request = self.expect(wire.SCCRQ, timeout=timeout)
        self.peer_tid = request.number(wire.TUNNEL_ID) or 0
        check(self.peer_tid, 'wanted an Assigned Tunnel ID that is not 0 in the SCCRQ')
        return request

    def accept(self, *more, without=(), change=None):
        """Sends the SCCRP."""
        self.up = True
        return self.send(wire.SCCRP, *sccrq(self.tid, self.host_name, without, change), *more)

    def stopped(self, code, error=None, naming=None, timeout=WAIT):
        """A StopCCN with this result, this error and a text that names this attribute."""
        return ended(self.expect(wire.STOPCCN, timeout=timeout), code, error, naming)

    def refused(self):
        """A SCCRQ that made no tunnel: StopCCN, or nothing at all."""
        got = self.news(QUIET)
        check(all(m.type == wire.STOPCCN for m in got), f'wanted a StopCCN or nothing, got {got and str(got[0])}')

    def alive(self):
        """The tunnel still answers."""
        self.send(wire.HELLO)
        self.settle()

    def call(self, **how):
        """A call up to established."""
        call = Call(self)
        call.request(**how)
        call.replied()
        call.connect()
        self.settle()
        return call


def ended(message, code, error, naming):
    got, got_error, text = message.result()
    codes = code if isinstance(code, tuple) else (code,)
    check(got in codes, f'wanted result {code}, got {message}')
    if error is not None:
        errors = error if isinstance(error, tuple) else (error,)
        check(got_error in errors, f'wanted error {error}, got {message}')
    if naming is not None:
        name = wire.RULES[naming].name if naming in wire.RULES else ''
        check(str(naming) in text or (name and name.lower() in text.lower()),
              f'wanted a text that names attribute {naming}, got "{text}"')
    return message


class Call:
    """One session, in the role of a LAC."""

    def __init__(self, peer, sid=None):
        self.peer = peer
        self.sid = sid or random.randrange(1, 65536)
        self.peer_sid = 0
        self.pings = random.randrange(16, 128)

    def request(self, *more, without=(), change=None, bits=M, **header):
        avps = {wire.SESSION_ID: wire.avp(wire.SESSION_ID, self.sid),
                wire.CALL_SERIAL: wire.avp(wire.CALL_SERIAL, self.sid)}
        return self.peer.send(wire.ICRQ, *edit(avps, without, change), *more, bits=bits, **header)

    def replied(self):
        reply = self.peer.expect(wire.ICRP)
        self.peer_sid = reply.number(wire.SESSION_ID) or 0
        check(self.peer_sid, 'wanted an Assigned Session ID that is not 0 in the ICRP')
        return reply

    def connect(self, *more, without=(), change=None, bits=M, **header):
        avps = {wire.TX_SPEED: wire.avp(wire.TX_SPEED, 1000000),
                wire.FRAMING_TYPE: wire.avp(wire.FRAMING_TYPE, 1)}
        return self.peer.send(wire.ICCN, *edit(avps, without, change), *more, sid=self.peer_sid, bits=bits, **header)

    def hang_up(self, *more, sid=None):
        return self.peer.send(wire.CDN, wire.avp(wire.SESSION_ID, self.sid), *(more or (wire.result(1),)),
                              sid=self.peer_sid if sid is None else sid)

    def ended(self, code=None, error=None, naming=None, timeout=WAIT):
        """A CDN for this session."""
        message = self.peer.expect(wire.CDN, timeout=timeout)
        equal('the session of the CDN', self.sid, message.sid)
        return message if code is None else ended(message, code, error, naming)

    def frame(self, size=4, header=b'\xff\x03'):
        """A PPP frame that any PPP answers, and that tells which one was answered: LCP Configure-Request."""
        self.pings += 1
        if self.pings == 256:
            self.pings = 16
        options = b'' if size < 6 else b'\x05\x06' + bytes(4)
        length = 4 + len(options)
        return header + b'\xc0\x21\x01' + bytes([self.pings]) + length.to_bytes(2, 'big') + options

    def send(self, frame, **header):
        self.peer.port.note('>', f'data sid={self.peer_sid} ns={header.get("ns")} {frame[:12].hex()}')
        self.peer.port.send(wire.data(self.peer.peer_tid, self.peer_sid, frame, **header))

    def answer(self, frame, timeout):
        """The data message that answers this frame, or None."""
        until = time.monotonic() + timeout
        ident = frame[frame.index(b'\xc0\x21') + 3]
        while (left := until - time.monotonic()) > 0:
            message = self.peer.poll(left)
            if message is None or message.is_control:
                continue
            body = message.body[2:] if message.body[:2] == b'\xff\x03' else message.body
            if message.sid == self.sid and body[:2] == b'\xc0\x21' and body[3] == ident:
                return message
        return None

    def ping(self, timeout=WAIT, **header):
        """Sends a frame and gives the data message that answers it."""
        frame = self.frame()
        self.send(frame, **header)
        got = self.answer(frame, timeout)
        check(got is not None, f'a PPP frame was not answered in {timeout:g} s')
        return got

    def no_answer(self, seconds=QUIET, **header):
        """Sends a frame that must not be answered."""
        frame = self.frame()
        self.send(frame, **header)
        check(self.answer(frame, seconds) is None, 'a PPP frame was answered that should have been dropped')
