"""What ``sentlinks send`` refuses: values, passwords and files that are wrong, and servers that it must not send to."""

from __future__ import annotations

import os

import pytest

from tests.support.checks.long import few
from tests.system.command import Client
from tests.system.links import count

# ---------------------------------------------------------------- values refused


@few(4)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--downloads", "0"], "Allow 1 to 1,000,000 downloads"),
        (["--downloads", "1.5"], "1.5 can't be read as a number of downloads"),
        (["--downloads", ""], "can't be read as a number of downloads"),
        (["--expires", "2020-01-01"], "2020-01-01 is in the past"),
        (["--expires", "soon"], "soon can't be read as a date"),
        (["--expires", ""], "An empty value can't be read as a date"),
        (["--expires", "7d", "--no-expires"], "not both"),
        (["--expires", "03/04/2037"], "may be 3 April or 4 March"),
        (["--downloads", "1", "--no-downloads"], "not both"),
        (["--password-stdin", "--generate-password"], "not both"),
        (["--to", "no address", "--mail", "x.eml"], "not an e-mail address"),
        (["--to", "a@example.com\nBcc: b@example.com", "--mail", "x.eml"], "control character"),
        (["--mail", "nowhere/x.eml"], "doesn't exist"),
        (["--mail", "."], "is a folder"),
        (["--mail", "a.txt"], "already exists"),
        (["--frobnicate"], "--frobnicate"),
        (["--password", "secret"], "--password"),
    ],
)
def test_wrong_values(client: Client, arguments: list[str], words: str) -> None:
    client.file("a.txt")
    before = count(client)
    done = client("send", "a.txt", *arguments, "--json")
    assert done.status == 2, done.err
    assert words in done.err
    assert done.error
    assert count(client) == before


@few(3)
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"a\nb", "control character"),
        (b"a\x00b", "control character"),
        (b"a\n\n", "control character"),
        (b"\xff\xfe", "not in UTF-8"),
        (b"x" * 2000, "over 1024 bytes"),
    ],
)
def test_passwords_refused(client: Client, given: bytes, words: str) -> None:
    client.file("a.txt")
    before = count(client)
    done = client("send", "a.txt", "--password-stdin", given=given)
    assert done.status == 2
    assert words in done.err
    assert count(client) == before


def test_nothing_named_is_a_wrong_command_line(client: Client) -> None:
    done = client("send", "--json")
    assert (done.status, done.error) == (2, "usage")


@few(4)
@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("missing.txt", "There is no file missing.txt"),
        ("folder", "folder is a folder"),
        ("a.txt/b.txt", "There is no file"),
        ("a.txt/", "a.txt is not a folder; name it without the slash at its end."),
        ("a.txt/.", "There is no file a.txt/."),
        ("loop", "back to itself"),
        ("fifo", "not a regular file"),
        ("/dev/zero", "not a regular file"),
        ("x" * 300, "There is no file"),
        ("dangling", "dangling is a symbolic link to "),
    ],
)
def test_paths_refused(client: Client, item: str, words: str) -> None:
    """With one bad item among good ones, none of the others is sent."""
    client.file("a.txt")
    (client.cwd / "folder").mkdir()
    (client.cwd / "loop").symlink_to("loop")
    (client.cwd / "dangling").symlink_to("nowhere")
    os.mkfifo(client.cwd / "fifo")
    before = count(client)
    done = client("send", "a.txt", item, "--json")
    assert done.status == 2
    assert done.error.startswith("file.")
    assert words in done.err
    assert count(client) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator of a machine may read everything")
def test_a_file_that_may_not_be_read(client: Client) -> None:
    client.file("a.txt").chmod(0)
    done = client("send", "a.txt", "--json")
    assert (done.status, done.error) == (2, "file.unreadable")


def test_a_file_that_cannot_be_read(client: Client) -> None:
    """A file that opens but can't be read fails with status 1 or 2, or is sent without any bytes."""
    client.file("a.txt", "a")
    done = client("send", "/proc/self/mem", "a.txt", "--json")
    if done.status == 0:
        # Its reported size is 0, so nothing is read.
        assert done.documents[0]["size"] == 0
    else:
        assert done.status in (1, 2)


# ---------------------------------------------------------------- servers


def test_without_a_good_token_nothing_is_sent(client: Client) -> None:
    client.file("a.txt")
    for token in ("", "0" * 48, "not a token\x7f"):
        done = client("send", "a.txt", "--json", SENTLINKS_TOKEN=token)
        assert done.status == 4
        assert done.error
        assert "token" in done.err


def test_plain_http_to_another_machine_is_refused(client: Client) -> None:
    client.file("a.txt")
    done = client("send", "a.txt", "--json", "--server", "http://links.example")
    assert (done.status, done.error) == (2, "server.plain_http")
