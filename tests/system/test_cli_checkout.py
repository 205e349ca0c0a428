"""Documents taken out and given back from the command line: ``checkout``, ``checkin``, ``release``."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few, more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call, CutAnswer, Say
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker, add_person
from tests.system.command import SCRIPT, Client


@pytest.fixture
def paper(server: ServerProcess, client: Client) -> dict[str, Any]:
    with Worker(server) as work:
        return work.upload(work.workspace("Desk"), "Offer: final?", b"first", "docx")


@pytest.fixture
def run(client: Client) -> Callable[..., dict[str, Any]]:
    """Runs a command that must succeed, and returns its one document."""

    def command(*arguments: str | Path) -> dict[str, Any]:
        done = client(*arguments, "--json")
        assert done.status == 0, done.err
        assert list(done.json) == ["documents"]
        return dict(done.documents[0])

    return command


def test_out_and_in_again(
    server: ServerProcess, client: Client, paper: dict[str, Any], run: Callable[..., dict[str, Any]]
) -> None:
    out = run("checkout", paper["id"])
    path = client.cwd / "Offer_ final_.docx"
    assert (out["id"], out["is_checked_out"], out["in_use_by"]) == (paper["id"], True, "DJONES")
    assert out["path"] == str(Path("Offer_ final_.docx"))
    assert path.read_bytes() == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    with Worker(server) as work:
        assert work.data(f"documents/{paper['id']}")["checkout_path"] == str(path)
    path.write_text("second")
    back = run("checkin", paper["id"], path)
    assert (back["version"], back["name"], back["extension"]) == (2, "Offer: final?", "docx")
    assert back["is_checked_out"] is False
    with Worker(server) as work:
        assert work.download(back["id"]).content == b"second"
        assert work.data(f"documents/{paper['id']}")["is_checked_out"] is False
        assert "CHECKOUT" in work.history(paper["id"])
        assert work.history(paper["id"])[0] == "CHECKIN"


def test_a_file_that_changes_while_it_is_checked_in(
    client: Client, paper: dict[str, Any], run: Callable[..., dict[str, Any]], spoiled: Misbehaving
) -> None:
    """There is no new version, and the document stays checked out."""
    path = client.cwd / run("checkout", paper["id"])["path"]
    path.write_bytes(b"x" * 40_000_000)
    spoiled.spoil("POST", Call(lambda: os.truncate(path, 1000)), "/versions")
    done = client("checkin", paper["id"], path)
    assert (done.status, done.out) == (1, "")
    assert "changed while it was being sent; send it again when nothing writes to it." in done.err
    assert (run("checkin", paper["id"], path)["version"], path.stat().st_size) == (2, 1000)


def test_a_check_out_writes_no_hidden_file(
    server: ServerProcess, client: Client, run: Callable[..., dict[str, Any]]
) -> None:
    with Worker(server) as work:
        hidden = work.upload(work.workspace("Desk"), ".bash_profile", b"alias ls=rm", "")
    assert run("checkout", hidden["id"])["path"] == "_bash_profile"
    assert os.listdir(client.cwd) == ["_bash_profile"]


@more
def test_the_command_that_gives_it_back_can_be_pasted(client: Client, paper: dict[str, Any]) -> None:
    """The command names the document and the file, and works in a shell exactly as printed."""
    printed = client("checkout", paper["id"]).err
    command = printed.partition("To check it in: ")[2].strip()
    assert command == f"sentlinks checkin '{paper['id']}' 'Offer_ final_.docx'"
    environ = {
        **os.environ,
        **client.environ,
        "PATH": f"{Path(SCRIPT[0]).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        # An interactive bash expands an exclamation mark to earlier commands.
        ["bash", "--norc", "-i", "-c", f"set -H\n{command}"],
        cwd=client.cwd,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ACTIVE" in done.stdout


def test_a_number_alone_is_the_latest(
    server: ServerProcess, client: Client, paper: dict[str, Any], run: Callable[..., dict[str, Any]]
) -> None:
    number = paper["id"].rpartition(".")[0]
    with Worker(server) as work:
        second = work.new_version(paper["id"], "Second", b"2", "txt")
    assert run("checkout", number)["id"] == second["id"]
    assert (client.cwd / "Second.txt").read_bytes() == b"2"
    released = run("release", number)
    assert (released["id"], released["is_checked_out"]) == (second["id"], False)
    # An old version is checked out, with a warning.
    done = client("checkout", paper["id"], "--output", "old.docx", "--json")
    assert done.status == 0
    assert "not the latest version; version 2 is" in done.err
    assert (client.cwd / "old.docx").read_bytes() == b"first"
    client.file("new.pdf", "3")
    done = client("checkin", number, "new.pdf")
    assert done.status == 0
    assert done.err == (
        "sentlinks: Saved as version 3.\n"
        "sentlinks: The document is .pdf from this version on; before, it was .docx.\n"
    )
    third = run("checkout", number)
    assert (third["version"], third["extension"]) == (3, "pdf")
    client.file("again.PDF", "4")
    assert client("checkin", number, "again.PDF").err == "sentlinks: Saved as version 4.\n"


def test_it_is_never_written_over_a_file(
    server: ServerProcess, client: Client, paper: dict[str, Any], run: Callable[..., dict[str, Any]]
) -> None:
    client.file("Offer_ final_.docx", "mine")
    (client.cwd / "link.docx").symlink_to(client.cwd / "nowhere")
    (client.cwd / "folder").mkdir()
    for arguments in (
        [],
        ["--output", "Offer_ final_.docx"],
        ["--output", "link.docx"],
        ["--output", "no/such"],
        ["--output", "no/"],
    ):
        done = client("checkout", paper["id"], *arguments, "--json")
        assert done.status == 2, done.err
        exists = done.err.endswith(" already exists. Choose another path with --output.\n")
        assert exists == (not any(text.startswith("no/") for text in arguments))
    assert (client.cwd / "Offer_ final_.docx").read_text() == "mine"
    with Worker(server) as work:
        assert work.data(f"documents/{paper['id']}")["is_checked_out"] is False
    assert run("checkout", paper["id"], "--output", "folder")["path"] == "folder/Offer_ final_.docx"
    assert (client.cwd / "folder" / "Offer_ final_.docx").read_bytes() == b"first"


def test_what_somebody_else_has(server: ServerProcess, client: Client, paper: dict[str, Any]) -> None:
    with Worker(server, add_person(server, "HOLDER")) as holder:
        holder.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
        client.file("x.docx")
        for arguments in (["checkout"], ["release"]):
            done = client(*arguments, paper["id"], "--json")
            assert (done.status, done.error) == (1, "NRC_CHECKED_OUT")
            assert "HOLDER" in done.err
        done = client("checkin", paper["id"], "x.docx", "--json")
        assert (done.status, done.error) == (1, "checkout.none")
        assert not (client.cwd / "Offer_ final_.docx").exists()
        assert holder.data(f"documents/{paper['id']}")["in_use_by"] == "HOLDER"


def test_what_is_not_checked_out_is_not_released(
    client: Client, paper: dict[str, Any], run: Callable[..., dict[str, Any]]
) -> None:
    """By the id of the version or of the document, before it is checked out and after it was released."""
    for ident in (paper["id"], paper["id"].rpartition(".")[0]):
        refused = client("release", ident, "--json")
        assert (refused.status, refused.error) == (1, "checkout.none")
        assert refused.err == f"sentlinks: {ident} is not checked out.\n"
        run("checkout", ident, "--output", f"copy of {ident}.docx")
        released = client("release", ident)
        assert released.status == 0
        assert released.err.splitlines()[-1] == (
            f"sentlinks: sentlinks checkout '{paper['id']}' checks it out again."
        )
        assert client("release", ident).status == 1


def test_a_document_that_cannot_be_fetched_is_not_checked_out(
    server: ServerProcess, client: Client, spoiled: Misbehaving, paper: dict[str, Any]
) -> None:
    for said in (Say(200, b"other", "application/octet-stream"), Say(500, b""), CutAnswer(100)):
        spoiled.spoil("GET", said, "/download", times=2)
        done = client("checkout", paper["id"], "--json")
        assert done.status == 1, done.err
        assert list(client.cwd.iterdir()) == []
        with Worker(server) as work:
            assert work.data(f"documents/{paper['id']}")["is_checked_out"] is False
        spoiled.behave()


@few(4)
@pytest.mark.parametrize("command", ["checkout", "release", "checkin"])
@pytest.mark.parametrize(
    "ident", ["ACTIVE!999999", "ACTIVE!999999.1", "NOWHERE!1.1", "x", "../../etc", "\x1b[31m"]
)
def test_documents_that_there_are_not(client: Client, command: str, ident: str) -> None:
    client.file("f.txt")
    done = client(command, ident, *(["f.txt"] if command == "checkin" else []), "--json")
    assert done.status == 5, done.err
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("command", ["checkout", "release", "checkin"])
def test_no_document_at_all(client: Client, command: str) -> None:
    client.file("f.txt")
    done = client(command, " ", *(["f.txt"] if command == "checkin" else []))
    assert (done.status, done.err) == (2, "sentlinks: The ID is empty; name a document like ACTIVE:453.\n")


def test_a_file_to_check_in_is_looked_at_first(client: Client, paper: dict[str, Any]) -> None:
    for name in ("missing.txt", "."):
        assert client("checkin", paper["id"], name, "--json").status == 2


def test_what_is_not_ones_own_to_change(server: ServerProcess, client: Client) -> None:
    with Worker(server, add_person(server, "KEEPER")) as keeper:
        space = keeper.workspace("Kept", default_security="view")
        shown = keeper.upload(space, "Shown")
        hidden = keeper.upload(space, "Hidden", default_security="private")
    assert client("checkout", shown["id"], "--json").status == 4
    assert client("checkout", hidden["id"], "--json").status == 5
    assert list(client.cwd.iterdir()) == []


def test_check_outs_in_words(client: Client, paper: dict[str, Any]) -> None:
    done = client("checkout", paper["id"])
    lines = done.out.splitlines()
    assert lines[0].split()[:4] == ["ID", "NAME", "AUTHOR", "EDITED"]
    assert paper["id"] in lines[1]
    assert "sentlinks checkin" in done.err
