"""What sending costs, compared with ``curl`` to the simplest server: ``python -m tests.bench.sends [ROWS …]
[MEBIBYTES]``.

Rows are ``large`` (one file of that many mebibytes, with the memory that it takes; also beside the servers of
:mod:`~tests.bench.sharers` that are installed), ``work`` (the same from Work on the
same server), ``middle`` (100 of 1 MiB), ``small`` (1,000 of 10 KiB, on SQLite, and on PostgreSQL, which does not wait
for its disk here); all of them if none is named. The whole command is measured, including its start-up, which a send of
one byte shows. Medians of several runs, alternating.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Row, table
from tests.bench.sharers import Times, installed
from tests.support.servers.postgres import running
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker

_TURNS = 3
_SENTLINKS = Path(sys.executable).with_name("sentlinks")
_KIB, _MIB = 1 << 10, 1 << 20
_FLOOR = "curl to the least server"


@contextmanager
def bare(folder: Path) -> Iterator[str]:
    """Starts the simplest server, and yields its address."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.bench.bare", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def made(folder: Path, count: int, size: int) -> list[str]:
    folder.mkdir()
    for number in range(count):
        with (folder / f"{number:04}.bin").open("wb") as file:
            for begin in range(0, size, _MIB):
                file.write(os.urandom(min(_MIB, size - begin)))
    return sorted(map(str, folder.iterdir()))


def settle(folder: Path, size: int) -> None:
    """Brings the machine to the same state before each run: nothing of earlier runs waits to be written, and the
    system holds memory for the next files of ``size`` bytes. A virtual machine is given memory by its host at the first
    use and gives it back soon after; at 2 s a GiB, whoever came first would pay for it.

    Twice as much as the files need: with no more than that, the system also took new memory in about every third run,
    and the server then needed half a second longer."""
    os.sync()
    scratch = folder / "scratch"
    with scratch.open("wb") as file:
        for _ in range(0, 2 * size, _MIB):
            file.write(bytes(_MIB))
    scratch.unlink()


