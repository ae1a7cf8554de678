"""CC-10 and the tunnels that the LNS opens itself: it is asked to dial, by `lnsctl dial`, and we are the LAC."""

import wire
from hiding import SECRET
from peer import Peer, Fail, check, equal, sccrq
from suite import test

NUMBER = '5550123'
DIAL = 'lnsctl dial'
PORT = 1800


def dialled(lns, section, secret=None):
    """We listen as the LAC of this section, dial1 to dial16, and the LNS has been told to call: its SCCRQ."""
    peer = lns.peer('dial.test', secret=secret, source=f'127.0.1.{section}', number=PORT)
    peer.port.listener = peer
    peer.dialling = lns.begin('dial', f'dial{section}', NUMBER)
    return peer, peer.asked()


def outcome(dialling, timeout=40):
    """What the lnsctl that asked for a call said in the end."""
    text, _ = dialling.communicate(timeout=timeout)
    return dialling.returncode, text.decode('utf-8', 'replace')


def bearer(caps=3):
    return wire.avp(wire.BEARER_CAPS, caps)


def answer_call(peer):
    """OCRQ, OCRP and OCCN."""
    request = peer.expect(wire.OCRQ)
    sid = request.number(wire.SESSION_ID)
    peer.send(wire.OCRP, wire.avp(wire.SESSION_ID, 77), sid=sid)
    peer.send(wire.OCCN, wire.avp(wire.TX_SPEED, 64000), wire.avp(wire.FRAMING_TYPE, 1), sid=sid)
    peer.settle()
    return request


@test('CC-04', 'CC-02', 'SES-06', 'SES-07', needs=DIAL)
def the_lns_opens_a_tunnel(lns):
    """idle to established as the one who asks: SCCRQ with what it needs, SCCCN, and the call goes on its way"""
    peer, request = dialled(lns, 1)
    for attr in (wire.PROTOCOL_VERSION, wire.HOST_NAME, wire.FRAMING_CAPS, wire.TUNNEL_ID):
        check(request.get(attr) is not None, f'wanted {wire.RULES[attr].name} in the SCCRQ')
    equal('tunnel id in its header', 0, request.tid)
    equal('Ns, Nr', (0, 0), (request.ns, request.nr))
    peer.accept(bearer())
    equal('Nr of the SCCCN', 1, peer.expect(wire.SCCCN).nr)
    answer_call(peer)
    code, text = outcome(peer.dialling)
    equal(f'exit code of lnsctl dial ({text.strip()})', 0, code)


@test('CC-04', needs=DIAL)
def an_answer_that_is_not_acceptable(lns):
    """wait-ctl-reply: SCCRP of another version or without an id, and SCCCN: StopCCN, and the call fails"""
    for section, kind, change in ((2, wire.SCCRP, {wire.PROTOCOL_VERSION: wire.avp(wire.PROTOCOL_VERSION, 0x0200)}),
                                  (3, wire.SCCRP, {wire.FRAMING_CAPS: b''}), (4, wire.SCCCN, {wire.TUNNEL_ID: b''})):
        peer, _ = dialled(lns, section)
        peer.send(kind, *sccrq(peer.tid, peer.host_name, change=change))
        peer.stopped((2, 5, 7))
        check(outcome(peer.dialling)[0] != 0, 'lnsctl dial did not fail')


@test('CC-04', needs=DIAL)
def stopccn_in_place_of_an_answer(lns):
    """wait-ctl-reply: StopCCN, also one whose tunnel id is 0, and the call fails"""
    for section, tid in ((5, None), (6, 0)):
        peer, _ = dialled(lns, section)
        peer.send(wire.STOPCCN, wire.avp(wire.TUNNEL_ID, peer.tid), wire.result(4), tid=tid)
        check(outcome(peer.dialling, 20)[0] != 0, 'lnsctl dial did not fail')


