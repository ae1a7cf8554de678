"""Outgoing calls in a tunnel that we opened (§6.9 to §6.11, §7.5): the LNS is told to dial, and we are the LAC."""

import wire
from peer import Call, check, equal
from suite import test
from tie import DIAL, NUMBER, bearer, outcome


def asked(lns, peer=None, caps=3):
    """A call that the LNS asks us to place: the session and its OCRQ."""
    if peer is None:
        peer = lns.peer('lac.test')
        peer.open(bearer(caps))
    call = Call(peer)
    call.dialling = lns.begin('dial', 'lac', NUMBER, '--tunnel', peer.peer_tid)
    call.asked = peer.expect(wire.OCRQ)
    call.peer_sid = call.asked.number(wire.SESSION_ID)
    return call


def reply(call, *more, without=()):
    avps = [] if wire.SESSION_ID in without else [wire.avp(wire.SESSION_ID, call.sid)]
    call.peer.send(wire.OCRP, *avps, *more, sid=call.peer_sid)


def connected(call, *more, without=()):
    avps = {wire.TX_SPEED: wire.avp(wire.TX_SPEED, 64000), wire.FRAMING_TYPE: wire.avp(wire.FRAMING_TYPE, 1)}
    for attr in without:
        del avps[attr]
    call.peer.send(wire.OCCN, *avps.values(), *more, sid=call.peer_sid)


def fails(call):
    code, text = outcome(call.dialling)
    check(code != 0, f'lnsctl dial said that it was connected: {text}')


@test('SES-06', 'AVP-18', needs=DIAL)
def ocrq_has_what_it_needs(lns):
    """the eight AVPs, and no bearer or framing that the SCCRQ did not offer"""
    for caps in (1, 2, 3):
        call = asked(lns, caps=caps)
        for attr in (wire.SESSION_ID, wire.CALL_SERIAL, wire.MINIMUM_BPS, wire.MAXIMUM_BPS, wire.BEARER_TYPE,
                     wire.FRAMING_TYPE, wire.CALLED):
            check(call.asked.get(attr) is not None, f'wanted {wire.RULES[attr].name} in the OCRQ')
        kind = call.asked.number(wire.BEARER_TYPE)
        check(kind and not kind & ~caps, f'bearer type {kind} of a LAC with {caps}')
        equal('framing beyond what was offered', 0, call.asked.number(wire.FRAMING_TYPE) & ~3)
        equal('number', NUMBER.encode(), call.asked.get(wire.CALLED))
        equal('session id in its header', 0, call.asked.sid)


@test('AVP-24', needs=DIAL)
def call_serial_numbers_increase(lns):
    """four calls one after the other"""
    first = asked(lns)
    serials = [first.asked.number(wire.CALL_SERIAL)]
    serials += [asked(lns, first.peer).asked.number(wire.CALL_SERIAL) for _ in range(3)]
    check(all(0 < b - a < 2**31 for a, b in zip(serials, serials[1:])), f'serial numbers {serials}')


@test('SES-07', needs=DIAL)
def an_outgoing_call_comes_up(lns):
    """wait-reply, wait-connect, established: data flows, CDN ends it"""
    call = asked(lns)
    reply(call)
    connected(call)
    code, text = outcome(call.dialling)
    equal(f'exit code of lnsctl dial ({text.strip()})', 0, code)
    call.ping()
    call.hang_up()
    call.peer.settle()
    call.no_answer()


@test('SES-07', needs=DIAL)
def what_ends_an_outgoing_call_before_the_answer(lns):
    """wait-reply: OCRP without an id, OCCN and OCRQ bring CDN, CDN brings nothing; the call fails"""
    call = asked(lns)
    reply(call, without=[wire.SESSION_ID])
    call.peer.expect(wire.CDN)
    fails(call)
    call = asked(lns)
    connected(call)
    call.peer.expect(wire.CDN)
    fails(call)
    call = asked(lns)
    call.hang_up(wire.result(8))
    call.peer.settle()
    call.peer.nothing(0.3)
    fails(call)


@test('SES-07', needs=DIAL)
def what_ends_an_outgoing_call_before_it_is_connected(lns):
    """wait-connect: a second OCRP and an OCCN that lacks something bring CDN, CDN brings nothing; the call fails"""
    call = asked(lns)
    reply(call)
    reply(call)
    call.ended()
    fails(call)
    call = asked(lns)
    reply(call)
    connected(call, without=[wire.TX_SPEED])
    call.ended(2)
    fails(call)
    call = asked(lns)
    reply(call)
    call.hang_up(wire.result(7))
    call.peer.settle()
    call.peer.nothing(0.3)
    fails(call)


@test('SES-07', needs=DIAL)
def what_ends_an_outgoing_call(lns):
    """established: OCRP and OCCN bring CDN; so does lnsctl disconnect"""
    for stimulus in (reply, connected, None):
        call = asked(lns)
        reply(call)
        connected(call)
        equal('exit code of lnsctl dial', 0, outcome(call.dialling)[0])
        call.ping()
        if stimulus:
            stimulus(call)
        else:
            lns.ctl('disconnect', f'{call.peer.peer_tid}-{call.peer_sid}')
        call.ended()


@test('SES-07', needs=DIAL)
def out_of_place_messages_without_a_session(lns):
    """idle: OCRP, OCCN and CDN for sessions that do not exist: the tunnel lives on"""
    peer = lns.open()
    for kind in (wire.OCRP, wire.OCCN, wire.CDN):
        peer.send(kind, wire.avp(wire.SESSION_ID, 9), wire.avp(wire.TX_SPEED, 1), wire.avp(wire.FRAMING_TYPE, 1),
                  wire.result(1), sid=4711)
        peer.collect(0.2)
    peer.alive()


@test('SES-08')
def an_lns_does_not_place_calls(lns):
    """OCRQ in an idle tunnel and in one with calls: CDN 4 or 5, and nothing else changes; also one that lacks everything"""
    peer = lns.open()
    call = peer.call()
    for whole in (True, False):
        ghost = Call(peer)
        avps = [wire.avp(attr, 1) for attr in (wire.CALL_SERIAL, wire.MINIMUM_BPS, wire.MAXIMUM_BPS, wire.BEARER_TYPE,
                                               wire.FRAMING_TYPE)] + [wire.avp(wire.CALLED, NUMBER)]
        peer.send(wire.OCRQ, wire.avp(wire.SESSION_ID, ghost.sid), *(avps if whole else []))
        ghost.ended((4, 5) if whole else (2, 4, 5))
    peer.alive()
    same = Call(peer, call.sid)
    same.request()
    same.ended(2)
