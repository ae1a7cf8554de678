"""HID: hidden AVPs (§4.3)."""

import os

import wire
from bench import Skip
from peer import Call, check, equal, sccrq
from suite import test

SECRET = b'conformance'
VECTOR = bytes(range(16))


def partner(lns, host_name='secret.test'):
    """A peer with a secret: the section `secret` or `hide` of ours, or TARGET's with SECRET."""
    if lns.local:
        return lns.peer(host_name, secret=SECRET)
    if not lns.secret:
        raise Skip('needs SECRET=')
    return lns.peer()


def vector(value=VECTOR):
    return wire.raw_avp(wire.RANDOM_VECTOR, value)


def hidden(peer, attr, value, by=VECTOR, **how):
    """Hidden by the secret of the peer, or of nobody where it has none."""
    return wire.hidden_avp(attr, value, peer.secret or SECRET, by, **how)


def call_with(peer, *more, **how):
    call = Call(peer)
    call.request(*more, **how)
    return call


@test('HID-01', 'HID-03', 'HID-09', 'AVP-14', needs='a peer with hide-avps')
def what_is_sent_hidden(lns):
    """hide-avps = yes: of SCCRP, ICRP, CDN and StopCCN those that may be are hidden, behind a fresh Random Vector of 16
    bytes or more, and come out right"""
    vectors, names = [], set()
    for _ in range(3):
        peer = partner(lns, 'hide.test')
        peer.request()
        reply = peer.replied()
        peer.connect(reply)
        call = call_with(peer)
        answer = call.replied()
        broken = call_with(peer, without=[wire.CALL_SERIAL])
        messages = [reply, answer, broken.ended(2)]
        peer.send(wire.SCCRP)
        messages.append(peer.stopped((2, 7)))
        for message in messages:
            vectors += [each.value for each in message.avps if each.attr == wire.RANDOM_VECTOR]
            names |= {each.attr for each in message.avps if each.hidden}
            check(all(each.readable for each in message.avps), f'{message.name()} cannot be read')
            for each in message.avps:
                rule = wire.RULES[each.attr]
                check(each.hidden or not rule.hideable, f'{rule.name} of {message.name()} is not hidden')
    check({wire.TUNNEL_ID, wire.SESSION_ID, wire.VENDOR_NAME} <= names, f'hidden were {sorted(names)}')
    check(vectors and min(map(len, vectors)) >= 16, 'a Random Vector has less than 16 bytes')
    equal('different Random Vectors', len(vectors), len(set(vectors)))


@test('HID-02')
def each_hidden_avp_goes_by_the_vector_before_it(lns):
    """two Random Vectors in one SCCRQ, with hidden AVPs after each: the ids that they hide are understood"""
    peer, other = partner(lns), os.urandom(32)
    peer.request(vector(), hidden(peer, wire.TUNNEL_ID, peer.tid), vector(other),
                 hidden(peer, wire.FRAMING_CAPS, 3, by=other), hidden(peer, wire.VENDOR_NAME, b'v' * 40, by=other),
                 without=[wire.TUNNEL_ID, wire.FRAMING_CAPS])
    equal('tunnel id of the SCCRP', peer.tid, peer.expect(wire.SCCRP).tid)


@test('HID-02')
def a_hidden_avp_before_any_vector_cannot_be_read(lns):
    """the same with the vector after it: not understood"""
    peer = partner(lns)
    peer.request(hidden(peer, wire.TUNNEL_ID, peer.tid), vector(), without=[wire.TUNNEL_ID])
    peer.refused()


@test('HID-03', needs='lnsctl')
def values_of_many_blocks_come_out_right(lns):
    """numbers of 1, 13, 14, 15, 30, 31 and 46 digits, hidden, are shown as they are"""
    peer = partner(lns).open()
    for length in (1, 13, 14, 15, 30, 31, 46):
        number = ('0123456789' * 20)[:length]
        call = call_with(peer, vector(), hidden(peer, wire.CALLING, number.encode()),
                         hidden(peer, wire.CALLED, number[::-1].encode()))
        call.replied()
        call.connect()
        peer.settle()
        call.ping()
        shown = lns.shown(call)
        equal('numbers', (number, number[::-1]), (shown['calling_number'], shown['called_number']))


