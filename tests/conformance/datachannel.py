"""DAT: data messages (§5.3, §5.4, §8.1)."""

import time

import wire
from peer import Call, check, equal
from suite import test
from wire import S


def sequenced(lns, host_name):
    """A call of a peer whose section asks for sequence numbers, with the Ns of the last that came."""
    call = lns.open(host_name).call()
    call.last = call.ping(flags=S, ns=0).ns
    return call


def echoes(call, frames, seconds=1.0):
    """The idents of the frames that come back, in the order in which they do."""
    wanted, got, until = {frame[5]: i for i, frame in enumerate(frames)}, [], time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and len(got) < len(frames):
        message = call.peer.poll(left)
        if message and not message.is_control and message.sid == call.sid and message.body[5] in wanted:
            got.append(wanted[message.body[5]])
    return got


@test('DAT-01', 'DAT-02', needs='a peer with sequencing = on')
def sequencing_is_what_the_section_says(lns):
    """sequencing = on: Ns in all data, counted a session; the control channel's Ns does not move; without it, none"""
    peer = lns.open('seq.test')
    calls, ns = [peer.call(), peer.call()], peer.nr
    for call in calls:
        got = [call.ping(flags=S, ns=i) for i in range(4)]
        check(all(m.flags & S for m in got), 'wanted Ns in all data')
        check(got[0].ns <= 2, f'wanted Ns to begin at 0, got {got[0].ns}')
        equal('Ns', [got[0].ns + i for i in range(4)], [m.ns for m in got])
    equal('control messages meanwhile', ns, peer.nr)
    check(not lns.open().call().ping().flags & S, 'wanted no Ns by default')


@test('DAT-02')
def data_with_and_without_numbers_is_taken(lns):
    """a LAC that numbers what nobody asked to be numbered, and one that does not: all arrives"""
    for host_name in ('conformance.test', 'seq.test')[:1 + lns.local]:
        call = lns.open(host_name).call()
        for flags in (0, S, 0, S, S, 0):
            call.ping(flags=flags, ns=call.pings)


@test('DAT-05', needs='a peer with sequencing = reorder')
def reordered_data_is_put_in_order(lns):
    """Ns 3, 1, 2, 4 after 0: all arrive, in order; one that is late is dropped; a gap holds nothing up for long"""
    call = sequenced(lns, 'reorder.test')
    frames = [call.frame() for _ in range(5)]
    for i in (2, 0, 1, 3):
        call.send(frames[i], flags=S, ns=1 + i)
    equal('the order', [0, 1, 2, 3], echoes(call, frames[:4]))
    call.send(frames[4], flags=S, ns=2)
    equal('what is late', [], echoes(call, frames[4:], 0.5))
    gap = [call.frame() for _ in range(2)]
    began = time.monotonic()
    for i, frame in enumerate(gap):
        call.send(frame, flags=S, ns=10 + i)
    equal('after a gap', [0, 1], echoes(call, gap))
    check(time.monotonic() - began < 0.9, 'a gap held data up for too long')


@test('DAT-05', needs='a peer with sequencing = reorder')
def a_jump_of_the_numbers_is_followed(lns):
    """the LAC has started again at any number: data flows after a moment"""
    call = sequenced(lns, 'reorder.test')
    for start in (30000, 100, 65530):
        frames = [call.frame() for _ in range(24)]
        for i, frame in enumerate(frames):
            call.send(frame, flags=S, ns=start + i)
            time.sleep(0.03)
        got = echoes(call, frames)
        check(len(got) >= 12, f'from Ns {start} on {len(got)} of 24 frames arrived')


@test('DAT-05', needs='a peer with sequencing = reorder')
def the_numbers_wrap(lns):
    """65,533 to 3, in pairs that are swapped: all in order"""
    call = lns.open('reorder.test').call()
    for ns in (0, 30000, 60000, 65533):
        call.ping(flags=S, ns=ns)
    frames = [call.frame() for _ in range(6)]
    for i in (1, 0, 3, 2, 5, 4):
        call.send(frames[i], flags=S, ns=65534 + i)
    equal('the order', list(range(6)), echoes(call, frames))


@test('DAT-07', needs='a PPP that answers with what it got')
def frames_go_through_as_they_are(lns):
    """with address and control or without, with a compressed protocol, with every byte value, 1500 bytes: no FCS, no flag"""
    call = lns.open().call()
    call.ping()
    for frame in (b'\xff\x03\x00\x21' + bytes(range(256)), b'\xff\x03\x00\x21' + bytes(1496), b'\xff\x03\x80\x21\1\1\0\4',
                  b'\xff\x03\xc0\x21\x09\x09\0\4\x7e\x7d\x7e\x7d'):
        call.send(frame)
        got = data(call)
        equal('what comes back', frame.hex(), got.body.hex())
    for frame in (b'\xc0\x21\x09\x01\0\x08abcd', b'\x21' + bytes(40)):
        call.send(frame)
        got = data(call)
        check(got.body in (frame, b'\xff\x03' + frame, b'\xff\x03\0' + frame), f'{frame.hex()} came as {got.body.hex()}')


def data(call, timeout=3):
    """The next data message of this call."""
    until = time.monotonic() + timeout
    while (left := until - time.monotonic()) > 0:
        message = call.peer.poll(left)
        if message and not message.is_control and message.sid == call.sid:
            return message
    check(False, f'no data came in {timeout} s')


@test('DAT-10', on='flooded')
def a_flood_of_data_does_not_starve_control(lns):
    """20,000 frames of one session while another tunnel is set up and asked: within a second each"""
    flooded = lns.open().call()
    flooded.ping()
    frame, slowest = flooded.frame(), 0.0
    for _ in range(20):
        for _ in range(1000 if lns.local else 20):
            flooded.peer.port.send(wire.data(flooded.peer.peer_tid, flooded.peer_sid, frame))
        began = time.monotonic()
        peer = lns.open()
        call = Call(peer)
        call.request()
        call.replied()
        slowest = max(slowest, time.monotonic() - began)
    check(slowest < 1, f'a set-up took {slowest:.1f} s')
