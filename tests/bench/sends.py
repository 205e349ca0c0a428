"""What sending costs, beside ``curl`` to the least server: ``python -m tests.bench.sends [postgres] [MEBIBYTES]``.

The whole command is measured, its start-up too, which is told by a send of one byte. Medians of several runs, in turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import Row, table
from tests.support.postgres import running
from tests.support.server import ServerProcess

_TURNS = 3
_SENTLINKS = Path(sys.executable).with_name("sentlinks")


@contextmanager
def bare(folder: Path) -> Iterator[str]:
    """The address of the least server."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.bench.bare", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def made(folder: Path, count: int, size: int) -> list[str]:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:04}.bin").write_bytes(os.urandom(size))
    return sorted(map(str, folder.iterdir()))


def took(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(server: ServerProcess, floor: str, home: Path, files: list[str]) -> tuple[float, float, float]:
    """Seconds of ours and of ``curl``, and the server's seconds of CPU for one of ours."""
    environ = {
        **os.environ,
        "SENTLINKS_HOME": str(home),
        "SENTLINKS_SERVER": server.url,
        "SENTLINKS_TOKEN": server.token,
    }
    ours = [str(_SENTLINKS), "send", *files, "--json"]
    curl = ["curl", "-sf", "-o", "/dev/null", "-H", "Expect:", *(part for f in files for part in ("-T", f))]
    curl += [floor] * len(files)
    mine, theirs, cpu = [], [], []
    for _ in range(_TURNS):
        before = _cpu(server.process.pid)
        mine.append(took(lambda: subprocess.run(ours, env=environ, check=True, stdout=subprocess.DEVNULL)))
        cpu.append(_cpu(server.process.pid) - before)
        theirs.append(took(lambda: subprocess.run(curl, check=True, stdout=subprocess.DEVNULL)))
    return statistics.median(mine), statistics.median(theirs), statistics.median(cpu)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    large = next((int(text) for text in sys.argv[1:] if text.isdigit()), 1024)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, database("postgres" in sys.argv) as url:
        root = Path(name)
        with ServerProcess(root / "data", database_url=url) as server, bare(root / "bare") as floor:
            start = 0.0
            for what, count, size in (
                ("one byte", 1, 1),
                ("1,000 × 10 KiB", 1000, 10_240),
                ("100 × 1 MiB", 100, 1 << 20),
                (f"{large:,} MiB", 1, large << 20),
            ):
                files = made(root / what.replace(" ", ""), count, size)
                mine, theirs, cpu = measure(server, floor, root / "home", files)
                start = start or mine
                rows.append(Row(what, mine * 1000, None, "ms", theirs * 1000, "curl to the least server"))
                rows.append(
                    Row("  documents a second, without the start", count / max(mine - start, 1e-3), None, "")
                )
                rows.append(Row("  CPU of the server for each", cpu / count * 1000, None, "ms"))
    print(table(rows))


@contextmanager
def database(postgres: bool) -> Iterator[str | None]:
    """The address of a database of PostgreSQL (which does not wait for its disk), or nothing for SQLite."""
    if not postgres:
        yield None
        return
    with running() as found:
        yield found.database()


if __name__ == "__main__":
    main()
