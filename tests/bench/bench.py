"""See tests/bench/run: plays the runs of rows.py, in rounds, with the daemons in turn, and prints the table."""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

import profile_text
from daemons import BUILD, DAEMONS, PORT, Fault
from rows import FULL, ROWS, RUNS

PTY_MAX = "/proc/sys/kernel/pty/max"
PTY_RESERVE = "/proc/sys/kernel/pty/reserve"
STEP_S = 3600 if os.environ.get("FULL") else 900


def read_number(path):
    with open(path, encoding="ascii") as file:
        return int(file.read())


class Ptys:
    """So many pseudo terminals beside the machine's own, and as it was afterwards."""

    def __init__(self, wanted):
        self.before = None
        if not wanted:
            return
        have = read_number(PTY_MAX)
        wanted += read_number(PTY_RESERVE) + 64
        if have >= wanted:
            return
        try:
            self.write(wanted)
        except OSError as error:
            raise Fault(f"needs kernel.pty.max = {wanted}, which is {have} here and cannot be raised: {error.strerror}") from error
        self.before = have

    @staticmethod
    def write(number):
        with open(PTY_MAX, "w", encoding="ascii") as file:
            file.write(str(number))

    def restore(self):
        if self.before is not None:
            self.write(self.before)


def sizes_of(run, smoke):
    full = FULL.get(run.name, {}) if os.environ.get("FULL") else {}
    return run.smoke if smoke else {**run.sizes, **full}


def steps_of(run, sizes, daemon):
    steps = run.steps.format(**sizes).split()
    if daemon == "floor":  # it knows no control connection
        steps = [f"lines:{step.split(':')[1]}" if step.startswith("setup") else step for step in steps if step != "stop"]
    return steps


def measure_program(run):
    """A program of its own: lines of `bytes payload work way ns ratio` below a headline."""
    done = subprocess.run([f"{BUILD}/bench/{run.program}"], stdout=subprocess.PIPE, text=True, timeout=STEP_S, check=False)
    if done.returncode != 0:
        raise Fault(f"{run.program} failed")
    said = {}
    for size, payload, work, way, ns, ratio in map(str.split, done.stdout.splitlines()[1:]):
        said[f"{work} {size} {payload} {way}"] = {"ns": float(ns), "ratio": float(ratio)}
    return said


@contextlib.contextmanager
def one_processor(wanted):
    """For what is started in it"""
    had = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(had)} if wanted else had)
    try:
        yield
    finally:
        os.sched_setaffinity(0, had)


def measure(run, sizes, name, profile):
    """One run with a fresh daemon: {step: what load said}."""
    with one_processor(run.pinned), tempfile.TemporaryDirectory(dir=os.environ["BENCH_DIR"]) as home:
        os.chmod(home, 0o755)
        lines = run.steps.format(**sizes).split()[0].split(":")[1]
        daemon = DAEMONS[name](home, {"lines": lines, "lnsd": run.lnsd})
        try:
            command = [BUILD + "/bench/load", "-p", ",".join(map(str, daemon.pids())), *run.options.split(),
                       "127.0.0.1", str(PORT), *steps_of(run, sizes, name)]
            with profile_text.Recording(profile and daemon.pids(), home, f"{run.name}-{name}"):
                done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=STEP_S, check=False)
            if done.returncode != 0:
                raise Fault(f"{one_line(done.stderr)} ({name} said last: {daemon.last_words()})")
            return {said["step"]: said for said in map(json.loads, done.stdout.splitlines())}
        finally:
            daemon.stop()


def one_line(text):
    return "; ".join(text.strip().splitlines()[-2:])


class Progress:
    def __init__(self, total):
        self.total, self.done, self.began = total, 0, time.monotonic()

    def begin(self, text):
        self.done += 1
        print(f"[{self.done:3}/{self.total} {time.monotonic() - self.began:4.0f} s] {text:32}", end="", file=sys.stderr, flush=True)

    @staticmethod
    def end(text):
        print(f" {text}", file=sys.stderr, flush=True)


def short(results):
    """What one run gave, for who watches."""
    words = []
    for said in results.values():
        for key in ("rate", "pps", "cpu_us", "core_percent", "stopped"):
            if key in said:
                words.append(f"{key} {figure(said[key])}")
    return ", ".join(words)


def figure(value):
    if value is None:
        return ""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


class Results:
    """All rounds of all runs; a row asks one daemon's round of one run at a time."""

    def __init__(self):
        self.rounds = {}
        self.faults = {}

    def note(self, run, daemon, said):
        self.rounds.setdefault((run, daemon), []).append(said)

    def figure(self, row, daemon):
        """What others do on the machine only ever adds to a cost: the best round is the nearest to it. Of what is counted, which
        has no unit, the worst is told."""
        values = [row.get(View(self, daemon, said)) for said in self.rounds.get((row.run, daemon), [])]
        if not values:
            return None
        return max(values) if (row.sign == ">=") == bool(row.unit) else min(values)


