"""AVP: the encoding of AVPs, the M bit, and each attribute's own rules (§4)."""

import wire
from peer import Call, check, equal, sccrq
from suite import test
from wire import M

UNKNOWN = 999        # an attribute that nobody has
CISCO = 9            # somebody's vendor id
LONG = b'0123456789' * 101 + b'0123456'  # 1017 bytes, the most that an AVP carries
HOSTILE = b"%n%s\r\n\x1b[2J$(id);../../etc/passwd\x00'\"<&"


def tunnel(lns, *more, **how):
    """A SCCRQ on its way."""
    peer = lns.peer()
    peer.request(*more, **how)
    return peer


def session(lns, *more, **how):
    """An ICRQ on its way, in a tunnel of its own with a call that must live on."""
    peer = lns.open()
    peer.other = peer.call()
    call = Call(peer)
    call.request(*more, **how)
    return call


def lives(lns, call):
    """The tunnel of this call, and the other call in it, go on."""
    call.peer.alive()
    same = Call(call.peer, call.peer.other.sid)
    same.request()
    same.ended(2)


@test('AVP-01')
def reserved_bits_make_an_avp_unrecognised(lns):
    """each of the four on a known AVP: with M its message is refused as of an unknown one, without M it is passed over"""
    for bit in (0x2000, 0x1000, 0x0800, 0x0400):
        call = session(lns, wire.raw_avp(wire.CALLING, b'1', M | bit))
        call.ended(2, 8, naming=wire.CALLING)
        tunnel(lns, wire.raw_avp(wire.VENDOR_NAME, b'v', bit)).replied()
    tunnel(lns, wire.raw_avp(wire.BEARER_CAPS, bytes(4), M | 0x0400)).stopped(2, 8, naming=wire.BEARER_CAPS)


@test('AVP-02', 'AVP-16')
def unknown_mandatory_avp_ends_a_session(lns):
    """in ICRQ and in ICCN: CDN 2/8 with a text that names it; tunnel and other calls live on"""
    call = session(lns, wire.raw_avp(UNKNOWN))
    call.ended(2, 8, naming=UNKNOWN)
    lives(lns, call)
    call = session(lns)
    call.replied()
    call.connect(wire.raw_avp(UNKNOWN))
    call.ended(2, 8, naming=UNKNOWN)
    lives(lns, call)


@test('AVP-02', 'AVP-16')
def unknown_mandatory_avp_ends_a_tunnel(lns):
    """in SCCRQ, SCCCN and HELLO: StopCCN 2/8 with a text that names it"""
    tunnel(lns, wire.raw_avp(UNKNOWN)).stopped(2, 8, naming=UNKNOWN)
    peer = tunnel(lns)
    peer.connect(peer.replied(), wire.raw_avp(UNKNOWN))
    peer.stopped(2, 8, naming=UNKNOWN)
    peer = lns.open()
    peer.send(wire.HELLO, wire.raw_avp(UNKNOWN))
    peer.stopped(2, 8, naming=UNKNOWN)


@test('AVP-03')
def unknown_avp_without_m_is_passed_over(lns):
    """in SCCRQ, SCCCN, HELLO, ICRQ and ICCN"""
    extra = wire.raw_avp(UNKNOWN, b'anything', 0)
    peer = tunnel(lns, extra)
    peer.connect(peer.replied(), extra)
    peer.settle()
    peer.send(wire.HELLO, extra)
    call = Call(peer)
    call.request(extra)
    call.replied()
    call.connect(extra)
    peer.settle()
    peer.nothing()


BROKEN = {
    'length 0': wire.raw_avp(UNKNOWN, b'', 0, length=0),
    'length 5': wire.raw_avp(UNKNOWN, b'', 0, length=5),
    'a length past the end': wire.raw_avp(UNKNOWN, b'ab', 0, length=9),
    'the longest length': wire.raw_avp(UNKNOWN, b'', 0, length=0x3ff),
    'three bytes after the last': b'\0\0\0',
}


