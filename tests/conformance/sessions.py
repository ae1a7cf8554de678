"""SES: incoming calls (§5.2, §6.6 to §6.8, §6.12 to §6.14, §7.4)."""

import time

import wire
from peer import QUIET, Call, check, equal
from suite import test

ICRP_AVPS = (wire.SESSION_ID,)


def lives(call):
    """The session still stands: its id is not free."""
    call.peer.alive()
    same = Call(call.peer, call.sid)
    same.request()
    same.ended(2)


def over(call):
    """The session is gone: its id is free."""
    again = Call(call.peer, call.sid)
    again.request()
    again.replied()
    again.hang_up()
    call.peer.settle()


@test('SES-02', 'SES-14')
def icrp_has_its_id_and_calls_are_independent(lns):
    """four calls in one tunnel, each with an id of its own; two of them end, the others live on"""
    peer = lns.open()
    some = [peer.call() for _ in range(4)]
    equal('different ids', 4, len({call.peer_sid for call in some}))
    some[1].hang_up()
    some[3].hang_up()
    peer.settle()
    for call in (some[1], some[3]):
        over(call)
    for call in (some[0], some[2]):
        lives(call)


@test('SES-04')
def what_is_taken_before_a_call(lns):
    """idle: ICRP, ICCN and CDN for no session: nothing but CDN comes back, the tunnel lives"""
    peer = lns.open()
    for kind in (wire.ICRP, wire.ICCN, wire.CDN):
        peer.send(kind, wire.avp(wire.SESSION_ID, 99), wire.avp(wire.TX_SPEED, 1), wire.avp(wire.FRAMING_TYPE, 1),
                  sid=4711)
        got = peer.news(QUIET / 2)
        check(all(m.type == wire.CDN and kind != wire.CDN for m in got), f'got {got and str(got[0])}')
    peer.alive()


@test('SES-04')
def what_ends_a_call_before_it_is_connected(lns):
    """wait-connect: ICRP and a second ICRQ with its id bring CDN, CDN ends it without a word"""
    peer = lns.open()
    call = Call(peer)
    call.request()
    call.replied()
    peer.send(wire.ICRP, wire.avp(wire.SESSION_ID, call.sid), sid=call.peer_sid)
    call.ended((2, 4))
    over(call)
    call = Call(peer)
    call.request()
    call.replied()
    call.request()
    call.ended(2)
    call = Call(peer)
    call.request()
    call.replied()
    call.hang_up()
    peer.settle()
    peer.nothing()
    over(call)


@test('SES-04')
def what_ends_a_call(lns):
    """established: ICRP and ICCN bring CDN, CDN ends it without a word"""
    peer = lns.open()
    for kind in (wire.ICRP, wire.ICCN):
        call = peer.call()
        peer.send(kind, wire.avp(wire.SESSION_ID, call.sid), wire.avp(wire.TX_SPEED, 1), wire.avp(wire.FRAMING_TYPE, 1),
                  sid=call.peer_sid)
        call.ended(2)
        over(call)
    call = peer.call()
    call.hang_up()
    peer.settle()
    peer.nothing()
    over(call)


@test('SES-04', 'SES-09', needs='lnsctl')
def a_local_close_sends_cdn(lns):
    """lnsctl disconnect: CDN with result and id; then its id is free"""
    peer = lns.open()
    call = peer.call()
    call.ping()
    equal('exit code', 0, lns.ctl('disconnect', f'{peer.peer_tid}-{call.peer_sid}')[0])
    message = call.ended(3)
    equal('session id in it', call.peer_sid, message.number(wire.SESSION_ID))
    over(call)


@test('SES-05', 'SES-20', on='narrow', needs='a small max-sessions')
def too_many_sessions_are_refused(lns):
    """server.max-sessions = 4: the fifth gets CDN 4, or 2/4; when one has gone there is room again"""
    peer = lns.open()
    calls = [peer.call() for _ in range(4)]
    beyond = Call(peer)
    beyond.request()
    message = beyond.ended()
    check(message.result()[:2] in ((4, 0), (4, None), (2, 4)), f'got {message}')
    calls[0].hang_up()
    peer.settle()
    peer.call()


