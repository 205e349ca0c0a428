"""The same thing named twice on a command line is one; and what is to be pasted next is whole."""

from __future__ import annotations

import shlex

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.system.command import Client

OLD, NEW = "Anna Arp <anna@halyard.example>", "bob@varga.example"


@pytest.fixture
def client(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Client:
    client = Client(server.url, server.token, tmp_path_factory.mktemp("doubles"))
    client.file("a.txt", b"a")
    return client


def sent(client: Client, *options: str) -> str:
    return str(client("send", "a.txt", *options, "--json").documents[0]["id"])


@pytest.mark.parametrize(
    ("command", "undo"),
    [
        (("unpublish",), "publishes it again"),
        (("resend", "--downloads", "3"), "stops its link"),
        (("delete",), "brings it back"),
    ],
)
def test_a_document_named_twice_is_one(client: Client, command: tuple[str, ...], undo: str) -> None:
    """By its ID and its first digits, in any letters; those of others keep their order."""
    ident, other = sent(client), sent(client)
    name, *options = command
    given = [ident, ident[:8], other, ident.upper()[:10], other, ident]
    done = client(name, *given, *options, "--json")
    assert [each["id"] for each in done.documents] == [ident, other]
    if name == "delete":
        back = client("trash", "restore", ident[:9], ident, "--json")
        assert [each["id"] for each in back.documents] == [ident]
    last = sent(client)
    again = client(name, last, last[:8], *options)
    assert f" {undo}" in again.err
    assert again.err.count(last) == 1


def test_an_e_mail_has_a_document_named_twice_once(client: Client) -> None:
    ident = sent(client)
    done = client("mail", ident, ident[:7], "--mail", "m.eml", "--json")
    assert [each["id"] for each in done.documents] == [ident]


def test_a_rule_given_two_values_keeps_its_own(client: Client) -> None:
    before = client("policy", "show", "--json").json
    given = ("expires_max=7d", "password_required=true", "expires_max=14d")
    done = client("policy", "set", *given, "--json")
    assert done.error == "policy.value"
    assert "expires_max is given two values" in done.err
    assert client("policy", "show", "--json").json == before
    assert client("policy", "set", "expires_max=7d", "expires_max=7d").status == 0
    assert client("policy", "set", "expires_max=").status == 0


def test_members_are_added_and_removed_once(client: Client, server: ServerProcess) -> None:
    """Undoing it leaves whoever was a member before."""
    with Sender(server) as me:
        for name in ("MKELLER", "OTHER"):
            me.post("/users", {"name": name, "password": "a long password 1"}, 201)
    folder = client("send", "a.txt", "--json").documents[0]["folder"]["id"]
    members = ("folders", "members", folder)
    first = client(*members, "--add", "MKELLER", "--add", "mkeller")
    assert first.status == 0, first.err
    assert first.err.count("--remove") == 1
    second = client(*members, "--add", "MKELLER", "--add", "OTHER")
    assert second.err.count("--remove") == 1
    assert "--remove OTHER" in second.err
    both = client(*members, "--add", "MKELLER", "--remove", "mkeller", "--json")
    assert both.error == "options.contrary"
    assert len(client(*members, "--json").json["members"]) == 2


def test_how_to_e_mail_a_new_link_can_be_pasted(client: Client) -> None:
    """With those it is for by now; nobody knows them if nobody was named."""
    ident = sent(client, "--to", OLD)
    done = client("resend", ident, "--new-address", "--to", f"{OLD}, {NEW}")
    (line,) = [each for each in done.err.splitlines() if "To e-mail what is new: " in each]
    words = shlex.split(line.partition("new: ")[2])
    assert words == ["sentlinks", "mail", ident, "--to", OLD, "--to", NEW, "--drafts"]
    done = client(*words[1:-1], "--mail", "m.eml", "--json")
    assert done.documents[0]["recipients"] == [OLD, NEW]
    assert "--to ADDRESS --drafts" in client("resend", ident, "--new-address").err


def test_what_undoes_it_goes_to_the_same_server(client: Client, server: ServerProcess) -> None:
    ident = sent(client)
    done = client("unpublish", ident, "--server", server.url)
    assert f"sentlinks resend {ident} --server {server.url} publishes it again" in done.err
    again = client("unpublish", "nosuch", ident, "--server", server.url)
    assert f" To list yours: sentlinks links --all --server {server.url}\n" in again.err
    stopped = client("mail", ident, "--mail", "n.eml", "--server", server.url)
    assert f"sentlinks resend {ident} --server {server.url} publishes it again." in stopped.err
    wrong = client("policy", "set", "no", "--server", server.url)
    assert wrong.err.endswith(f" To list the rules: sentlinks policy show --server {server.url}\n")
    renewed = client("resend", ident, "--new-address", "--server", server.url)
    assert f"--drafts --server {server.url}\n" in renewed.err


def test_a_favorite_that_was_there_stays(client: Client) -> None:
    folder = client("send", "a.txt", "--json").documents[0]["folder"]["id"]
    for each in client("favorites", "list", "--json").json["favorites"]:
        client("favorites", "remove", each["id"])
    assert "favorites remove" in client("favorites", "add", folder).err
    again = client("favorites", "add", folder)
    assert "was in My Favorites already." in again.err
    assert "favorites remove" not in again.err


def test_a_name_that_loses_its_blanks_is_told(client: Client) -> None:
    """Like every other that a document can't keep."""
    for name, told in ((" lead.txt", "lead.txt"), ("trail.txt ", "trail.txt")):
        client.file(name, b"x")
        done = client("send", name, "--json")
        assert f"“{name}” is sent as “{told}”: link names don't begin or end with blanks.\n" in done.err
        assert done.documents[0]["name"] == told


def test_what_was_so_before_is_not_undone(client: Client) -> None:
    """The line that undoes it would publish what was off, or delete what was never in the trash."""
    on, off = sent(client), sent(client)
    assert client("unpublish", off).status == 0
    done = client("unpublish", off, on)
    assert (done.status, done.err.count("its link was off already")) == (0, 1)
    assert f"sentlinks resend {on} publishes it again" in done.err
    assert "publishes" not in client("unpublish", on, off).err
    published = sent(client)
    restored = client("trash", "restore", published, "--json")
    assert restored.documents[0]["published"]
    told = client("trash", "restore", published).err
    assert "it wasn't in the trash" in told
    assert "unpublished" not in told
    assert "deletes" not in told
    assert client("delete", on).status == 0
    deleted = client("delete", on, off)
    assert "it was in the trash already" in deleted.err
    assert f"sentlinks trash restore {off} brings it back" in deleted.err
    assert "didn't have to wait" in client("unlock", published).err
