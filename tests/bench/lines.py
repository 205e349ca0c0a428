"""What sending costs over lines that are slow, or that fail: ``python -m tests.bench.lines [ROWS …]``.

Rows are ``slow`` (a line of 1 MB/s and 100 ms each way: one file of 30 MiB, without what the command needs to start;
200 of 50 KiB, with it), ``cuts`` (100 MiB while all connections are reset at 20 and at 350 random bytes) and ``flips``
(100 MiB with one changed byte in each megabyte); all of them if none is named. The floor is the line itself: the bytes
of the documents at its rate, or each of them sent once.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Row, table
from tests.bench.sends import made
from tests.support.network.line import Line
from tests.support.servers.server import ServerProcess

_SENTLINKS = Path(sys.executable).with_name("sentlinks")
_KIB, _MIB = 1 << 10, 1 << 20
_MEGABYTE = 1_000_000
_RATE, _DELAY = _MEGABYTE, 0.1
#: The least part of the line that a send uses.
_USED = 0.9
_SEED = 1


class Bench:
    """One server, and the rows of the table."""

    def __init__(self, root: Path, server: ServerProcess) -> None:
        self.root = root
        self.server = server
        self.rows: list[Row] = []

    def send(self, url: str, files: list[str]) -> float:
        """The seconds that the command takes, which must publish the files as they are."""
        environ = {
            **os.environ,
            "SENTLINKS_HOME": str(self.root / "home"),
            "SENTLINKS_SERVER": url,
            "SENTLINKS_TOKEN": self.server.token,
        }
        begun = time.perf_counter()
        done = subprocess.run(
            [str(_SENTLINKS), "send", *files, "--json"], env=environ, check=True, stdout=subprocess.PIPE
        )
        seconds = time.perf_counter() - begun
        published = {
            document["name"]: document["sha256"] for document in json.loads(done.stdout)["documents"]
        }
        assert published == {Path(each).name: _sha256(each) for each in files}
        return seconds

    def slow(self) -> None:
        one = made(self.root / "one", 1, 1)
        large = made(self.root / "large", 1, 30 * _MIB)
        small = made(self.root / "small", 200, 50 * _KIB)
        start = min(self.send(self.server.url, one) for _ in range(3))
        self._slow("30 MiB, beyond the start", large, 30 * _MIB, start)
        self._slow("200 × 50 KiB, whole command", small, 200 * 50 * _KIB, 0)

    def _slow(self, what: str, files: list[str], size: int, start: float) -> None:
        with Line(self.server.url, rate=_RATE, delay=_DELAY) as line:
            seconds = self.send(line.url, files) - start
        alone = size / _RATE
        self.rows.append(
            Row(what, seconds * 1000, alone / _USED * 1000, "ms", alone * 1000, "the line alone")
        )

    def cuts(self) -> None:
        files = made(self.root / "cut", 1, 100 * _MIB)
        for count in (20, 350):
            cuts = random.Random(_SEED).sample(range(100 * _MIB), count)
            with Line(self.server.url, cuts=cuts) as line:
                seconds = self.send(line.url, files)
            self._failing(f"100 MiB, {line.cuts} cuts", line.sent, 102 * _MIB / _MEGABYTE, seconds)

    def flips(self) -> None:
        files = made(self.root / "flipped", 1, 100 * _MIB)
        chance = random.Random(_SEED)
        flips = [begin + chance.randrange(_MEGABYTE) for begin in range(0, 1000 * _MIB, _MEGABYTE)]
        with Line(self.server.url, flips=flips) as line:
            seconds = self.send(line.url, files)
        self._failing(f"100 MiB, {line.flips} bytes changed", line.sent, None, seconds)

    def _failing(self, what: str, sent: int, limit: float | None, seconds: float) -> None:
        self.rows.append(
            Row(f"{what}: sent", sent / _MEGABYTE, limit, "MB", 100 * _MIB / _MEGABYTE, "sent once")
        )
        self.rows.append(Row("  whole command", seconds * 1000, None, "ms"))


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    wanted = set(sys.argv[1:]) or {"slow", "cuts", "flips"}
    # On a real disk, as the other sends.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name, ServerProcess(Path(name) / "data") as server:
        bench = Bench(Path(name), server)
        for each in ("slow", "cuts", "flips"):
            if each in wanted:
                getattr(bench, each)()
        print(table(bench.rows))


if __name__ == "__main__":
    main()
