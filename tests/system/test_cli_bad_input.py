"""The error for a wrong command line says what is wrong with it, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.system.command import Client, run


@few(4)
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["links", "x"], "Got unexpected extra argument (x). See: sentlinks links --help"),
        (
            ["serve", "--port", "x"],
            "Invalid value for '--port': 'x' is not a valid whole number. See: sentlinks serve --help",
        ),
        (["folders"], "Missing command, one of: delete, list, members. See: sentlinks folders --help"),
        (["frobnicate"], "No such command 'frobnicate'. See: sentlinks --help"),
        (["send", ""], "An item is empty; name a file, or a document like ACTIVE!453."),
        (["send", "a", "", "b"], "An item is empty; name a file, or a document like ACTIVE!453."),
        (["trash", "empty"], "There is no terminal to confirm on. Add --yes."),
        (
            ["send", "a", "--patience", "None"],
            "None is not a span of time; write one like 90s, 10m, 36h, 7d or 2w. To wait for nothing, write 0s.",
        ),
        (
            ["admin", "check", "--for", "unlimited"],
            "unlimited is not a span of time; write one like 90m, 36h, 7d or 2w. To read all documents, leave it out.",
        ),
        (
            ["smart-attach", "a.eml", "--over", "no"],
            "no isn't a size; write one like 5MB or 800kB. For attachments of any size, leave it out.",
        ),
        (
            ["send", "a", "--downloads", "never"],
            "never can't be read as a number of downloads; give a whole number from 1 to 1,000,000, or unlimited.",
        ),
        (
            ["send", "a", "--expires", "unlimited"],
            "unlimited can't be read as a date; write never for links that don't expire.",
        ),
        (["send", "a", "--name", "a=x", "--name", "a=y"], "--name is given more often than a appears."),
        (["user", "add", "x", "--password-stdin"], "The password is empty; type one."),
        (
            ["serve", "--host", "no.such.host.invalid", "--port", "0", "--data", "data"],
            "Can't listen on no.such.host.invalid: Name or service not known.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_told(arguments: list[str], told: str, tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.err == f"sentlinks: {told}\n"
    assert done.status == (1 if arguments[0] == "serve" and "--host" in arguments else 2)
    assert done.out == ""


def test_a_link_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "first.pdf").symlink_to("second.pdf")
    (tmp_path / "second.pdf").symlink_to("gone.pdf")
    done = run("send", "first.pdf", cwd=tmp_path)
    gone = tmp_path.resolve() / "gone.pdf"
    told = f"first.pdf is a symbolic link to {gone}, which is not there; put it back, or name the document itself."
    assert (done.status, done.out, done.err) == (2, "", f"sentlinks: {told}\n")


@few(2)
@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        (["send", "x" * 5000], "; check the spelling, or whether it was moved."),
        (
            ["send", "a", "--expires", "x" * 5000],
            " can't be read as a date. Try friday, 7d, 31 Dec 2026 or 2026-12-31 17:00.",
        ),
        (["x" * 5000], "'. See: sentlinks --help"),
        (["links", "x" * 5000], "). See: sentlinks links --help"),
        (["send", "a", "--name", f"{'x' * 5000}=y"], "; write ITEM=NAME, with the item as in the command."),
    ],
    ids=lambda value: "",
)
def test_a_message_about_something_long_can_be_read(arguments: list[str], end: str, tmp_path: Path) -> None:
    """It is cut in the middle: what is wrong stands first, and what to do last."""
    (tmp_path / "a").write_bytes(b"a")
    done = run(*arguments, cwd=tmp_path)
    assert done.status == 2
    assert len(done.err) <= 920
    assert done.err.endswith(f"{end}\n")
    assert "x" * 50 in done.err
    assert "…" in done.err


@pytest.mark.parametrize("item", ["ACTIVE!1.99", "NOSUCH!1", "ACTIVE!99999"])
def test_a_document_that_there_is_not_is_named(
    item: str, sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The error names the one of several items that does not exist."""
    client = Client(sample_server.url, sample_server.token, tmp_path)
    client.file("a.txt")
    done = client("send", "a.txt", item)
    assert done.status == 5
    assert item in done.err
