"""Sharing servers by others, to which the same file is sent: copyparty and PsiTransfer, if they are installed.

``copyparty`` must be on the search path or named by ``COPYPARTY``, with its own command ``u2c`` beside it;
``PSITRANSFER`` names the folder of a PsiTransfer whose Node.js packages are installed. To both, ``curl`` sends the file
in a single request, the fastest way that there is, but one that can't be resumed. Like ``sentlinks send``, ``u2c``
is a whole command, which can resume and makes sure that every byte has arrived.
"""

from __future__ import annotations

import base64
import os
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urljoin
from uuid import uuid4

import httpx

from tests.bench.figures import Row

#: Sends a file.
Send = Callable[[Path], object]


def _curl(address: str, file: Path, *arguments: str) -> None:
    command = ["curl", "-sf", "-o", os.devnull, "-H", "Expect:", *arguments, "-T", str(file), address]
    subprocess.run(command, check=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, **environ: str) -> Iterator[str]:
    """Runs a server, and yields its address as soon as it listens to the port."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, env={**os.environ, **environ}) as process:
        while process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


@contextmanager
def copyparty(folder: Path) -> Iterator[dict[str, Send]]:
    """The ways to send to it; none if it isn't installed."""
    program = os.environ.get("COPYPARTY") or shutil.which("copyparty")
    if program is None:
        yield {}
        return
    folder.mkdir()
    port = free_port()
    # Without the last option, it would copy the bytes of an earlier turn.
    command = [
        program,
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-v",
        f"{folder}::rw",
        "-q",
        "--no-thumb",
        "--no-clone",
    ]
    own = Path(program).with_name("u2c")
    with running(command, port, XDG_CONFIG_HOME=str(folder / ".settings")) as address:

        def send(file: Path) -> None:
            name = uuid4().hex
            subprocess.run(
                [own, urljoin(address, name), str(file)],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stored = list((folder / name).iterdir())
            assert [found.stat().st_size for found in stored] == [file.stat().st_size]

        by_curl: dict[str, Send] = {"copyparty": lambda file: _curl(urljoin(address, uuid4().hex), file)}
        yield by_curl | ({"copyparty's u2c": send} if own.exists() else {})


@contextmanager
def psitransfer(folder: Path) -> Iterator[dict[str, Send]]:
    """The way to send to it; none if it isn't installed."""
    place = os.environ.get("PSITRANSFER")
    if place is None:
        yield {}
        return
    folder.mkdir()
    port = free_port()
    settings = {
        "NODE_ENV": "production",
        "PSITRANSFER_PORT": str(port),
        "PSITRANSFER_IFACE": "127.0.0.1",
        "PSITRANSFER_UPLOAD_DIR": str(folder),
    }
    with running(["node", str(Path(place) / "app.js")], port, **settings) as address:

        def send(file: Path) -> None:
            fields = {"sid": uuid4().hex, "name": file.name, "retention": "3600"}
            encoded = ",".join(
                f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in fields.items()
            )
            created = httpx.post(
                urljoin(address, "files"),
                headers={
                    "Tus-Resumable": "1.0.0",
                    "Upload-Length": str(file.stat().st_size),
                    "Upload-Metadata": encoded,
                },
            ).raise_for_status()
            headers = (
                "Tus-Resumable: 1.0.0",
                "Upload-Offset: 0",
                "Content-Type: application/offset+octet-stream",
            )
            _curl(
                urljoin(address, created.headers["Location"]),
                file,
                *("-X", "PATCH"),
                *(part for header in headers for part in ("-H", header)),
            )

        yield {"PsiTransfer": send}


@contextmanager
def installed(folder: Path) -> Iterator[dict[str, Send]]:
    """Starts those that are installed."""
    with copyparty(folder / "copyparty") as first, psitransfer(folder / "psitransfer") as second:
        yield first | second


class Times:
    """How many seconds each took for the file: until it responded, and until the file was on disk, too."""

    def __init__(self, sharers: dict[str, Send]) -> None:
        self._sharers = sharers
        self._times: dict[str, list[float]] = {}

    def send(self, file: Path, settle: Callable[[], object]) -> None:
        """Send ``file`` to each, after calling ``settle``."""
        for name, send in self._sharers.items():
            settle()
            begun = time.perf_counter()
            send(file)
            self._times.setdefault(name, []).append(time.perf_counter() - begun)
            os.sync()
            self._times.setdefault(f"{name}, on disk", []).append(time.perf_counter() - begun)

    def rows(self, ours: float) -> list[Row]:
        """``ours``, in seconds, beside the median of each."""
        return [
            Row(f"  beside {name}", ours * 1000, None, "ms", statistics.median(times) * 1000)
            for name, times in self._times.items()
        ]
