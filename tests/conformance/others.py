"""What other RFCs have added: 3145, 3301, 3308, 3437, 3573, 5515."""

import socket
import struct

import wire
from peer import Call, Fail, check, equal
from suite import test

ACCESS_LINE = 3561  # RFC 5515's vendor id


def number(attr, value, width=4, vendor=0):
    return wire.raw_avp(attr, value.to_bytes(width, 'big'), 0, vendor)


@test('PDC-01', 'PDC-02')
def a_disconnect_cause_changes_nothing(lns):
    """CDNs with a cause that is known, unknown, hostile, too short, and one in another message: as without"""
    peer = lns.open()
    for value in (b'\0\3\xc0\x23\1', b'\xff\xff\xff\xff\xff', b'\0\5\0\0\0text\n%n\x1b', b'\0\1'):
        call = peer.call()
        call.hang_up(wire.result(3), wire.raw_avp(wire.DISCONNECT_CAUSE, value, 0))
        peer.settle()
        again = Call(peer, call.sid)
        again.request(wire.raw_avp(wire.DISCONNECT_CAUSE, b'\0\1\0\0\0', 0))
        again.replied()
    peer.nothing()


@test('PDC-03', 'PDC-01', on='denied', needs='a pppd whose log-in fails')
def a_failed_login_is_told(lns):
    """the CDN of a refused log-in carries the cause, not mandatory, of authentication, with 5 bytes or more"""
    call = lns.open().call()
    call.send(call.frame())
    message = call.ended()
    cause = message.find(wire.DISCONNECT_CAUSE)
    check(cause is not None and len(cause.value) >= 5, f'wanted a PPP Disconnect Cause, got {message}')
    check(not cause.mandatory, 'it is mandatory')
    code, _, direction = struct.unpack_from('!HHB', cause.value)
    check(code in (13, 14, 15, 16), f'wanted a cause of authentication, got {code}')
    check(direction in (0, 1, 2), f'direction {direction}')


@test('PDC-03', needs='lnsctl')
def a_cdn_that_ppp_did_not_cause_has_no_cause_of_ppp(lns):
    """a malformed ICCN: CDN without the AVP"""
    call = Call(lns.open())
    call.request()
    call.replied()
    call.connect(without=[wire.TX_SPEED])
    check(call.ended(2).find(wire.DISCONNECT_CAUSE) is None, 'PPP had no part in this')


@test('ATM-01')
def atm_attributes_are_taken(lns):
    """attributes 40 to 45 in ICRQ and ICCN, and the broadband bits: the call comes up"""
    peer = lns.peer()
    peer.open(wire.raw_avp(wire.BEARER_CAPS, (4 | 3).to_bytes(4, 'big'), wire.M),
              change={wire.FRAMING_CAPS: wire.avp(wire.FRAMING_CAPS, 3)})
    call = Call(peer)
    call.request(number(40, 1000000), number(41, 2000000), number(42, 1, 2), wire.raw_avp(43, b'service', 0),
                 wire.raw_avp(44, b'123', 0), number(45, 0x00010020), wire.avp(wire.BEARER_TYPE, 4))
    call.replied()
    call.connect(number(40, 1000000), number(41, 2000000))
    peer.settle()
    peer.nothing()


@test('DS-01')
def dscp_attributes_are_taken(lns):
    """in SCCRQ and ICRQ, of a legal and an impossible code: the call comes up, and what is answered was asked"""
    peer = lns.peer()
    peer.request(number(wire.CONTROL_DSCP, 46 << 10, 2))
    reply = peer.replied()
    peer.connect(reply)
    answered = reply.number(wire.CONTROL_DSCP)
    check(answered in (None, 46 << 10), f'the answer is {answered}')
    call = Call(peer)
    call.request(number(wire.SESSION_DSCP, 0xffff, 2))
    call.replied()
    call.connect()
    peer.settle()
    other = lns.peer()
    other.request()
    equal('an answer to who did not ask', None, other.replied().number(wire.CONTROL_DSCP))


@test('DS-02', needs='a peer with dscp = yes')
def dscp_is_put_on_what_is_sent(lns):
    """46 for control, 34 for the session: the outer headers of control and data have them, once they are agreed"""
    peer = lns.peer('lac.test')
    peer.port.socket.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    peer.request(number(wire.CONTROL_DSCP, 46 << 10, 2))
    reply = peer.replied()
    equal('answer', 46 << 10, reply.number(wire.CONTROL_DSCP))
    peer.connect(reply)
    call = Call(peer)
    call.request(number(wire.SESSION_DSCP, 34 << 10, 2))
    equal('answer', 34 << 10, call.replied().number(wire.SESSION_DSCP))
    call.connect()
    peer.settle()
    call.ping()
    peer.send(wire.HELLO)
    equal('code point of control', 46, code_point(peer.port, True))
    call.send(call.frame())
    equal('code point of data', 34, code_point(peer.port, False))


