"""A send left in the background when the app is closed is finished by a separate process."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Hold, HoldAnswer
from tests.support.servers.server import ServerProcess
from tests.support.terminal.drafting import send_now
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.support.users.share import fetch
from tests.system.background import LEFT, MIDDLE, Desk, links_in, process_of, wait_for_state
from tests.system.command import run
from tests.system.proxy import wait_until


@pytest.fixture
def desk(server: ServerProcess, tmp_path: Path) -> Iterator[Desk]:
    with Misbehaving(server.url) as proxy:
        yield Desk(server, proxy, tmp_path)


@more
def test_it_is_finished_and_its_links_are_shown(desk: Desk) -> None:
    desk.proxy.spoil("PATCH", HoldAnswer(), "/uploads")
    with desk.app() as terminal:
        desk.begin(terminal)
        # What the server has not read when the connection ends has not arrived.
        wait_until(lambda: any(seen.held for seen in desk.proxy.seen))
        desk.leave(terminal)
    desk.wait_for("sent")
    urls = desk.check_all()
    # A large upload resumes where it stopped: the bytes of the first PATCH are not sent again.
    assert sum(desk.proxy.received("PATCH")) <= MIDDLE
    # A script that sends something else leaves them to the app.
    desk.client.file("other.txt")
    done = desk.client("send", "other.txt")
    assert done.status == 0
    assert urls[0] not in done.err
    with desk.app() as terminal:
        terminal.wait_for("shows its 3 links")
        terminal.press("R")
        terminal.wait_for("/s/")
        terminal.quiet()
        assert sorted(links_in(terminal.text)) == sorted(urls)
        terminal.press("escape")
        terminal.wait_for("Workspaces")
        terminal.type("q")
        assert terminal.wait() == 0
    assert desk.sends == []


@more
def test_who_quits_can_resume_the_rest(desk: Desk) -> None:
    """As the question says; what has arrived of the large document isn't sent again."""
    desk.proxy.spoil("PATCH", HoldAnswer(), "/uploads")
    with desk.app() as terminal:
        desk.begin(terminal)
        wait_until(lambda: any(seen.held for seen in desk.proxy.seen))
        quits(terminal)
        assert (
            b"Stopped after 2 documents. The next start shows the links and can resume the rest."
            in terminal.written
        )
    resumes_the_rest(desk, 2)
    assert sum(desk.proxy.received("PATCH")) <= MIDDLE


@more
def test_who_quits_before_anything_is_sent_can_resume_it(desk: Desk) -> None:
    desk.proxy.spoil("POST", HoldAnswer(), "/sends")
    with desk.app() as terminal:
        desk.begin(terminal)
        wait_until(lambda: any(seen.held for seen in desk.proxy.seen))
        quits(terminal)
        assert b"Not sent: you stopped it. The next start offers to resume it." in terminal.written
    resumes_the_rest(desk, 0)


def quits(terminal: Terminal) -> None:
    terminal.type("\x11")
    terminal.wait_for("You can resume the rest next time (R).")
    terminal.type("y")
    assert terminal.wait() == 0


def resumes_the_rest(desk: Desk, sent: int) -> None:
    with desk.app() as terminal:
        done = f"{sent} of 3 documents published" if sent else "nothing published yet"
        terminal.wait_for(f"Your last send was interrupted: {done}")
        is_resumed(terminal)
        terminal.wait_for("Draft e-mail")
        terminal.press("escape")
        terminal.wait_for("Workspaces")
        terminal.type("q")
        assert terminal.wait() == 0
    desk.check_all()
    assert desk.sends == []


