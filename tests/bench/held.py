"""Whether a request can block the server: ``python -m tests.bench.held [--documents N] [--data FILLED]
[--database-url URL]``.

The most expensive requests that a user can make of a library of N documents (100,000), each by itself, and the worst
of them sixteen times at once. *Held* is the longest that the server's event loop took in the meantime to answer another
client's request that costs next to nothing; *another's page* is the longest that a page of a small folder took. The
exit status is 1 if a row fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from tests.bench.figures import Row, table
from tests.support.servers.fill import Filled, fill
from tests.support.servers.server import ServerProcess

LIBRARY = "/work/api/v2/customers/1/libraries/ACTIVE"
#: Milliseconds that one request may block the loop; that others may wait during sixteen; megabytes that these may take.
MOST_HELD, MOST_WAITED, MOST_GROWTH = 250.0, 1000.0, 150.0
AT_ONCE = 16
#: How many documents get the longest possible name.
LONG_NAMES = 40
#: Seconds after which a request is cancelled, and the bench fails.
PATIENCE = 300.0
STARS = "*a" * 400 + "*c"
#: Requests by name: path (``{large}`` is the folder with all the documents) and parameters.
DEAR: dict[str, tuple[str, dict[str, Any]]] = {
    "stars": ("documents", {"name": STARS}),
    "stars in the folder": ("folders/{large}/children", {"name": STARS}),
    "stars anywhere, counted": ("documents", {"anywhere": "*a*e*t*", "total": "true", "limit": 9999}),
    "inside names, counted": ("documents", {"name": "*e*", "total": "true", "limit": 9999}),
    "inside names, in the folder": (
        "folders/{large}/children",
        {"name": "*e*", "total": "true", "limit": 9999, "sort": "-edited"},
    ),
    "all versions, from the end": (
        "documents",
        {"latest": "false", "anywhere": "*e*", "total": "true", "limit": 9999, "offset": 60000},
    ),
    "stars in comments": ("documents", {"comments": STARS, "total": "true", "limit": 9999}),
    "many words": ("documents", {"anywhere": " ".join(f"*{c}{d}" for c in "aeiort" for d in "aenorst")}),
    "comments that nothing has": ("documents", {"comments": "*x*", "total": "true", "limit": 9999}),
    "comments with a word": ("documents", {"comments": "zz", "total": "true"}),
    "vowels in names": ("documents", {"name": "*a*e*i*o*u*"}),
    "the longest page": ("folders/{large}/children", {"limit": 9999}),
    "the longest page, far behind": ("documents", {"limit": 9999, "offset": 80000, "total": "true"}),
}


class Bench:
    """One run against a server."""

    def __init__(self, server: ServerProcess, filled: Filled) -> None:
        self._server, self._filled = server, filled
        with server.client(filled.tokens["DJONES"]) as client:
            found = client.get(f"{LIBRARY}/documents", params={"limit": LONG_NAMES}).raise_for_status()
            for item in found.json()["data"]["results"]:
                body = {"name": "a" * 1000, "comment": "ab" * 16_000}
                client.patch(f"{LIBRARY}/documents/{item['id']}", json=body).raise_for_status()

    def rows(self) -> Iterator[Row]:
        dearest, longest = "", 0.0
        for what, (path, params) in DEAR.items():
            ask = partial(self._ask, "DJONES", path, params)
            ask()
            held: list[float] = []
            with self._meanwhile(self._nothing, held):
                taken = _milliseconds(ask)
            yield Row(f"held: {what}", max(held), MOST_HELD, "ms", taken, "the request itself")
            if taken > longest:
                dearest, longest = what, taken
        path, params = DEAR[dearest]
        asks = [partial(self._ask, who, path, params) for who in ("DJONES", "MANY") * (AT_ONCE // 2)]
        before = self._memory("VmRSS")
        waited: list[float] = []
        held = list[float]()
        Path(f"/proc/{self._server.process.pid}/clear_refs").write_text("5")
        page = partial(self._ask, "FEW", "folders/{small}/children", {"limit": 100})
        with (
            self._meanwhile(page, waited),
            self._meanwhile(self._nothing, held),
            ThreadPoolExecutor(AT_ONCE) as threads,
        ):
            taken = _milliseconds(lambda: [future.result() for future in [threads.submit(a) for a in asks]])
        name = f"{AT_ONCE} of: {dearest}"
        yield Row(f"another's page beside {name}", max(waited), MOST_WAITED, "ms", taken, "all of them")
        yield Row(f"held by {name}", max(held), None, "ms")
        yield Row(f"memory for {name}", self._memory("VmHWM") - before, MOST_GROWTH, "MB", before, "before")

    def _ask(self, who: str, path: str, params: dict[str, Any]) -> None:
        with self._server.client(self._filled.tokens[who]) as client:
            place = path.format(large=self._filled.large, small=self._filled.small)
            answer = client.get(f"{LIBRARY}/{place}", params=params, timeout=PATIENCE)
            # Whoever has waited for a place for too long is told to come again.
            assert answer.status_code in (200, 429, 503), answer.text

    def _nothing(self) -> None:
        with self._server.guest() as guest:
            guest.get("/nothing", timeout=PATIENCE)

    @contextmanager
    def _meanwhile(self, ask: Callable[[], Any], times: list[float]) -> Iterator[None]:
        """Calls ``ask`` again and again while the block runs; ``times`` gets the milliseconds of each call."""
        over = threading.Event()

        def again() -> None:
            while not over.is_set():
                times.append(_milliseconds(ask))
                over.wait(0.01)

        thread = threading.Thread(target=again)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _memory(self, what: str) -> float:
        """The server's memory in MB: now (VmRSS), or its peak (VmHWM)."""
        status = Path(f"/proc/{self._server.process.pid}/status").read_text()
        return int(status.partition(f"{what}:")[2].split()[0]) / 1024


def _milliseconds(ask: Callable[[], Any]) -> float:
    start = time.perf_counter()
    ask()
    return (time.perf_counter() - start) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="a library that tests.support.servers.fill has made")
    parser.add_argument("--database-url", help="a fresh PostgreSQL database, or that of --data")
    options = parser.parse_args()
    url = options.database_url
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder) / "data"
        if options.data:
            filled = Filled(**json.loads(data.with_name(data.name + ".json").read_text()))
        else:
            filled = asyncio.run(fill(data, options.documents, url))
        with ServerProcess(data, arguments=("--database-url", url) if url else ()) as server:
            rows = list(Bench(server, filled).rows())
    print(f"{filled.documents:,} documents, {'PostgreSQL' if url else 'SQLite'}")
    print(table(rows))
    return 0 if all(row.passed is not False for row in rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except httpx.HTTPError as error:
        sys.exit(f"the server did not answer: {error!r}")
