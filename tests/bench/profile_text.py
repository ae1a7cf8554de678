"""Where the processes' time goes: perf while a run lasts, and a text by group of functions in BUILD/bench."""
import os
import re
import subprocess

from daemons import BUILD

# by what is called from a stage, whatever that calls
STAGES = (
    ("UDP receive: recvmmsg", r"__x64_sys_recvmmsg"),
    ("UDP send: sendmmsg, sendmsg", r"__x64_sys_sendm?msg"),
    ("pty write", r"ksys_write"),
    ("pty read", r"ksys_read"),
    ("waiting: epoll, select", r"__x64_sys_(epoll_p?wait\w*|p?select\w*)"),
)
OWN = (("HDLC and FCS", r"hdlc|fcs|^(take|encode|decode|shuffle|table)"), ("the rest of its own", r""))


def shares(report, kind):
    """(percent, function) of the lines of a report that are of this kind: of the kernel, or not."""
    for line in report.splitlines():
        match = re.match(r"\s*([0-9.]+)%(?:\s+[0-9.]+%)?\s+" + kind + r"\s+(\S+)", line)
        if match:
            yield float(match[1]), match[2]


class Recording:
    """`with` a list of pids; does nothing without one."""

    def __init__(self, pids, home, name):
        self.pids, self.data, self.name = pids, home + "/perf.data", name
        self.perf = None

    def __enter__(self):
        if self.pids:
            self.perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "2000", "-g", "-o", self.data, "-p",
                                          ",".join(map(str, self.pids))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        if not self.perf:
            return
        self.perf.send_signal(2)
        self.perf.wait()
        os.makedirs(BUILD + "/bench", exist_ok=True)
        with open(f"{BUILD}/bench/profile-{self.name}.txt", "w", encoding="utf-8") as file:
            file.write(self.text())

    def text(self):
        """The stages, each function by itself, and with what it calls."""
        flat, whole = self.report("--no-children", "-g", "none"), self.report("--children", "-g", "none")
        sums = {}
        for share, function in shares(whole, r"\[k\]"):
            stage = next((name for name, words in STAGES if re.fullmatch(words, function)), None)
            if stage:
                sums[stage] = max(sums.get(stage, 0), share)
        for share, function in shares(flat, r"\[\.\]"):
            stage = next(name for name, words in OWN if re.search(words, function))
            sums[stage] = sums.get(stage, 0) + share
        head = "".join(f"{share:6.1f} %  {stage}\n" for stage, share in sorted(sums.items(), key=lambda item: -item[1]))
        return f"{self.name}\n\n{head}\nfunctions\n{flat}\nwith what they call\n{whole}"

    def report(self, *options):
        done = subprocess.run(["perf", "report", "-i", self.data, "--stdio", "-q", "--sort", "symbol", "--percent-limit", "0.1", *options],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        return "\n".join(line.rstrip(" -") for line in done.stdout.splitlines() if line.strip()) + "\n"
