"""Forked processes behave like started ones, both to the process that started them and internally."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.support.servers.forking import Forked, Parent, Session

#: A program that reports its own state, then does what its arguments say.
PROGRAM = """
import atexit, json, os, random, secrets, signal, sys, threading, time
from resource import RLIMIT_FSIZE, RLIMIT_NOFILE, getrlimit

def main():
    atexit.register(lambda: print("the end", flush=True))
    print(json.dumps({
        "arguments": sys.argv[1:], "environment": dict(os.environ), "cwd": os.getcwd(),
        "pid": os.getpid(), "group": os.getpgrp(), "threads": threading.active_count(), "zone": time.tzname[0],
        "chance": [secrets.token_hex(), random.random()],
        "signals": [str(signal.getsignal(number)) for number in range(1, signal.NSIG)],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())), "umask": os.umask(0o77),
        "limits": [getrlimit(RLIMIT_FSIZE), getrlimit(RLIMIT_NOFILE)],
        "streams": [
            (stream.encoding, stream.errors, stream.line_buffering, stream.isatty())
            for stream in (sys.stdin, sys.stdout, sys.stderr)
        ],
        "handles": sorted(int(name) for name in os.listdir("/dev/fd") if os.path.exists(f"/dev/fd/{name}")),
    }), flush=True)
    for line in sys.stdin:
        print(line.upper(), end="")
    sys.stderr.write("no newline")
    match sys.argv[1:]:
        case ["raise"]:
            raise ValueError("as it was told")
        case ["exit", status]:
            sys.exit(status)
        case ["number", number]:
            sys.exit(int(number))
        case ["thread"]:
            main = threading.main_thread()
            threading.Thread(target=lambda: (main.join(), print("from a thread"))).start()
            return 1000
        case ["full"]:
            os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
            print("nowhere")
        case ["wait"]:
            signal.pause()
    return 7

if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The program, as a module that can be imported."""
    (tmp_path / "told_program.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    return "told_program"


@pytest.fixture
def parent(program: str) -> Iterator[Parent]:
    found = Parent(program)
    yield found
    found.close()


@dataclass
class Running:
    """A process, and the other ends of its streams."""

    process: Forked | subprocess.Popen[bytes]
    told: TextIO
    out: TextIO
    err: TextIO

    def end(self) -> tuple[int, str, str]:
        """The exit status, and what was printed."""
        self.told.close()
        out, err = self.out.read(), self.err.read()
        return self.process.wait(), out, err

    def close(self) -> None:
        for stream in (self.told, self.out, self.err):
            stream.close()


class Runner:
    """Runs the program, forked or started."""

    def __init__(self, parent: Parent, program: str, folder: Path) -> None:
        self.parent = parent
        self._program = program
        self._folder = folder
        self._running: list[Running] = []

    def __call__(self, *arguments: str, started: bool = False) -> Running:
        environment = {**os.environ, "TZ": "Asia/Tokyo", "ONLY": "here"}
        pipes = [os.pipe() for _ in range(3)]
        (given, input_end), (out, printed), (err, warned) = pipes
        with open(given, "rb") as stdin, open(printed, "wb") as stdout, open(warned, "wb") as stderr:
            streams = (stdin, stdout, stderr)
            process: Forked | subprocess.Popen[bytes]
            if started:
                process = self._start(arguments, environment, streams)
            else:
                process = self.parent.fork(arguments, cwd=self._folder, env=environment, streams=streams)
        found = Running(process, os.fdopen(input_end, "w"), os.fdopen(out), os.fdopen(err))
        self._running.append(found)
        return found

    def _start(
        self, arguments: Sequence[str], environment: dict[str, str], streams: Sequence[Any]
    ) -> subprocess.Popen[bytes]:
        stdin, stdout, stderr = streams
        return subprocess.Popen(
            [sys.executable, "-m", self._program, *arguments],
            cwd=self._folder, env=environment, stdin=stdin, stdout=stdout, stderr=stderr,
        )  # fmt: skip

    def close(self) -> None:
        for running in self._running:
            running.close()
            running.process.kill()
            running.process.wait()


@pytest.fixture
def run(parent: Parent, program: str, tmp_path: Path) -> Iterator[Runner]:
    found = Runner(parent, program, tmp_path)
    yield found
    found.close()


def test_both_see_the_same(run: Runner) -> None:
    reports = []
    for started in (False, True):
        running = run("one", "two three", started=started)
        seen = json.loads(running.out.readline())
        assert seen.pop("pid") == running.process.pid
        reports.append((seen.pop("chance"), seen))
    assert reports[0][1] == reports[1][1]
    assert (reports[0][1]["zone"], reports[0][1]["environment"]["ONLY"]) == ("JST", "here")


def test_both_write_to_a_terminal(run: Runner, program: str, tmp_path: Path) -> None:
    """To the program, output to a terminal is line-buffered in both."""
    seen = []
    for started in (False, True):
        ours, theirs = pty.openpty()
        with open(ours, "rb", buffering=0) as screen:
            with open(theirs, "r+b", buffering=0) as terminal, (tmp_path / "told").open("wb") as errors:
                process: Forked | subprocess.Popen[bytes]
                if started:
                    process = subprocess.Popen(
                        [sys.executable, "-m", program, "exit", "gone"],
                        cwd=tmp_path, env=os.environ, stdin=subprocess.DEVNULL, stdout=terminal, stderr=errors,
                    )  # fmt: skip
                else:
                    with open(os.devnull, "rb") as nothing:
                        streams = (nothing, terminal, errors)
                        process = run.parent.fork(
                            ["exit", "gone"], cwd=tmp_path, env=os.environ, streams=streams
                        )
            seen.append(json.loads(screen.readline())["streams"])
            process.wait(60)
    assert seen[0] == seen[1]
    assert [stream[2:] for stream in seen[0]] == [[False, False], [True, True], [True, False]]


def test_both_end_alike(run: Runner) -> None:
    ends = []
    for started in (False, True):
        running = run(started=started)
        running.out.readline()
        assert running.process.poll() is None
        running.told.write("a line\n")
        ends.append(running.end())
        assert running.process.poll() == running.process.returncode == 7
    assert ends == [(7, "A LINE\nthe end\n", "no newline")] * 2


@pytest.mark.parametrize("arguments", [["thread"], ["number", "-1"], ["number", "0"]], ids=str)
def test_both_end_with_the_same_status(arguments: list[str], run: Runner) -> None:
    ends = []
    for started in (False, True):
        status, out, _ = run(*arguments, started=started).end()
        ends.append((status, out.splitlines()[1:]))
    assert ends[0] == ends[1]
    assert ends[0][1][-1] == "the end"


def test_both_tell_what_could_not_be_written(run: Runner) -> None:
    ends = []
    for started in (False, True):
        status, _, err = run("full", started=started).end()
        ends.append((status, "No space left on device" in err))
    assert ends == [(120, True)] * 2


@pytest.mark.parametrize("arguments", [["raise"], ["exit", "a sentence"], ["exit", ""]], ids=str)
def test_both_fail_alike(arguments: list[str], run: Runner) -> None:
    ends = []
    for started in (False, True):
        status, out, err = run(*arguments, started=started).end()
        ends.append((status, out.splitlines()[1:], err.splitlines()[-1:], "Traceback" in err))
    assert ends[0] == ends[1]
    assert ends[0][:2] == (1, ["the end"])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_both_are_ended_by_the_same_signals(number: int, run: Runner) -> None:
    ends = []
    for started in (False, True):
        running = run("wait", started=started)
        running.out.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            running.process.wait(0)
        running.process.send_signal(number)
        ends.append((running.process.wait(60), running.out.read()))
    assert ends[0] == ends[1]
    assert ends[0][0] == -number


def test_no_two_make_the_same_secrets(run: Runner) -> None:
    secrets, numbers = zip(*(json.loads(run().out.readline())["chance"] for _ in range(3)), strict=True)
    assert len(set(secrets)) == len(set(numbers)) == 3


def test_a_signal_to_one_that_has_ended_is_no_error(run: Runner) -> None:
    """Even if its exit has not been polled: its process id may be another process's by then."""
    running = run("number", "3")
    running.told.close()
    running.out.read()
    for _ in range(1000):
        running.process.send_signal(signal.SIGCONT)
    assert running.process.wait() == 3


