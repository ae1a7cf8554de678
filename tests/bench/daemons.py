"""What is measured: xl2tpd, lnsd and the floor, started fresh for each run, in the namespaces of tests/bench/run."""
import os
import signal
import subprocess
import time

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
TESTPPPD = BUILD + "/tools/testpppd"
PORT = 1701
START_S = 20
SETTLE_S = 0.25


class Fault(Exception):
    """A daemon that could not be measured, with the reason."""


def wait_for(what, condition, seconds=START_S):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise Fault(f"{what} within {seconds} s")
        time.sleep(0.01)


def processes():
    """(pid, name, program) of all in this process namespace."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                yield int(pid), comm.read().strip(), os.readlink(f"/proc/{pid}/exe")
        except OSError:
            pass  # it has ended


def serves_port():
    with open("/proc/net/udp", encoding="utf-8") as table:
        return any(f":{PORT:04X} " in line for line in table)


class Daemon:
    """One that runs in the folder `home`; `settings` are its own."""

    program = ""
    ready = ""  # what it says when it serves; "": the port is open

    def __init__(self, home, settings):
        self.home = home
        self.log = f"{home}/{self.name}.log"
        self.options = f"{home}/options"
        with open(self.options, "w", encoding="utf-8") as file:
            file.write("loop\n")
        command = self.command(settings)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home)
        wait_for(f"{self.name} did not serve", self.serves)
        self.settle()

    def said(self, text):
        with open(self.log, "rb") as log:
            return text.encode() in log.read()

    def serves(self):
        if self.process.poll() is not None:
            raise Fault(f"{self.name} ended at its start: {self.last_words()}")
        return self.said(self.ready) if self.ready else serves_port()

    def settle(self):
        """Until what helped it start has ended: its memory is not the daemon's."""
        pids, since = self.pids(), time.monotonic()
        while time.monotonic() < since + SETTLE_S:
            time.sleep(0.05)
            if self.pids() != pids:
                pids, since = self.pids(), time.monotonic()

    def last_words(self):
        with open(self.log, "rb") as log:
            lines = log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "nothing"

    def pids(self):
        return [pid for pid, _, program in processes() if program == self.program]

    def stop(self):
        """At once, and all pppds with it: nothing is left for the next."""
        self.process.kill()
        self.process.wait()
        for pid, name, program in processes():
            if program == self.program or name in ("pppd", "testpppd"):
                os.kill(pid, signal.SIGKILL)
        wait_for("what was ended did not go", lambda: not serves_port() and not any(
            name in ("pppd", "testpppd") for _, name, _ in processes()))


class Lnsd(Daemon):
    name = "lnsd"
    program = BUILD + "/lnsd"
    ready = " ready\n"

    def command(self, settings):
        with open(self.home + "/users", "w", encoding="utf-8") as file:
            file.write("[test]\npassword = plain:test\n")
        os.chmod(self.home + "/users", 0o600)
        lines = {"ipsec": ["manage = no", "require = no"],
                 "auth": [f"users-file = {self.home}/users", "methods = pap", "max-sessions-per-user = 1000"],
                 "ppp": [f"pppd = {TESTPPPD}", f"options-file = {self.options}"],
                 "network": ["nat = no", "pool = 10.99.0.10-10.99.250.250"], "server": ["data-path = pty"]}
        for section, key, value in settings.get("lnsd", []):
            lines[section].append(f"{key} = {value}")
        with open(self.home + "/lnsd.conf", "w", encoding="utf-8") as file:
            for section, keys in lines.items():
                file.write(f"[{section}]\n" + "".join(key + "\n" for key in keys))
        return [self.program, "-c", self.home + "/lnsd.conf"]

    def stop(self):
        """Its packet filter is not for the others to go through."""
        super().stop()
        subprocess.run(["nft", "flush", "ruleset"], check=True)


class Xl2tpd(Daemon):
    name = "xl2tpd"
    program = "/usr/sbin/xl2tpd"

    def command(self, settings):
        with open(self.home + "/xl2tpd.conf", "w", encoding="utf-8") as file:
            file.write(f"[global]\nport = {PORT}\naccess control = no\nforce userspace = yes\n"
                       f"[lns default]\nip range = 10.99.0.2-10.99.250.250\nlocal ip = 10.99.0.1\n"
                       f"require authentication = no\nlength bit = no\npppoptfile = {self.options}\n")
        return [self.program, "-D", "-c", self.home + "/xl2tpd.conf", "-p", self.home + "/xl2tpd.pid",
                "-C", self.home + "/xl2tpd.control", "-s", "/dev/null"]


class Floor(Daemon):
    name = "floor"
    program = BUILD + "/bench/floor"
    ready = "ready\n"

    def command(self, settings):
        return [self.program, str(PORT), str(settings["lines"]), TESTPPPD, self.options]


DAEMONS = {daemon.name: daemon for daemon in (Xl2tpd, Lnsd, Floor)}
