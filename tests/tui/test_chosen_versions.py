"""The version that the user chooses is the one that is sent (W3), and every dialog on the way shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from textual.pilot import Pilot

from tests.support.app.app import app_for, put_cursor_on, said, screen_of, screen_text, until
from tests.support.app.chosen_versions import SIZE, choose, content, matter
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.send.versions import VersionQuestion
from tui.ui.widgets.table import Table


@pytest.fixture
def fresh_server(idents: dict[str, str], tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with those documents."""
    with ServerProcess(tmp_path / "data") as process:
        yield process


def versions_of(pilot: Pilot[int], dialog: SendDialog) -> dict[str, str]:
    """The version of each document that the dialog shows, as drawn."""
    lines = screen_text(pilot).splitlines()
    found = {}
    for row in dialog.table.rows:
        line = next(li for li in lines if f" {row.cells[1]} " in li and "pending" in li)
        found[str(row.cells[1])] = line.partition(f" {row.cells[1]} ")[2].split()[0].removeprefix("v")
    return found


def published(links: LinksScreen) -> dict[str, tuple[str, bytes]]:
    """The source and the bytes of each link, as a recipient gets them."""
    found = {}
    with httpx.Client(timeout=30, trust_env=False, follow_redirects=True) as client:
        for document in links.documents:
            answer = client.post(document.url or "", headers={"Accept": "text/plain"})
            found[document.name] = (document.source, answer.raise_for_status().content)
    return found


