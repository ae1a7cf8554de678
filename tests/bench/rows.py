"""What is measured, as data. A run is what the load generator is told to do (tests/bench/load.c), with which daemons; a row
is one figure out of runs, and what it must be."""
from dataclasses import dataclass, field
from typing import Callable, Optional

BOTH = ("xl2tpd", "lnsd")
ALL = ("xl2tpd", "lnsd", "floor")
OURS = ("lnsd",)


@dataclass
class Run:
    name: str
    steps: str
    sizes: dict
    smoke: dict
    daemons: tuple = BOTH
    options: str = ""
    lnsd: list = field(default_factory=list)  # (section, key, value)
    ptys: int = 0  # so many pseudo terminals must be allowed
    profiled: bool = False
    rounds: Optional[int] = None  # whatever ROUNDS is
    times: int = 1  # so many for each of ROUNDS: a short run, into which much else may fall
    program: str = ""  # of build/bench, instead of load: see bench.py
    pinned: bool = False  # all on one processor: what it costs to wake one that is idle is the hypervisor's, and varies


@dataclass
class Row:
    text: str
    run: str  # the last of them when there are several
    get: Callable  # of results by run and step: get(r) -> figure
    unit: str
    against: str = ""  # xl2tpd, floor: a ratio; "": the figure itself
    sign: str = "<="
    bar: Optional[float] = None


def step(name, key):
    return lambda r: r[name][key]


def share(name, key, sessions):
    """Bytes that each took."""
    return lambda r: (r[name][key][1] - r[name][key][0]) * 1024 / max(r[name][sessions], 1)


NO_HELLO = [("server", "hello", "1h")]
MANY = [("server", "max-tunnels", "65000"), ("server", "max-half-open", "60000")]

RUNS = [
    Run("sessions", "setup:{n}:1:50 stop", {"n": 1000}, {"n": 10}),
    Run("crowd", "setup:{n}:1:200 stop", {"n": 1000}, {"n": 20}),
    Run("tunnels-1000", "setup:{n}:0:50", {"n": 1000}, {"n": 20}, times=3),
    Run("tunnels-10000", "setup:{n}:0:50", {"n": 10000}, {"n": 50}, rounds=1),
    Run("tunnels-60000", "setup:{n}:0:50 idle:1", {"n": 60000}, {"n": 60}, OURS, "-k 10", MANY, rounds=1),
    Run("half-open", "half:{n}", {"n": 10000}, {"n": 50}, OURS, lnsd=MANY),
    Run("ptys", "setup:{n}:1:50 stop", {"n": 4000}, {"n": 20}, OURS, ptys=4000, rounds=1),
    Run("one-tunnel", "setup:1:{n}:50 stop", {"n": 500}, {"n": 20}),
    Run("one-port", "setup:3:1:3 stop", {}, {}, options="-k 3"),
    Run("hello-1", "setup:1:0:1 hello:{n}", {"n": 10000}, {"n": 20}, ALL, lnsd=NO_HELLO, pinned=True),
    Run("hello-500", "setup:{t}:1:50 hello:{n}", {"t": 500, "n": 10000}, {"t": 10, "n": 20}, ALL, lnsd=NO_HELLO,
        pinned=True),
    Run("hello-50000", "setup:{t}:0:50 hello:{n}", {"t": 50000, "n": 10000}, {"t": 100, "n": 20}, OURS, "-k 50", NO_HELLO + MANY,
        pinned=True),
    # longer than `server.hello`: each tunnel has its HELLO in it
    Run("idle", "setup:{n}:0:50 idle:1 idle:{s}", {"n": 10000, "s": 65}, {"n": 50, "s": 0.2}, OURS, rounds=1),
]
RUNS += [
    Run(f"lane-{n}-{size}", "setup:{n}:1:10 echo:" + f"{size}:{window}:" + "{s} stop", {"n": n, "s": 2}, {"n": min(n, 4), "s": 0.2},
        ALL, options="-k 100", profiled=True)
    for n, window in ((1, 64), (100, 256)) for size in (64, 512, 1400)
]
RUNS += [
    Run("window-1024", "setup:1:1:1 echo:1400:1024:{s}", {"s": 2}, {"s": 0.2}, ALL),
    Run("window-1", "setup:1:1:1 echo:64:1:{s}", {"s": 2}, {"s": 0.2}, ALL),
    Run("neighbour", "setup:2:1:2 probe:1400:64:{s}", {"s": 2}, {"s": 0.2}, ALL),
    Run("frames", "setup:1:1:1 echo:512:64:7200:{n} stop", {"n": 100000}, {"n": 1000}, OURS, rounds=1),
]
RUNS += [
    Run("peers-100-64", "setup:100:1:10 echo:64:256:{s} stop", {"s": 2}, {"s": 0.2}, ALL),
    Run("hdlc", "", {}, {}, OURS, program="hdlc"),
]
FULL = {"frames": {"n": 10_000_000}}

