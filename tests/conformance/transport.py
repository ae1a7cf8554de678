"""UDP and SEC: what carries it all (§8.1), and what a peer must not be able to do (§9)."""

import os
import random
import socket
import struct

import wire
from peer import QUIET, Port, check, equal, sccrq
from suite import test


@test('UDP-01', 'UDP-05')
def any_source_port_is_served(lns):
    """ports of both ends of the range: the answers come to them from where we sent, and stay for the tunnel's life"""
    for number in (1024 + random.randrange(1000), 65535 - random.randrange(1000), 0):
        try:
            peer = lns.peer(number=number)
        except OSError:
            continue  # somebody else's
        peer.open().call()
        peer.alive()


@test('UDP-01', 'UDP-05')
def a_second_tunnel_of_another_port_is_its_own(lns):
    """the same Assigned Tunnel ID from two ports: two tunnels, each answered at its port"""
    one = lns.peer(tid=4711).open()
    two = lns.peer(tid=4711).open()
    check(one.peer_tid != two.peer_tid, 'one id for two tunnels')
    one.alive()
    two.alive()


@test('UDP-03', 'UDP-05', needs='more addresses than one')
def the_answer_comes_from_where_it_was_sent(lns):
    """127.0.0.1, two more of its addresses and two of IPv6, by a socket that takes answers of all: each from its own"""
    for host in ('127.0.0.1', '127.0.0.9', '127.9.9.9', '::1', 'fd00::9'):
        peer = lns.at(host).peer()
        peer.open().call().ping()
        check('UDP-03' not in lns.ledger.complaints, lns.ledger.complaints.get('UDP-03'))


@test('UDP-04', needs='the wire', alone=True)
def checksums_are_on(lns):
    """on the wire, of all control and data that it sends: no UDP checksum is 0, which means none"""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as wire_tap:
        wire_tap.bind(('lo', 0x0800))
        wire_tap.settimeout(0.5)
        peer = lns.open()
        call = peer.call()
        for _ in range(3):
            call.ping()
        sums = checksums(wire_tap, lns.address[1], peer.port.number)
    check(len(sums) >= 8, f'only {len(sums)} datagrams were seen')
    check(0 not in sums, 'a datagram has no checksum')


def checksums(tap, source, destination):
    """The checksum fields of what went from one port to the other."""
    sums = []
    try:
        while True:
            packet, where = tap.recvfrom(2048)
            head = (packet[0] & 15) * 4
            if packet[9] != socket.IPPROTO_UDP or len(packet) < head + 8 or where[2] == socket.PACKET_OUTGOING:
                continue
            ports, checksum = struct.unpack_from('!HH', packet, head), struct.unpack_from('!H', packet, head + 6)[0]
            if ports == (source, destination):
                sums.append(checksum)
    except TimeoutError:
        return sums


@test('UDP-07')
def odd_sizes_are_borne(lns):
    """datagrams of 0 bytes, of a few, of 65,507; a SCCRQ of 3 KB that is fragmented on its way, which is answered"""
    peer = lns.open()
    for size in (0, 1, 2, 5, 6, 11, 12, 1500, 9000, 65507):
        peer.port.send((struct.pack('!H', wire.CONTROL) + os.urandom(size))[:size])
    peer.alive()
    large = lns.peer()
    names = b'n' * 1000
    large.request(wire.avp(wire.VENDOR_NAME, names), wire.raw_avp(999, names, 0), wire.raw_avp(998, names, 0))
    large.replied()


@test('SEC-04', 'AVP-19', needs='the log')
def names_never_become_paths_or_commands(lns):
    """a host name of shell and path signs: the tunnel is up, the name is shown whole, and nothing is made of it"""
    name = b'../tmp/x;touch /tmp/lnsd-was;$(touch /tmp/lnsd-was)`id`'
    peer = lns.peer()
    peer.open(change={wire.HOST_NAME: wire.raw_avp(wire.HOST_NAME, name)})
    call = peer.call()
    call.ping()
    equal('host name', name.decode(), lns.living(peer)['host_name'])
    check(not os.path.exists('/tmp/lnsd-was'), 'a command of the peer was run')


@test('SEC-05')
def random_messages_are_borne(lns):
    """2,000 control messages of random AVPs, in a tunnel and without: another tunnel lives on"""
    honest, dice = lns.open(), random.Random(2661)
    for _ in range(40 if lns.local else 4):
        victim = lns.open()
        for _ in range(50):
            body = wire.raw_avp(0, dice.choice(range(1, 18)).to_bytes(2, 'big'))
            for _ in range(dice.randrange(6)):
                value = dice.randbytes(dice.choice((0, 1, 2, 4, 8, 16, 26, 40)))
                body += wire.raw_avp(dice.randrange(60), value, dice.choice((0, wire.M, wire.H, wire.M | wire.H)),
                                     dice.choice((0, 0, 0, 9)))
            if dice.random() < 0.2:
                body = body[:dice.randrange(len(body))]
            victim.send_body(body, ns=victim.ns, sid=dice.choice((0, dice.randrange(65536))))
            victim.ns = (victim.ns + dice.randrange(2)) & 0xffff
        victim.collect(0.02)
        victim.up = False
    honest.alive()
    lns.open().call()


@test('SEC-05')
def random_requests_are_borne(lns):
    """500 SCCRQs with bytes changed at random: an honest one is answered"""
    port, dice = Port(lns), random.Random(1999)
    lns.ports.append(port)
    for tid in range(1, 501):
        body = bytearray(wire.raw_avp(0, bytes([0, wire.SCCRQ])) + b''.join(sccrq(tid, 'random.test')))
        for _ in range(dice.randrange(1, 4)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        port.send(wire.control(0, 0, 0, 0, bytes(body)))
    while port.receive(QUIET / 4):
        pass
    lns.open()