@test('SES-20', needs='a peer with max-sessions')
def too_many_sessions_of_a_peer_are_refused(lns):
    """max-sessions = 2 of a section: the third, in a second tunnel, gets CDN 4 or 2/4; others are served"""
    first, second = lns.open('few.test'), lns.open('few.test')
    call = first.call()
    second.call()
    beyond = Call(second)
    beyond.request()
    message = beyond.ended()
    check(message.result()[:2] in ((4, 0), (4, None), (2, 4)), f'got {message}')
    lns.open().call()
    call.hang_up()
    first.settle()
    time.sleep(1)
    second.call()


@test('SES-09')
def a_cdn_is_answered_by_its_acknowledgement_only(lns):
    """CDN: a ZLB, and nothing more in a second"""
    call = lns.open().call()
    call.hang_up()
    got = [m for m in call.peer.collect(QUIET) if m.is_control]
    equal('answers', ['ZLB'], [m.name() for m in got])


@test('SES-10')
def a_cdn_for_nobody_is_acknowledged(lns):
    """CDN for a session that never was, with and without its id, and again for one that is closed"""
    peer = lns.open()
    call = peer.call()
    for _ in range(2):
        call.hang_up()
        peer.settle()
    for sid in (0, 4711):
        peer.send(wire.CDN, wire.avp(wire.SESSION_ID, 815), wire.result(1), sid=sid)
        peer.settle()
    peer.send(wire.CDN, wire.result(1))
    peer.settle()
    peer.nothing()
    peer.alive()


@test('SES-11')
def wen_and_sli_are_acknowledged_in_any_state(lns):
    """before ICCN, after it and after the end: acknowledged, nothing else"""
    peer = lns.open()
    call = Call(peer)
    call.request()
    call.replied()
    for step in (lambda: None, call.connect, call.hang_up):
        step()
        peer.settle()
        peer.send(wire.WEN, wire.raw_avp(wire.CALL_ERRORS, bytes(26)), sid=call.peer_sid)
        peer.send(wire.SLI, wire.raw_avp(wire.ACCM, bytes(10)), sid=call.peer_sid)
        peer.settle()
        peer.nothing(0.3)
    peer.alive()


@test('SES-11', needs='lnsctl')
def call_errors_are_shown(lns):
    """two WENs: their counters are totals, the last one's are shown"""
    call = lns.open().call()
    call.ping()
    for base in (1, 1000):
        counters = b''.join((base + i).to_bytes(4, 'big') for i in range(6))
        call.peer.send(wire.WEN, wire.raw_avp(wire.CALL_ERRORS, bytes(2) + counters), sid=call.peer_sid)
        call.peer.settle()
    text = str(lns.shown(call))
    check(all(str(1000 + i) in text for i in range(6)), f'the counters are not in {text}')


@test('SES-12', on='accm', needs='a pppd that negotiates ACCMs')
def sli_tells_the_accms(lns):
    """PPP of an asynchronous call has negotiated another ACCM than the default: SLI with it comes to this session"""
    call = Call(lns.open())
    call.request()
    call.replied()
    call.connect(change={wire.FRAMING_TYPE: wire.avp(wire.FRAMING_TYPE, 2)})
    call.send(call.frame())
    message = call.peer.expect(wire.SLI)
    equal('its session', call.sid, message.sid)
    equal('length of its ACCM', 10, len(message.get(wire.ACCM)))
    equal('reserved bytes', bytes(2), message.get(wire.ACCM)[:2])
    if lns.local:
        equal('its ACCMs', '000a000000000000', message.get(wire.ACCM)[2:].hex())


@test('SES-13')
def no_data_before_a_call_is_connected(lns):
    """frames before ICCN and after CDN are not answered, nor does any come"""
    peer = lns.open()
    call = Call(peer)
    call.request()
    call.replied()
    call.no_answer(0.5)
    check(not [m for m in peer.collect(0.5) if not m.is_control], 'data came before the ICCN')
    call.connect()
    peer.settle()
    call.ping()
    call.hang_up()
    peer.settle()
    call.no_answer(0.5)