def test_what_still_runs_ends_with_the_parent(run: Runner) -> None:
    running = run("wait")
    running.out.readline()
    run.parent.close()
    assert running.out.read() == ""
    assert running.process.wait() == -signal.SIGKILL


def test_workers_share_a_parent_and_not_their_children(run: Runner, program: str, tmp_path: Path) -> None:
    """What one worker has forked ends with it; the parent and the children of others go on."""
    name = os.urandom(8).hex()
    parents = [Parent(program, name=name), Parent(program, name=name)]
    running = []
    for run.parent in parents:
        running.append(run("wait"))
    for each in running:
        each.out.readline()
    begun = {int(Path(f"/proc/{each.process.pid}/stat").read_text().split()[3]) for each in running}
    assert len(begun) == 1, "the same parent"
    parents[0].leave()
    assert running[0].process.wait(60) == -signal.SIGKILL
    assert running[1].process.poll() is None
    assert run().end()[0] == 7
    parents[1].close()
    parents[0].close()
    assert running[1].process.wait(60) == -signal.SIGKILL


def test_one_in_a_terminal_is_in_its_foreground(parent: Parent, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with open(theirs, "r+b", buffering=0) as terminal:
        streams = (terminal, terminal, terminal)
        process = parent.fork(["wait"], cwd=tmp_path, env=os.environ, streams=streams, leads=True)
    shown = b""
    while b'"handles"' not in shown:
        shown += os.read(ours, 1 << 16)
    assert os.getsid(process.pid) == os.tcgetpgrp(ours) == process.pid
    # Its end is that of the process as well.
    os.close(ours)
    assert process.wait(60) == -signal.SIGHUP


def test_an_environment_that_steers_the_interpreter_needs_a_start(parent: Parent) -> None:
    assert parent.can_fork({**os.environ, "SENTLINKS_HOME": "/", "TZ": "Asia/Tokyo"})
    assert not parent.can_fork({**os.environ, "PYTHONOPTIMIZE": "2"})
    assert not parent.can_fork({**os.environ, "LC_ALL": "de_DE.ISO-8859-1"})


def test_outside_a_session_everything_is_started(program: str, tmp_path: Path) -> None:
    """So that a benchmark includes the start."""
    with open(os.devnull, "rb") as nothing, (tmp_path / "out").open("wb") as out:
        process = Session().process(program, (), cwd=tmp_path, env=os.environ, streams=(nothing, out, out))
        assert process.wait() == 7
    assert isinstance(process, subprocess.Popen)
