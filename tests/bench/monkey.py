"""Random keys for the real app in a pseudo-terminal: ``python -m tests.bench.monkey [--seed N] [--seconds S]``.

The app runs against a live server with the sample matters, which others use too, and which is stopped and started again
now and then. Some keys come in bursts, and the app itself is suspended and resumed. It must respond, must not fail, and
must not grow; what goes wrong is printed with the seed and the last keys, and the exit status is 1. ``--stay`` leaves
out the keys that end the app, so that one process lives all the time; ``--short`` restarts it every few seconds, and
types from its first sign of life on: every other start is slow, as after an update. Time and server are real: the same
seed gives the same actions only as long as they respond alike.
"""

from __future__ import annotations

import argparse
import faulthandler
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path
from time import monotonic

import httpx

from tests.bench.watched import PATIENCE, Watched
from tests.support.servers.server import ROOT, ServerProcess
from tests.support.terminal.monkey import PASSWORD, PEOPLE, Act, Monkey
from tests.support.users.other_users import Others

#: Seconds in which the app may grow, as it shows its screens for the first time, and the most megabytes that it may
#: grow by later.
WARM_UP, MOST_GROWTH = 240, 25
#: The most of a core that it may use while nothing happens, and while the seconds to the next reconnection are counted
#: down, which repaints everything if a dialog is on top.
MOST_IDLE, MOST_COUNTING = 0.05, 0.1
#: How often a burst comes before the next actions.
_BURSTS = 0.03
_BAD = re.compile(r"Traceback \(most recent|internal error|Exception in |Error: ")


