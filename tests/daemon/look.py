#!/usr/bin/env python3
"""look.py WORD [ARGUMENT...]: what a peer of tests/conformance sees of the daemon on 127.0.0.1:1701. 0: it is so, 1: it
is not, 2: that could not be seen.

strict            an unknown mandatory AVP ends a session
hidden SECRET     what the daemon sends is hidden
checksum          data to the client has a UDP checksum
dscp              a code point that is asked for is agreed on
accounting SECRET an interim record comes to the accounting port, within some seconds
inform LNSCTL HEX a DHCPINFORM inside a session is answered, and the answer has these bytes
"""

import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'conformance'))

import wire  # noqa: E402
from bench import Bench, Ledger  # noqa: E402
from peer import Call, Fail  # noqa: E402

UNKNOWN = 4711
BROADCAST = 0xffffffff


def strict(lns):
    call = Call(lns.open())
    call.request(wire.raw_avp(UNKNOWN))
    try:
        call.ended(2, 8)
    except Fail:
        return False
    return True


def hidden(lns, secret):
    peer = lns.peer(secret=secret.encode(), source='127.0.0.2')
    peer.request()
    return any(avp.hidden for avp in peer.replied().avps)


def checksum(lns):
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    sniffer.bind(('lo', 0))
    sniffer.settimeout(3)
    call = lns.open().call()
    call.ping()
    until = time.monotonic() + 3
    while time.monotonic() < until:
        packet = sniffer.recv(2048)
        udp = packet[(packet[0] & 15) * 4:]
        ports, total = struct.unpack('!HH', udp[:4]), struct.unpack('!H', udp[6:8])[0]
        # ours to the client, and data: the T bit is not set
        if packet[9] == socket.IPPROTO_UDP and ports[0] == 1701 and not udp[8] & 0x80:
            return total != 0
    return False


def dscp(lns):
    peer = lns.peer()
    peer.request(wire.avp(wire.CONTROL_DSCP, 46 << 10))
    return peer.replied().number(wire.CONTROL_DSCP) is not None


def attributes(packet):
    at = 20
    while at + 2 <= len(packet) and packet[at + 1] >= 2:
        yield packet[at], packet[at + 2:at + packet[at + 1]]
        at += packet[at + 1]


def accounting(_, secret):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 1813))
    server.settimeout(10)
    try:
        while True:
            request, client = server.recvfrom(4096)
            head = bytes([5, request[1], 0, 20])
            server.sendto(head + hashlib.md5(head + request[4:20] + secret.encode()).digest(), client)
            if (40, b'\0\0\0\x03') in attributes(request):
                return True
    except TimeoutError:
        return False


def checksum_of(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def dhcp_inform(address):
    """A PPP frame."""
    asked = bytes([53, 1, 8, 55, 3, 15, 121, 249, 255])
    boot = struct.pack('!BBBB', 1, 8, 0, 0) + bytes(8) + socket.inet_aton(address) + bytes(12 + 16 + 192)
    boot += struct.pack('!I', 0x63825363) + asked
    udp = struct.pack('!HHHH', 68, 67, 8 + len(boot), 0) + boot
    head = struct.pack('!BBHHHBBH4sI', 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(address), BROADCAST)
    head = head[:10] + struct.pack('!H', checksum_of(head)) + head[12:]
    return b'\xff\x03\x00\x21' + head + udp


def inform(lns, lnsctl, wanted):
    peer = lns.open()
    call = peer.call()
    call.ping()
    shown = subprocess.run([lnsctl, '--json', 'sessions'], capture_output=True, check=True, timeout=20).stdout
    address = next(each['address'] for each in json.loads(shown) if each['tunnel_id'] == peer.peer_tid)
    call.send(dhcp_inform(address))
    until = time.monotonic() + 3
    while (left := until - time.monotonic()) > 0:
        message = peer.poll(left)
        if message and not message.is_control and message.sid == call.sid and b'\x63\x82\x53\x63' in message.body:
            answer = message.body
            if answer[answer.index(b'\x63\x82\x53\x63') + 4:][:3] == bytes([53, 1, 5]):
                return bytes.fromhex(wanted) in answer
    return False


WORDS = {'strict': strict, 'hidden': hidden, 'checksum': checksum, 'dscp': dscp, 'accounting': accounting,
         'inform': inform}


def main(word, *arguments):
    lns = Bench(Ledger(100), ('127.0.0.1', 1701))
    try:
        return 0 if WORDS[word](lns, *arguments) else 1
    except (Fail, OSError, StopIteration, ValueError) as error:
        print(f'look.py: {word}: {error}', file=sys.stderr)
        return 2
    finally:
        lns.close()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