@test('SES-16')
def an_id_that_is_in_use_is_refused(lns):
    """a second ICRQ with the same Assigned Session ID: CDN for the new one; in another tunnel it is free"""
    peer = lns.open()
    call = peer.call()
    lives(call)
    other = Call(lns.open(), call.sid)
    other.request()
    other.replied()


@test('SES-17', needs='a peer with proxy-auth = ignore')
def proxy_authentication_is_ignored_by_default(lns):
    """an ICCN with proxy AVPs from a peer whose word is not taken: PPP begins anew, and its user logs in himself"""
    peer = lns.open()
    call = Call(peer)
    call.request()
    call.replied()
    call.connect(*proxied('somebody'))
    peer.settle()
    call.ping()
    equal('user', 'test', lns.shown(call)['user'])


def proxied(user, password='test', kind=3, without=()):
    """What a LAC says of a PAP log-in that it has heard (§4.4.5)."""
    avps = {wire.PROXY_TYPE: kind, wire.PROXY_NAME: user, wire.PROXY_ID: 1, wire.PROXY_RESPONSE: password,
            wire.LAST_SENT_LCP: b'\x03\x04\xc0\x23', wire.LAST_RECEIVED_LCP: b'\x05\x06\1\2\3\4'}
    return [wire.avp(attr, value) for attr, value in avps.items() if attr not in without]


@test('AVP-29', 'SES-17', 'CMP-02', needs='a peer with proxy-auth = accept')
def a_proxied_login_is_taken(lns):
    """PAP name and password of a user, heard by a LAC whose word goes: up as that user, and shown as proxied"""
    peer = lns.open('proxy.test')
    call = Call(peer)
    call.request()
    call.replied()
    call.connect(*proxied('proxied', 'by proxy'))
    peer.settle()
    call.ping()
    shown = lns.shown(call)
    equal('user', 'proxied', shown['user'])
    equal('proxied', True, shown['proxied'])


@test('AVP-29', needs='a peer with proxy-auth = accept')
def an_inconsistent_proxied_login_is_proved_anew(lns):
    """a wrong password, and each AVP that a PAP or CHAP log-in needs missing: the user logs in himself"""
    peer = lns.open('proxy.test')
    chap = [(wire.PROXY_TYPE, 2), (wire.PROXY_NAME, 'proxied'), (wire.PROXY_CHALLENGE, bytes(16)),
            (wire.PROXY_ID, 1), (wire.PROXY_RESPONSE, bytes(16))]
    sets = [proxied('proxied', 'wrong'), proxied('proxied', 'by proxy', without=[wire.PROXY_NAME]),
            proxied('proxied', 'by proxy', without=[wire.PROXY_ID]),
            proxied('proxied', 'by proxy', without=[wire.PROXY_RESPONSE]), proxied('proxied', 'by proxy', kind=9)]
    sets += [[wire.avp(*pair) for pair in chap if pair[0] != left] for left in (wire.PROXY_CHALLENGE, wire.PROXY_ID)]
    for avps in sets:
        call = Call(peer)
        call.request()
        call.replied()
        call.connect(*avps)
        peer.settle()
        call.ping()
        equal('user', 'test', lns.shown(call)['user'])


@test('SES-19', needs='a pppd that dies or hangs when told')
def pppd_that_dies_or_hangs_is_alone(lns):
    """one call's pppd dies, another's reads no more: their neighbours in the tunnel are answered as before"""
    peer = lns.open()
    calls = [peer.call() for _ in range(3)]
    for call in calls:
        call.ping()
    calls[0].send(b'\xff\x03\xc0\x21crash')
    calls[1].send(b'\xff\x03\xc0\x21stall')
    calls[0].ended()
    for _ in range(300):
        calls[1].send(calls[1].frame())
    for _ in range(5):
        calls[2].ping(timeout=2)
        time.sleep(0.1)
    peer.alive()
