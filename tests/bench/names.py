"""Whether the time of a sign-in reveals that a user name is unknown: ``python -m tests.bench.names [TURNS]``.

A known name and an unknown one are tried in turn, with a wrong password; each is compared with the quicker one.
A response that compares no password takes a tenth as long.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Row, table
from tests.support.servers.server import ServerProcess

_TURNS = 60
_MOST = 1.4
_PASSWORD = "Blue-Heron-48"


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else _TURNS
    times: dict[str, list[float]] = {"GRETA": [], "NOBODY": []}
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        with server.client() as admin:
            body = {"name": "GRETA", "password": _PASSWORD}
            admin.post("/share/v1/users", json=body).raise_for_status()
        with server.guest() as guest:
            for _ in range(turns):
                # Otherwise the client would have to wait after some attempts.
                with sqlite3.connect(server.data / "sentlinks.db") as database:
                    database.execute("DELETE FROM wrong_sign_ins")
                for name, taken in times.items():
                    begun = time.perf_counter()
                    answer = guest.post("/share/v1/login", json={"user": name, "password": "wrong"})
                    taken.append(time.perf_counter() - begun)
                    assert answer.status_code == 401, answer.text
    medians = {name: statistics.median(taken) * 1000 for name, taken in times.items()}
    quicker = min(medians.values())
    print(table([Row(name, took, _MOST * quicker, "ms", floor=quicker) for name, took in medians.items()]))


if __name__ == "__main__":
    main()
