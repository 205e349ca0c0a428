"""The help of every command, as shown on an 80-column terminal; and the version."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.network.hostile import OK, HostileServer, Pieces, answering, endless, slowly
from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.system.command import SCRIPT, run
from tests.system.local_server import Home, prepare
from tui import __version__


def helps() -> Iterator[tuple[list[str], list[str]]]:
    """Every command, and the lines of its help."""
    commands: list[list[str]] = [[]]
    while commands:
        words = commands.pop()
        done = run(*words, "--help", COLUMNS="80")
        assert (done.status, done.err) == (0, ""), words
        yield words, done.out.splitlines()
        # Those of the program itself have a heading for each group of them.
        listed = done.out.partition("\nSend:\n" if not words else "\nCommands:\n")[2]
        commands += [[*words, line.split()[0]] for line in listed.splitlines() if re.match(r"  \S", line)]


def test_the_help_fits_and_no_sentence_of_it_is_cut_off() -> None:
    seen = 0
    for words, lines in helps():
        seen += 1
        assert lines[0].startswith(" ".join(["Usage: sentlinks", *words]))
        for line in lines[1:]:
            assert len(line) <= 80, (words, line)
            assert not line.endswith("..."), (words, line)
    assert seen > 30


def test_the_installed_program_shows_it() -> None:
    done = run("trash", "empty", "--help", program=SCRIPT)
    assert (done.status, done.err) == (0, "")
    assert "Usage: sentlinks trash empty " in done.out


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["--frobnicate"], ["trash", "frobnicate"], ["links", "x"]]
)
def test_what_there_is_not(arguments: list[str]) -> None:
    done = run(*arguments, "--json")
    assert (done.status, done.error) == (2, "usage")
    assert done.err.startswith("sentlinks: ")


def test_a_missing_argument_is_named_with_its_values() -> None:
    done = run("completion")
    assert done.status == 2
    assert "'{bash|zsh|fish}'. Choose from: bash, zsh, fish. See: sentlinks completion --help\n" in done.err


def test_version() -> None:
    assert re.fullmatch(r"sentlinks \d+\.\d+\.\d+\n", run("--version").out)


def test_version_of_the_server_that_is_configured(server: ServerProcess) -> None:
    """No token is needed, nor a right one."""
    for token in ("", server.token, "wrong"):
        done = run("--version", SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=token)
        assert (done.status, done.err) == (0, "")
        assert done.out == f"sentlinks {__version__}\nserver {__version__} ({server.url})\n"


@more
def test_version_of_the_local_server_if_it_runs(tmp_path: Path, stocks: Stocks) -> None:
    home = Home(tmp_path / "home")
    prepare(home.data, stocks)
    assert home("--version").out == f"sentlinks {__version__}\n"
    assert not home.status()["running"], "it was started"
    try:
        assert home("links").status == 0
        url = home.status()["url"]
        assert home("--version").out == f"sentlinks {__version__}\nserver {__version__} ({url})\n"
    finally:
        home("server", "stop")


@few(1)
@pytest.mark.parametrize(
    "pieces",
    [
        lambda: slowly(b""),
        lambda: endless(b"x", b"HTTP/1.1 200 OK\r\nX-Line: "),
        lambda: [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n", b"{}"],
        lambda: [OK + b"Content-Length: 2\r\n\r\n", b"[]"],
        lambda: [
            OK + b"Content-Type: application/json\r\nContent-Length: 22\r\n\r\n",
            b'{"version": "1\\u001b["}',
        ],
    ],
    ids=["silent", "endless", "a page", "a list", "control characters"],
)
def test_version_of_a_server_that_says_none(pieces: Callable[[], Pieces]) -> None:
    with HostileServer(answering(pieces)) as server:
        done = run("--version", SENTLINKS_SERVER=server.url)
    assert (done.status, done.err) == (0, "")
    assert done.out == f"sentlinks {__version__}\nserver not reached ({server.url})\n"


@few(1)
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "no address", "https://no-such-host.invalid", "http://[::1"]
)
def test_version_without_the_server(url: str) -> None:
    done = run("--version", SENTLINKS_SERVER=url)
    assert (done.status, done.err) == (0, "")
    assert done.out == f"sentlinks {__version__}\nserver not reached ({url})\n"


def test_version_with_a_configuration_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("server = [")
    done = run("--version", SENTLINKS_HOME=str(tmp_path))
    assert (done.status, done.out, done.err) == (0, f"sentlinks {__version__}\n", "")


def test_version_with_all_it_runs_on() -> None:
    """The packages it needs are listed one per line, without those that only its tests need."""
    lines = run("--version", "--verbose").out.splitlines()
    assert re.fullmatch(r"sentlinks \d+\.\d+\.\d+", lines[0])
    assert lines[1].startswith(f"Python {sys.version_info[0]}.{sys.version_info[1]}.")
    packages = dict(line.split() for line in lines[5:])
    assert packages["textual"] == metadata.version("textual")
    assert packages["cryptography"] == metadata.version("cryptography")
    assert "pytest" not in packages


def test_verbose_alone_is_refused() -> None:
    assert run("--verbose").status == 2
