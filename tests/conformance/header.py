"""HDR: the header of messages (§3.1, §5.3, §8.1)."""

import wire
from peer import QUIET, Call, Port, check, equal
from suite import test
from wire import CONTROL, L, O, P, S, T


@test('HDR-01', 'AVP-01', 'AVP-07', 'AVP-08', 'AVP-14', 'IAN-01')
def all_that_is_sent_is_well_formed(lns):
    """the whole life of a tunnel and two calls: bench.inspect() looks at each datagram of this and every other test"""
    peer = lns.open()
    first, second = peer.call(), Call(peer)
    second.request()
    second.replied()
    second.connect(without=[wire.TX_SPEED])
    second.ended(2)
    first.hang_up()
    peer.settle()
    peer.send(wire.SCCRP)
    peer.stopped((2, 7))


@test('HDR-02')
def reserved_bits_are_ignored(lns):
    """each reserved bit of the header set in a SCCRQ: answered by SCCRP all the same"""
    for bit in wire.RESERVED_BITS:
        peer = lns.peer()
        peer.request(flags=CONTROL | bit)
        peer.replied()


@test('HDR-02', 'HDR-06', 'HDR-07')
def data_headers_of_all_forms(lns):
    """the sixteen combinations of L, S, O and P in data, each reserved bit, and any Nr: the frame arrives"""
    call = lns.open().call()
    call.ping()
    for flags in (l | s | o | p for l in (0, L) for s in (0, S) for o in (0, O) for p in (0, P)):
        call.ping(flags=flags, ns=0, nr=0xbeef, offset=5 if flags & O else 0)
    for bit in wire.RESERVED_BITS:
        call.ping(flags=bit)


@test('HDR-06')
def data_with_an_offset_beyond_its_end_is_dropped(lns):
    """an offset size that is larger than the packet, and a length that is: dropped, the session goes on"""
    call = lns.open().call()
    call.ping()
    call.no_answer(flags=O, offset=2000)
    call.no_answer(flags=L, length=2000)
    call.ping()


@test('HDR-03', 'UDP-06')
def other_versions_are_dropped_without_a_word(lns):
    """version 0, 1 (L2F), 3 to 15: no answer and no tunnel; nor does one of them touch a tunnel that there is"""
    peers = []
    for version in (0, 1, *range(3, 16)):
        peers.append(lns.peer())
        peers[-1].request(flags=T | L | S | version)
    living = lns.open()
    living.send(wire.STOPCCN, wire.avp(wire.TUNNEL_ID, living.tid), wire.result(1), ns=living.ns, flags=T | L | S | 3)
    for peer in peers:
        peer.silence(QUIET / 5)
        check(not lns.local or not lns.tunnels(peer.port), 'a tunnel was made')
    living.alive()


@test('HDR-04')
def control_without_length_or_sequence_is_dropped(lns):
    """T with L or S missing, and with an offset: no answer, no tunnel"""
    for flags in (T | L | 2, T | S | 2, T | 2, CONTROL | O):
        peer = lns.peer()
        peer.request(flags=flags)
        peer.silence()
        check(not lns.local or not lns.tunnels(peer.port), 'a tunnel was made')


@test('HDR-05')
def lengths_that_cannot_be_are_dropped(lns):
    """a length beyond the datagram, or less than the header: no answer"""
    for length in (0, 1, 2, 5, 6, 11, 500, 0xffff):
        peer = lns.peer()
        peer.request(length=length)
        peer.silence(QUIET / 2)


@test('HDR-05')
def bytes_after_the_length_are_not_read(lns):
    """a length that leaves an unknown mandatory AVP outside: as if it were not there, or all dropped"""
    peer = lns.peer()
    body = wire.raw_avp(wire.MESSAGE_TYPE, bytes([0, wire.HELLO]))
    peer.open()
    peer.send_body(body + wire.raw_avp(999, b'xxxx'), 'HELLO', length=12 + len(body))
    peer.nothing()
    check(peer.up, 'wanted the tunnel to go on')


@test('HDR-08')
def headers_carry_the_ids_of_who_receives_them(lns):
    """tunnel and session ids of ours at both ends of the range stand in all that comes"""
    for tid, sid in ((1, 65535), (65535, 1), (0x0102, 0x0201)):
        peer = lns.peer(tid=tid).open()
        call = Call(peer, sid=sid)
        call.request()
        equal('session id of the ICRP', sid, call.replied().sid)
        call.connect(without=[wire.FRAMING_TYPE])
        call.ended(2)


