"""The whole job, by keys alone, against a real server; what the recipient gets is compared byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    name_of,
    open_sent_folder,
    put_cursor_on,
    screen_of,
    until,
)
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tui.locations.location import Location
from tui.sample import matters
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.send.versions import VersionQuestion
from tui.ui.widgets.field import Field
from tui.ui.widgets.status_line import StatusLine


def sample_bytes(file_name: str) -> bytes:
    """The latest version of a sample document, as shipped."""
    for _, document in matters().documents():
        if document.file_name == file_name:
            return document.latest.read()
    raise AssertionError(file_name)


def fetch(url: str, password: str | None = None) -> httpx.Response:
    with httpx.Client(timeout=30, trust_env=False, follow_redirects=True) as client:
        return client.post(url, data={"password": password} if password else {})


async def test_three_chosen_one_renamed_one_moved_one_removed_sent_with_a_password(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        for name in ("Call Notes - Castellan.txt", "Closing Checklist.xlsx", "Letter of Intent.pdf"):
            put_cursor_on(main, name)
            await pilot.press("space")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        await pilot.press("e", "ctrl+u", *"Notes", "enter")
        await until(pilot, lambda: dialog.state.plan.rows[0].link_name == "Notes.txt")
        await pilot.press("end", "K", "K")
        assert [r.link_name for r in dialog.state.plan.rows] == [
            "Letter of Intent.pdf",
            "Notes.txt",
            "Closing Checklist.xlsx",
        ]
        await pilot.press("end", "d")
        dialog.query_one("#password", Field).focus()
        await pilot.press(*"Blue-Harbour7", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        await until(pilot, lambda: (tmp_path / "links.txt").exists(), "the kept links")

        assert [d.name for d in draft.documents] == ["Letter of Intent.pdf", "Notes.txt"]
        text = draft.draft.body
        urls = [d.url or "" for d in draft.documents]
        assert text.index(urls[0]) < text.index(urls[1])
        assert "Blue-Harbour7" not in text + draft.draft.subject
        assert (tmp_path / "links.txt").read_text().split() == urls

        for url, source in zip(urls, ("Letter of Intent.pdf", "Call Notes - Castellan.txt"), strict=True):
            assert fetch(url).status_code == 403
            answer = fetch(url, "Blue-Harbour7")
            assert answer.status_code == 200
            assert answer.content == sample_bytes(source)

        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        await open_sent_folder(pilot, main)
        # Other tests of the module send something else on the same server.
        assert "Closing Checklist.xlsx" not in {name_of(row) for row in main.table.rows}
        sent = [row for row in main.table.rows if row.key in {d.id for d in draft.documents}]
        assert {name_of(row) for row in sent} == {"Letter of Intent.pdf", "Notes.txt"}
        assert all(row.cells[2] == ("◐ On  *", "good") for row in sent)
        assert {row.cells[4] for row in sent} == {"1"}


@more
async def test_that_the_links_are_not_kept_is_said_once(sample_server: ServerProcess, tmp_path: Path) -> None:
    """A user who looks for them in the file would find those of an earlier send, or nothing. D9: Copy to Clipboard does
    the same without an e-mail."""
    (tmp_path / "links.txt").mkdir()
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        line = main.query_one("#status", StatusLine)
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+s")
        await screen_of(pilot, DraftScreen)
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: "1 document sent" in line.text)
        note = " The links aren't in links.txt: Is a directory."
        assert line.text.partition(". ")[2].partition(".")[2] == note
        main.say("")
        put_cursor_on(main, "Data Room Index.csv")
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        assert fetch(links.documents[0].url or "").content == sample_bytes("Data Room Index.csv")
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: "1 document sent" in line.text)
        assert line.text.partition(". ")[2].partition(".")[2] == ""


@more
async def test_a_later_version_and_a_check_out_are_asked_about(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """W3, W4: an older version that was chosen is preset; a check-out is shown with the name of the user."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        put_cursor_on(main, "Share Purchase Agreement.docx")
        await pilot.press("v")
        await screen_of(pilot, VersionQuestion)
        await pilot.press("space", "enter")
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: main.table.current and main.table.current.cells[2] == "3")
        await pilot.press("s")
        question = await screen_of(pilot, VersionQuestion)
        assert question._chosen[0].version == 3
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        put_cursor_on(main, "Disclosure Letter.docx")
        await pilot.press("s")
        checked_out = await screen_of(pilot, Question)
        assert "Martin Keller" in checked_out._detail
        assert checked_out.text[0].startswith("This document is checked out")
        await pilot.press("y")
        await screen_of(pilot, SendDialog)
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        await pilot.press("space", "space", "s")
        checked_out = await screen_of(pilot, Question)
        assert checked_out.text[0].startswith("One of the documents is checked out")
        await pilot.press("n")
        await screen_of(pilot, MainScreen)
        await rows_are_numbered_in_full(pilot, main, tmp_path)


