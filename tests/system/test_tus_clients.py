"""Other people's tus clients upload documents, each in a process of its own; the rest is done as it is described."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Cut
from tests.support.real_parts import lacks
from tests.support.servers.server import ROOT, ServerProcess
from tests.support.users.recipient import path_of
from tests.support.users.share import CONTENT, PASSWORD, Sender, fetch, until
from tests.support.users.stranger import Stranger

TUS = ROOT / "tests" / "support" / "tus"
TUSPY = (sys.executable, "-m", "tests.support.tus.upload")
TUS_JS = ("node", str(TUS / "upload.mjs"))
FILE = os.urandom((6 << 20) + 7)
#: How many bytes arrive before the connection breaks.
ARRIVE = 2_345_678
SECONDS = 60


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as found:
        yield found


@pytest.fixture
def stranger(me: Sender) -> Iterator[Stranger]:
    """Someone with an account who has read the description and opened a send."""
    name = f"STRANGER{os.urandom(4).hex().upper()}"
    me.add_user(name).http.close()
    with Stranger(me.server, name, PASSWORD) as found:
        found.take(1, 2, 3, 4)
        yield found


class Uploads:
    """Runs of a client for the same file, with the same notes of what is unfinished."""

    def __init__(self, client: tuple[str, ...], folder: Path, endpoint: str, known: dict[str, Any]) -> None:
        self._client = client
        self._options = {
            "endpoint": endpoint,
            "headers": {"X-Auth-Token": known["token"]},
            "metadata": {"send": known["send"]["id"]},
        }
        self._file, self._storage = folder / "Offer.pdf", folder / "unfinished"
        self._file.write_bytes(FILE)

    def run(self, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._client, str(self._file), str(self._storage), json.dumps(self._options | options)],
            cwd=ROOT,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


@pytest.fixture
def uploads(
    request: pytest.FixtureRequest, stranger: Stranger, proxy: Misbehaving, tmp_path: Path
) -> Uploads:
    """Skips the test if tus-js-client isn't installed (``npm ci`` in its folder); with ``CI=true``, it fails."""
    if request.param is TUS_JS and not (shutil.which("node") and (TUS / "node_modules").exists()):
        lacks("tus-js-client (npm ci --prefix tests/support/tus)")
    return Uploads(request.param, tmp_path, f"{proxy.url}/share/v1/uploads", stranger.known)


@few(1)
@pytest.mark.parametrize("uploads", [TUSPY, TUS_JS], ids=["tuspy", "tus-js-client"], indirect=True)
def test_a_broken_upload_is_resumed_and_published(
    server: ServerProcess, stranger: Stranger, proxy: Misbehaving, uploads: Uploads
) -> None:
    """By a second run of the client, without sending a byte twice."""
    proxy.spoil("PATCH", Cut(ARRIVE, arrive=True))
    assert uploads.run().returncode != 0
    # The server has noticed the break as soon as it lets someone else continue the upload.
    (broken,) = (request for request in proxy.seen if request.method == "PATCH")
    there = CONTENT | {"Upload-Offset": str(ARRIVE)}
    until(lambda: stranger.http.patch(broken.path, headers=there).is_success)
    done = uploads.run()
    assert done.returncode == 0, done.stderr
    assert proxy.received("PATCH") == [ARRIVE, len(FILE) - ARRIVE]
    assert proxy.count("POST", "/uploads") == 1
    stranger.known["UPLOAD"] = done.stdout.strip().rpartition("/")[2]
    stranger.known |= {"SHA256": hashlib.sha256(FILE).hexdigest(), "KEY": "first"}
    stranger.take(7)
    document = stranger.known["document"]
    assert document["size"] == len(FILE)
    assert fetch(server, path_of(document)) == FILE


@pytest.mark.parametrize("uploads", [TUS_JS], ids=["tus-js-client"], indirect=True)
def test_parts_of_an_upload_are_refused(proxy: Misbehaving, uploads: Uploads) -> None:
    """A client that would upload parts at the same time, and have them put together, learns why it can't."""
    done = uploads.run(parallelUploads=2)
    assert done.returncode != 0
    assert "Uploads can't be concatenated" in done.stderr
    assert proxy.count("PATCH") == 0
