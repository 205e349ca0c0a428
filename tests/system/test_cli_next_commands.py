"""What a message ends with where a command comes next: that command, so that it can be copied from there."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.system.command import Client, run
from tests.system.conftest import Sent
from tests.unit.test_guides import parse
from tui.cli.base.next_command import NEXT, with_next
from tui.rules.errors import InvalidValue


@few(8)
@pytest.mark.parametrize("code", NEXT)
def test_each_is_a_command_that_there_is(code: str) -> None:
    line = with_next(code, "A sentence.", "3f9a2c")
    _, _, words = line.rpartition("sentlinks ")
    assert words
    try:
        parse(words.split())
    except (click.UsageError, InvalidValue) as error:
        pytest.fail(f"{line}: {error}")


def test_one_command_is_enough() -> None:
    """A message that names one already keeps its end; and so does one that lacks the ID."""
    said = "There is none; see sentlinks sends."
    assert with_next("document.unknown", said) == said
    assert with_next("document.in_trash", "It is there.") == "It is there."
    assert with_next("no.such.code", "It is there.") == "It is there."


@few(3)
@pytest.mark.parametrize(
    ("words", "following"),
    [
        ("sessions revoke 3f9a2c81d0aa", "sessions list"),
        ("sessions revoke", "sessions list"),
        ("user remove NOBODY --yes", "user list"),
        ("user set NOBODY --full-name X", "user list"),
        ("policy set password_required", "policy show"),
        ("policy set downloads_max=many", "policy show"),
        ("unpublish --as-administrator 0123456789abcdef", "links --all"),
        ("send a.txt --drafts", "help e-mail"),
        ("send a.txt --submit --to anna@example.com", "help e-mail"),
        ("login --work", "help work"),
        ("favorites list", "favorites add FOLDER_ID"),
        ("logout", "login NAME"),
    ],
)
def test_what_comes_next(client: Client, words: str, following: str) -> None:
    client.file("a.txt")
    done = client(*words.split())
    assert done.err.endswith(f": sentlinks {following}\n")
    assert done.err.count("sentlinks: ") == 1


def test_the_first_commands(tmp_path: Path, fresh_server: ServerProcess) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    for words, following in (
        (["links"], "send FILE"),
        (["folders", "list"], "send FILE"),
        (["favorites", "list"], "favorites add FOLDER_ID"),
    ):
        done = client(*words)
        assert done.status == 0
        assert done.err.endswith(f": sentlinks {following}\n"), words


def test_members_that_there_are_not(client: Client, sent: Sent) -> None:
    folder = sent()["folder"]["id"]
    assert client("folders", "members", folder).err.endswith(
        f": sentlinks folders members {folder} --add NAME\n"
    )


def test_a_server_that_cannot_be_reached() -> None:
    done = run("links", SENTLINKS_SERVER="http://127.0.0.1:1", SENTLINKS_TOKEN="x")
    assert done.status == 6
    assert done.err.endswith(" To see what is wrong: sentlinks doctor\n")


def test_each_can_name_a_server() -> None:
    for following in {each for each in NEXT.values() if "sentlinks help" not in each}:
        words = following.partition("sentlinks ")[2].replace("{}", "ID").split()
        parse([*words, "--server", "http://127.0.0.1:1"])


def test_signing_in_again_names_who_was_signed_in(server: ServerProcess, tmp_path: Path) -> None:
    with Sender(server) as me:
        me.post("/users", {"name": "ANNA O", "password": "a long password 1"}, 201)
    home = {"SENTLINKS_HOME": str(tmp_path / "home")}
    words = ("login", "ANNA O", "--password-stdin", "--server", server.url)
    assert run(*words, given="a long password 1", **home).status == 0
    (session,) = run("sessions", "list", "--json", **home).json["sessions"]
    assert run("sessions", "revoke", session["id"], **home).status == 0
    ended = run("links", **home)
    assert ended.status == 4
    assert ended.err.endswith(" or sign in: sentlinks login 'ANNA O'\n")


def test_signing_in_names_the_server_that_was_named(server: ServerProcess) -> None:
    """The next command would go to another one otherwise."""
    named = run("links", "--server", server.url)
    assert named.err.endswith(f" or sign in: sentlinks login NAME --server {server.url}\n")
    configured = run("links", SENTLINKS_SERVER=server.url)
    assert configured.err.endswith(" or sign in: sentlinks login NAME\n")
