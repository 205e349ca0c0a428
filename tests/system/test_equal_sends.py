"""Two equal sends that are started at the same time: one sends, whichever comes first."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tests.support.users.share import database
from tests.system.command import MODULE, Client
from tests.system.proxy import wait_until

FILE = "equal.txt"
_ME = ("GET", "/share/v1/me")


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: Misbehaving, server: ServerProcess, tmp_path: Path) -> Client:
    client = Client(proxy.url, server.token, tmp_path)
    client.file(FILE)
    return client


def sent(server: ServerProcess) -> int:
    with database(server) as connection:
        found = connection.execute("SELECT name FROM sent_documents").fetchall()
    return [row[0] for row in found].count(FILE)


@few(1)
@pytest.mark.parametrize("options", [(), ("--anew",)], ids=["", "anew"])
def test_the_second_looks_when_the_first_has_ended(
    client: Client, proxy: Misbehaving, server: ServerProcess, options: tuple[str, ...]
) -> None:
    before, asked = sent(server), proxy.count(*_ME)
    with proxy.holding(*_ME):
        late = client.start("send", FILE, "--json", *options)
        wait_until(lambda: proxy.count(*_ME) > asked)
        assert client("send", FILE, "--json").status == 0
    status, out, err = late.ended()
    if options:
        assert (status, sent(server)) == (0, before + 2)
    else:
        assert (status, sent(server)) == (1, before + 1)
        assert b'"send.just_sent"' in out
        assert b"See sentlinks links, or send them again with --anew." in err
    # Those that are started later do not care.
    for count in (1, 2):
        assert client("send", FILE, "--json").status == 0
        assert sent(server) == before + len(options) + 1 + count


def test_a_shell_that_sends_and_then_becomes_another_send(client: Client, server: ServerProcess) -> None:
    """One after the other, although the second process is older than the first."""
    before = sent(server)
    command = shlex.join([*MODULE, "send", FILE])
    environ = {**os.environ, **client.environ}
    script = ["sh", "-c", f"{command} && exec {command}"]
    done = subprocess.run(script, cwd=client.cwd, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert sent(server) == before + 2


@few(1)
@pytest.mark.parametrize("answer", ["y", "n", ""])
def test_on_a_terminal_it_asks(
    client: Client, proxy: Misbehaving, server: ServerProcess, answer: str
) -> None:
    before, asked = sent(server), proxy.count(*_ME)
    with (
        proxy.holding(*_ME) as go_on,
        Sentlinks(["send", FILE], client.environ, 100, 24, cwd=client.cwd) as terminal,
    ):
        wait_until(lambda: proxy.count(*_ME) > asked)
        assert client("send", FILE, "--json").status == 0
        go_on.set()
        terminal.wait_for("Send them again? [y/N]")
        terminal.type(f"{answer}\r")
        assert terminal.wait() == (0 if answer == "y" else 1)
    assert sent(server) == before + (2 if answer == "y" else 1)
