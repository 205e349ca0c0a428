"""No link is lost when the program ends in the middle of a send: the next start shows what was published."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.support.terminal.drafting import send_now
from tests.support.terminal.terminal import SECONDS, Sentlinks, Terminal
from tests.system.command import SCRIPT, Client, run
from tests.system.local_server import prepare
from tests.system.proxy import Proxy, wait_until
from tests.system.sending import LARGE, PART, names, through

FILES = 6
OFFER = "R shows it"
STARTING = "Starting the local server..."
LOST = "the line is lost"


@pytest.fixture
def home(tmp_path: Path, stocks: Stocks) -> Iterator[dict[str, str]]:
    """The environment of an app whose server is the local one, reached over its socket."""
    prepare(tmp_path / "home" / "data", stocks)
    # A socket's path may have at most 107 characters, and the paths of tests are long.
    with TemporaryDirectory() as temporary:
        environ = {"SENTLINKS_HOME": str(tmp_path / "home"), "TMPDIR": temporary}
        yield environ
        run("server", "stop", **environ)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the files to send."""
    folder = tmp_path / "work"
    folder.mkdir()
    for number in range(FILES - 1):
        (folder / f"paper{number:02}.bin").write_bytes(os.urandom(2_000_000))
    # The last one takes so long that no send finishes before it is interrupted.
    with (folder / f"paper{FILES - 1:02}.bin").open("wb") as last:
        last.truncate(4_000_000_000)
    monkeypatch.chdir(folder)
    return folder


def begin_to_send(terminal: Terminal) -> None:
    """Sends all files of the current folder."""
    terminal.press("gl")
    terminal.wait_for("paper00.bin")
    terminal.press("ctrl+a")
    terminal.wait_for(f"{FILES} selected")
    terminal.press("s")
    terminal.wait_for("Rename Secure Link")
    send_now(terminal)


def wait_until_some_are_sent(terminal: Terminal) -> None:
    end = time.monotonic() + SECONDS
    while not re.search(rf"\b[1-9]\d* of {FILES} sent", terminal.text):
        terminal.during(0.02)
        assert time.monotonic() < end, f"nothing is sent:\n{terminal.text}"


def links_in(text: str) -> set[str]:
    return set(re.findall(r"http://127\.0\.0\.1:\d+/s/\w+", text))


def published(environ: dict[str, str]) -> set[str]:
    return {d["url"] for d in run("links", "--all", "--json", **environ).documents}


def test_the_next_start_lists_what_was_published(home: dict[str, str], files: Path) -> None:
    """However the app ended. It starts the local server once, and leaves it running."""
    known: set[str] = set()
    with Sentlinks([], home, 100, 60) as terminal:
        terminal.wait_for(STARTING)
        # Displayed as soon as the server has responded.
        terminal.wait_for("New here?")
        assert STARTING not in terminal.text
        send_and_end(terminal, signal.SIGTERM)
        assert b"The next start shows the links and can resume the rest." in terminal.written
    server = run("server", "status", "--json", **home).json
    assert server["running"] is True
    for how in (signal.SIGKILL, LOST, None):
        urls = published(home) - known
        assert 1 <= len(urls) < FILES
        check_kept(home, urls)
        with Sentlinks([], home, 100, 60) as terminal:
            known |= check_listed(terminal, home, known, urls)
            assert STARTING.encode() not in terminal.written
            if how is None:
                terminal.type("q")
                assert terminal.wait() == 0
            else:
                send_and_end(terminal, how)
    assert list(Path(home["SENTLINKS_HOME"], "state", "sends").iterdir()) == []
    assert run("server", "status", "--json", **home).json == server


def send_and_end(terminal: Terminal, how: int | str) -> None:
    """Ends the app in the middle of a send."""
    begin_to_send(terminal)
    wait_until_some_are_sent(terminal)
    if isinstance(how, str):
        terminal.hang_up()
        assert terminal.process.wait(60) == 128 + signal.SIGHUP
    else:
        terminal.process.send_signal(how)
        assert terminal.wait() == (-how if how == signal.SIGKILL else 128 + how)
    assert b"Traceback" not in terminal.written


def check_kept(home: dict[str, str], urls: set[str]) -> None:
    """The plain file has the links as well, except those whose responses never arrived."""
    state = Path(home["SENTLINKS_HOME"], "state")
    assert not (state / "errors.log").exists()
    kept = set((state / "links.txt").read_text().split())
    assert kept <= urls
    assert kept
    assert (state / "links.txt").stat().st_mode & 0o777 == 0o600