async def test_version_1_that_was_chosen_is_published(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    """Going back leaves what was chosen and selected: a version picked in the question applies only to the send that it
    was asked for."""
    async with app_for(fresh_server, None, demo=False).run_test(size=SIZE) as pilot:
        main = await matter(pilot, idents)
        await choose(pilot, main, "Offer", "left", "left")
        await pilot.press("space", "s")
        await screen_of(pilot, VersionQuestion)
        await pilot.press("right", "escape")
        await screen_of(pilot, MainScreen)
        assert len(main.table.selected) == 1
        await pilot.press("s")
        await screen_of(pilot, VersionQuestion)
        assert "‹ 1 ›" in screen_text(pilot), "what was chosen is preset"
        await pilot.press("enter")
        dialog = await screen_of(pilot, SendDialog)
        assert versions_of(pilot, dialog) == {"Offer.txt": "1"}
        await pilot.press("ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        assert published(links) == {"Offer.txt": (f"{idents['Offer']}.1", content("Offer", 1))}


@more
async def test_several_at_once_each_in_the_version_that_was_chosen_or_else_the_latest(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    """The latest is sent even if it was uploaded only after the list was loaded."""
    async with app_for(fresh_server, None, demo=False).run_test(size=SIZE) as pilot:
        main = await matter(pilot, idents)
        await choose(pilot, main, "Lease", "left")
        with Worker(fresh_server) as worker:
            worker.new_version(f"{idents['Offer']}.3", "Offer", content("Offer", 4))
        await pilot.press("ctrl+a", "s")
        await screen_of(pilot, VersionQuestion)
        assert [line for line in screen_text(pilot).splitlines() if "‹ 2 ›" in line and "Lease" in line]
        assert [line for line in screen_text(pilot).splitlines() if "‹ 4 ›" in line and "Offer" in line]
        await pilot.press("enter")
        dialog = await screen_of(pilot, SendDialog)
        assert versions_of(pilot, dialog) == {"Lease.txt": "2", "Note.txt": "1", "Offer.txt": "4"}
        await pilot.press("ctrl+y")
        assert published(await screen_of(pilot, LinksScreen)) == {
            "Lease.txt": (f"{idents['Lease']}.2", content("Lease", 2)),
            "Note.txt": (f"{idents['Note']}.1", content("Note", 1)),
            "Offer.txt": (f"{idents['Offer']}.4", content("Offer", 4)),
        }


async def test_a_deleted_chosen_version_is_reported_and_another_is_offered(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    """Both the send key and the version key say that it was deleted; no other version is sent without asking."""
    async with app_for(fresh_server, None, demo=False).run_test(size=SIZE) as pilot:
        main = await matter(pilot, idents)
        await choose(pilot, main, "Offer", "left", "left")
        with Worker(fresh_server) as worker:
            worker.request("DELETE", f"documents/{idents['Offer']}.1").raise_for_status()
        for key in ("v", "s"):
            await pilot.press(key)
            await screen_of(pilot, VersionQuestion)
            text = screen_text(pilot)
            assert "Version 1 of Offer.txt was deleted." in text
            assert "‹ 3 ›" in text
            if key == "v":
                await pilot.press("escape")
                await screen_of(pilot, MainScreen)
        await pilot.press("left", "enter")
        dialog = await screen_of(pilot, SendDialog)
        assert versions_of(pilot, dialog) == {"Offer.txt": "2"}
        await pilot.press("ctrl+y")
        assert published(await screen_of(pilot, LinksScreen)) == {
            "Offer.txt": (f"{idents['Offer']}.2", content("Offer", 2))
        }


@more
async def test_the_latest_version_that_was_deleted_is_asked_about_as_well(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    """The list still shows the version, but no earlier one is used in its place without asking. A document that was
    deleted is reported by its name."""
    async with app_for(fresh_server, None, demo=False).run_test(size=SIZE) as pilot:
        main = await matter(pilot, idents)
        put_cursor_on(main, "Note.txt")
        with Worker(fresh_server) as worker:
            worker.request("DELETE", f"documents/{idents['Note']}.1").raise_for_status()
        await pilot.press("s")
        await until(pilot, lambda: "Note.txt" in said(main))
        assert pilot.app.screen is main
        put_cursor_on(main, "Offer.txt")
        with Worker(fresh_server) as worker:
            worker.request("DELETE", f"documents/{idents['Offer']}.3").raise_for_status()
        await pilot.press("s")
        await screen_of(pilot, VersionQuestion)
        assert "Version 3 of Offer.txt was deleted." in screen_text(pilot)
        assert "‹ 2 ›" in screen_text(pilot)


@more
async def test_versions_that_change_while_the_question_is_open(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    """The versions shown in the question are sent, even if later ones appear; one that is deleted fails in its row, and
    the others are sent."""
    async with app_for(fresh_server, None, demo=False).run_test(size=SIZE) as pilot:
        main = await matter(pilot, idents)
        await choose(pilot, main, "Lease", "left")
        await choose(pilot, main, "Offer", "left")
        await pilot.press("ctrl+a", "s")
        await screen_of(pilot, VersionQuestion)
        with Worker(fresh_server) as worker:
            worker.new_version(f"{idents['Lease']}.3", "Lease", content("Lease", 4))
            worker.request("DELETE", f"documents/{idents['Offer']}.2").raise_for_status()
        await pilot.press("enter")
        dialog = await screen_of(pilot, SendDialog)
        assert versions_of(pilot, dialog) == {"Lease.txt": "2", "Note.txt": "1", "Offer.txt": "2"}
        await pilot.press("ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        assert published(links) == {
            "Lease.txt": (f"{idents['Lease']}.2", content("Lease", 2)),
            "Note.txt": (f"{idents['Note']}.1", content("Note", 1)),
        }
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is dialog)
        await pilot.press("end")
        await until(pilot, lambda: said(dialog, "#cause") != "")
        assert f"{idents['Offer']}.2" in said(dialog, "#cause"), said(dialog, "#cause")


@more
async def test_of_several_documents_the_list_of_versions_is_one_tab_away(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    """Up and down go through the documents first, then through the versions of the one they are on."""
    async with app_for(fresh_server, None, demo=False).run_test(size=SIZE) as pilot:
        main = await matter(pilot, idents)
        for name in ("Lease", "Offer"):
            await choose(pilot, main, name, "left")
        await pilot.press("ctrl+a", "s")
        question = await screen_of(pilot, VersionQuestion)
        names = [row.cells[0] for row in question.query_one("#versions", Table).rows]
        assert names == ["Lease.txt", "Offer.txt"]
        await pilot.press("down", "tab", "down", "enter")
        versions = versions_of(pilot, await screen_of(pilot, SendDialog))
        assert versions == {"Lease.txt": "2", "Note.txt": "1", "Offer.txt": "1"}