def test_it_is_killed_stopped_and_resumed(desk: Desk) -> None:
    """Each time, the app that resumes it leaves it in the background again. What has arrived of the large document
    stays there."""
    go_on = threading.Event()
    desk.proxy.spoil("PATCH", Hold(go_on), "/uploads", times=6)
    with desk.app() as terminal:
        desk.begin(terminal)
        is_left(desk, terminal, 1)
    assert desk.sends[0]["state"] == "sending"
    os.kill(desk.process, signal.SIGKILL)
    desk.wait_for("interrupted")
    with desk.app() as terminal:
        terminal.wait_for("Your last send was interrupted: 2 of 3 documents published")
        is_resumed(terminal)
        is_left(desk, terminal, 3)
    process = desk.process
    with desk.app() as terminal:
        terminal.wait_for("Sending in the background: 2 of 3 documents published")
        terminal.press("R")
        terminal.wait_for("Stop sending")
        for name in desk.contents:
            assert name in terminal.text
        assert terminal.text.count("✓ published") == 2
        terminal.press("tab", "enter")
        terminal.wait_for("Your last send was interrupted: 2 of 3 documents published")
        wait_until(lambda: not Path(f"/proc/{process}").exists())
        assert desk.unfinished == 1
        is_resumed(terminal)
        is_left(desk, terminal, 5)
    # By a command, without the server, too.
    ident = desk.sends[0]["id"]
    desk.proxy.down()
    assert desk.client("sends", "--stop", ident, "--json").json == {"stopped": ident}
    go_on.set()
    desk.proxy.up()
    again = desk.client("sends", "--stop", ident, "--json")
    assert (again.status, again.error) == (5, "send.not_running")
    assert (desk.sends[0]["state"], desk.unfinished) == ("interrupted", 1)
    assert desk.client("sends", "--stop", "../x", "--json").error == "send.not_running"
    with desk.app() as terminal:
        terminal.wait_for("Your last send was interrupted: 2 of 3 documents published")
        is_resumed(terminal)
        terminal.wait_for("Draft e-mail")
        terminal.press("escape")
        terminal.wait_for("Workspaces")
        terminal.type("q")
        assert terminal.wait() == 0
    desk.check_all()
    assert desk.sends == []


def is_resumed(terminal: Terminal) -> None:
    """Resumes the interrupted send in the app."""
    terminal.press("R")
    terminal.wait_for("Interrupted send")
    terminal.press("enter")


def is_left(desk: Desk, terminal: Terminal, count: int) -> None:
    """Leaves it to a process in the background, when that many uploads have been begun, until it has begun another."""
    wait_until(lambda: desk.proxy.count("PATCH", "/uploads") == count)
    desk.leave(terminal)
    wait_until(lambda: desk.proxy.count("PATCH", "/uploads") > count)


@more
def test_killed_at_once_it_is_resumed(desk: Desk) -> None:
    """Each document is published once, though the process had hardly begun."""
    desk.proxy.spoil("PATCH", HoldAnswer(), "/uploads")
    with desk.app() as terminal:
        desk.begin(terminal)
        wait_until(lambda: desk.proxy.count("PATCH", "/uploads") > 0)
        desk.leave(terminal)
    process = desk.process
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{process}").exists())
    assert desk.sends[0]["state"] in ("interrupted", "sent")
    assert desk.client("send", "--resume", desk.sends[0]["id"]).status == 0
    desk.check_all()
    assert desk.sends == []


def test_closing_the_terminal_does_not_end_the_hand_over(desk: Desk) -> None:
    """The app waits for the server to publish what it is publishing; the window may be closed before that."""
    desk.add("d.bin", MIDDLE)
    publishing, uploading = threading.Event(), threading.Event()
    desk.proxy.spoil("POST", Hold(publishing), "/documents")
    desk.proxy.spoil("PATCH", Hold(uploading), "/uploads", skip=1)
    with desk.app() as terminal:
        desk.begin(terminal)
        wait_until(lambda: desk.proxy.count("POST", "/documents") > 0)
        wait_until(lambda: desk.proxy.count("PATCH", "/uploads") > 1)
        terminal.type("\x11")
        terminal.wait_for("In background (b)")
        terminal.type("b")
        terminal.quiet()
        terminal.hang_up()
        terminal.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert terminal.process.poll() is None
        publishing.set()
        terminal.process.wait(60)
    uploading.set()
    # Another process has finished it.
    desk.wait_for("sent")
    desk.check_all()


