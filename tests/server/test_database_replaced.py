"""The data folder is removed, or a backup put in its place, while a server is running."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, path_of
from tests.support.users.share import Sender, until

BACK = "has to be started again"


@pytest.fixture
def backup(fresh_server: ServerProcess, tmp_path: Path) -> Path:
    """The data folder as it is now, copied."""
    copy = tmp_path / "copy"
    shutil.copytree(fresh_server.data, copy, ignore=shutil.ignore_patterns("socket"))
    return copy


def test_nothing_is_written_into_what_is_gone(fresh_server: ServerProcess, backup: Path) -> None:
    """What a sender is told to be sent would be lost as soon as the server ends."""
    with Sender(fresh_server) as sender:
        send = sender.open()
        fresh_server.data.rename(fresh_server.data.with_name("old"))
        backup.rename(fresh_server.data)
        try:
            answer = sender.request("POST", "/sends", json={"folder": send["folder"]["id"]})
            assert (answer.status_code, answer.json()["code"]) == (503, "database.replaced")
            assert BACK in answer.json()["detail"]
        except httpx.TransportError:
            pass  # It has ended by now.
    until(lambda: fresh_server.process.poll() is not None)
    assert fresh_server.process.poll() == 1
    assert BACK in fresh_server.log.read_text()


def test_links_of_a_removed_folder_stop(fresh_server: ServerProcess) -> None:
    document = publish(fresh_server, b"content", "offer.pdf")
    shutil.rmtree(fresh_server.data)
    until(lambda: fresh_server.process.poll() is not None)
    assert fresh_server.process.poll() == 1
    with fresh_server.guest() as guest, pytest.raises(httpx.TransportError):
        guest.get(path_of(document), headers=HTML)