@test('CC-03', 'CC-06', 'CC-07', needs=DIAL)
def the_lns_proves_and_wants_proof(lns):
    """a section with a secret: its challenge in SCCRQ, its response to ours in SCCCN; a wrong one of ours: StopCCN 4"""
    for section, secret, good in ((13, SECRET, True), (14, b'wrong', False)):
        peer, request = dialled(lns, section, SECRET)
        challenge, ours = request.get(wire.CHALLENGE), bytes(range(20))
        check(challenge and len(challenge) >= 16, 'wanted a Challenge of 16 bytes in the SCCRQ')
        peer.accept(bearer(), wire.avp(wire.CHALLENGE, ours),
                    wire.avp(wire.RESPONSE, wire.response_to(challenge, secret, wire.SCCRP)))
        if good:
            connected = peer.expect(wire.SCCCN)
            equal('response', wire.response_to(ours, SECRET, wire.SCCCN), connected.get(wire.RESPONSE))
            answer_call(peer)
        else:
            peer.stopped(4)
        equal('lnsctl dial failed', not good, outcome(peer.dialling)[0] != 0)


def collide(lns, section, breaker):
    """Both sides send a SCCRQ at once; `breaker` makes our Tie Breaker of theirs, or none."""
    peer, request = dialled(lns, section)
    theirs = request.get(wire.TIE_BREAKER)
    check(theirs and len(theirs) == 8, 'wanted a Tie Breaker of 8 bytes in the SCCRQ')
    ours = breaker(int.from_bytes(theirs, 'big'))
    rival = Peer(peer.port, peer.host_name)
    rival.request(bearer(), *([] if ours is None else [wire.raw_avp(wire.TIE_BREAKER, ours.to_bytes(8, 'big'), 0)]))
    return peer, rival


@test('CC-10', needs=DIAL)
def the_lower_tie_breaker_wins(lns):
    """ours is lower: our SCCRQ is answered, its own forgotten without a word, and the call goes by our tunnel"""
    peer, rival = collide(lns, 7, lambda theirs: max(theirs - 1, 0))
    rival.connect(rival.replied())
    answer_call(rival)
    equal('exit code of lnsctl dial', 0, outcome(peer.dialling)[0])
    check(not [m for m in peer.news(3) if m.type != wire.SCCRQ], 'wanted no word about the tunnel that lost')


@test('CC-10', needs=DIAL)
def the_higher_tie_breaker_loses(lns):
    """ours is higher, also beyond 32 bits only; or we have none: our SCCRQ is never answered, its own goes on"""
    for section, breaker in ((8, lambda theirs: min(theirs + 1, 2**64 - 1)), (9, lambda theirs: 2**64 - 1),
                             (10, lambda theirs: None)):
        peer, rival = collide(lns, section, breaker)
        rival.nothing()
        rival.up = False
        peer.accept(bearer())
        peer.expect(wire.SCCCN)
        answer_call(peer)
        equal('exit code of lnsctl dial', 0, outcome(peer.dialling)[0])


@test('CC-10', needs=DIAL)
def equal_tie_breakers_end_both(lns):
    """ours is theirs: neither SCCRQ comes to anything"""
    peer, rival = collide(lns, 11, lambda theirs: theirs)
    rival.nothing()
    rival.up = False
    equal('tunnels from here', [], [row for row in lns.tunnels(peer.port) if row['state'] == 'established'])
    try:
        peer.accept(bearer())
        peer.expect(wire.SCCCN, timeout=2)
    except Fail:
        return
    raise Fail('its own SCCRQ went on')


@test('AVP-18', 'SES-06', needs=DIAL)
def a_lac_without_bearers_is_not_asked(lns):
    """the SCCRP has no Bearer Capabilities: no OCRQ, and lnsctl dial says why"""
    peer, _ = dialled(lns, 12)
    peer.accept()
    peer.expect(wire.SCCCN)
    peer.nothing()
    code, text = outcome(peer.dialling)
    check(code != 0 and text.strip(), f'lnsctl dial ended with {code} and "{text}"')