@test('AVP-04')
def broken_avp_of_a_tunnel_message(lns):
    """AVPs that cannot be taken apart in SCCRQ: no tunnel; in HELLO: StopCCN 2/2"""
    for what, broken in BROKEN.items():
        peer = tunnel(lns, broken)
        peer.refused()
        check(not lns.local or not lns.living(peer), f'{what}: a tunnel was made')
        peer = lns.open()
        peer.send(wire.HELLO, broken)
        peer.stopped(2, (2, 3))


@test('AVP-04')
def broken_avp_of_a_session_message(lns):
    """the same in ICRQ and ICCN: CDN 2/2, the tunnel lives on"""
    for broken in BROKEN.values():
        call = session(lns, broken)
        call.ended(2, (2, 3))
        lives(lns, call)
        call = session(lns)
        call.replied()
        call.connect(broken)
        call.ended(2, (2, 3))


@test('AVP-05', 'AVP-25')
def values_of_1017_bytes_arrive(lns):
    """the longest numbers there can be, all at once: taken"""
    call = session(lns, *(wire.avp(attr, LONG) for attr in (wire.CALLED, wire.CALLING, wire.SUB_ADDRESS)))
    call.replied()


@test('AVP-06')
def other_vendors_attributes_are_not_ours(lns):
    """a vendor's attribute with the number of ours is not taken for it, present or missing"""
    foreign = wire.raw_avp(wire.TUNNEL_ID, bytes(2), 0, vendor=CISCO)
    tunnel(lns, foreign).replied()
    refused = tunnel(lns, wire.raw_avp(wire.TUNNEL_ID, b'\x12\x34', 0, vendor=CISCO), without=[wire.TUNNEL_ID])
    refused.refused()
    call = session(lns, wire.raw_avp(wire.SESSION_ID, b'\x12\x34', 0, vendor=311))
    equal('session id of the ICRP', call.sid, call.replied().sid)


@test('AVP-06')
def other_vendors_mandatory_attributes_are_unknown(lns):
    """with M set they are as any unknown AVP"""
    session(lns, wire.raw_avp(wire.CALLED, b'1', M, vendor=CISCO)).ended(2, (6, 8))
    tunnel(lns, wire.raw_avp(wire.VENDOR_NAME, b'1', M, vendor=CISCO)).stopped(2, (6, 8))


@test('AVP-08')
def first_avp_must_be_a_message_type(lns):
    """another first, a hidden one, one of 7 or 10 bytes, one of a vendor: StopCCN in a tunnel, no tunnel without"""
    kind = bytes([0, wire.HELLO])
    for body in (wire.avp(wire.HOST_NAME, 'x') + wire.raw_avp(wire.MESSAGE_TYPE, kind),
                 wire.raw_avp(wire.MESSAGE_TYPE, kind, M | wire.H),
                 wire.raw_avp(wire.MESSAGE_TYPE, kind[1:]),
                 wire.raw_avp(wire.MESSAGE_TYPE, kind + bytes(2)),
                 wire.raw_avp(wire.MESSAGE_TYPE, kind, M, vendor=CISCO)):
        peer = lns.open()
        peer.send_body(body)
        peer.stopped(2)
    peer = lns.peer()
    peer.send_body(b''.join(sccrq(peer.tid, 'x')) + wire.raw_avp(wire.MESSAGE_TYPE, bytes([0, wire.SCCRQ])))
    peer.refused()


@test('AVP-09', 'REL-21')
def unknown_message_types(lns):
    """with M: StopCCN; without: acknowledged, and nothing else happens. So the types of RFC 3817 and 4045, too"""
    for kind in (5, 13, 18, 19, 20, 21, 22, 23, 24, 25, 26, 99, 0x8001):
        peer = lns.open()
        call = peer.call()
        peer.send(kind, bits=0)
        peer.settle()
        peer.send(kind, sid=call.peer_sid, bits=0)
        peer.settle()
        peer.nothing(0.2)
        peer.send(kind)
        peer.stopped((2, 7))


