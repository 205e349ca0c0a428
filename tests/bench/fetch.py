"""What it costs to fetch a large document: ``python -m tests.bench.fetch [MEBIBYTES]``.

Two documents with the same bytes are fetched several times through their links with ``curl``, from the system's memory,
over loopback: one that is encrypted where it lies, and one that lies plain, as an earlier version stored it, and was
verified a short while before. Alternately, the same file is fetched from nginx, where that is installed. The exit
status is 1 if a row fails.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.bench.figures import Row, table
from tests.bench.sharers import free_port, running
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import take

#: How many times as long an encrypted document may take as a plain one, as it takes from nginx, and as the whole of it
#: takes for as many bytes. The best of several turns are compared. The part lacks little of the whole, since what each
#: fetch takes by itself (curl's start, the first small pieces) isn't a matter of ranges.
MOST_OF_PLAIN, MOST_OF_NGINX, MOST_OF_WHOLE = 1.5, 2.2, 1.1
_TURNS = 5
_MEBIBYTE = 1024 * 1024
#: Where the part begins: inside of a chunk.
_PART = _MEBIBYTE + 5
_NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
#: As its packages configure it: files go from the system's memory to the connection.
_CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off; sendfile on; tcp_nopush on;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """Starts nginx, and yields the address at which it serves the files of ``folder``."""
    assert _NGINX is not None
    folder.chmod(0o755)
    port = free_port()
    settings = folder / "nginx.conf"
    settings.write_text(_CONFIGURATION.format(folder=folder, port=port))
    with running([_NGINX, "-c", str(settings)], port) as address:
        yield address


def _fetched(address: str, *options: str) -> float:
    begun = time.perf_counter()
    subprocess.run(["curl", "-sf", "-o", os.devnull, *options, address], check=True)
    return time.perf_counter() - begun


def _seals(server: ServerProcess, value: str | None) -> None:
    """How far the installation is with encrypting what lies there; without a value it hasn't begun."""
    with closing(sqlite3.connect(server.data / "sentlinks.db", timeout=30)) as database, database:
        database.execute("UPDATE installation SET sealing = ?", (value,))


class Bench:
    """A server with the two documents, and what fetching them took, in seconds."""

    def __init__(self, server: ServerProcess, content: bytes) -> None:
        self._server = server
        _seals(server, None)
        self._plain = publish(server, content, "plain.bin")
        _seals(server, "done")
        self._sealed = publish(server, content, "sealed.bin")
        self.plain: list[float] = []
        self.sealed: list[float] = []
        self.parts: list[float] = []
        self.theirs: list[float] = []

    def run(self, theirs: str) -> None:
        """Fetches both, nearly all of the encrypted one, and the file at ``theirs`` if that is given."""
        with self._server.guest() as guest:
            for _ in range(_TURNS):
                self.plain.append(_fetched(self._link(guest, self._plain)))
                self.sealed.append(_fetched(self._link(guest, self._sealed)))
                self.parts.append(_fetched(self._link(guest, self._sealed), "-r", f"{_PART}-"))
                if theirs:
                    self.theirs.append(_fetched(theirs))

    def _link(self, guest: httpx.Client, document: dict[str, Any]) -> str:
        return urljoin(self._server.url, take(guest, document))


def main() -> int:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    content = bytes(_MEBIBYTE) * size
    with tempfile.TemporaryDirectory() as name, ServerProcess(Path(name) / "data") as server:
        bench, folder = Bench(server, content), Path(name) / "nginx"
        folder.mkdir()
        if _NGINX:
            (folder / "large.bin").write_bytes(content)
        with nginx(folder) if _NGINX else nullcontext() as address:
            bench.run(f"{address}large.bin" if address else "")
    sealed, plain = min(bench.sealed) * 1000, min(bench.plain) * 1000
    what = f"{size:,} MiB"
    rows = [
        Row(f"{what}, encrypted", sealed, MOST_OF_PLAIN * plain, "ms", plain, "plain"),
        Row(
            "  all of it but the beginning, for as many bytes",
            1000 * min(bench.parts) * len(content) / (len(content) - _PART),
            MOST_OF_WHOLE * sealed,
            "ms",
            sealed,
            "whole",
        ),
    ]
    if bench.theirs:
        theirs = min(bench.theirs) * 1000
        rows.insert(1, Row(f"{what}, encrypted", sealed, MOST_OF_NGINX * theirs, "ms", theirs, "nginx"))
    print(table(rows))
    return 0 if all(row.passed is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
