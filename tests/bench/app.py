"""What the app costs: ``python -m tests.bench.app [--runs N] [--documents N] [--data FILLED]``.

Each row has our figure, its limit, what it is compared with in the same run, their ratio, and PASS or FAIL; the exit
status is 1 if a row fails. Our starts alternate with those of an empty Textual app, and medians are compared, since
machines are noisy. The limits on processor time for a key hold for a machine on which, at that moment, a page of
Textual's own table takes 8 ms, and the limit on the first text for one on which an empty app is up after 180 ms; if
these take longer, the limits grow in proportion. There are rows for other programs if those are installed: mc and
lazygit (``apt install mc lazygit``), posting and harlequin (``pipx install posting harlequin``; posting fails with a
tree-sitter newer than 0.25).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import live, peers
from tests.bench.app_steps import Bench, slowness
from tests.bench.figures import Row, table
from tests.bench.screen import Program
from tests.support.servers.fill import Filled, fill
from tests.support.servers.server import ServerProcess

#: The first document of the samples' worklist.
SAMPLE = "Dictation"
#: How often the whole main job is done; the median counts.
JOBS = 3


@contextmanager
def sample(bytecode: Path) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data", sample=True) as server:
        yield Bench(server, Path(folder) / "home", bytecode, server.token, SAMPLE)


@contextmanager
def filled(data: Path | None, documents: int, bytecode: Path, *, large: bool) -> Iterator[Bench]:
    """A library with a folder of ``documents`` documents and one of a hundred; the app opens with one of them
    (``large``)."""
    with tempfile.TemporaryDirectory() as folder:
        place = data or Path(folder) / "data"
        if data is None:
            library = asyncio.run(fill(place, documents))
        else:
            library = Filled(**json.loads(place.with_name(place.name + ".json").read_text()))
        with ServerProcess(place) as server:
            token = library.tokens["DJONES"]
            first = _favourite(server, token, library.large if large else library.small)
            yield LargeBench(server, Path(folder) / "home", bytecode, token, first)


class LargeBench(Bench):
    """The app as the demo starts it: with a folder open."""

    def ours(self, columns: int = 120, rows: int = 40) -> Program:
        code = (
            "import os, sys\n"
            "from tui.terminal.frame import first_frame\n"
            "with first_frame(os.environ):\n"
            "    from tui.ui.start import run_app\n"
            "    from tui.clients.target import Target\n"
            f"    sys.exit(run_app(Target({self.server.url!r}, {self.environ['SENTLINKS_TOKEN']!r}), demo=True))\n"
        )
        return Program([sys.executable, "-c", code], {**self.environ, **self.bytecode}, columns, rows)


def _favourite(server: ServerProcess, token: str, target: str) -> str:
    """Makes a folder the only shortcut in My Favorites, which the app then opens; returns the name of its first
    document."""
    library = "/work/api/v2/customers/1/libraries/ACTIVE"
    with server.client(token) as client:
        for old in client.get(f"{library}/my-favorites/children").json()["data"]:
            client.delete(f"{library}/my-favorites/children/{old['id']}").raise_for_status()
        body = {"target_id": target, "name": "Measured"}
        client.post(f"{library}/my-favorites/children", json=body).raise_for_status()
        found = client.get(f"{library}/folders/{target}/children", params={"limit": 1}).raise_for_status()
    return str(found.json()["data"][0]["name"])[:16]


def steps(options: argparse.Namespace, bytecode: Path) -> Iterator[Row]:
    """A step that changes what the first screen shows has a server of its own."""
    with sample(bytecode) as bench:
        bench.samples(options.runs)
        yield from bench.rows
    with sample(bytecode) as bench:
        bench.told()
        yield from bench.rows
    for columns, rows, limit in ((80, 24, 17.0), (120, 40, 26.0)):
        jobs: list[Row] = []
        for _ in range(JOBS):
            with sample(bytecode) as bench:
                bench.main_job(columns, rows, limit)
                jobs += bench.rows
        yield sorted(jobs, key=lambda job: job.value)[JOBS // 2]
    with filled(options.data, options.documents, bytecode, large=False) as bench:
        bench.starts(options.runs, "a folder of 100")
        yield from bench.rows[2:3]
    with filled(options.data, options.documents, bytecode, large=True) as bench:
        size = f"{options.documents:,}"
        bench.starts(options.runs, f"a folder of {size}")
        del bench.rows[3:], bench.rows[:2]
        bench.moves(f"of {size}")
        bench.long_way()
        yield from bench.rows
    with tempfile.TemporaryDirectory() as folder, sample(bytecode) as bench:
        for what, value, limit, unit in live.measured(bytecode, slowness(bench.plain()[1])):
            bench.add(what, value, limit, unit)
        bench.others(min(options.runs, 3), peers.prepared(Path(folder)))
        yield from bench.rows


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9, help="starts of each program that are counted")
    parser.add_argument("--documents", type=int, default=1_000_000, help="in the large folder")
    parser.add_argument(
        "--data", type=Path, help="a library that tests.support.servers.fill has made, with as many"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as bytecode:
        rows = list(steps(options, Path(bytecode)))
    print(table(rows))
    return 0 if all(row.passed is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
