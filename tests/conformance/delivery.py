"""REL: reliable delivery of control messages (§5.8, appendices A and B)."""

import time

import wire
from peer import QUIET, Call, Fail, check, equal
from suite import test


def provoke(peer, count):
    """As many messages from the other side, with little of ours: ICRQs that lack something are answered with CDNs."""
    for _ in range(count):
        Call(peer).request(without=[wire.CALL_SERIAL])


def cdns(messages):
    """The Ns of the CDNs among them, each transmission."""
    return [m.ns for m in messages if m.type == wire.CDN]


def answers(peer, seconds):
    """The Ns of the CDNs of this time."""
    return cdns(peer.collect(seconds))


def deaf(peer):
    """From now on nothing is acknowledged but by the test."""
    peer.auto_ack = peer.taking = peer.persist = False
    return peer


def acknowledge(peer, nr):
    peer.nr = nr & 0xffff
    peer.ack()


# ---- numbers

@test('REL-01', 'REL-17')
def ns_and_nr_of_a_set_up(lns):
    """appendix B.1, to the number: SCCRP 0/1, ZLB 1/2; and neither our ZLBs nor its own take a place"""
    peer = lns.peer()
    peer.auto_ack = False
    peer.request()
    reply = peer.replied()
    equal('Ns, Nr of the SCCRP', (0, 1), (reply.ns, reply.nr))
    peer.connect(reply)
    zlb = peer.poll(2)
    check(zlb is not None and zlb.is_zlb, f'wanted a ZLB, got {zlb}')
    equal('Ns, Nr of the ZLB', (1, 2), (zlb.ns, zlb.nr))
    for ns in (2, 3, 500):
        peer.ack(ns=ns)
    call = Call(peer)
    call.request()
    answer = call.replied()
    equal('Ns, Nr of the ICRP', (1, 3), (answer.ns, answer.nr))


@test('REL-17', 'REL-07')
def a_lost_icrp_is_sent_again(lns):
    """appendix B.2, to the number: the repeated ICRQ brings a ZLB 2/3, the timer the ICRP 1/3 again, ICCN a ZLB 2/4"""
    peer = lns.open()
    peer.auto_ack = peer.persist = False
    call = Call(peer)
    number = call.request()
    equal('Ns of the ICRQ', 2, number)
    lost = peer.poll(2)
    equal('the ICRP', (wire.ICRP, 1, 3), (lost.type, lost.ns, lost.nr))
    peer.nr = 1
    peer.send_body(wire.raw_avp(wire.MESSAGE_TYPE, bytes([0, wire.ICRQ])) + wire.avp(wire.SESSION_ID, call.sid) +
                   wire.avp(wire.CALL_SERIAL, 1), 'ICRQ again', ns=2)
    zlb = peer.poll(0.8)
    check(zlb is not None and zlb.is_zlb, f'wanted a ZLB, got {zlb}')
    equal('Ns, Nr of the ZLB', (2, 3), (zlb.ns, zlb.nr))
    again = call.replied()
    equal('Ns, Nr of the ICRP', (1, 3), (again.ns, again.nr))
    equal('Ns of the ICCN', 3, call.connect())
    zlb = peer.poll(2)
    check(zlb is not None and zlb.is_zlb, f'wanted a ZLB, got {zlb}')
    equal('Ns, Nr of the ZLB', (2, 4), (zlb.ns, zlb.nr))


