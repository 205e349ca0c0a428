"""The text of documents: beside the list, or over it; one document at a time."""

from __future__ import annotations

import asyncio
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.app.app import (
    app_for,
    main_screen,
    put_cursor_on,
    resized,
    running,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.carried.hostile import HOSTILE
from tests.support.carried.office import docx, paragraph, run
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import press
from tests.support.users.share import Sender
from tests.support.users.work import Worker
from tests.tui.test_two_servers import app_on
from tui.clients.target import Target
from tui.clients.work_target import WorkTarget
from tui.inspection.inspector import FirstLines, Inspector
from tui.ui.dialogs.first_lines import FirstLinesScreen
from tui.ui.main import text_tab
from tui.ui.main.details_pane import DetailsPane
from tui.ui.main.main import MainScreen
from tui.ui.widgets.text_view import FindField, TextLines

FILES = {
    "a.txt": "Alpha\n" + "".join(f"line {number}\n" for number in range(90)),
    "b.md": "# Beta\n\x1b[31mred\x1b]0;title\x07 and \u202eturned\u202c [bold]markup[/]\n",
    "c.csv": "name,sum\nGamma,3\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file of each of some kinds."""
    found = tmp_path / "work"
    found.mkdir()
    for name, content in FILES.items():
        (found / name).write_text(content)
    (found / "d.docx").write_bytes(docx(paragraph(run("Delta"))))
    (found / "e.bin").write_bytes(b"\0\1")
    monkeypatch.chdir(found)
    return found


async def local_files(pilot: Any, rows: int = 5) -> MainScreen:
    main = await main_screen(pilot)
    await settled(pilot)
    await pilot.press("g", "l")
    await until(pilot, lambda: len(main.table.rows) == rows)
    await settled(pilot)
    await pilot.press("home")
    return main


def text_of(screen: Any) -> list[str]:
    return list(screen.query_one(TextLines).text.lines)


async def test_beside_the_list(server: ServerProcess, tmp_path: Path, folder: Path) -> None:
    """It follows the cursor; escape sequences, marks that turn text round, and markup are only text."""
    async with app_for(server, tmp_path / "state").run_test(size=(120, 40)) as pilot:
        main = await local_files(pilot)
        assert not main.query(TextLines)
        await pilot.press("T")
        await until(pilot, lambda: "╭─ Text" in screen_text(pilot))
        await until(pilot, lambda: text_of(main)[:3] == ["a.txt", "Alpha", "line 0"])
        assert text_of(main)[-1] == "The first 60 lines."
        await pilot.press("j")
        await until(pilot, lambda: text_of(main)[:2] == ["b.md", "# Beta"])
        assert text_of(main)[2] == "[31mred]0;title and turned [bold]markup[/]"
        assert "[bold]markup[/]" in screen_text(pilot)
        await pilot.press("end", "k")
        await until(pilot, lambda: text_of(main)[:2] == ["d.docx", "Delta"])
        await pilot.press("j")
        await until(pilot, lambda: text_of(main)[:1] == ["e.bin"])
        await until(pilot, lambda: "Files of this kind" in "".join(text_of(main)[-1:]))
        await pilot.press("T")
        await until(pilot, lambda: "╭─ Details" in screen_text(pilot))
        assert "Text" not in screen_text(pilot)


@more
async def test_the_tab_is_remembered(server: ServerProcess, tmp_path: Path, folder: Path) -> None:
    state = tmp_path / "state"
    for wanted in ("Text", "Details", "Details"):
        async with app_for(server, state).run_test(size=(120, 40)) as pilot:
            main = await local_files(pilot)
            if wanted == "Details" and main.look.shows_text:
                await until(pilot, lambda main=main: text_of(main)[1:2] == ["Alpha"], "as it was left")
                await pilot.press("T")
            elif wanted == "Text":
                await pilot.press("T")
            await until(pilot, lambda wanted=wanted: f"╭─ {wanted}" in screen_text(pilot))
    assert not (state / "shows-text").exists()


async def test_it_is_scrolled_and_searched(server: ServerProcess, tmp_path: Path, folder: Path) -> None:
    async with app_for(server, tmp_path / "state").run_test(size=(120, 30)) as pilot:
        main = await local_files(pilot)
        await pilot.press("T")
        await until(pilot, lambda: text_of(main)[1:2] == ["Alpha"])
        lines = main.query_one(TextLines)
        await pilot.press("J")
        assert lines.text.top == lines.half
        await pilot.press("K", "K")
        assert lines.text.top == 0
        assert main.table.current is not None
        assert main.table.current.name == "a.txt"
        await pilot.press("tab")
        assert main.focused is lines
        await pilot.press("down", "down", "up")
        assert lines.text.top == 1
        await pilot.press("G")
        assert lines.text.top == lines.text.last_top
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(main.focused, FindField))
        await pilot.press(*"LINE 5", "enter")
        assert main.focused is lines
        assert len(lines.text.found) == 10
        assert "“LINE 5”: 10 places" in main.status.text
        current = lines.text.current
        await pilot.press("n", "n", "N")
        assert lines.text.current == (current + 1) % 10
        await pilot.press("escape")
        assert lines.text.found == []
        await pilot.press("j")
        await until(pilot, lambda: text_of(main)[:2] == ["b.md", "# Beta"])
        assert main.focused is lines
        await pilot.press("escape")
        assert main.table.has_focus


@more
async def test_over_the_list(server: ServerProcess, tmp_path: Path, folder: Path) -> None:
    """Where there is no room beside it; it goes on to the next document, and the cursor with it."""
    async with app_for(server, tmp_path / "state").run_test(size=(80, 24)) as pilot:
        main = await local_files(pilot)
        await pilot.press("T")
        dialog = await screen_of(pilot, FirstLinesScreen)
        await until(pilot, lambda: text_of(dialog)[:1] == ["Alpha"])
        assert "a.txt" in screen_text(pilot).splitlines()[0]
        await pilot.press("pagedown")
        assert dialog.query_one(TextLines).text.top > 5
        await pilot.press("j")
        await until(pilot, lambda: text_of(dialog)[:1] == ["# Beta"])
        assert "b.md" in screen_text(pilot).splitlines()[0]
        await pilot.press("j")
        await until(pilot, lambda: text_of(dialog)[:1] == ["name,sum"])
        await pilot.press("k", "k", "k")
        await until(pilot, lambda: text_of(dialog)[:1] == ["Alpha"])
        await pilot.press("slash", *"line 7", "enter")
        await until(pilot, lambda: dialog.query_one(TextLines).has_focus)
        assert "line 7" in screen_text(pilot)
        await pilot.press("escape")
        assert pilot.app.screen is dialog
        await pilot.press("j", "escape")
        await main_screen(pilot)
        assert main.table.current is not None
        assert main.table.current.name == "b.md"


class Counted:
    """Holds each job until it is let go, and counts how many there are at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = asyncio.Event()
        self.now = self.most = self.begun = 0
        first_lines = Inspector.first_lines

        async def counted(inspector: Inspector, *given: Any, **more: Any) -> FirstLines:
            self.now, self.begun = self.now + 1, self.begun + 1
            self.most = max(self.most, self.now)
            try:
                await self.go_on.wait()
                return await first_lines(inspector, *given, **more)
            finally:
                self.now -= 1

        monkeypatch.setattr(Inspector, "first_lines", counted)


@more
async def test_leaving_a_document_ends_its_job(
    server: ServerProcess, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Counted(monkeypatch)
    async with app_for(server, tmp_path / "state").run_test(size=(120, 40)) as pilot:
        main = await local_files(pilot)
        await pilot.press("T")
        for begun in (1, 2, 3):
            await until(pilot, lambda begun=begun: jobs.begun == begun)
            assert jobs.now == 1
            await pilot.press("j")
            await until(pilot, lambda begun=begun: jobs.now == 0 or jobs.begun > begun)
        jobs.go_on.set()
        await until(pilot, lambda: text_of(main)[:2] == ["d.docx", "Delta"])
        assert jobs.most == 1
        jobs.go_on.clear()
        before = jobs.begun
        await pilot.press("k")
        await until(pilot, lambda: jobs.begun == before + 1)
        await pilot.press("T")
        await until(pilot, lambda: jobs.now == 0)
        assert main.session.carried._inspector._spare is None, "none waits any more"


async def test_leaving_a_document_kills_its_worker_at_once(
    server: ServerProcess, tmp_path: Path, folder: Path
) -> None:
    """Before the app goes on to paint the next row."""
    (folder / "a.docx").write_bytes(HOSTILE["runs.docx"](1))
    async with app_for(server, tmp_path / "state").run_test(size=(120, 40)) as pilot:
        main = await local_files(pilot, rows=6)
        await pilot.press("T")
        assert main.look.details is not None
        tab = main.look.details.text
        assert tab is not None
        await until(pilot, lambda: tab._reading is not None and tab._reading.worker is not None)
        assert tab._reading is not None
        worker = tab._reading.worker
        assert worker is not None
        handle = os.pidfd_open(worker.pid)
        # It doesn't end by itself.
        os.kill(worker.pid, signal.SIGSTOP)
        main.table.action_down()
        main.look.row_changed()
        assert select.select([handle], [], [], 20)[0]
        os.close(handle)


@more
async def test_a_worker_gets_ready_while_the_cursor_rests(
    server: ServerProcess, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for a document of a kind that is never read there is none at all."""
    async with app_for(server, tmp_path / "state").run_test(size=(120, 40)) as pilot:
        main = await local_files(pilot)
        await pilot.press("end", "T")
        await until(pilot, lambda: "Files of this kind" in "".join(text_of(main)[-1:]))
        inspector = main.session.carried._inspector
        assert inspector._spare is None
        monkeypatch.setattr(text_tab, "_REST_SECONDS", 600.0)
        await pilot.press("k")
        await until(pilot, lambda: inspector._spare is not None)


async def test_while_keys_come_in_nothing_is_read_or_painted(
    server: ServerProcess, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is held costs what it costs without the text."""
    async with app_for(server, tmp_path / "state").run_test(size=(120, 40)) as pilot:
        main = await local_files(pilot)
        await pilot.press("T")
        await until(pilot, lambda: text_of(main)[:2] == ["a.txt", "Alpha"])
        jobs, painted = Counted(monkeypatch), list[Any]()
        refresh = TextLines.refresh

        def noted(lines: TextLines, *args: Any, **kwargs: Any) -> Any:
            painted.append(lines)
            return refresh(lines, *args, **kwargs)

        monkeypatch.setattr(TextLines, "refresh", noted)
        monkeypatch.setattr(text_tab, "_REST_SECONDS", 600.0)
        for name in ("b.md", "c.csv", "d.docx", "e.bin"):
            await pilot.press("j")
            await until(pilot, lambda name=name: main.current is not None and main.current.name == name)
        await settled(pilot)
        assert (jobs.begun, painted, text_of(main)[:2]) == (0, [], ["a.txt", "Alpha"])
        monkeypatch.setattr(text_tab, "_REST_SECONDS", 0.0)
        await pilot.press("k")
        await until(pilot, lambda: jobs.begun == 1)
        jobs.go_on.set()
        await until(pilot, lambda: text_of(main)[:2] == ["d.docx", "Delta"])
        assert painted


async def test_nothing_is_read_under_a_dialog(
    server: ServerProcess, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_for(server, tmp_path / "state").run_test(size=(120, 40)) as pilot:
        main = await local_files(pilot)
        await pilot.press("T")
        await until(pilot, lambda: text_of(main)[1:2] == ["Alpha"])
        await pilot.press("j", "f1")
        await until(pilot, lambda: pilot.app.screen is not main)
        await pilot.press("escape")
        await until(pilot, lambda: text_of(main)[1:2] == ["# Beta"], "once it is closed")


@more
async def test_what_was_sent(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """Its text, and the downloads of each day."""
    with Sender(fresh_server) as me:
        document = me.send("Offer.txt", b"We offer 7.\n")
        with fresh_server.guest() as guest:
            for _ in range(3):
                assert press(guest, document).status_code == 303
        app = app_for(fresh_server, tmp_path / "state")
        async with app.run_test(size=(120, 40)) as pilot:
            main = await sent_folder(pilot)
            pane = main.query_one(DetailsPane)
            await until(pilot, lambda: ("at most", "3") in pane._body._lines)
            assert ("to today", "▁" * 20 + "█") in pane._body._lines
            await pilot.press("T")
            await until(pilot, lambda: text_of(main) == ["Offer.txt", "We offer 7."])
            await resized(pilot, 80, 24)
            await pilot.press("T")
            dialog = await screen_of(pilot, FirstLinesScreen)
            await until(pilot, lambda: text_of(dialog) == ["We offer 7."])
        assert me.events(f"/documents/{document['id']}/audit").count("previewed") == 1


@pytest.fixture
def share_server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "share", arguments=("--user", "SHARER")) as process:
        yield process


@more
async def test_another_work_server_is_asked_only_for_a_key(
    server: ServerProcess, share_server: ServerProcess, tmp_path: Path
) -> None:
    """It may note a view."""
    with Worker(server) as worker:
        space = worker.workspace("Matter", default_security="public")
        papers = [
            worker.upload(space, name, f"Text of {name}\n".encode(), "txt")["id"] for name in ("One", "Two")
        ]
        app = app_on(share_server, WorkTarget(Target(server.url, server.token)), tmp_path / "state")
        async with app.run_test(size=(120, 40)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            put_cursor_on(main, "One.txt")
            await pilot.press("T")
            await until(pilot, lambda: "notes who reads a document" in " ".join(text_of(main)))
            assert text_of(main)[0] == "One.txt"
            await pilot.press("T")
            await until(pilot, lambda: text_of(main) == ["One.txt", "Text of One"])
            assert worker.history(papers[0]) == ["PREVIEW", "NEWDOCUMENT"]
            put_cursor_on(main, "Two.txt")
            await until(pilot, lambda: text_of(main)[:1] == ["Two.txt"])
            await settled(pilot)
            assert worker.history(papers[1]) == ["NEWDOCUMENT"]
            await resized(pilot, 80, 24)
            await pilot.press("T")
            dialog = await screen_of(pilot, FirstLinesScreen)
            await until(pilot, lambda: text_of(dialog) == ["Text of Two"], "the key has asked for it")
            await pilot.press("j" if main.table.rows[0].name == "Two.txt" else "k")
            await until(pilot, lambda: "T shows the text." in " ".join(text_of(dialog)))
            await pilot.press("T")
            await until(pilot, lambda: text_of(dialog) == ["Text of One"])


@more
async def test_nothing_is_loaded_before_it_is_used(still_server: ServerProcess, tmp_path: Path) -> None:
    async with running(still_server, tmp_path, size=(120, 40)) as (pilot, main):
        await pilot.press("j", "j")
        await settled(pilot)
        assert "previews" not in main.session.__dict__
        assert "carried" not in main.session.__dict__


async def test_a_folder_has_no_text(still_server: ServerProcess, tmp_path: Path) -> None:
    async with running(still_server, tmp_path, size=(80, 24)) as (pilot, main):
        await pilot.press("h")
        await settled(pilot)
        await pilot.press("T")
        await settled(pilot)
        assert pilot.app.screen is main