@test('AVP-10')
def known_message_types_need_no_m(lns):
    """a whole set-up without the M bit of the message types; what is out of place without it is answered as with it"""
    peer = tunnel(lns, bits=0)
    peer.connect(peer.replied(), bits=0)
    call = Call(peer)
    call.request(bits=0)
    call.replied()
    call.connect(bits=0)
    peer.settle()
    same = Call(peer, call.sid)
    same.request(bits=0)
    same.ended(2)
    peer.send(wire.SCCCN, bits=0)
    peer.stopped((2, 7))


@test('AVP-11')
def malformed_avp_without_m_is_passed_over(lns):
    """an Rx Connect Speed of two octets: the call comes up as if it had not come"""
    call = session(lns)
    call.replied()
    call.connect(wire.raw_avp(wire.RX_SPEED, b'\x12\x34', 0))
    call.peer.settle()
    call.peer.nothing()
    if lns.local:
        call.ping()
        equal('receive speed', 1000000, lns.shown(call)['rx_speed'])


@test('AVP-11', 'AVP-16')
def malformed_avp_with_m_ends_its_owner(lns):
    """a Call Serial Number of two octets: CDN 2/2; Framing Capabilities of two: StopCCN 2/2"""
    call = session(lns, change={wire.CALL_SERIAL: wire.raw_avp(wire.CALL_SERIAL, b'\0\1')})
    call.ended(2, 2, naming=wire.CALL_SERIAL)
    lives(lns, call)
    peer = tunnel(lns, change={wire.FRAMING_CAPS: wire.raw_avp(wire.FRAMING_CAPS, b'\0\3')})
    peer.stopped(2, 2, naming=wire.FRAMING_CAPS)


@test('AVP-12', 'SES-01', 'SES-03', 'AVP-16')
def missing_avp_of_a_session_message(lns):
    """each that ICRQ and ICCN need: CDN 2 with a text that names it"""
    for attr in (wire.SESSION_ID, wire.CALL_SERIAL):
        call = session(lns, without=[attr])
        message = call.peer.expect(wire.CDN)
        equal('result', 2, message.result()[0])
        check(str(attr) in message.result()[2] or wire.RULES[attr].name in message.result()[2],
              f'wanted a text that names attribute {attr}, got "{message.result()[2]}"')
        lives(lns, call)
    for attr in (wire.TX_SPEED, wire.FRAMING_TYPE):
        call = session(lns)
        call.replied()
        call.connect(without=[attr])
        call.ended(2, naming=attr)
        lives(lns, call)


@test('AVP-13', on='lenient', needs='avp-strict = no')
def unknown_mandatory_avps_can_be_borne(lns):
    """the server.avp-strict = no of real clients: an unknown mandatory AVP is passed over, in a tunnel and a session"""
    peer = tunnel(lns, wire.raw_avp(UNKNOWN))
    peer.connect(peer.replied())
    call = Call(peer)
    call.request(wire.raw_avp(UNKNOWN))
    call.replied()


@test('AVP-13')
def wrong_m_bits_duplicates_and_misplaced_avps_are_borne(lns):
    """every AVP with the other M bit; one twice; one of another message: the set-up goes on"""
    peer = lns.peer()
    flipped = [bytes([avp[0] ^ 0x80]) + avp[1:] for avp in sccrq(peer.tid, 'flipped.test')]
    peer.send(wire.SCCRQ, *flipped)
    peer.connect(peer.replied())
    call = Call(peer)
    call.request(wire.avp(wire.CALL_SERIAL, 77), wire.avp(wire.WINDOW, 4), wire.raw_avp(wire.FIRMWARE, b'\1\0', M))
    call.replied()
    call.connect(wire.avp(wire.TX_SPEED, 9), wire.avp(wire.SESSION_ID, call.sid))
    peer.settle()
    peer.nothing()
    if lns.local:
        equal('the first of two speeds', 1000000, lns.shown(call)['tx_speed'])


