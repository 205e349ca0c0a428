"""Fixtures shared by the tests of whole programs."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.real_parts import need
from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.support.terminal import copying
from tests.support.terminal.copying import SECONDS, plain_environment, until
from tests.support.terminal.drafting import Desk
from tests.support.terminal.tmux import Tmux
from tests.support.users.work import add_person
from tests.system.command import Client, run
from tests.system.links import Sent
from tests.system.local_server import Home, prepare
from tests.system.people import new_name
from tests.system.serving import Serving
from tests.system.two_servers import Person
from tests.system.watching import configure


@pytest.fixture
def client(server: ServerProcess, tmp_path: Path) -> Client:
    """Runs commands against the module's server, in a folder of its own."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Client(server.url, server.token, folder)


@pytest.fixture
def admin(server: ServerProcess, tmp_path: Path) -> Client:
    """An administrator, on the module's server."""
    folder = tmp_path / "admin"
    folder.mkdir()
    return Client(server.url, server.token, folder)


@pytest.fixture
def anna(admin: Client, server: ServerProcess, tmp_path: Path) -> Client:
    """A user who is not an administrator."""
    name = new_name()
    assert admin("user", "add", name, "--password-stdin", given="anna-knows-1").status == 0
    home = tmp_path / "annas home"
    signed = run("login", name, "--password-stdin", "--server", server.url, "--json", given="anna-knows-1",
                 SENTLINKS_HOME=str(home))  # fmt: skip
    folder = tmp_path / "anna"
    folder.mkdir()
    client = Client(server.url, signed.json["token"], folder)
    client.environ = {**client.environ, "NAME": name}
    return client


@pytest.fixture
def sent(client: Client) -> Sent:
    """Sends a small document with the given options, and returns it."""

    def send(name: str = "a.txt", content: str = "content", *options: str, given: str = "") -> dict[str, Any]:
        client.file(name, content)
        done = client("send", name, *options, "--json", given=given)
        assert done.status == 0, done.err
        return done.documents[0]

    return send


@pytest.fixture
def spoiled(server: ServerProcess, client: Client) -> Iterator[Misbehaving]:
    """A proxy between the client and its server that misbehaves when instructed to."""
    with Misbehaving(server.url) as proxy:
        client.environ = {**client.environ, "SENTLINKS_SERVER": proxy.url}
        yield proxy


@pytest.fixture
def tree(client: Client) -> Path:
    """A folder with five files to import, and an empty folder."""
    client.file("tree/Offer.docx", "offer")
    client.file("tree/Letters/First.txt", "first")
    client.file("tree/Letters/Old/Second.PDF", "second")
    client.file("tree/README", "read me")
    client.file("tree/empty.csv", b"")
    (client.cwd / "tree" / "Nothing").mkdir()
    return client.cwd / "tree"


@pytest.fixture
def desk(tmp_path: Path, sample_server: ServerProcess) -> Desk:
    """The app with a draft open, on a server with the sample matters."""
    return Desk(tmp_path, sample_server)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    need("tmux")
    found = Tmux(tmp_path / "tmux")
    yield found
    found.close()


@pytest.fixture
def environ(sample_server: ServerProcess, tmp_path: Path) -> dict[str, str]:
    """The environment of an app in a terminal, on a server with the sample matters."""
    (tmp_path / "home").mkdir()
    return {
        "SENTLINKS_HOME": str(tmp_path / "home"),
        "SENTLINKS_SERVER": sample_server.url,
        "SENTLINKS_TOKEN": sample_server.token,
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Tmux]]:
    """Two terminals: for the app with cell diffing, and without."""
    need("tmux")
    found = [Tmux(tmp_path / "diffed"), Tmux(tmp_path / "plain")]
    yield found
    for tmux in found:
        tmux.close()


