"""Where commands write: pipes that break, streams that are full or closed, any locale, a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.forking import session
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tests.system.command import SCRIPT, Client, run
from tests.system.proxy import Proxy
from tests.system.sending import LARGE


def test_a_broken_pipe_is_silent(client: Client) -> None:
    for i in range(30):
        client.file(f"p{i}.txt", "x")
    assert client("send", *[f"p{i}.txt" for i in range(30)]).status == 0
    command = f"{SCRIPT[0]} links --json | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, **client.environ},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")
    reading, writing = os.pipe()
    os.close(reading)
    environ = {**os.environ, **client.environ}

    def unread(*words: str) -> tuple[int, bytes]:
        with (
            open(os.dup(writing), "wb") as pipe,
            open(os.devnull, "rb") as nothing,
            (client.cwd / "err").open("w+b") as err,
        ):
            gone = session.process(
                "tui.__main__", list(words), cwd=client.cwd, env=environ, streams=(nothing, pipe, err)
            )
            status = gone.wait(60)
        return status, (client.cwd / "err").read_bytes()

    for words in (
        "links", "links --json", "links --all", "find p --sent", "find p --json", "audit", "audit --json",
        "folders list", "favorites list", "trash list --json", "user list", "sessions list", "policy show", "whoami",
        "completion bash", "--help", "send --help",
    ):  # fmt: skip
        assert unread(*words.split()) == (0, b""), words
    document = client("links", "--json").documents[0]["id"]
    assert unread("unpublish", document, "--json") == (0, b"")
    assert unread("unpublish", document, "0" * 32, "--json")[0] == 1, "what failed is told by the status"
    assert unread("send", "p0.txt", "--anew")[0] == 1, "nobody has seen the link"
    os.close(writing)
    strict = f"{sys.executable} -W error -m tui links | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", strict],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@few(1)
@pytest.mark.parametrize("command", ["whoami", "--help"])
def test_output_that_cannot_be_written_is_told(client: Client, command: str) -> None:
    done = run(command, out="/dev/full", **client.environ)
    assert done.status == 1
    assert done.err == "sentlinks: Can't write to standard output: No space left on device.\n"


UNWRITABLE = "sentlinks: Can't write to standard output: Bad file descriptor.\n"


@few(1)
@pytest.mark.parametrize(
    ("closed", "status", "told"),
    [("<&- >&-", 1, UNWRITABLE), ("2>&-", 0, ""), (">&- 2>&-", 1, "")],
)
def test_a_result_that_nobody_can_get_is_a_failure(
    client: Client, closed: str, status: int, told: str
) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{SCRIPT[0]} whoami {closed}"], capture_output=True, text=True, check=False,
        env={**os.environ, **client.environ},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (status, told)


@more
def test_any_locale_can_show_any_name(client: Client) -> None:
    client.file("übersicht 日本.txt", "x")
    assert client("send", "übersicht 日本.txt", "--json").status == 0
    environ = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert client("links", LC_ALL="C", **environ).status == 0
    listed = client("links", "--json", LC_ALL="en_US.ISO-8859-1", **environ).documents
    assert listed[0]["name"] == "übersicht 日本.txt"


def test_no_progress_bar_without_a_terminal_and_one_on_it(client: Client, server: ServerProcess) -> None:
    client.file("bar.bin", bytes(LARGE))
    assert client("send", "bar.bin").err == ""
    with Proxy(server.url, LARGE // 3) as proxy:
        environ = {**client.environ, "SENTLINKS_SERVER": proxy.url}
        with Sentlinks(["send", "bar.bin"], environ, columns=120, cwd=client.cwd) as terminal:
            terminal.wait_for("0 of 1 sent")
            terminal.wait_for("#")
            assert proxy.reached.wait(60)
            proxy.release()
            assert terminal.wait() == 0
            assert re.search(r"http://127\.0\.0\.1:\d+/s/[0-9a-f]+", terminal.text)
            assert "0 of 1 sent" not in terminal.text


def test_a_closed_standard_input_is_an_empty_one(client: Client) -> None:
    """For a mail program's sendmail, too: it keeps the message."""
    done = subprocess.run(
        ["bash", "-c", f"{SCRIPT[0]} smart-attach --sendmail cat a@b.de <&-"],
        capture_output=True, text=True, check=False, env={**os.environ, **client.environ},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (75, "")
    assert done.stderr == "sentlinks: There is no message on standard input.\n"
