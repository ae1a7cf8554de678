"""CC: control connections, their messages and their authentication (§5.1, §6.1 to §6.5, §7.2)."""

import os
import signal
import time

import wire
from delivery import check_gaps
from hiding import SECRET, partner
from peer import QUIET, Peer, check, equal, sccrq
from suite import test

NOT_SECRET = b'something else'
NEEDED = (wire.PROTOCOL_VERSION, wire.HOST_NAME, wire.FRAMING_CAPS, wire.TUNNEL_ID)


def bye(peer):
    return peer.send(wire.STOPCCN, wire.avp(wire.TUNNEL_ID, peer.tid), wire.result(1))


# ---- set-up

@test('CC-01', 'AVP-12')
def sccrq_without_what_it_needs(lns):
    """each of its required AVPs missing in turn: StopCCN 2 that names it, and no tunnel is left"""
    for attr in NEEDED:
        peer = lns.peer()
        peer.request(without=[attr])
        if attr == wire.TUNNEL_ID:
            peer.refused()
        else:
            peer.stopped(2, naming=attr)
        if lns.local:
            lns.wait('nothing is left', lambda: not lns.living(peer))


@test('CC-02', 'CC-12')
def sccrp_has_what_it_needs(lns):
    """the five AVPs; and two more tunnels from the same port get their own"""
    first = lns.peer()
    ids = set()
    for peer in (first, *(Peer(first.port, secret=first.secret) for _ in range(2))):
        peer.request()
        reply = peer.replied()
        check(all(reply.get(attr) is not None for attr in NEEDED), f'wanted {NEEDED}, got {reply.avps}')
        equal('protocol version', 0x0100, reply.number(wire.PROTOCOL_VERSION))
        check(len(reply.get(wire.HOST_NAME)) > 0, 'the host name is empty')
        peer.connect(reply)
        peer.settle()
        ids.add(peer.peer_tid)
    equal('tunnels', 3, len(ids))
    for peer in first.port.peers.values():
        peer.alive()


@test('CC-11', 'REL-04')
def a_repeated_sccrq_makes_no_second_tunnel(lns):
    """six times the same SCCRQ, four of them after the SCCRP: the same id in each answer"""
    peer = lns.peer()
    peer.request()
    peer.resend()
    ids = {peer.expect(wire.SCCRP).number(wire.TUNNEL_ID)}
    peer.taking = False
    for _ in range(4):
        tid, sid, body = 0, 0, wire.raw_avp(wire.MESSAGE_TYPE, b'\0\1') + b''.join(sccrq(peer.tid, peer.host_name))
        peer.send_body(body, 'SCCRQ', tid=tid, sid=sid, ns=0, nr=0)
    ids |= {m.number(wire.TUNNEL_ID) for m in peer.collect(QUIET) if m.type == wire.SCCRP}
    equal('different tunnels', 1, len(ids))
    if lns.local:
        equal('tunnels from here', 1, len(lns.tunnels(peer.port)))


@test('CC-04')
def what_a_half_open_tunnel_takes(lns):
    """wait-ctl-conn: SCCRQ and SCCRP end it with StopCCN, StopCCN ends it without a word"""
    for kind in (wire.SCCRQ, wire.SCCRP):
        peer = lns.peer()
        peer.request()
        peer.replied()
        peer.send(kind, *sccrq(peer.tid, peer.host_name))
        peer.stopped((2, 7))
    peer = lns.peer()
    peer.request()
    peer.replied()
    bye(peer)
    peer.settle()
    peer.nothing()
    check(not lns.local or not lns.living(peer), 'the tunnel is still there')


@test('CC-04')
def what_an_established_tunnel_takes(lns):
    """established: SCCRQ, SCCRP and SCCCN end it with StopCCN, StopCCN without a word"""
    for kind in (wire.SCCRQ, wire.SCCRP, wire.SCCCN):
        peer = lns.open()
        peer.send(kind, *sccrq(peer.tid, peer.host_name))
        peer.stopped((2, 7))
        if lns.local:
            lns.wait('the tunnel is gone', lambda: not lns.living(peer))
    peer = lns.open()
    bye(peer)
    peer.settle()
    peer.nothing()