@test('REL-02')
def the_32768_numbers_behind_are_old(lns):
    """after Ns 15: StopCCNs of 15, 14, 0, 65 535, 40 000 and 32 784 are acknowledged and do nothing; the one of 32 783
    and other new ones ahead of their turn do nothing either"""
    peer = lns.open()
    for _ in range(14):
        peer.send(wire.HELLO)
        peer.settle()
    equal('the next Ns', 16, peer.ns)
    stop = (wire.avp(wire.TUNNEL_ID, peer.tid), wire.result(1))
    for ns in (15, 14, 0, 65535, 40000, 32784):
        peer.send(wire.STOPCCN, *stop, ns=ns)
        zlb = peer.poll(2)
        check(zlb is not None and zlb.is_zlb, f'Ns {ns}: wanted a ZLB, got {zlb}')
        equal('Nr', 16, zlb.nr)
    for ns in (32783, 20000, 1000):
        peer.send(wire.STOPCCN, *stop, ns=ns)
        check(all(m.is_zlb and m.nr == 16 for m in peer.collect(0.3)), f'Ns {ns} was taken')
    peer.alive()
    equal('acknowledged', 17, peer.acked)


@test('REL-03', on='lenient', needs='66,000 messages', slow=True)
def numbers_wrap(lns):
    """66,000 messages each way: the tunnel stays"""
    peer = lns.open()
    for _ in range(66000 // 4):
        provoke(peer, 4)
        until = time.monotonic() + 10
        while peer.acked != peer.ns or peer.nr != (peer.ns - 1) & 0xffff:
            message = peer.poll(1)
            check(message is None or message.type != wire.STOPCCN, f'the tunnel ended at Ns {peer.ns}: {message}')
            check(time.monotonic() < until, f'it does not go on at Ns {peer.ns}')
    peer.alive()
    row = lns.living(peer)
    check(row is not None and row['ns'] < 1000, f'wanted the tunnel beyond the wrap, got {row}')


# ---- duplicates and order

def twice(peer, kind, *avps, sid=0, **bits):
    """Sends a message and then, when it has been answered, once more: what comes of either."""
    ns = peer.send(kind, *avps, sid=sid, **bits)
    kept = peer.sent[ns]
    first = peer.burst()
    peer.send_body(kept[2], 'again', sid=sid, ns=ns)
    return first, peer.burst()


@test('REL-04')
def duplicates_are_acknowledged_and_not_processed(lns):
    """SCCCN, HELLO, ICRQ, ICCN, WEN, SLI, CDN and an unknown one twice each: an acknowledgement and no more; the calls are
    one call"""
    peer = lns.peer()
    peer.request()
    reply = peer.replied()
    call = Call(peer)
    ids = (wire.avp(wire.SESSION_ID, call.sid), wire.avp(wire.CALL_SERIAL, 1))
    none_twice(peer, wire.SCCCN, *peer.proof(reply))
    none_twice(peer, wire.HELLO)
    none_twice(peer, 99, bits=0)
    answer = [m for m in none_twice(peer, wire.ICRQ, *ids) if m.type == wire.ICRP]
    check(answer, 'no ICRP came')
    call.peer_sid = answer[0].number(wire.SESSION_ID)
    none_twice(peer, wire.ICCN, wire.avp(wire.TX_SPEED, 1), wire.avp(wire.FRAMING_TYPE, 1), sid=call.peer_sid)
    if lns.local:
        equal('sessions', 1, lns.living(peer)['sessions'])
    none_twice(peer, wire.WEN, wire.raw_avp(wire.CALL_ERRORS, bytes(26)), sid=call.peer_sid)
    none_twice(peer, wire.SLI, wire.raw_avp(wire.ACCM, bytes(10)), sid=call.peer_sid)
    none_twice(peer, wire.CDN, ids[0], wire.result(1), sid=call.peer_sid)
    peer.alive()


def none_twice(peer, kind, *avps, **how):
    """The second of two alike is acknowledged and does nothing; gives what the first brought."""
    name, (first, got) = wire.NAMES.get(kind, kind), twice(peer, kind, *avps, **how)
    fresh = [m for m in got if m.new and m.type != wire.HELLO]
    check(not fresh, f'{name} twice: {fresh and str(fresh[0])}')
    check(any(m.is_control and m.nr == peer.ns for m in got), f'{name} twice: not acknowledged')
    return first


@test('REL-05')
def order_is_kept(lns):
    """a message before its turn is neither acknowledged nor acted on until the gap closes; then both are, in order"""
    peer = lns.open()
    peer.persist = False
    call, gap = Call(peer), peer.ns
    peer.ns = (gap + 1) & 0xffff
    call.request()
    got = peer.collect(0.5)
    check(all(m.nr == gap for m in got), f'acknowledged beyond the gap: {[str(m) for m in got]}')
    check(all(m.is_zlb for m in got), f'acted on before its turn: {[str(m) for m in got]}')
    peer.send(wire.HELLO, ns=gap)
    peer.persist = True
    call.replied()
    peer.settle()
    call.connect()
    peer.settle()


@test('REL-13')
def acknowledgements_are_not_withheld(lns):
    """fifty requests whose answers we do not acknowledge: all of them are acknowledged all the same"""
    peer = deaf(lns.open())
    for _ in range(50):
        provoke(peer, 1)
        peer.collect(0.02)
    until = time.monotonic() + 3
    while peer.acked != peer.ns and time.monotonic() < until:
        peer.poll(0.2)
    equal('Nr', peer.ns, peer.acked)


@test('REL-14')
def acknowledging_the_unsent_frees_nothing(lns):
    """Nr far beyond what was sent: ignored; what is not acknowledged is still sent again, and the tunnel lives"""
    peer = deaf(lns.open())
    provoke(peer, 1)
    first = answers(peer, 0.5)
    equal('CDNs', 1, len(first))
    peer.ack(nr=first[0] + 50)
    peer.send(wire.HELLO, ns=peer.ns, nr=first[0] + 2)
    again = answers(peer, 2.5)
    check(again and set(again) == set(first), f'wanted Ns {first} again, got {again}')
    acknowledge(peer, first[0] + 1)
    peer.taking = peer.auto_ack = peer.persist = True
    peer.alive()


@test('REL-15')
def an_old_nr_is_no_news(lns):
    """HELLOs and ZLBs with the Nr of long ago: acknowledged, nothing is sent again"""
    peer = lns.open()
    provoke(peer, 3)
    peer.collect(0.5)
    peer.ack(nr=0)
    peer.send(wire.HELLO, nr=1)
    got = peer.collect(1.5)
    check(all(m.is_zlb for m in got), f'wanted an acknowledgement only, got {[str(m) for m in got]}')
    peer.alive()


@test('REL-16')
def acknowledgements_ride_along(lns):
    """an ICRQ is acknowledged by its ICRP and nothing else; ZLBs are not answered; five HELLOs bring five ZLBs at most"""
    peer = lns.open()
    Call(peer).request()
    got = peer.collect(QUIET)
    equal('datagrams', [wire.ICRP], [m.type for m in got])
    equal('Nr', peer.ns, got[0].nr)
    for _ in range(10):
        peer.ack()
    peer.silence()
    for _ in range(5):
        peer.send(wire.HELLO)
    got = peer.collect(QUIET)
    check(1 <= len(got) <= 5 and all(m.is_zlb for m in got), f'got {[str(m) for m in got]}')
    equal('Nr of the last', peer.ns, got[-1].nr)


# ---- retransmission and window

def check_gaps(times):
    """The times of six transmissions; on a busy machine one may be late, but none may be early."""
    gaps = [b - a for a, b in zip(times, times[1:])]
    check(all(-0.2 < gap - wanted < 0.9 for gap, wanted in zip(gaps, (1, 2, 4, 8, 8))), f'they came after {gaps}')


@test('REL-06', 'REL-07', 'REL-08', 'REL-09', on='calm', slow=True)
def retransmission_backs_off_and_gives_up(lns):
    """a CDN that is not acknowledged comes again after 1 s and then ever later, with the same Ns and the Nr of today; after
    31 s the tunnel is gone"""
    peer = deaf(lns.open())
    provoke(peer, 1)
    got, until = [], time.monotonic() + 27
    while time.monotonic() < until:
        message = peer.poll(0.5)
        if message and message.type == wire.CDN:
            got.append(message)
            if len(got) < 4:
                peer.send(wire.HELLO)
    equal('transmissions', 6, len(got))
    equal('their Ns', {got[0].ns}, {m.ns for m in got})
    equal('their Nr', [got[0].nr + i for i in (0, 1, 2, 3, 3, 3)], [m.nr for m in got])
    check_gaps([m.when for m in got])
    time.sleep(max(0, got[0].when + 33 - time.monotonic()))
    peer.arrived.clear()
    peer.send(wire.HELLO)
    got = [m for m in peer.collect(QUIET) if m.type != wire.STOPCCN and m.nr == peer.ns]
    check(not got, f'wanted the tunnel to be gone, got {got and str(got[0])}')
    peer.up = False


@test('REL-09', on='few', needs='server.retries', slow=True)
def retries_can_be_set(lns):
    """server.retries = 2: three transmissions, and the tunnel is gone"""
    peer = deaf(lns.open())
    provoke(peer, 1)
    equal('transmissions', 3, len(answers(peer, 6.5)))
    lns.wait('the tunnel is gone', lambda: not lns.living(peer), 4)
    peer.up = False


@test('REL-11', 'AVP-21', 'REL-12')
def the_window_of_the_peer_is_kept(lns):
    """windows of 1, 2, 4, 8 and none announced (which is 4): never more on the way; from 4 on, four at least"""
    for window, most in ((1, 1), (2, 2), (4, 4), (8, 8), (None, 4), (0, 1)):
        peer = lns.peer()
        try:
            peer.open(change={wire.WINDOW: wire.avp(wire.WINDOW, window or 0)} if window is not None else None,
                      without=[wire.WINDOW] if window is None else ())
        except Fail:
            if window == 0:
                continue  # §5.8: invalid, it may be refused
            raise
        for _ in range(12):
            provoke(peer, 1)
            peer.expect(wire.CDN)
        deaf(peer)
        peer.collect(0.1)
        provoke(peer, 12)
        ahead = len(set(cdns(peer.burst())))
        check(ahead <= most, f'window {window}: {ahead} messages were on the way')
        check(ahead >= min(most, 4), f'window {window}: only {ahead} messages were on the way')


@test('REL-12', slow=True)
def the_window_opens_slowly_and_shuts_at_a_loss(lns):
    """window 16: first one or two, then twice as many at most with each acknowledgement; after a loss one only"""
    peer = lns.peer()
    peer.open(change={wire.WINDOW: wire.avp(wire.WINDOW, 16)})
    deaf(peer)
    bursts, nr = [], peer.nr
    for _ in range(6):
        provoke(peer, 20)
        got = {ns for ns in cdns(peer.burst()) if (ns - nr) & 0xffff < 0x8000}
        check(got, f'after bursts of {bursts} no more came')
        bursts.append(len(got))
        nr = (max((ns - nr) & 0xffff for ns in got) + 1 + nr) & 0xffff
        if len(bursts) < 6:
            acknowledge(peer, nr)
    check(bursts[0] <= 2, f'the first burst had {bursts[0]} messages')
    check(all(b <= 2 * a for a, b in zip(bursts, bursts[1:])), f'bursts of {bursts}')
    check(max(bursts) <= 16 and bursts[-1] >= 8, f'bursts of {bursts}')
    lost = answers(peer, 1.2)
    equal('messages after the loss', 1, len(lost))
    acknowledge(peer, lost[0] + 1)
    check(len(answers(peer, 0.4)) <= 2, 'more than two messages with the first acknowledgement after the loss')


@test('REL-18')
def icmp_unreachable_is_borne(lns):
    """nobody listens while it sends something again: the tunnel is there when we are back"""
    peer = deaf(lns.open())
    provoke(peer, 1)
    equal('CDNs', 1, len(answers(peer, 0.3)))
    peer.port.reopen(2)
    again = answers(peer, 4)
    check(again, 'nothing was sent again')
    acknowledge(peer, again[0] + 1)
    peer.taking = peer.auto_ack = peer.persist = True
    peer.alive()
