"""Fixtures shared by the app's tests: a plain terminal environment and a fixed time zone."""

from __future__ import annotations

import copy
import gc
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.app.app import app_for
from tests.support.app.chosen_versions import fill_matter
from tests.support.app.long_lists import filled_server
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import ARGUMENTS, STANDS_AT, add_shortcut, send_some
from tests.support.pictures.states import sign_in_people
from tests.support.sends.killed_sends import MIB
from tests.support.servers.data_folders import Stocks
from tests.support.servers.fill import Filled
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish, publish_all
from tests.support.users.share import Sender
from tui.locations.location import Location
from tui.ui.app import SentlinksApp
from tui.ui.send import carried_documents
from tui.ui.textual_patches import memory, sequences

#: More than a page.
MANY = 130
#: Far more than a list keeps.
LONG = 1100
MakeApp = Callable[..., SentlinksApp]


@pytest.fixture(autouse=True)
def own_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test saves in the current folder isn't left in the project's."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (
        "TMUX",
        "STY",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "SSH_TTY",
        "SSH_CONNECTION",
        "NO_COLOR",
        "COLORFGBG",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    # On a busy machine, a pilot needs longer than a user for the next key of a sequence.
    monkeypatch.setattr(sequences, "SECONDS", 60.0)
    # And documents take longer to be looked into than a user is let wait for.
    monkeypatch.setattr(carried_documents, "_PATIENCE", 60.0)
    # An app exempts from collection what exists once it has started. In this process, in which one app starts after
    # another, none of them would ever be freed.
    monkeypatch.setattr(gc, "freeze", lambda: None)
    # Nor does it run for so long that it has to collect what dialogs leave.
    monkeypatch.setattr(memory, "_COLLECT_EVERY", 1000)
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="session")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, dict[str, str]]]:
    """A server with the sample matters, some sent documents, and a few people whose tokens these are. Its clock and
    secrets are fixed. For reading only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ServerProcess, "dear_passwords", False)
        data = tmp_path_factory.mktemp("still") / "data"
        server = ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT)
    with server:
        send_some(server)
        yield server, sign_in_people(server)


@pytest.fixture
def still_server(still: tuple[ServerProcess, dict[str, str]]) -> ServerProcess:
    return still[0]


def _send_three(server: ServerProcess) -> None:
    add_shortcut(server)
    # One after the other, as lists are sorted by time.
    for name in ("First.pdf", "Second.pdf", "Third.pdf"):
        publish_all(server, [name])


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that tests share: each signs in as another user, and none changes what is everybody's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ServerProcess, "dear_passwords", False)
        server = ServerProcess(tmp_path_factory.mktemp("shared") / "data")
    with server:
        yield server


def another_user(server: ServerProcess) -> ServerProcess:
    """The same server, as an administrator sees it who has nothing yet."""
    with Sender(server) as me, me.add_user(f"USER{uuid.uuid4().hex[:8].upper()}", admin=True) as user:
        as_user = copy.copy(server)
        as_user.token = user.http.headers["X-Auth-Token"]
    return as_user


@contextmanager
def filled(
    request: pytest.FixtureRequest, fill: Callable[[ServerProcess], object], data: Path
) -> Iterator[ServerProcess]:
    """A server that was filled like this. If the module sets ``SERVER = "shared"``, it is the shared one, but for tests
    that change the policy or are marked as ``OWN_SERVER``."""
    which = "own" if "policy" in request.fixturenames else getattr(request.module, "SERVER", "own")
    if getattr(request, "param", which) == "shared":
        server = another_user(request.getfixturevalue("shared_server"))
        fill(server)
        yield server
        return
    stocks: Stocks = request.getfixturevalue("stocks")
    with stocks.server(fill, data) as server:
        yield server


@pytest.fixture
def three_sent(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with First.pdf, Second.pdf and Third.pdf in a folder that has a shortcut."""
    with filled(request, _send_three, tmp_path / "data") as server:
        yield server