@test('AVP-15')
def result_codes_of_every_length(lns):
    """two, four and more bytes of a Result Code in CDN and StopCCN: what they end is ended, and acknowledged"""
    peer = lns.open()
    for code in (wire.result(1), wire.result(2, 6), wire.result(3, 0, 'Grüße'.encode()), wire.result(2, 6, LONG[:1013])):
        call = peer.call()
        call.hang_up(code)
        peer.settle()
        again = Call(peer, call.sid)
        again.request()
        again.replied()
        again.hang_up(code)
        peer.settle()
    for code in (wire.result(1), wire.result(2, 6), wire.result(6, 0, b'going')):
        peer = lns.open()
        peer.send(wire.STOPCCN, wire.avp(wire.TUNNEL_ID, peer.tid), code)
        peer.up = False
        peer.settle()
        check(not lns.local or not lns.living(peer), 'the tunnel is still there')


@test('AVP-15', 'SEC-04', needs='the log')
def texts_of_the_peer_reach_the_log_escaped(lns):
    """the text of a CDN with control bytes in it"""
    call = lns.open().call()
    call.ping()
    call.hang_up(wire.result(2, 6, b'bye-bye' + HOSTILE))
    call.peer.settle()
    line = lns.logged('bye-bye')
    check(not any(ord(c) < 32 or ord(c) == 127 for c in line), f'control bytes in the log: {line!r}')
    check('%n%s' in line, f'the text was taken for a format: {line!r}')


@test('AVP-16', 'CC-19')
def state_machine_errors_have_result_7(lns):
    """a second SCCCN: StopCCN 7"""
    peer = lns.open()
    peer.send(wire.SCCCN)
    peer.stopped(7)


@test('AVP-17')
def protocol_versions(lns):
    """1.0, 1.1 and 1.255 are taken; 0.0, 2.0 and 3.1 are refused with StopCCN 5 and the highest that it speaks, 1.0"""
    for version in (0x0100, 0x0101, 0x01ff):
        tunnel(lns, change={wire.PROTOCOL_VERSION: wire.avp(wire.PROTOCOL_VERSION, version)}).replied()
    for version in (0x0000, 0x0200, 0x0301):
        peer = tunnel(lns, change={wire.PROTOCOL_VERSION: wire.avp(wire.PROTOCOL_VERSION, version)})
        peer.stopped(5, 0x0100)


@test('AVP-18')
def an_lns_that_cannot_dial_says_so(lns):
    """the Bearer Capabilities of the SCCRP are none, or not there; its framing is one of the two"""
    reply = tunnel(lns).replied()
    check(not reply.number(wire.BEARER_CAPS), f'bearer capabilities {reply.number(wire.BEARER_CAPS)}')
    check(reply.number(wire.FRAMING_CAPS) in (1, 2, 3), f'framing capabilities {reply.number(wire.FRAMING_CAPS)}')


@test('AVP-19')
def host_names_of_every_length(lns):
    """1 and 1017 bytes are taken, and bytes that are no text; none is malformed"""
    for name in (b'x', LONG, HOSTILE, bytes(range(256))):
        tunnel(lns, change={wire.HOST_NAME: wire.raw_avp(wire.HOST_NAME, name)}).replied()
    peer = tunnel(lns, change={wire.HOST_NAME: wire.raw_avp(wire.HOST_NAME)})
    peer.refused()
    check(not lns.local or not lns.living(peer), 'a tunnel was made')


@test('AVP-19', 'AVP-25', 'SEC-04', needs='lnsctl')
def names_and_numbers_are_shown_escaped(lns):
    """a host name, a vendor and numbers of control bytes and format signs"""
    peer = lns.peer()
    peer.request(wire.avp(wire.VENDOR_NAME, HOSTILE),
                 change={wire.HOST_NAME: wire.raw_avp(wire.HOST_NAME, b'evil' + HOSTILE)})
    peer.connect(peer.replied())
    call = Call(peer)
    call.request(wire.avp(wire.CALLED, HOSTILE), wire.avp(wire.CALLING, HOSTILE))
    call.replied()
    call.connect()
    peer.settle()
    call.ping()
    row, shown = lns.living(peer), lns.shown(call)
    for text in (row['host_name'], row['vendor'], shown['called_number'], shown['calling_number']):
        check(text and not any(ord(c) < 32 or ord(c) == 127 for c in text), f'control bytes shown: {text!r}')
        check('%n%s' in text, f'the text was taken for a format: {text!r}')
    line = lns.logged('evil')
    check(not any(ord(c) < 32 or ord(c) == 127 for c in line), f'control bytes in the log: {line!r}')