class View:
    def __init__(self, results, daemon, said):
        self.results, self.daemon, self.said = results, daemon, said

    def __getitem__(self, step):
        return self.said[step]

    def least(self, run, step, key):
        """Of another run's rounds"""
        rounds = self.results.rounds.get((run, self.daemon))
        if not rounds:
            raise Fault(f"needs {run}, too")
        return min(said[step][key] for said in rounds)


def play(runs, smoke, rounds):
    results = Results()
    many = {run.name: 1 if smoke else run.rounds or rounds * run.times for run in runs}
    progress = Progress(sum(many[run.name] * len(run.daemons) for run in runs))
    for run in runs:
        sizes = sizes_of(run, smoke)
        try:
            ptys = Ptys(sizes["n"] if run.ptys else 0)
        except Fault as fault:
            results.faults[run.name] = str(fault)
            continue
        try:
            for turn in range(many[run.name]):
                for name in run.daemons:
                    progress.begin(f"{run.name}, {name}, {turn + 1}")
                    try:
                        said = measure_program(run) if run.program else measure(run, sizes, name, os.environ.get("PROFILE") and run.profiled and turn == 0)
                        results.note(run.name, name, said)
                        progress.end(short(said))
                    except Fault as fault:
                        progress.end(str(fault))
                        results.faults[run.name] = f"{name}: {fault}"
        finally:
            ptys.restore()
    return results


def judge(row, ours, theirs):
    """(ratio or None, ok or None)"""
    ratio = None
    if row.against:
        if not theirs or ours is None:
            return None, None
        ratio = ours / theirs
    value = ratio if row.against else ours
    if value is None or row.bar is None:
        return ratio, None
    return ratio, value >= row.bar if row.sign == ">=" else value <= row.bar


def table(runs, results, smoke):
    names = {run.name: run for run in runs}
    for row in ROWS:
        if row.run not in names:
            continue
        sizes = sizes_of(names[row.run], smoke)
        entry = {"row": row.text.format(**sizes).strip(), "run": row.run, "unit": row.unit, "bar": None, "ratio": None, "ok": None}
        if row.run in results.faults:
            entry["fault"] = results.faults[row.run]
        try:
            for name in DAEMONS:
                entry[name] = results.figure(row, name)
        except Fault as fault:
            entry["fault"] = str(fault)
            entry.update({name: None for name in DAEMONS})
        if not smoke:
            entry["ratio"], entry["ok"] = judge(row, entry["lnsd"], entry.get(row.against))
            entry["bar"] = {"sign": row.sign, "value": row.bar, "against": row.against} if entry["ok"] is not None else None
        entry["text"] = row.text.format(**sizes)
        yield entry


def print_table(entries):
    form = "{:46} {:>11} {:>11} {:>11} {:>3} {:>7} {:>9}  {}"
    told = set()
    print(form.format("row", "xl2tpd", "lnsd", "floor", "", "ratio", "bar", "").rstrip())
    for entry in entries:
        bar = entry["bar"]
        text = "" if not bar else bar["sign"] + " " + figure(bar["value"]) + ("x" if bar["against"] else "")
        verdict = {True: "ok", False: "MISS", None: ""}[entry["ok"]]
        print(form.format(entry["text"], figure(entry["xl2tpd"]), figure(entry["lnsd"]), figure(entry["floor"]), entry["unit"],
                          figure(entry["ratio"]), text, verdict).rstrip())
        if entry.get("fault") and entry["fault"] not in told:
            print(f"    not whole: {entry['fault']}")
            told.add(entry["fault"])


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return {"cpus": os.cpu_count(), "model": model[0] if model else "", "kernel": os.uname().release, "nice": os.nice(0),
            "seat": os.environ.get("BENCH_SEAT", "")}


def pick(wanted):
    names = [run.name for run in RUNS]
    unknown = [word for word in wanted if word not in names]
    if unknown:
        sys.exit(f"bench: no row '{unknown[0]}'; there are: {' '.join(names)}")
    return [run for run in RUNS if not wanted or run.name in wanted]


def main():
    smoke, as_json = "--smoke" in sys.argv, "--json" in sys.argv
    if "--list" in sys.argv:
        print("\n".join(run.name for run in RUNS))
        return 0
    rounds = int(os.environ.get("ROUNDS", "3"))
    runs = pick(os.environ.get("ROWS", "").split())
    results = play(runs, smoke, rounds)
    entries = list(table(runs, results, smoke))
    document = {"machine": machine(), "rounds": 1 if smoke else rounds, "rows": entries}
    if os.environ.get("BENCH_JSON"):
        with open(os.environ["BENCH_JSON"], "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
    if as_json:
        print(json.dumps(document, indent=1))
    else:
        print_table(entries)
    if smoke:
        failed = sum("fault" in entry for entry in entries)
        print(f"{len(entries) - failed} passed, {failed} failed")
    return 1 if results.faults or any(entry["ok"] is False for entry in entries) else 0


if __name__ == "__main__":
    sys.exit(main())