@test('CC-04')
def what_is_taken_without_a_tunnel(lns):
    """idle: SCCRP, SCCCN and StopCCN out of nowhere make no tunnel; StopCCN at most comes back"""
    for kind in (wire.SCCRP, wire.SCCCN, wire.STOPCCN):
        peer = lns.peer()
        peer.send(kind, *sccrq(peer.tid, peer.host_name))
        peer.refused()
        check(not lns.local or not lns.tunnels(peer.port), 'a tunnel was made')


SESSION_KINDS = (wire.ICRQ, wire.ICRP, wire.ICCN, wire.OCRQ, wire.OCRP, wire.OCCN, wire.CDN, wire.WEN, wire.SLI)


@test('CC-05', 'SES-13')
def session_messages_before_the_tunnel_is_up(lns):
    """each in wait-ctl-conn: no session comes of it, and what comes back is StopCCN or an acknowledgement"""
    for kind in SESSION_KINDS:
        peer = lns.peer()
        peer.request()
        peer.replied()
        peer.send(kind, wire.avp(wire.SESSION_ID, 7), wire.avp(wire.CALL_SERIAL, 1), wire.avp(wire.TX_SPEED, 1),
                  wire.avp(wire.FRAMING_TYPE, 1))
        peer.refused()


@test('CC-05')
def session_messages_before_the_tunnel_is_proved(lns):
    """the same where a secret is asked for: nothing is let in before the response"""
    for kind in SESSION_KINDS:
        peer = partner(lns)
        peer.request()
        peer.replied()
        peer.send(kind, wire.avp(wire.SESSION_ID, 7), wire.avp(wire.CALL_SERIAL, 1))
        peer.refused()


# ---- authentication

@test('CC-06', 'CC-02', 'CC-03', 'CC-09', 'SEC-01', 'AVP-22')
def both_sides_prove_the_secret(lns):
    """challenges of 1, 16 and 1017 bytes are answered with the right response; ours to theirs is taken"""
    for length in (1, 16, 1017):
        peer, challenge = partner(lns), os.urandom(length)
        peer.request(wire.avp(wire.CHALLENGE, challenge))
        reply = peer.replied()
        equal('response', wire.response_to(challenge, peer.secret, wire.SCCRP), reply.get(wire.RESPONSE))
        check(reply.get(wire.CHALLENGE), 'wanted a Challenge in the SCCRP')
        peer.connect(reply)
        peer.settle()
        peer.call()


@test('CC-03', 'CC-07', 'CC-19')
def a_wrong_or_missing_response_is_refused(lns):
    """a response of another secret, with another id, of nothing, none: StopCCN 4, and no session"""
    for proof in (lambda c: wire.response_to(c, NOT_SECRET, wire.SCCCN), lambda c: wire.response_to(c, SECRET, wire.SCCRP),
                  lambda c: bytes(16), None):
        peer = partner(lns)
        peer.request()
        challenge = peer.replied().get(wire.CHALLENGE)
        check(challenge, 'wanted a Challenge in the SCCRP')
        peer.send(wire.SCCCN, *([wire.avp(wire.RESPONSE, proof(challenge))] if proof else []))
        peer.stopped(4)
        check(not lns.local or not lns.living(peer), 'the tunnel is still there')


@test('CC-06', 'CC-07')
def a_challenge_without_a_secret_is_refused(lns):
    """there is nothing to answer it with: StopCCN 4"""
    if lns.secret:
        return partner(lns).open()
    peer = lns.peer()
    peer.request(wire.avp(wire.CHALLENGE, bytes(16)))
    peer.stopped(4)


@test('AVP-22')
def challenges_and_responses_of_other_lengths(lns):
    """an empty challenge, a response of 15 or 17 bytes: malformed"""
    peer = partner(lns)
    peer.request(wire.raw_avp(wire.CHALLENGE))
    peer.refused()
    for length in (0, 15, 17):
        peer = partner(lns)
        peer.request()
        peer.replied()
        peer.send(wire.SCCCN, wire.raw_avp(wire.RESPONSE, bytes(length)))
        peer.stopped((2, 4))