@test('AVP-20')
def tunnel_id_0_is_malformed(lns):
    """an Assigned Tunnel ID of 0: no tunnel"""
    peer = tunnel(lns, change={wire.TUNNEL_ID: wire.avp(wire.TUNNEL_ID, 0)})
    peer.refused()
    check(not lns.local or not lns.tunnels(peer.port), 'a tunnel was made')


@test('AVP-23')
def q931_cause_of_a_cdn_is_taken(lns):
    """with and without an advisory message: the session ends, the CDN is acknowledged"""
    peer = lns.open()
    for cause in (b'\0\x10\x90', b'\0\x11\x91busy'):
        call = peer.call()
        call.hang_up(wire.result(1), wire.raw_avp(wire.Q931_CAUSE, cause))
        peer.settle()
        again = Call(peer, call.sid)
        again.request()
        again.replied()


@test('AVP-26', needs='lnsctl')
def connect_speeds_are_shown(lns):
    """both speeds, and one for both where there is one"""
    peer = lns.open()
    for rx, wanted in ((33600, 33600), (None, 56000)):
        call = Call(peer)
        call.request()
        call.replied()
        more = [] if rx is None else [wire.avp(wire.RX_SPEED, rx)]
        call.connect(*more, change={wire.TX_SPEED: wire.avp(wire.TX_SPEED, 56000)})
        peer.settle()
        call.ping()
        shown = lns.shown(call)
        equal('speeds', (56000, wanted), (shown['tx_speed'], shown['rx_speed']))


@test('AVP-28', 'DAT-01', 'DAT-02')
def sequencing_required_is_obeyed(lns):
    """all data of such a session carries Ns, counting from 0, of its own and not of the control channel's"""
    peer = lns.open()
    plain, call = peer.call(), Call(peer)
    call.request()
    call.replied()
    call.connect(wire.avp(wire.SEQUENCING, b''))
    peer.settle()
    # what the far PPP says first counts, too
    frames = [call.ping(flags=wire.S, ns=i) for i in range(5)]
    check(all(m.flags & wire.S for m in frames), 'wanted Ns in all data')
    first = frames[0].ns
    check(first <= 2, f'wanted Ns to begin at 0, got {first}')
    equal('Ns of five answers', [first + i for i in range(5)], [m.ns for m in frames])
    plain.ping()


@test('AVP-30', 'SES-11')
def call_errors_and_accm_are_taken(lns):
    """WEN and SLI with their AVPs, reserved bytes set or not: acknowledged, the session goes on"""
    call = lns.open().call()
    for reserved in (b'\0\0', b'\xff\xff'):
        call.peer.send(wire.WEN, wire.raw_avp(wire.CALL_ERRORS, reserved + bytes(24)), sid=call.peer_sid)
        call.peer.send(wire.SLI, wire.raw_avp(wire.ACCM, reserved + b'\0\x0a\0\0' * 2), sid=call.peer_sid)
    call.peer.settle()
    call.peer.nothing()
    same = Call(call.peer, call.sid)
    same.request()
    same.ended(2)


@test('AVP-30')
def call_errors_and_accm_of_another_length(lns):
    """a mandatory Call Errors AVP of 25 bytes: CDN 2/2"""
    call = lns.open().call()
    call.peer.send(wire.WEN, wire.raw_avp(wire.CALL_ERRORS, bytes(25)), sid=call.peer_sid)
    call.ended(2, 2, naming=wire.CALL_ERRORS)