@pytest.fixture
def outer(tmp_path: Path) -> Iterator[copying.Tmux]:
    """A tmux that plays the user's terminal: its buffer is the terminal's clipboard."""
    need("tmux")
    with copying.Tmux(tmp_path, "outer") as tmux:
        tmux.open("sleep 600")
        tmux.run("set-option", "-g", "default-terminal", "tmux-256color")
        tmux.run("set-option", "-g", "remain-on-exit", "on")
        tmux.run("set-option", "-s", "set-clipboard", "on")
        assert tmux.buffer() == ""
        yield tmux


@pytest.fixture
def inner(tmp_path: Path, outer: copying.Tmux) -> Iterator[copying.Tmux]:
    """A tmux with default settings whose terminal is the outer one, as for a user in tmux."""
    with copying.Tmux(tmp_path, "inner") as tmux:
        tmux.open("sleep 600")
        attach = shlex.join(tmux.command("attach"))
        outer.run("respawn-pane", "-k", f"env -u TMUX {attach}")
        until(lambda: tmux.run("list-clients"), "the attached client")
        yield tmux


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """An X display of our own."""
    need("Xvfb", "xclip")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    with (tmp_path / "xvfb.log").open("wb") as log:
        server = subprocess.Popen(command, pass_fds=(writing,), stdout=log, stderr=log)
    os.close(writing)
    with os.fdopen(reading) as output:
        number = output.readline().strip()
    assert number, (tmp_path / "xvfb.log").read_text()
    yield f":{number}"
    server.terminate()
    server.wait(timeout=SECONDS)


@pytest.fixture(scope="module")
def work_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A Work server of its own, which WORKER uses."""
    with ServerProcess(tmp_path_factory.mktemp("work") / "data") as process:
        add_person(process, "WORKER")
        yield process


@pytest.fixture(scope="module")
def share_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The server that publishes, which SHARER uses."""
    with ServerProcess(tmp_path_factory.mktemp("share") / "data", arguments=("--user", "SHARER")) as process:
        yield process


@pytest.fixture
def person(tmp_path: Path, share_server: ServerProcess) -> Person:
    """A user of both."""
    return Person(tmp_path / "home", share_server)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a server that is yet to start."""
    return tmp_path / "data"


@pytest.fixture
def installed(data: Path, stocks: Stocks) -> Path:
    """That folder, with an installation in it."""
    prepare(data, stocks)
    return data


@pytest.fixture
def serve() -> Iterator[Any]:
    """Starts servers, forked unless the program to start is given."""
    started: list[Serving] = []

    def start(*arguments: str | Path, program: list[str] | None = None) -> Serving:
        started.append(Serving(*arguments, program=program))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


@pytest.fixture
def screens(tmp_path: Path) -> Iterator[str]:
    """Starts GNU screens: a command line before that of the program in it."""
    need("screen")
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    yield f"env SCREENDIR={shlex.quote(str(folder))} screen -c /dev/null"
    subprocess.run(
        ["screen", "-X", "quit"],
        env=plain_environment(SCREENDIR=str(folder)),
        capture_output=True,
        timeout=SECONDS,
    )


@pytest.fixture
def home() -> Iterator[Home]:
    """A user whose commands start a local server, which is stopped at the end."""
    # Short, since a socket's path must be.
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        found = Home(Path(folder))
        yield found
        assert found("server", "stop").status == 0


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("attach") / "data") as process:
        yield process


@pytest.fixture
def mailer(tmp_path: Path) -> Path:
    """A sendmail that saves its input and exits with the status in the file ``status``."""
    path = tmp_path / "mailer"
    path.write_text(
        f"#!/bin/sh\ncd {shlex.quote(str(tmp_path))}\n"
        'cat > got\nprintf \'%s\\n\' "$@" > arguments\n[ ! -e status ] || exit "$(cat status)"\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def hooked(tmp_path: Path) -> Path:
    """The file to which the hook for a delivery writes its events."""
    out = tmp_path / "hooked"
    configure(f'[hooks]\ndelivered = ["sh", "-c", "cat >> {out}"]\n')
    return out