def took(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@dataclass(frozen=True)
class Cost:
    """Seconds of ours and of ``curl`` (0 if it wasn't run), the server's seconds of CPU, and the command's peak memory
    in bytes."""

    mine: float
    floor: float
    cpu: float
    memory: int


def measure(
    server: ServerProcess,
    home: Path,
    what: list[str],
    floor: str = "",
    turns: int = _TURNS,
    sharers: Times | None = None,
) -> Cost:
    """Sends ``what``, and alternately the same files with ``curl`` to ``floor``, if that is given, and the first one to
    ``sharers``."""
    environ = {
        **os.environ,
        "SENTLINKS_HOME": str(home),
        "SENTLINKS_SERVER": server.url,
        "SENTLINKS_TOKEN": server.token,
    }
    ours = [str(_SENTLINKS), "send", *what, "--json"]
    curl = ["curl", "-sf", "-o", "/dev/null", "-H", "Expect:", *(part for f in what for part in ("-T", f))]
    curl += [floor] * len(what)
    size = sum(Path(file).stat().st_size for file in what if Path(file).exists())
    mine, theirs, cpu, memory = [], [0.0] * (not floor), [], 0
    for _ in range(turns):
        settle(home.parent, size)
        before = cpu_seconds(server.process.pid)
        begun = time.perf_counter()
        with subprocess.Popen(ours, env=environ, stdout=subprocess.DEVNULL) as process:
            memory = max(memory, _most(process))
        mine.append(time.perf_counter() - begun)
        assert process.returncode == 0
        cpu.append(cpu_seconds(server.process.pid) - before)
        if floor:
            settle(home.parent, size)
            theirs.append(took(lambda: subprocess.run(curl, check=True, stdout=subprocess.DEVNULL)))
        if sharers is not None:
            sharers.send(Path(what[0]), lambda: settle(home.parent, size))
    middle = statistics.median
    return Cost(middle(mine), middle(theirs), middle(cpu), memory)


def _most(process: subprocess.Popen[bytes]) -> int:
    """The process's peak memory until it ends."""
    most = 0
    while process.poll() is None:
        most = max(most, peak(process.pid))
        time.sleep(0.01)
    return most


def peak(pid: int) -> int:
    """A process's peak memory so far, in bytes; 0 if it has ended."""
    try:
        found = Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(found[0]) * _KIB if found else 0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """One server, one floor, and the rows of the table."""

    def __init__(self, root: Path, large: int) -> None:
        self.root = root
        self.large = large
        self.rows: list[Row] = []

    def run(self, wanted: set[str]) -> None:
        with ServerProcess(self.root / "data") as server, bare(self.root / "bare") as floor:
            home = self.root / "home"
            one = made(self.root / "one", 1, 1)
            idle = peak(server.process.pid)
            start = measure(server, home, one, floor).mine
            self.rows.append(Row("one byte: the start", start * 1000, 300, "ms"))
            # First, since memory that was used once isn't all released.
            if wanted & {"large", "work"}:
                self._large(server, floor, start, idle, wanted)
            if "small" in wanted:
                small = made(self.root / "small", 1000, 10 * _KIB)
                self._many("SQLite", small, start, measure(server, home, small, floor), least=1000)
            if "middle" in wanted:
                files = made(self.root / "middle", 100, _MIB)
                cost = measure(server, home, files, floor)
                beyond = (cost.mine - start) * 1000
                self.rows.append(
                    Row("100 × 1 MiB, beyond the start", beyond, 500, "ms", cost.floor * 1000, _FLOOR)
                )
        if "small" in wanted:
            self._on_postgres(small, one)

    def _many(self, which: str, files: list[str], start: float, cost: Cost, least: int) -> None:
        rate = len(files) / max(cost.mine - start, 1e-3)
        name = f"{len(files):,} × 10 KiB, {which}: a second (at least {least:,})"
        self.rows.append(Row(name, rate, None, "", len(files) / cost.floor if cost.floor else None, _FLOOR))
        self.rows.append(Row("  CPU of the server for each", cost.cpu / len(files) * 1000, None, "ms"))

    def _on_postgres(self, files: list[str], one: list[str]) -> None:
        with running() as found, ServerProcess(self.root / "pg", database_url=found.database()) as server:
            start = measure(server, self.root / "home", one).mine
            self._many("PostgreSQL", files, start, measure(server, self.root / "home", files), least=600)

    def _large(self, server: ServerProcess, floor: str, start: float, idle: int, wanted: set[str]) -> None:
        home = self.root / "home"
        files = made(self.root / "large", 1, self.large * _MIB)
        what = f"{self.large:,} MiB"
        if "large" in wanted:
            with installed(self.root) as others:
                sharers = Times(others)
                cost = measure(server, home, files, floor, sharers=sharers)
            self.rows.append(
                Row(f"{what}, whole command", cost.mine * 1000, None, "ms", cost.floor * 1000, _FLOOR)
            )
            self.rows += sharers.rows(cost.mine)
            self.rows.append(Row("  CPU of the server", cost.cpu * 1000, None, "ms"))
            self.rows.append(Row("  memory of the command", cost.memory / _MIB, 60, "MiB"))
            self.rows.append(Row("  memory of the server, idle", idle / _MIB, 80, "MiB"))
            self.rows.append(Row("  memory of the server, then", peak(server.process.pid) / _MIB, 100, "MiB"))
        if "work" in wanted:
            with Worker(server) as worker, Path(files[0]).open("rb") as file:
                parts = {"profile": (None, "{}", "application/json"), "file": ("Large.bin", file)}
                made_one = worker.request(
                    "POST", f"folders/{worker.workspace('W')}/documents", files=parts, timeout=600
                )
                paper = made_one.raise_for_status().json()["data"]["id"]
            beyond = (measure(server, home, [paper]).mine - start) * 1000
            self.rows.append(Row(f"{what} from Work, beyond the start", beyond, 300, "ms"))


def main() -> None:
    large = next((int(text) for text in sys.argv[1:] if text.isdigit()), 1024)
    wanted = {text for text in sys.argv[1:] if not text.isdigit()}
    # On a real disk, so that writes are waited for: a folder that is only in memory would not do.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name, nullcontext(Bench(Path(name), large)) as bench:
        bench.run(wanted or {"small", "middle", "large", "work"})
        print(table(bench.rows))


if __name__ == "__main__":
    main()