#: For tests that set the server's clock, add users, or need to be alone on the server in another way.
OWN_SERVER = pytest.mark.parametrize("three_sent", ["own"], indirect=True)


def _send_limited(server: ServerProcess) -> None:
    add_shortcut(server)
    for name in ("First.pdf", "Second.pdf", "Third.pdf"):
        publish(server, b"content", name, downloads_permitted=2)


@pytest.fixture
def limited(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    """The same, with documents that may be downloaded twice."""
    with filled(request, _send_limited, tmp_path / "data") as server:
        yield server


def _send_two(server: ServerProcess) -> None:
    add_shortcut(server)
    publish(server, b"offer", "Offer.pdf")
    publish(server, b"terms", "Terms.pdf")
    with Sender(server) as me:
        me.add_user("ANNA").http.close()


@pytest.fixture
def two_sent(stocks: Stocks, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with Offer.pdf and Terms.pdf in a folder that has a shortcut, and with another user, ANNA."""
    with stocks.server(_send_two, tmp_path / "data") as server:
        yield server


def _send_many(server: ServerProcess) -> None:
    publish_all(server, [f"Minutes {number:03}.txt" for number in range(MANY)])


@pytest.fixture
def many(stocks: Stocks, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with more than a page of sent documents."""
    with stocks.server(_send_many, tmp_path / "data") as server:
        yield server


@pytest.fixture
def proxy(three_sent: ServerProcess) -> Iterator[Misbehaving]:
    """A proxy in front of that server that can hold back its responses."""
    with Misbehaving(three_sent.url) as proxy:
        yield proxy


@pytest.fixture
def files(tmp_path: Path) -> Location:
    """A local folder with six files."""
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(6):
        (folder / f"Minutes {number}.txt").write_text("minutes")
    return Location("local", "files", str(folder))


@pytest.fixture
def make_app(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> MakeApp:
    """The app on that server, through the proxy."""
    return lambda **more: app_for(three_sent, tmp_path, demo=False, url=proxy.url, **more)


@pytest.fixture
def policy(three_sent: ServerProcess) -> Callable[..., None]:
    """Changes the policy of that server."""

    def change(**rules: Any) -> None:
        with Sender(three_sent) as me:
            me.request("PATCH", "/policy", json=rules).raise_for_status()

    return change


@pytest.fixture
def no_mail_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program that opens a draft is there, nor an editor."""
    monkeypatch.setenv("PATH", "/nowhere")
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the app keeps the journals of its sends."""
    return tmp_path / "state"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The current folder, with two small files and a large one."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    # Letters only: numbers in names are sorted by their value.
    letters = str.maketrans("0123456789", "ghijklmnop")
    names = (f"{os.urandom(4).hex().translate(letters)}-{name}" for name in ("a.txt", "b.txt", "c.bin"))
    made = [folder / name for name in names]
    for path, size in zip(made, (10, 20, MIB + 1), strict=True):
        path.write_bytes(os.urandom(size))
    return sorted(made)


@pytest.fixture
def idents(stocks: Stocks, tmp_path: Path) -> dict[str, str]:
    """The ids, without a version, of two documents with three versions each and one with a single version."""
    return stocks.copy(fill_matter, tmp_path / "data")


@pytest.fixture(scope="session")
def still_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, Filled]]:
    """A server with :data:`LONG` documents in its large folder. No test changes its folders; what is sent is no part of
    them."""
    with filled_server(tmp_path_factory.mktemp("library") / "data", LONG) as found:
        yield found


@pytest.fixture(scope="module")
def library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, Filled]]:
    """A server with a large folder: one that all read, or of the module's own, with as many documents as its ``MANY``
    says."""
    if not hasattr(request.module, "MANY"):
        yield request.getfixturevalue("still_library")
        return
    with filled_server(tmp_path_factory.mktemp("library") / "data", request.module.MANY) as found:
        yield found


@pytest.fixture
def held(library: tuple[ServerProcess, Filled]) -> Iterator[Misbehaving]:
    """A proxy in front of that server that can hold back its responses."""
    with Misbehaving(library[0].url) as proxy:
        yield proxy