def code_point(port, control):
    """The code point of the next datagram of this kind."""
    port.socket.settimeout(3)
    for _ in range(20):
        datagram, ancillary, _, _ = port.socket.recvmsg(2048, 128)
        if bool(datagram[0] & 0x80) == control:
            return ancillary[0][2][0] >> 2
    raise Fail('no such datagram came')


@test('LCP-01', 'LCP-02')
def lcp_attributes_are_taken(lns):
    """what an LNS would send, 49 to 52, sent to it in SCCRQ, ICRQ, ICCN and SLI: no harm"""
    extra = [wire.raw_avp(attr, b'\1\4\5\xdc', 0) for attr in (49, 50, 51, 52)]
    peer = lns.peer()
    peer.open(*extra)
    call = Call(peer)
    call.request(*extra)
    call.replied()
    call.connect(*extra)
    peer.send(wire.SLI, wire.raw_avp(wire.ACCM, bytes(10)), *extra, sid=call.peer_sid)
    peer.settle()
    peer.nothing()


@test('IAN-01')
def unregistered_values_are_unknown(lns):
    """attribute 20, results and errors beyond the lists, in CDN and StopCCN: taken as what they end"""
    peer = lns.open()
    call = peer.call()
    call.hang_up(wire.result(200, 99, b'?'), wire.raw_avp(20, b'?', 0))
    peer.settle()
    again = Call(peer, call.sid)
    again.request(wire.raw_avp(20, b'?'))
    again.ended(2, 8, naming=20)
    peer.send(wire.STOPCCN, wire.avp(wire.TUNNEL_ID, peer.tid), wire.result(99, 77))
    peer.up = False
    peer.settle()


@test('MOH-01')
def modem_on_hold_is_taken(lns):
    """53 in ICRQ, 54 in MDMST: not mandatory, the call goes on; a mandatory MDMST ends the tunnel at most"""
    peer = lns.open()
    call = Call(peer)
    call.request(wire.raw_avp(53, b'', 0))
    call.replied()
    call.connect()
    peer.send(wire.MDMST, wire.raw_avp(54, b'\x80\0', 0), sid=call.peer_sid, bits=0)
    peer.settle()
    peer.nothing()
    peer.send(wire.MDMST, wire.raw_avp(54, b'\x80\0', 0), sid=call.peer_sid)
    got = peer.news(1)
    check(all(m.type == wire.STOPCCN for m in got), f'got {got and str(got[0])}')
    if not got:
        peer.alive()


@test('ALI-01', needs='lnsctl')
def access_lines_are_shown(lns):
    """circuit and remote id and rates of RFC 5515 in ICRQ: in lnsctl show, escaped"""
    peer = lns.open()
    call = Call(peer)
    call.request(wire.raw_avp(1, b'circuit-17\x1b', 0, ACCESS_LINE), wire.raw_avp(2, b'remote-4', 0, ACCESS_LINE),
                 number(129, 5120000, 8, ACCESS_LINE), number(130, 51200000, 8, ACCESS_LINE))
    call.replied()
    call.connect()
    peer.settle()
    call.ping()
    text = str(lns.shown(call))
    check('circuit-17' in text and 'remote-4' in text, f'not shown: {text}')
    check('51200000' in text or '51.2' in text, f'its rate is not shown: {text}')
    check('\x1b' not in text, 'control bytes are shown')


@test('ALI-01', 'MOH-01', 'ATM-01')
def attributes_of_others_are_no_harm(lns):
    """RFC 5515's with wrong lengths, twice, empty: the call comes up"""
    peer = lns.open()
    call = Call(peer)
    call.request(*(wire.raw_avp(attr, bytes(length), 0, ACCESS_LINE) for attr in (1, 2, 129, 130, 142, 144, 254)
                   for length in (0, 3, 70)))
    call.replied()
    call.connect()
    peer.settle()
    peer.nothing()


@test('ALI-02', needs='lnsctl')
def speeds_are_updated(lns):
    """Connect Speed Update Enable in ICRQ, then CSUN: the new speeds are shown"""
    peer = lns.open()
    call = Call(peer)
    call.request(wire.raw_avp(98, b'', 0))
    call.replied()
    call.connect()
    peer.settle()
    call.ping()
    update = struct.pack('!HHII', 0, call.peer_sid, 128000, 64000)
    peer.send(wire.CSUN, wire.raw_avp(97, update, 0), bits=0)
    peer.settle()
    shown = lns.shown(call)
    equal('speeds', (128000, 64000), (shown['tx_speed'], shown['rx_speed']))