@test('HDR-09', 'SEC-02')
def ids_are_never_0_unique_and_unpredictable(lns):
    """48 tunnels with two calls each: all ids differ, none is 0, and they do not count"""
    peers = [lns.open() for _ in range(48)]
    tids, sids = [peer.peer_tid for peer in peers], []
    for peer in peers:
        for call in (Call(peer, 1), Call(peer, 2)):
            call.request()
            call.replied()
            sids.append(call.peer_sid)
    for ids in (tids, sids):
        check(0 not in ids, 'an id is 0')
        steps = [(b - a) & 0xffff for a, b in zip(ids, ids[1:])]
        check(len(set(steps)) > len(steps) / 2, f'ids follow a rule: {ids[:6]}')
        check(max(ids) - min(ids) > 0x4000, f'ids lie close together: {min(ids)} to {max(ids)}')
        low = sum(1 for each in ids if each & 1)
        check(len(ids) / 5 < low < len(ids) * 4 / 5, f'{low} of {len(ids)} ids are odd')
    check(len(set(tids)) == len(tids), 'two tunnels have one id')
    pairs = [(peers[i // 2].peer_tid, sid) for i, sid in enumerate(sids)]
    check(len(set(pairs)) == len(pairs), 'two sessions of a tunnel have one id')


@test('HDR-10')
def session_id_0_is_told_by_the_avp(lns):
    """a CDN with session id 0 and our Assigned Session ID ends that session and no other: its id is free again"""
    peer = lns.open()
    one, other = peer.call(), peer.call()
    one.hang_up(sid=0)
    peer.settle()
    again = Call(peer, one.sid)
    again.request()
    again.replied()
    same = Call(peer, other.sid)
    same.request()
    peer.expect(wire.CDN)


@test('HDR-11')
def stopccn_before_our_id_is_known(lns):
    """StopCCN with tunnel id 0 and our Assigned Tunnel ID, as if its SCCRP had been lost: acknowledged, tunnel gone"""
    peer = lns.peer()
    peer.request()
    peer.replied()
    peer.send(wire.STOPCCN, wire.avp(wire.TUNNEL_ID, peer.tid), wire.result(1), tid=0)
    peer.up = False
    peer.settle()
    check(not lns.local or not lns.living(peer), 'the tunnel is still there')


@test('HDR-11', 'CC-13')
def stopccn_for_a_refused_sccrq_carries_both_ids(lns):
    """a SCCRQ of another version: the StopCCN has our id in its header and its own in the AVP"""
    peer = lns.peer()
    peer.request(change={wire.PROTOCOL_VERSION: wire.avp(wire.PROTOCOL_VERSION, 0x0200)})
    message = peer.stopped(5)
    equal('tunnel id', peer.tid, message.tid)
    check(message.number(wire.TUNNEL_ID) is not None, 'wanted an Assigned Tunnel ID in the StopCCN')


@test('HDR-13')
def unknown_tunnel_ids_get_no_answer(lns):
    """fifty messages of each kind for tunnels that do not exist: silence"""
    peer = lns.peer()
    for i in range(50):
        for kind in (wire.HELLO, wire.STOPCCN, wire.ICRQ):
            peer.send(kind, wire.avp(wire.TUNNEL_ID, 7), wire.result(1), tid=1 + i * 1311, ns=0)
        peer.port.send(wire.data(1 + i * 1311, 1, b'\xff\x03\xc0\x21\x09\x01\x00\x04'))
    peer.silence()


@test('HDR-13', needs='counters', alone=True)
def unknown_tunnel_ids_are_counted(lns):
    """each is counted as unknown, and no tunnel is made"""
    before, peer = lns.counter('unknown'), lns.peer()
    used = {row['id'] for row in lns.ask('tunnels')}
    for tid in [tid for tid in range(1, 65536, 1311) if tid not in used][:20]:
        peer.send(wire.HELLO, tid=tid, ns=0)
    lns.wait('all are counted', lambda: lns.counter('unknown') >= before + 20)
    equal('tunnels from here', [], lns.tunnels(peer.port))


@test('HDR-14')
def data_for_an_unknown_session_is_dropped(lns):
    """data for a session that does not exist: no answer but a CDN at most, the tunnel stays"""
    peer = lns.open()
    ghost = Call(peer)
    ghost.peer_sid = 4711
    ghost.no_answer()
    check(all(m.type == wire.CDN for m in peer.news(QUIET / 2)), 'wanted nothing but a CDN')
    peer.alive()


@test('HDR-14', needs='counters', alone=True)
def data_for_an_unknown_session_is_counted(lns):
    """it is counted as unknown"""
    peer, ghost = lns.open(), None
    before, ghost = lns.counter('unknown'), Call(peer)
    ghost.peer_sid = 4711
    for _ in range(10):
        ghost.send(ghost.frame())
    lns.wait('all are counted', lambda: lns.counter('unknown') >= before + 10)


@test('HDR-15', 'UDP-01')
def another_source_changes_nothing(lns):
    """StopCCN, CDN and data with the right ids from another port: no answer, tunnel and call go on"""
    peer = lns.open()
    call = peer.call()
    stranger = Port(lns)
    lns.ports.append(stranger)
    stranger.send(wire.control(peer.peer_tid, 0, peer.ns, peer.nr, b''.join((
        wire.raw_avp(wire.MESSAGE_TYPE, bytes([0, wire.STOPCCN])), wire.avp(wire.TUNNEL_ID, peer.tid), wire.result(1)))))
    stranger.send(wire.control(peer.peer_tid, call.peer_sid, peer.ns, peer.nr, b''.join((
        wire.raw_avp(wire.MESSAGE_TYPE, bytes([0, wire.CDN])), wire.avp(wire.SESSION_ID, call.sid), wire.result(1)))))
    stranger.send(wire.data(peer.peer_tid, call.peer_sid, call.frame()))
    check(stranger.receive(QUIET) is None, 'the stranger was answered')
    peer.alive()
    same = Call(peer, call.sid)
    same.request()
    peer.expect(wire.CDN)