async def rows_are_numbered_in_full(pilot: Pilot[Any], main: MainScreen, tmp_path: Path) -> None:
    """Row numbers aren't cut off, however many rows there are."""
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(100):
        (folder / f"Minutes {number:03}.txt").write_text("minutes")
    main.open_place(Location("local", "files", str(folder)))
    await until(pilot, lambda: main.kind == "local" and len(main.table.rows) == 100)
    await pilot.press("ctrl+a", "s")
    dialog = await screen_of(pilot, SendDialog)
    await pilot.press("end")
    await pilot.pause()
    shown = [strip.text for strip in dialog._compositor.render_strips()]
    assert any("  100 Minutes 099.txt" in line for line in shown)


@more
async def test_files_of_this_machine_are_sent_though_their_folder_was_deleted(
    fresh_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W1: local files, the fourth source, can be sent with an empty server. A folder that was deleted is no place to
    start in; the user's home folder is. A copy is fetched into it, and a draft is saved there."""
    home, folder = tmp_path / "home", tmp_path / "files"
    home.mkdir()
    folder.mkdir()
    content = bytes(range(256)) * 1_000
    (home / "Exhibit A.bin").write_bytes(content)
    (home / "empty.txt").write_bytes(b"")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(folder)
    folder.rmdir()
    app = app_for(fresh_server, tmp_path / "state", demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        assert main.place
        assert (main.place.kind, main.place.id) == ("local", str(home))
        await pilot.press("asterisk", "s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        assert [d.name for d in draft.documents] == ["empty.txt", "Exhibit A.bin"]
        assert fetch(draft.documents[0].url or "").content == b""
        digest = hashlib.sha256(fetch(draft.documents[1].url or "").content).digest()
        assert digest == hashlib.sha256(content).digest()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: list(home.glob("*.eml")), "the draft")
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        await open_sent_folder(pilot, main)
        put_cursor_on(main, "empty.txt")
        await pilot.press("o")
        await until(pilot, lambda: (home / "empty (2).txt").exists(), "the copy")


async def test_a_file_that_vanishes_fails_alone_and_links_are_unpublished_and_deleted_by_keys(
    fresh_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D10, D12: the message names the file, nothing is sent, and everything can be sent when the file is back. F5, F7,
    F9: the flag turns Off and the link stops at once; delete asks, then moves the document to the trash."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(name)
    monkeypatch.chdir(folder)
    app = app_for(fresh_server, tmp_path / "state", demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        assert main.place
        assert (main.place.kind, main.place.id) == ("local", str(folder))
        await pilot.press("asterisk", "s")
        dialog = await screen_of(pilot, SendDialog)
        (folder / "b.txt").unlink()
        await pilot.press("ctrl+s")
        say = dialog.query_one("#overall", StatusLine)
        await until(pilot, lambda: "b.txt" in say.text, "a sentence about b.txt")
        with fresh_server.client() as client:
            assert client.get("/share/v1/documents").json()["documents"] == []
        (folder / "b.txt").write_text("b.txt")
        await pilot.press("ctrl+y")
        urls = {d.name: d.url or "" for d in (await screen_of(pilot, LinksScreen)).documents}
        assert list(urls) == ["a.txt", "b.txt"]
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        await open_sent_folder(pilot, main)
        await unpublish_and_delete(pilot, main, urls)


async def unpublish_and_delete(pilot: Pilot[Any], main: MainScreen, urls: dict[str, str]) -> None:
    put_cursor_on(main, "a.txt")
    await pilot.press("u")
    await until(pilot, lambda: ("○ Off", "dim") in [r.cells[2] for r in main.table.rows])
    assert fetch(urls["a.txt"]).status_code == 404
    assert fetch(urls["b.txt"]).content == b"b.txt"
    put_cursor_on(main, "b.txt")
    await pilot.press("d")
    question = await screen_of(pilot, Question)
    await pilot.press("n")
    main = await screen_of(pilot, MainScreen)
    assert len(main.table.rows) == 2
    await pilot.press("d")
    question = await screen_of(pilot, Question)
    assert "b.txt" in question._question
    await pilot.press("y")
    await until(pilot, lambda: [name_of(r) for r in main.table.rows] == ["a.txt"])
    assert fetch(urls["b.txt"]).status_code == 404
    await pilot.press("t")
    await until(pilot, lambda: [name_of(r) for r in main.table.rows] == ["b.txt"])
