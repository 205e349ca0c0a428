"""How fast the library is: ``python -m tests.bench.library [--documents N] [--data FILLED] [--runs N]``.

Pages and searches of a library with N documents in one folder (a million), over HTTP from a separate server process,
for MANY, who sees 61 % of them, and FEW, who sees six. Times are in milliseconds, the median over several runs of each
row's p95; *own* is the processor time that the server itself takes for a request, which depends less on what else the
machine does. The exit status is 1 if a row fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from tests.support.servers.fill import Filled, fill
from tests.support.servers.server import ServerProcess
from tui.server.work.parameters import cursor_of

LIBRARY = "/work/api/v2/customers/1/libraries/ACTIVE"
PAGE = 100
SLOWEST = 20.0
# Users type a filter of a large folder, and wait for the result.
SLOWEST_FILTER = 200.0
# How much longer a large folder may take to open than a small one.
FACTOR, MORE = 1.2, 5.0
_REQUESTS = 60
_OPENINGS = 50
FILTERS = {
    "a word in names": {"name": "agree"},
    "two words in names": {"name": "lease 2024"},
    "an author": {"anywhere": "user123"},
    "nothing": {"anywhere": "xyzzy"},
}
#: Searches with a filter in addition to the words, which other clients make but the app doesn't.
NARROWED = {
    "of a class": {"anywhere": "agreement", "class": "DOC"},
    "of a kind": {"anywhere": "doc", "extension": "pdf"},
    "since a day": {"anywhere": "agreement doc", "edit_date_from": "2019-01-01T00:00:00Z"},
}
FINDS = {
    "one letter": "a",
    "two letters": "ag",
    "three letters": "agr",
    "five letters": "agree",
    "a whole word": "agreement",
    "a long beginning": "confidentiali",
    "two words": "warr agree",
    "three words": "share purch agree",
    "a word and a year": "lease 2024",
    "an author": "user123",
    "a number": "4711",
    "a class": "memo",
    "a rare name": "b* z*",
    "nothing": "xyzzy",
    "inside a word": "a*nt",
}


@dataclass(frozen=True)
class Row:
    """A line of the table; ``value`` must not exceed ``limit``. ``middle`` is the median and ``own`` the processor time
    that the server took, both only if the row is about requests."""

    name: str
    value: float
    limit: float
    middle: float | None = None
    own: float | None = None

    @property
    def passed(self) -> bool:
        return self.value <= self.limit


class Bench:
    """One run against a server."""

    def __init__(self, server: ServerProcess, filled: Filled) -> None:
        self._filled = filled
        self._server = server
        self._clients = {name: server.client(token) for name, token in filled.tokens.items()}

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def rows(self) -> Iterator[Row]:
        for who in ("MANY", "FEW"):
            for sort in ("name", "-name", "edited", "-edited"):
                yield self._pages(who, sort)
            yield self._openings(who)
            for what, said in FILTERS.items():
                yield self._filter(who, what, said)
            for what, text in FINDS.items():
                yield self._finds(who, what, text)
            for what, asked in NARROWED.items():
                row = self._timed(f"{who}: words and {what}", partial(self._documents, who, **asked))
                yield replace(row, limit=SLOWEST_FILTER)
            yield self._timed(f"{who}: find, 2nd page", partial(self._find, who, "agree", offset=50))
            yield self._timed(f"{who}: the newest of all", partial(self._find, who, ""))
            yield self._timed(f"{who}: by number", partial(self._documents, who, document_number=777))

    def _get(self, who: str, path: str, **params: Any) -> None:
        """Gets the whole response, unparsed: what a client makes of it isn't the server's time."""
        self._clients[who].get(f"{LIBRARY}/{path}", params=params).raise_for_status()

    def _timed(self, name: str, ask: Callable[[], Any]) -> Row:
        return self._row(name, [ask] * _REQUESTS)

    def _row(self, name: str, asked: Sequence[Callable[[], Any]]) -> Row:
        before = _used(self._server)
        times = [_milliseconds(ask) for ask in asked]
        own = (_used(self._server) - before) / len(times)
        return Row(name, statistics.quantiles(times, n=20)[-1], SLOWEST, statistics.median(times), own)

    def _pages(self, who: str, sort: str) -> Row:
        """Pages by cursor, from positions all over the folder."""
        dice = random.Random(7)
        path = f"folders/{self._filled.large}/children"
        cursors = [self._cursor(dice, sort) for _ in range(_REQUESTS)]
        asked = [partial(self._get, who, path, limit=PAGE, cursor=cursor, sort=sort) for cursor in cursors]
        return self._row(f"{who}: page by cursor, {sort}", asked)

    def _filter(self, who: str, what: str, said: dict[str, str]) -> Row:
        path = f"folders/{self._filled.large}/children"
        row = self._timed(f"{who}: folder, {what}", partial(self._get, who, path, limit=PAGE, **said))
        return replace(row, limit=SLOWEST_FILTER)

    def _cursor(self, dice: random.Random, sort: str) -> str:
        if sort.endswith("name"):
            return cursor_of((f"document.{sort}", "".join(dice.choices("abcdefgilmoprstw", k=3)), 0))
        now = time.time() * 1e6
        return cursor_of((f"document.{sort}", int(now - dice.random() * 3600e6 * 24 * 3650), 0))

    def _openings(self, who: str) -> Row:
        """Opening the large folder, compared with opening the small one, alternately."""
        small, large = [], []
        for _ in range(_OPENINGS):
            small.append(_milliseconds(lambda: self._open(who, self._filled.small)))
            large.append(_milliseconds(lambda: self._open(who, self._filled.large)))
        base = statistics.median(small)
        name = f"{who}: opening the folder (small: {base:.1f})"
        return Row(name, statistics.median(large), base * FACTOR + MORE)

    def _open(self, who: str, folder: str) -> None:
        self._get(who, f"folders/{folder}")
        path = f"folders/{folder}/children"
        self._get(who, path, limit=PAGE, paging_mode="standard_cursor", total="true")

    def _finds(self, who: str, what: str, text: str) -> Row:
        return self._timed(f"{who}: find {what}", lambda: self._find(who, text))

    def _find(self, who: str, text: str, offset: int = 0) -> None:
        self._documents(who, anywhere=text, offset=offset)

    def _documents(self, who: str, **params: Any) -> None:
        self._get(who, "documents", limit=50, **params)


def _milliseconds(ask: Callable[[], Any]) -> float:
    start = time.perf_counter()
    ask()
    return (time.perf_counter() - start) * 1000


def _used(server: ServerProcess) -> float:
    """The processor time that the server has taken since its start, in milliseconds."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _memory(server: ServerProcess) -> float:
    """The server's resident memory in MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def measure(data: Path, filled: Filled, runs: int, arguments: tuple[str, ...] = ()) -> list[Row]:
    """The rows of several runs, for each the median."""
    with ServerProcess(data, arguments=arguments) as server:
        found: dict[str, list[Row]] = {}
        for _ in range(runs + 1):
            bench = Bench(server, filled)
            try:
                for place, row in enumerate(bench.rows()):
                    found.setdefault(f"{place}", []).append(row)
            finally:
                bench.close()
        memory = _memory(server)
    # The first run warms the caches.
    rows = [_median(kept[1:]) for kept in found.values()]
    return [*rows, Row("the server's memory, MB", memory, 300)]


def _median(rows: list[Row]) -> Row:
    return sorted(rows, key=lambda row: row.value / row.limit)[len(rows) // 2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="a library that tests.support.servers.fill has made")
    parser.add_argument("--database-url", help="a fresh PostgreSQL database, or that of --data")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    url = options.database_url
    arguments = ("--database-url", url) if url else ()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder) / "data"
        if options.data:
            filled = Filled(**json.loads(data.with_name(data.name + ".json").read_text()))
        else:
            filled = asyncio.run(fill(data, options.documents, url))
        rows = measure(data, filled, options.runs, arguments)
    print(
        f"{filled.documents:,} documents, {'PostgreSQL' if url else 'SQLite'}, median of {options.runs} runs"
    )
    print(f"{'':48} {'own':>6} {'p50':>6} {'p95':>7} {'at most':>8}")
    for row in rows:
        own, middle = ("" if value is None else f"{value:.1f}" for value in (row.own, row.middle))
        verdict = "PASS" if row.passed else "FAIL"
        print(f"{row.name:48} {own:>6} {middle:>6} {row.value:7.1f} {row.limit:8.1f}  {verdict}")
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except httpx.HTTPError as error:
        sys.exit(f"the server did not answer: {error!r}")
