"""Whether the time of a response distinguishes one dead link from another: ``python -m tests.bench.dead [TURNS]``.

Links that never existed, have expired, were unpublished, deleted, purged, used up or given a new address are requested
in turn, with a password; each kind is compared with the quickest. A response that skips the database lookup takes half
as long.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Row, table
from tests.server.test_dead_links import dead_paths
from tests.support.servers.server import ServerProcess

_TURNS = 150
_MOST = 1.4


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else _TURNS
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        paths = dead_paths(server)
        times: dict[str, list[float]] = {kind: [] for kind in paths}
        with server.guest() as guest:
            for _ in range(turns):
                for kind, path in paths.items():
                    begun = time.perf_counter()
                    guest.post(path, data={"password": "Open-sesame-7"})
                    times[kind].append(time.perf_counter() - begun)
    medians = {kind: statistics.median(taken) * 1000 for kind, taken in times.items()}
    quickest = min(medians.values())
    rows = [Row(kind, took, _MOST * quickest, "ms", floor=quickest) for kind, took in medians.items()]
    print(table(rows))


if __name__ == "__main__":
    main()