ROWS = [
    Row("sessions a second, 1,000 peers, 50 at once", "sessions", step("setup", "rate"), "/s", "xl2tpd", ">=", 2.2),
    Row("  CPU a session", "sessions", step("setup", "cpu_us"), "us", "xl2tpd", "<=", 0.15),
    Row("  failures", "sessions", step("setup", "failed"), "", "", "<=", 0),
    Row("  memory a tunnel with session, to xl2tpd's", "sessions", share("setup", "pss_kb", "up"), "B", "xl2tpd", "<=", 0.25),
    Row("  memory a tunnel with session", "sessions", share("setup", "pss_kb", "up"), "B", "", "<=", 5120),
    Row("99th percentile, 200 at once", "crowd", step("setup", "p99_ms"), "ms", "xl2tpd", "<=", 0.1),
    Row("  retransmissions, both sides'", "crowd", lambda r: r["setup"]["again"] + r["setup"]["doubled"], "", "", "<=", 0),
    Row("  failures", "crowd", step("setup", "failed"), "", "", "<=", 0),
    Row("tunnels a second, 1,000", "tunnels-1000", step("setup", "rate"), "/s", "xl2tpd", ">=", 3.5),
    Row("tunnels a second, 10,000", "tunnels-10000", step("setup", "rate"), "/s", "xl2tpd", ">=", 20),
    Row("60,000 tunnels: up", "tunnels-60000", step("setup", "up"), "", "", ">=", 60000),
    Row("memory of a half-open tunnel", "half-open", share("half", "pss_kb", "up"), "B", "", "<=", 2048),
    Row("4,000 sessions on ptys: up", "ptys", step("setup", "up"), "", "", ">=", 4000),
    Row("  closed in order", "ptys", step("stop", "stopped"), "", "", ">=", 4000),
    Row("500 sessions in one tunnel: up", "one-tunnel", step("setup", "up"), "", "", ">=", 500),
    Row("three tunnels from one address and port: up", "one-port", step("setup", "up"), "", "", ">=", 3),
    Row("CPU a HELLO, 500 tunnels", "hello-500", step("hello", "cpu_us"), "us", "xl2tpd", "<=", 0.05),
    Row("  to the floor's", "hello-500", step("hello", "cpu_us"), "us", "floor"),
    Row("CPU a HELLO, 1 tunnel", "hello-1", step("hello", "cpu_us"), "us"),
    Row("CPU a HELLO, 50,000 tunnels, to one's", "hello-50000",
        lambda r: r["hello"]["cpu_us"] / r.least("hello-1", "hello", "cpu_us"), "x", "", "<=", 1.2),
    Row("idle, 10,000 tunnels, of a core", "idle", step("idle", "core_percent"), "%", "", "<=", 1),
]
LANE = {  # (sessions, bytes): packets a second and CPU a packet, to xl2tpd's
    (1, 64): (2.4, 0.25), (1, 512): (1.8, 0.27), (1, 1400): (1.6, 0.30),
    (100, 64): (4, 0.14), (100, 512): (3.7, 0.15), (100, 1400): (3.2, 0.21),
}
for (n, size), (packets, cpu) in LANE.items():
    name = f"lane-{n}-{size}"
    ROWS += [
        Row(f"echoes a second, {n} session{'s' * (n > 1)}, {size} bytes", name, step("echo", "pps"), "/s", "xl2tpd", ">=", packets),
        Row("  CPU a packet", name, step("echo", "cpu_us"), "us", "xl2tpd", "<=", cpu),
        Row("  CPU a packet, to the floor's", name, step("echo", "cpu_us"), "us", "floor", "<=", 1.3),
        Row("  lost, and sessions that never answered", name, lambda r: r["echo"]["lost"] + r["echo"]["silent"], "", "", "<=", 0),
        Row("  corrupt", name, step("echo", "corrupt"), "", "", "<=", 0),
    ]
ROWS += [
    Row("echoes a second, 100 peers with an address each, 64 bytes", "peers-100-64", step("echo", "pps"), "/s", "xl2tpd", ">="),
    Row("  CPU a packet, to the floor's", "peers-100-64", step("echo", "cpu_us"), "us", "floor", "<=", 1.3),
    Row("HDLC, 1,400 random bytes, how many times the table loop", "hdlc", step("encode 1400 random shuffle", "ratio"), "x", "", ">=", 8),
    Row("  and back", "hdlc", step("decode 1400 random shuffle", "ratio"), "x"),
    Row("echoes a second, window 1,024, 1,400 bytes", "window-1024", step("echo", "pps"), "/s", "xl2tpd", ">=", 1),
    Row("  CPU a packet, to the floor's", "window-1024", step("echo", "cpu_us"), "us", "floor", "<=", 1.3),
    Row("round trip, window 1", "window-1", step("echo", "rtt_us"), "us", "xl2tpd", "<=", 1.1),
    Row("round trip beside a busy session, median", "neighbour", step("probe", "probe_us"), "us", "", "<=", 2000),
    Row("frames of random bytes, corrupt of {n}", "frames", step("echo", "corrupt"), "", "", "<=", 0),
]
