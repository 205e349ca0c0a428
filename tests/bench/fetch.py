"""What it costs to look at the bytes that are sent: ``python -m tests.bench.fetch [MEBIBYTES]``.

One document is fetched through its link several times, alternately whole (its digest is computed on the way) and
without its first byte (which is not looked at); both from the system's memory, over loopback. Where nginx is installed,
``curl`` fetches the document through its link, and alternately the same file from nginx.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.bench.figures import Row, table
from tests.support.publish import publish
from tests.support.recipient import take
from tests.support.server import ServerProcess

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


def _took(guest: httpx.Client, address: str, **headers: str) -> float:
    begun = time.perf_counter()
    with guest.stream("GET", address, headers=headers) as answer:
        answer.raise_for_status()
        for _ in answer.iter_raw(_MEBIBYTE):
            pass
    return time.perf_counter() - begun


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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "nginx.conf"
    settings.write_text(_CONFIGURATION.format(folder=folder, port=port))
    with subprocess.Popen([_NGINX, "-c", str(settings)]) as process:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def beside_nginx(server: ServerProcess, document: dict[str, Any], content: bytes, folder: Path) -> Row:
    """The document through its link beside the same file from nginx, both with ``curl``."""
    folder.mkdir()
    (folder / "large.bin").write_bytes(content)
    ours, theirs = [], []
    with nginx(folder) as address, server.guest() as guest:
        for _ in range(_TURNS):
            link = urljoin(server.url, take(guest, document))
            ours.append(_fetched(link))
            theirs.append(_fetched(f"{address}large.bin"))
    middle = statistics.median
    # As many bytes a second as nine tenths of nginx's.
    most = middle(theirs) / 0.9
    return Row("fetched with curl", middle(ours) * 1000, most * 1000, "ms", middle(theirs) * 1000, "nginx")


def _fetched(address: str) -> float:
    begun = time.perf_counter()
    subprocess.run(["curl", "-sf", "-o", os.devnull, address], check=True)
    return time.perf_counter() - begun


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    content = bytes(_MEBIBYTE) * size
    begun = time.perf_counter()
    hashlib.sha256(content).digest()
    alone = time.perf_counter() - begun
    rows = []
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        document = publish(server, content, "large.bin")
        whole, part, begins, begins_part = [], [], [], []
        with server.guest() as guest:
            for _ in range(_TURNS):
                address = take(guest, document)
                whole.append(_took(guest, address))
                part.append(_took(guest, address, Range="bytes=1-"))
                with contextlib.suppress(httpx.HTTPError):
                    address = take(guest, document)
                    begins.append(_first(guest, address))
                    begins_part.append(_first(guest, address, Range="bytes=1-"))
        if _NGINX:
            rows.append(beside_nginx(server, document, content, Path(folder) / "nginx"))
    rows[:0] = [
        Row(f"{size:,} MiB, looked at", min(whole) * 1000, None, "ms", min(part) * 1000, "not looked at"),
        Row("its first byte", min(begins) * 1000, None, "ms", min(begins_part) * 1000, "not looked at"),
        Row("the digest alone", alone * 1000, None, "ms"),
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