def test_a_generated_password_is_noted_first(desk: Desk) -> None:
    """It is in no file, and isn't replaced later: the user knows it."""
    desk.proxy.spoil("PATCH", HoldAnswer(), "/uploads")
    with desk.app() as terminal:
        desk.begin(terminal, generate=True)
        wait_until(lambda: any(seen.held for seen in desk.proxy.seen))
        terminal.type("\x11")
        terminal.wait_for("In background (b)")
        terminal.type("b")
        terminal.wait_for("Have you noted the generated password?")
        terminal.quiet()
        (password,) = re.findall(
            r"(?<=  )([a-z-]{27,40})(?=  +│)", terminal.text.split("Have you noted", 1)[1]
        )
        # Not yet.
        terminal.press("n")
        terminal.wait_for("Cancel sending")
        terminal.type("\x11")
        terminal.wait_for("In background (b)")
        terminal.type("b")
        terminal.wait_for("Have you noted the generated password?")
        terminal.type("y")
        assert terminal.wait() == 0
        assert LEFT.encode() in terminal.written
    desk.wait_for("sent")
    desk.check_all()
    for file in desk.state.rglob("*"):
        assert not file.is_file() or password.encode() not in file.read_bytes()
    for document in desk.documents:
        assert fetch(desk.server, document["url"], password) == desk.contents[document["name"]]


@more
def test_the_password_of_a_send_that_is_not_open_yet_goes_along(desk: Desk) -> None:
    """The process gets the password, which is neither in the journal nor in the process's arguments or environment."""
    desk.proxy.spoil("POST", HoldAnswer(), "/sends", times=2)
    password = "quiet-harbour-lamp-71"
    with desk.app() as terminal:
        desk.begin(terminal, password)
        wait_until(lambda: desk.proxy.count("POST", "/sends") > 0)
        desk.leave(terminal)
    wait_until(lambda: desk.proxy.count("POST", "/sends") > 1)
    (journal,) = (desk.state / "sends").iterdir()
    process = Path(f"/proc/{desk.process}")
    for place in (journal, process / "cmdline", process / "environ"):
        assert password.encode() not in place.read_bytes()
    # The held request gets no response: its connection is reset.
    desk.proxy.down()
    desk.proxy.up()
    desk.wait_for("sent")
    desk.check_all()
    documents = desk.documents
    assert all(d["has_password"] for d in documents)
    assert fetch(desk.server, documents[0]["url"], password) == desk.contents[documents[0]["name"]]


@more
def test_with_the_local_server(tmp_path: Path) -> None:
    """The local server, too, keeps running after the app has ended. It holds still until then."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "large.bin").write_bytes(bytes(MIDDLE))
    with TemporaryDirectory() as temporary:
        home = {"SENTLINKS_HOME": str(tmp_path / "home"), "TMPDIR": temporary}
        with Sentlinks([], home, 100, 40, cwd=work) as terminal:
            terminal.wait_for("New here?")
            terminal.press("gl")
            terminal.wait_for("large.bin")
            terminal.press("s")
            terminal.wait_for("Rename Secure Link")
            terminal.quiet()
            local = run("server", "status", "--json", **home).json["pid"]
            os.kill(local, signal.SIGSTOP)
            send_now(terminal)
            terminal.wait_for("0 of 1 sent")
            terminal.type("\x11")
            terminal.wait_for("In background (b)")
            terminal.type("b")
            assert terminal.wait() == 0
            assert LEFT.encode() in terminal.written

        state = Path(home["SENTLINKS_HOME"], "state")
        assert Path(f"/proc/{process_of(state)}").exists()
        os.kill(local, signal.SIGCONT)
        wait_for_state("sent", state, lambda: list(run("sends", "--json", **home).json["sends"]))
        (document,) = run("links", "--all", "--json", **home).documents
        assert document["size"] == MIDDLE
        run("server", "stop", **home)