@test('CC-08')
def challenges_are_random(lns):
    """eight challenges of at least 16 bytes: none alike, and no byte that all share"""
    challenges = []
    for _ in range(8):
        peer = partner(lns)
        peer.request()
        challenges.append(peer.replied().get(wire.CHALLENGE) or b'')
    check(min(map(len, challenges)) >= 16, 'a challenge has less than 16 bytes')
    equal('different challenges', 8, len(set(challenges)))
    check(all(len({each[i] for each in challenges}) > 1 for i in range(16)), 'a byte is in all challenges')


@test('CC-08')
def reflections_are_refused(lns):
    """its own challenge given back in another tunnel, and the response that this brings: no way in"""
    victim = partner(lns)
    victim.request()
    challenge = victim.replied().get(wire.CHALLENGE)
    check(challenge, 'wanted a Challenge in the SCCRP')
    mirror = partner(lns)
    mirror.request(wire.avp(wire.CHALLENGE, challenge))
    got = mirror.expect(wire.SCCRP, wire.STOPCCN)
    stolen = got.get(wire.RESPONSE) or bytes(16)
    victim.send(wire.SCCCN, wire.avp(wire.RESPONSE, stolen))
    victim.stopped(4)


@test('CC-09', 'SEC-01', needs='peers with secrets of their own')
def the_secret_goes_by_the_host_name(lns):
    """another name has another secret: its own opens the tunnel, that of the first does not"""
    lns.open('other.test', secret=b'another secret')
    peer = lns.peer('other.test', secret=SECRET)
    peer.request()
    peer.connect(peer.replied())
    peer.stopped(4)


@test('CC-09', needs='a peer without its secret')
def a_secret_that_cannot_be_read_stops_its_peers_only(lns):
    """the section whose file is not there: StopCCN and a line that says so; everybody else is served"""
    peer = lns.peer('unreadable.test')
    peer.request()
    peer.expect(wire.STOPCCN)
    lns.open()
    lns.logged('missing-secret')


# ---- the end

@test('CC-13', 'REL-10', 'CC-14', slow=True)
def stopccn_is_acknowledged_for_31_seconds(lns):
    """a call is up; StopCCN is acknowledged by a ZLB, no CDN comes; and its repetitions are, for a whole cycle"""
    peer = lns.open()
    call = peer.call()
    last = bye(peer)
    kept = peer.sent[last]
    peer.settle()
    began, peer.up = time.monotonic(), False
    for moment in (1, 3, 7, 15, 23, 29.5):
        time.sleep(max(0, began + moment - time.monotonic()))
        peer.arrived.clear()
        peer.send_body(kept[2], 'StopCCN again', ns=last)
        answer = peer.poll(2)
        check(answer is not None and answer.is_zlb, f'{moment} s after: wanted a ZLB, got {answer}')
        equal('Nr of the ZLB', (last + 1) & 0xffff, answer.nr)
    call.no_answer()


@test('CC-13', 'CC-15', 'REL-10', on='away', needs='lnsctl drain', slow=True)
def a_local_close_sends_stopccn_until_it_is_acknowledged(lns):
    """lnsctl drain while a tunnel has two calls: one StopCCN with id and result, no CDN, again after 1 s and 2 s; then
    what we repeat is still acknowledged"""
    peer = lns.open()
    peer.call()
    peer.call().ping()
    peer.auto_ack = peer.taking = False
    equal('exit code', 0, lns.ctl('drain', '192.0.2.9')[0])
    got = [m for m in peer.collect(4.5) if not m.is_zlb and m.is_control]
    equal('messages', [wire.STOPCCN] * 3, [m.type for m in got])
    equal('tunnel id in them', [peer.peer_tid] * 3, [m.number(wire.TUNNEL_ID) for m in got])
    check(got[0].result()[0] is not None, 'wanted a Result Code')
    check(len({m.ns for m in got}) == 1, 'wanted the same Ns')
    peer.nr = (got[0].ns + 1) & 0xffff
    peer.ack()
    peer.auto_ack = peer.taking = True
    lns.wait('the tunnel is gone', lambda: not lns.living(peer))
    peer.send_body(wire.raw_avp(wire.MESSAGE_TYPE, b'\0\3'), 'SCCCN again', ns=1)
    message = peer.poll(2)
    check(message is not None and message.is_zlb, f'wanted a ZLB, got {message}')


