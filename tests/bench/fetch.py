"""What it costs to fetch a large document, and to make sure of its bytes: ``python -m tests.bench.fetch [MEBIBYTES]``.

Two documents with the same bytes are fetched several times through their links with ``curl``, from the system's memory,
over loopback. One was verified a short while before; the file of the other is touched before each time, so that it is
digested on the way. Alternately, the same file is fetched from nginx, where that is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.bench.figures import Row, table
from tests.bench.sharers import free_port, running
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import take
from tests.support.users.share import stored

_TURNS = 5
_MEBIBYTE = 1024 * 1024
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


def _first(guest: httpx.Client, address: str, **headers: str) -> float:
    begun = time.perf_counter()
    with guest.stream("GET", address, headers=headers) as answer:
        next(answer.iter_raw())
        return time.perf_counter() - begun


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


def _fetched(address: str) -> float:
    begun = time.perf_counter()
    subprocess.run(["curl", "-sf", "-o", os.devnull, address], check=True)
    return time.perf_counter() - begun


class Bench:
    """A server with the two documents, and what fetching them took, in seconds."""

    def __init__(self, server: ServerProcess, content: bytes) -> None:
        self._server = server
        self._digested = publish(server, content, "digested.bin")
        (self._file,) = stored(server)
        self._verified = publish(server, content, "verified.bin")
        self.digested: list[float] = []
        self.verified: list[float] = []
        self.theirs: list[float] = []
        self.begins: list[float] = []
        self.begins_verified: list[float] = []

    def run(self, theirs: str) -> None:
        """Fetches both, and the file at ``theirs`` if that is given."""
        with self._server.guest() as guest:
            for _ in range(_TURNS):
                self._file.touch()
                self.digested.append(_fetched(self._link(guest, self._digested)))
                self.verified.append(_fetched(self._link(guest, self._verified)))
                if theirs:
                    self.theirs.append(_fetched(theirs))
                self._file.touch()
                with contextlib.suppress(httpx.HTTPError):
                    self.begins.append(_first(guest, self._link(guest, self._digested)))
                    self.begins_verified.append(_first(guest, self._link(guest, self._verified)))

    def _link(self, guest: httpx.Client, document: dict[str, Any]) -> str:
        return urljoin(self._server.url, take(guest, document))


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    content = bytes(_MEBIBYTE) * size
    begun = time.perf_counter()
    hashlib.sha256(content).digest()
    alone = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as name, ServerProcess(Path(name) / "data") as server:
        bench, folder = Bench(server, content), Path(name) / "nginx"
        folder.mkdir()
        if _NGINX:
            (folder / "large.bin").write_bytes(content)
        with nginx(folder) if _NGINX else nullcontext() as address:
            bench.run(f"{address}large.bin" if address else "")
    middle = statistics.median
    theirs = middle(bench.theirs) * 1000 if bench.theirs else None
    # As many bytes a second as nine tenths of nginx's.
    most = theirs / 0.9 if theirs else None
    what, of = f"{size:,} MiB", "nginx" if theirs else ""
    rows = [
        Row(f"{what}, verified a short while before", middle(bench.verified) * 1000, most, "ms", theirs, of),
        Row(f"{what}, digested on the way", middle(bench.digested) * 1000, None, "ms", theirs, of),
        Row("  the digest alone", alone * 1000, None, "ms"),
        Row(
            "  its first byte",
            min(bench.begins) * 1000,
            None,
            "ms",
            min(bench.begins_verified) * 1000,
            "verified",
        ),
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