class Run:
    """One run: the server, the app (again and again), and what was found."""

    def __init__(self, folder: Path, seed: int, stay: bool, short: bool = False) -> None:
        self.folder = folder
        self.seed = seed
        self.stay = stay
        self.short = short
        self.monkey = Monkey(seed, stay)
        self.random = self.monkey.random
        self.found: list[str] = []
        self.last: deque[str] = deque(maxlen=80)
        self.acts = self.lives = self.restarts = self.checks = 0
        self.slowest = 0.0
        self.idle: list[float] = []
        #: Seconds since the start and megabytes, for the process that lived longest.
        self.memory: list[tuple[float, float]] = []
        self._life: list[tuple[float, float]] = []
        self.server = ServerProcess(folder / "data", sample=True)
        self.others = Others(self.server, self.random)

    def begin(self) -> None:
        """Makes the data, and starts the app for the first time."""
        self.others.prepare(PEOPLE, PASSWORD)
        self.files = self.folder / "files"
        self.files.mkdir()
        for name in ("Minutes.txt", "Plan \u202efdp.exe", "naïve 漢字 👍.txt", "a\x1b[31mb\nc.txt"):
            (self.files / name).write_text(name * 100)
        # None of this machine's mail programs, which would receive the keys.
        self.programs = self.folder / "bin"
        self.programs.mkdir()
        (self.programs / "true").symlink_to(shutil.which("true") or "/bin/true")
        self.app = self._start()

    # ------------------------------------------------------------ the app

    def _start(self) -> Watched:
        self.lives += 1
        self._life = []
        # A folder of its own, since copies and drafts are saved in the working directory.
        command = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(self.files), sys.executable, "-m", "tui"]
        app = Watched(
            command,
            {
                "SENTLINKS_SERVER": self.server.url,
                "SENTLINKS_TOKEN": self.server.token,
                "SENTLINKS_HOME": str(self.folder / "home"),
                "HOME": str(self.folder),
                "PYTHONPATH": str(ROOT),
                "PYTHONFAULTHANDLER": "1",
                "PATH": str(self.programs),
                "EDITOR": "true",
                "VISUAL": "",
                "DISPLAY": "",
                "WAYLAND_DISPLAY": "",
                **self._slowness(),
            },
        )
        app.until("Secure Sent Links" if self.short else "Local Files")
        return app

    def _slowness(self) -> dict[str, str]:
        """What makes every other start a slow one: everything has to be compiled."""
        slow = self.short and self.lives % 2
        return {"PYTHONPYCACHEPREFIX": str(self.folder / f"bytecode-{self.lives}")} if slow else {}

    def finding(self, what: str) -> None:
        self.found.append(what)
        sys.stdout.write(
            f"FOUND (seed {self.seed}, act {self.acts}): {what}\n  last: {' '.join(self.last)}\n"
            + "".join(f"  | {line.rstrip()}\n" for line in self.app.lines if line.strip(" │"))
        )
        sys.stdout.flush()

    def act(self, act: Act) -> None:
        """Does ``act``, and gives the app a little time to handle it."""
        if self._quits(act):
            return
        self.acts += 1
        if act.name:
            self.last.append(act.name if act.name.strip() else "space")
        if act.size:
            self.app.resize(*act.size)
        else:
            self.app.type(act.data)
        self.app.quiet(max(act.wait, self.random.choice([0.0, 0.005, 0.03])))

    def _quits(self, act: Act) -> bool:
        """Whether ``act`` could choose Quit from the list of all commands, though the app must stay."""
        chooses = "\r" in act.data or act.data.startswith("\x1b[<")
        return self.stay and chooses and any("Quit  (" in line for line in self.app.lines)

    def again(self) -> None:
        """Checks how the app ended, and starts it again."""
        self.app.quiet(0.2)
        try:
            status = self.app.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.app.stop_hard()
            self.finding(f"it does not end: {self.app.tail[-3000:]!r}")
            status = 0
        if status or self.stay:
            self.finding(f"the app ended with {status}")
        self._anew()

    def _anew(self) -> None:
        """Ends the app if it still runs, and starts it again."""
        self._keep_life()
        self.app.__exit__(None, None, None)
        shutil.rmtree(self.folder / f"bytecode-{self.lives}", ignore_errors=True)
        self.last.append("(starts)")
        self.app = self._start()

    def _keep_life(self) -> None:
        if self._life and (not self.memory or self._life[-1][0] > self.memory[-1][0]):
            self.memory = self._life

    # ------------------------------------------------------------ checks

    def check(self) -> None:
        """Checks that the app responds to the redraw key, and has reported no failure."""
        self.checks += 1
        before, begun = self.app.cleared, monotonic()
        self.app.wake()
        self.app.type("\x0c")
        while self.app.cleared == before and self.app.process.poll() is None:
            if not self.app._take(0.5):
                self.app.wake()
                # After a number no key does what it does otherwise, once; and before the app was up, an escape may have
                # come just before the key and made it another one.
                self.app.type("\x0c")
            if monotonic() - begun > PATIENCE:
                self.finding(f"no answer within {PATIENCE} s")
                self.app.stop_hard()
                sys.stdout.write(f"{self.app.tail[-5000:]!r}\n")
                return
        self.slowest = max(self.slowest, monotonic() - begun)
        self.app.quiet(0.02)
        self._life.append((monotonic() - self._born, self.app.memory()) if self._alive() else (0, 0))
        self._look_for_failures()

    @property
    def _born(self) -> float:
        return self.app.started

    def _alive(self) -> bool:
        return self.app.process.poll() is None

    def _look_for_failures(self) -> None:
        for report in sorted(self.folder.glob("home/**/crash-*.log")):
            self.finding(f"a crash:\n{report.read_text()}")
            report.rename(report.with_suffix(".seen"))
        text = self.app.tail.decode(errors="replace")
        if bad := _BAD.search(text):
            self.finding(f"{bad[0]} in the output: {text[bad.start() : bad.start() + 2000]!r}")
            self.app.tail = b""

    def rest(self, seconds: float) -> None:
        """Presses nothing for a while; the app must not be busy."""
        self.app.quiet(1.0)
        if not self._alive():
            return
        begun, cpu = monotonic(), self.app.cpu()
        while monotonic() - begun < seconds and self._alive():
            self.app._take(0.5)
        if self._alive():
            share = (self.app.cpu() - cpu) / (monotonic() - begun)
            self.idle.append(share)
            counting = any("Connection lost" in line for line in self.app.lines)
            if share > (MOST_COUNTING if counting else MOST_IDLE):
                self.finding(f"{share:.0%} of a core while nothing is pressed")

    def restart_server(self) -> None:
        """Ends the server, in one of two ways, and starts it again on the same port after a while."""
        self.restarts += 1
        port = int(self.server.url.rpartition(":")[2])
        self.last.append("(the server ends)")
        self.server.stop(self.random.choice([signal.SIGTERM, signal.SIGKILL]))
        gone = monotonic() + self.random.choice([0.5, 3, 8])
        while monotonic() < gone and self._alive():
            self.some_acts()
        self.server = ServerProcess(self.folder / "data", port=port)
        self.others.server = self.server
        self.last.append("(the server is there again)")

    def at_once(self) -> None:
        """Sends many keys in one burst, as over a connection that hangs for a while."""
        acts = [act for _ in range(self.random.randint(2, 8)) for act in self.monkey.acts(self.app.lines)]
        # A user who can't see the effect clicks on nothing, and chooses nothing from an open list of commands.
        acts = [act for act in acts if not act.data.startswith("\x1b[<") and not self._quits(act)]
        if self.stay and any("▔▔▔" in line for line in self.app.lines):
            acts = [act for act in acts if act.data != "\r"]
        self.acts += len(acts)
        self.last.extend(["(at once)", *(act.name or "space" for act in acts), "(that was all)"])
        self.app.type("".join(act.data for act in acts))
        self.app.quiet(0.05)

    def stop_and_go_on(self) -> None:
        """Suspends the app from outside, and lets it continue."""
        self.last.append("(stopped)")
        self.app.process.send_signal(signal.SIGSTOP)
        self.app.quiet(self.random.choice([0.0, 0.3]))
        self.app.process.send_signal(signal.SIGCONT)

    def some_acts(self) -> None:
        if self.random.random() < _BURSTS:
            self.at_once()
        for act in self.monkey.acts(self.app.lines):
            if not self._alive():
                self.again()
                return
            self.act(act)

    # ------------------------------------------------------------ the whole run

    def go(self, seconds: float) -> None:
        end = monotonic() + seconds
        next_check = next_other = next_rest = next_restart = next_life = monotonic()
        next_told = next_check + 300
        next_rest, next_restart = next_rest + min(90, seconds / 3), next_restart + min(150, seconds / 2)
        # On a busy machine, a short run is over before it has come to a restart.
        while (now := monotonic()) < end or not self.restarts:
            self.some_acts()
            if not self._alive():
                self.again()
            if now > next_check:
                self.check()
                next_check = now + 3
            if self.short and now > next_life:
                self.check()
                self._anew()
                next_life = monotonic() + self.random.uniform(1, 8)
            if now > next_other:
                self.last.append(f"({self.others.act()})")
                next_other = now + self.random.uniform(0.5, 6)
            # An app that is still starting isn't idle.
            if now > next_rest and not self.short:
                self.rest(4)
                next_rest = monotonic() + 90
                self.stop_and_go_on()
            if now > next_told:
                sys.stdout.write(f"… {self.report()}")
                sys.stdout.flush()
                next_told = now + 300
            # A rest may have taken most of a short run.
            if monotonic() > next_restart:
                self.restart_server()
                next_restart = monotonic() + self.random.uniform(100, 300)
        self.check()
        self._keep_life()
        self._look_at_memory()
        self._look_at_server()

    def _look_at_memory(self) -> None:
        warm = [mb for at, mb in self.memory if WARM_UP / 2 <= at <= WARM_UP]
        late = [mb for at, mb in self.memory if at > max(2 * WARM_UP, self.memory[-1][0] - 300)]
        if warm and late and sum(late) / len(late) - max(warm) > MOST_GROWTH:
            self.finding(f"memory grew from {max(warm):.0f} to {sum(late) / len(late):.0f} MB")

    def _look_at_server(self) -> None:
        log = self.server.log.read_text(errors="replace")
        if "Traceback" in log:
            self.finding(f"the server failed:\n{log[log.index('Traceback') :][:4000]}")

    def report(self) -> str:
        life = max(self.memory, self._life, key=lambda life: life[-1:])
        memory = " ".join(f"{at / 60:.0f}min:{mb:.0f}" for at, mb in life[:: len(life) // 12 + 1])
        idle = f"{max(self.idle):.1%}" if self.idle else "–"
        return (
            f"seed {self.seed}: {self.acts} acts, {self.checks} checks, {self.lives} starts, "
            f"{self.restarts} restarts of the server, others {self.others.count}\n"
            f"slowest answer {self.slowest:.2f} s, idle at most {idle}, memory (MB) {memory}\n"
            f"{len(self.found)} found\n"
        )

    def close(self) -> None:
        if self.lives:
            self.app.__exit__(None, None, None)
        self.server.stop()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120)
    lives = parser.add_mutually_exclusive_group()
    lives.add_argument("--stay", action="store_true")
    lives.add_argument("--short", action="store_true")
    options = parser.parse_args()
    faulthandler.dump_traceback_later(options.seconds + 300, exit=True)
    with tempfile.TemporaryDirectory(prefix="monkey-") as folder:
        run = Run(Path(folder), options.seed, options.stay, options.short)
        try:
            run.begin()
            run.go(options.seconds)
        except (TimeoutError, AssertionError, httpx.HTTPError) as error:
            run.finding(f"{type(error).__name__}: {error}")
        finally:
            run.close()
    sys.stdout.write(run.report())
    return 1 if run.found else 0


if __name__ == "__main__":
    sys.exit(main())