def check_listed(terminal: Terminal, home: dict[str, str], known: set[str], before: set[str]) -> set[str]:
    """The send is offered, and shows its links, which it returns: all but the ``known``."""
    # Nothing opens by itself.
    terminal.wait_for(OFFER)
    match = re.search(rf"interrupted: (\d+) of {FILES} documents", terminal.text)
    assert match is not None
    # What the server was doing when the connection broke may have finished since.
    urls = published(home) - known
    assert before <= urls
    # Those whose responses never arrived are included: the app asks the server.
    assert int(match[1]) == len(urls)
    terminal.press("down", "R")
    terminal.wait_for("Interrupted send")
    terminal.press("tab", "enter")
    terminal.wait_for("/s/")
    terminal.quiet()
    assert links_in(terminal.text) == urls
    terminal.press("escape")
    terminal.wait_for("Workspaces")
    return urls


@more
def test_a_demo_ends_quietly_in_the_middle_of_a_send(home: dict[str, str], files: Path) -> None:
    with Sentlinks(["demo"], home, 100, 60) as terminal:
        terminal.wait_for("New here?")
        begin_to_send(terminal)
        wait_until_some_are_sent(terminal)
        terminal.process.send_signal(signal.SIGHUP)
        assert terminal.wait() == 128 + signal.SIGHUP
        written = terminal.written
    after = written[written.rindex(b"\x1b[?1049l") :]
    assert b"Traceback" not in written
    assert re.sub(rb"\x1b\[\?\d+[lh]", b"", after) == b""
    assert list(Path(home["TMPDIR"]).glob("sentlinks-demo-*")) == []


@more
def test_who_quits_in_the_middle_is_told_too(server: ServerProcess, files: Path) -> None:
    with Sentlinks([], Client(server.url, server.token, files).environ, 100, 60) as terminal:
        terminal.wait_for("New here?")
        begin_to_send(terminal)
        wait_until_some_are_sent(terminal)
        terminal.press("ctrl+q")
        terminal.wait_for("Quit while documents are being sent?")
        terminal.type("y")
        assert terminal.wait() == 0
        assert b"The next start shows the links and can resume the rest." in terminal.written


def test_the_next_command_tells_what_a_killed_one_published(server: ServerProcess, tmp_path: Path) -> None:
    """The document is reported once, on standard error, with its name and its link."""
    client = Client(server.url, server.token, tmp_path)
    client.file("told-small.txt", "small")
    client.file("told-large.bin", bytes(LARGE))
    client.file("told-next.txt", "next")
    items = ("told-small.txt", "told-large.bin")
    with Proxy(server.url, PART) as proxy:
        process = through(client, proxy.url).start("send", *items, "--json")
        assert proxy.reached.wait(60)
        wait_until(lambda: "told-small.txt" in names(client))
        process.kill()
        process.ended()
        # A server is known by its address.
        after = client("send", "told-next.txt", "--json")
        assert "told-small.txt" not in after.err
        # Releases the connection that was held until now.
        proxy.release()
        again = through(client, proxy.url)
        url = next(d["url"] for d in client("links", "--json").documents if d["name"] == "told-small.txt")
        first, second = again("send", "told-next.txt", "--json"), again("send", "told-next.txt", "--json")
    assert (
        "sentlinks: An earlier send ended, and its links may not have been seen. It published 1 document:"
        in first.err
    )
    assert f"sentlinks: told-small.txt: {url}\n" in first.err
    assert [d["name"] for d in first.documents] == ["told-next.txt"]
    assert second.err == ""


@few(1)
@pytest.mark.parametrize("closed", [False, True], ids=["full", "closed"])
def test_links_that_could_not_be_written_are_told_by_the_next_command(
    closed: bool, server: ServerProcess, tmp_path: Path
) -> None:
    client = Client(server.url, server.token, tmp_path)
    client.file("unwritten.txt")
    client.file("written.txt")
    if closed:
        lost = subprocess.run(
            ["bash", "-c", '"$@" >&-', "bash", *SCRIPT, "send", "unwritten.txt", "--json"], cwd=tmp_path, text=True,
            capture_output=True, env={**os.environ, **client.environ}, check=False,
        )  # fmt: skip
        status, told, why = lost.returncode, lost.stderr, "Bad file descriptor"
    else:
        done = run("send", "unwritten.txt", cwd=tmp_path, out="/dev/full", **client.environ)
        status, told, why = done.status, done.err, "No space left on device"
    assert (status, told) == (1, f"sentlinks: Can't write to standard output: {why}.\n")
    later = client("send", "written.txt")
    assert "sentlinks: unwritten.txt: http://" in later.err
    assert "unwritten" not in client("send", "written.txt").err
