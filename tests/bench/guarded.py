"""What recording the states of guarded objects costs a request: ``python -m tests.bench.guarded [--database-url URL]
[--without-url URL]``.

Two servers, one of which records no states (``--broken states``), are asked for the same changes in turn. The medians
of many are compared. The exit status is 1 if a change costs more than :data:`MOST` times as much with the states.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.bench.figures import Row, table
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker

TIMES = 60
#: How much longer a change may take than without the states.
MOST = 1.75


class Changes:
    """Changes of guarded objects, and one of none to compare with, at one server."""

    def __init__(self, server: ServerProcess, stack: ExitStack) -> None:
        self._me = stack.enter_context(Sender(server))
        self._work = stack.enter_context(Worker(server))
        self._me.add_user("BOB").http.close()
        self._folder = self._me.folder
        place = self._work.workspace("Mine")
        self._place = self._work.folder(place, "Mine")
        self._paper = self._work.upload(self._place, "Paper")["id"]
        self._count = 0
        self.acts: dict[str, Callable[[], object]] = {
            "a page of the folder (nothing changes)": self._list,
            "a send of 20 documents": self._publish,
            "change the policy": self._policy,
            "add a member and remove them": self._member,
            "a new document in Work": self._upload,
            "a new version in Work": self._version,
        }

    def _list(self) -> None:
        self._me.get(f"/folders/{self._folder}/documents", limit=20)

    def _publish(self) -> None:
        self._me.publish_together(self._me.open()["id"], [f"{number}.txt" for number in range(20)])

    def _policy(self) -> None:
        self._count += 1
        self._me.request("PATCH", "/policy", json={"folder_name": f"Folder {self._count}"}).raise_for_status()

    def _member(self) -> None:
        self._me.post(f"/folders/{self._folder}/members", {"name": "BOB"})
        self._me.delete(f"/folders/{self._folder}/members/BOB")

    def _upload(self) -> None:
        self._work.upload(self._place, "Paper")

    def _version(self) -> None:
        self._work.new_version(self._paper, "Paper")


def _rows(recording: Changes, bare: Changes) -> list[Row]:
    rows = []
    for what in recording.acts:
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(TIMES):
            for changes, times in zip((recording, bare), took, strict=True):
                began = time.perf_counter()
                changes.acts[what]()
                times.append((time.perf_counter() - began) * 1000)
        ours, floor = (statistics.median(times) for times in took)
        rows.append(Row(what, ours, floor * MOST, "ms", floor, "without states"))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", help="a fresh PostgreSQL database")
    parser.add_argument("--without-url", help="another, for the server that records no states")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        here = Path(folder)
        servers = [
            stack.enter_context(ServerProcess(here / name, arguments=more, database_url=url))
            for name, more, url in (
                ("with", (), options.database_url),
                ("without", ("--broken", "states"), options.without_url),
            )
        ]
        rows = _rows(*(Changes(server, stack) for server in servers))
    print(table(rows))
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