@test('CC-16')
def hello_is_acknowledged_by_a_zlb(lns):
    """three HELLOs: a ZLB each, which takes no Ns"""
    peer = lns.open()
    for _ in range(3):
        peer.send(wire.HELLO)
        message = peer.poll(2)
        check(message is not None and message.is_zlb, f'wanted a ZLB, got {message}')
        equal('Nr of the ZLB', peer.ns, message.nr)


@test('CC-16', 'CC-17', on='brief', needs='a short hello', slow=True)
def silence_is_answered_with_hello(lns):
    """hello = 2s: a silent tunnel is asked, on session 0, and one that acknowledges without a HELLO of its own stays"""
    peer = lns.open()
    for _ in range(3):
        began = time.monotonic()
        message = peer.expect(wire.HELLO, timeout=5)
        took = time.monotonic() - began
        check(1.5 < took < 3.5, f'wanted a HELLO after 2 s, it took {took:.1f}')
        equal('its session id', 0, message.sid)
    check(lns.living(peer), 'the tunnel is gone')


@test('CC-17', on='brief', needs='a short hello', slow=True)
def data_is_proof_of_life(lns):
    """data every half second for six: not one HELLO"""
    peer = lns.open()
    call, hellos = peer.call(), 0
    for _ in range(12):
        call.send(call.frame())
        hellos += sum(1 for m in peer.collect(0.5) if m.type == wire.HELLO)
    equal('HELLOs', 0, hellos)


@test('CC-18', 'REL-08', 'REL-09', on='brief', needs='a short hello', slow=True)
def hello_that_nobody_acknowledges_ends_the_tunnel(lns):
    """it is repeated after 1, 2, 4, 8 and 8 s, and then the tunnel is gone"""
    peer = lns.open()
    peer.auto_ack = False
    times, until = [], time.monotonic() + 29
    while time.monotonic() < until and len(times) < 6:
        message = peer.poll(1)
        if message and message.type == wire.HELLO:
            times.append(message.when)
    equal('HELLOs', 6, len(times))
    check_gaps(times)
    check(lns.living(peer), 'the tunnel went too early')
    lns.wait('the tunnel is gone', lambda: not lns.living(peer), 12)
    peer.up = False


@test('CC-19', on='end', needs='its own shut-down')
def a_shutdown_says_so(lns):
    """SIGTERM: StopCCN 6, and it ends when that is acknowledged"""
    peer = lns.open()
    peer.call()
    os.kill(int(lns.instance.pid), signal.SIGTERM)
    peer.stopped(6)


@test('CC-19', 'IPS-07', on='drain', needs='lnsctl drain')
def draining_sends_elsewhere(lns):
    """lnsctl drain: who comes gets StopCCN 2/7 with the address, and after drain off he is served again"""
    before = lns.open()
    equal('exit code', 0, lns.ctl('drain', '192.0.2.9', '--new')[0])
    peer = lns.peer()
    peer.request()
    message = peer.stopped(2, 7)
    check('192.0.2.9' in message.result()[2], f'wanted the address in the text, got "{message.result()[2]}"')
    before.alive()
    equal('exit code', 0, lns.ctl('drain', '192.0.2.9')[0])
    message = before.stopped(2, 7)
    check('192.0.2.9' in message.result()[2], f'wanted the address in the text, got "{message.result()[2]}"')
    equal('exit code', 0, lns.ctl('drain', 'off')[0])
    lns.open()


@test('CC-20', needs='the log')
def malformed_messages_are_logged_with_their_reason(lns):
    """a HELLO that cannot be taken apart: a line with the peer and why"""
    peer = lns.open()
    peer.send(wire.HELLO, wire.raw_avp(0, length=3))
    peer.stopped(2)
    line = lns.logged(f'127.0.0.1:{peer.port.number}.*(malformed|shorter|length)')
    check('127.0.0.1' in line, line)


@test('CC-21', on='small', needs='a small max-half-open', slow=True)
def half_open_tunnels_are_bounded(lns):
    """max-half-open = 8 and forty who ask once and say no more: never more than eight, and an honest client gets in"""
    for _ in range(40):
        lns.peer().request()
    check(lns.ask('status')['half_open'] <= 8, 'more than eight are half open')
    honest = lns.peer()
    honest.request()
    honest.connect(honest.replied(timeout=35))
    honest.settle()
    lns.wait('the others are forgotten', lambda: lns.ask('status')['half_open'] == 0, 35)