@test('HID-04')
def padding_is_taken_off(lns):
    """a hidden session id with 1 to 60 bytes of padding: understood"""
    peer = partner(lns).open()
    for length in (1, 11, 12, 13, 60):
        call = Call(peer)
        call.request(vector(), hidden(peer, wire.SESSION_ID, call.sid, padding=os.urandom(length)), without=[wire.SESSION_ID])
        equal('session id of the ICRP', call.sid, call.replied().sid)


@test('HID-05')
def lengths_that_lie_inside_are_refused(lns):
    """an original length beyond the value, or of nothing where something must be: CDN when mandatory, passed over when not"""
    peer = partner(lns).open()
    for inner in (3, 100, 1018, 0xffff):
        call_with(peer, vector(), hidden(peer, wire.CALLED, b'12', inner=inner)).ended(2)
        call = call_with(peer, vector(), hidden(peer, wire.CALLED, b'12', inner=inner, bits=0))
        call.replied()
    call_with(peer, vector(), hidden(peer, wire.CALL_SERIAL, b'', inner=0), without=[wire.CALL_SERIAL]).ended(2)
    peer.alive()


@test('HID-05')
def hidden_avps_too_short_for_a_length_are_refused(lns):
    """outer lengths of 6 and 7, which leave no room for the original length"""
    peer = partner(lns).open()
    for value in (b'', b'x'):
        call_with(peer, vector(), wire.raw_avp(wire.CALLED, value, wire.M | wire.H)).ended(2)
        call_with(peer, vector(), wire.raw_avp(wire.CALLED, value, wire.H)).replied()
    peer.alive()


@test('HID-06')
def hidden_without_a_vector(lns):
    """with a secret: CDN when mandatory, passed over when not"""
    peer = partner(lns).open()
    call_with(peer, hidden(peer, wire.CALLED, b'12')).ended(2)
    call_with(peer, hidden(peer, wire.CALLED, b'12', bits=0)).replied()
    call_with(peer, vector(b''), hidden(peer, wire.CALLED, b'12', by=b''), hidden(peer, wire.CALLING, b'1', by=b''))
    peer.expect(wire.ICRP, wire.CDN)
    peer.alive()


@test('HID-06')
def hidden_without_a_secret(lns):
    """where there is none: CDN or StopCCN when mandatory, passed over when not"""
    if lns.secret:
        raise Skip('its tunnels have a secret')
    peer = lns.open()
    call_with(peer, vector(), hidden(peer, wire.CALLED, b'12')).ended(2)
    call_with(peer, vector(), hidden(peer, wire.CALLED, b'12', bits=0)).replied()
    peer = lns.peer()
    peer.request(vector(), hidden(peer, wire.TUNNEL_ID, peer.tid), without=[wire.TUNNEL_ID])
    peer.refused()
    peer = lns.peer()
    peer.request(vector(), hidden(peer, wire.BEARER_CAPS, 0))
    peer.stopped(2)


@test('HID-07')
def what_must_not_be_hidden(lns):
    """Message Type, Result Code, Protocol Version, Tie Breaker, Host Name, window, Random Vector, Q.931 cause and
    Sequencing Required with the H bit: malformed when mandatory"""
    for attr, value in ((wire.PROTOCOL_VERSION, 0x0100), (wire.HOST_NAME, b'secret.test'), (wire.WINDOW, 8)):
        peer = partner(lns)
        peer.send(wire.SCCRQ, vector(), *sccrq(peer.tid, peer.host_name, without=[attr]), hidden(peer, attr, value))
        peer.refused()
    peer = partner(lns).open()
    call = call_with(peer)
    call.replied()
    call.connect(vector(), hidden(peer, wire.SEQUENCING, b''))
    call.ended(2)
    call_with(peer, vector(), hidden(peer, wire.RANDOM_VECTOR, VECTOR)).ended(2)
    peer.send_body(vector() + hidden(peer, wire.MESSAGE_TYPE, wire.HELLO))
    peer.stopped(2)


@test('HID-08')
def hidden_avps_go_with_any_authentication(lns):
    """hidden AVPs in both directions of tunnels that we challenge, and that we do not"""
    for more in ((), (wire.avp(wire.CHALLENGE, os.urandom(16)),)):
        peer = partner(lns, 'hide.test')
        peer.request(vector(), hidden(peer, wire.VENDOR_NAME, b'hidden'), *more)
        peer.connect(peer.replied())
        call = call_with(peer, vector(), hidden(peer, wire.CALLING, b'123'))
        call.replied()
        call.connect(vector(), hidden(peer, wire.RX_SPEED, 64000))
        peer.settle()
