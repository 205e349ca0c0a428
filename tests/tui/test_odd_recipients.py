"""What is odd about recipients, beside *To*; what the policy warns of is asked once, and what it refuses isn't sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import said, screen_of, screen_text, sent_folder, until
from tests.support.checks.long import more
from tests.support.pictures.scene_start import about_to_send, typed
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.send.recipients import RECIPIENTS_NOTE
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

ANNA, TYPO, BOB = "anna@halyard.example", "anna@halyrad.example", "bob@varga.example"
NOTE = "#recipients-note"


@contextmanager
def listed(server: ServerProcess, others: str) -> Iterator[None]:
    """The firm lists one domain."""
    with Sender(server) as me:
        values = {"recipients_domains": "halyard.example", "recipients_others": others}
        me.request("PATCH", "/policy", json=values).raise_for_status()
        try:
            yield
        finally:
            me.request("PATCH", "/policy", json=dict.fromkeys(values, "")).raise_for_status()


async def with_to(pilot: Pilot[Any], files: Location, *addresses: str) -> SendDialog:
    """The send dialog, with these typed in *To*."""
    dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
    dialog.query_one("#to", Field).focus()
    await typed(pilot, ", ".join(addresses))
    return dialog


@more
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_mistyped_address_is_noticed_beside_the_field(
    size: tuple[int, int], three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    publish(three_sent, b"x", "Earlier.pdf", recipients=[ANNA])
    async with make_app().run_test(size=size) as pilot:
        dialog = await with_to(pilot, files, "anna@halyrad.exampl")
        height = dialog.table.size.height
        await typed(pilot, "e")
        await until(pilot, lambda: "one letter off" in said(dialog, NOTE), "the note")
        line = dialog.query_one(NOTE)
        shown = str(line.render())
        assert "anna@halyard.example" in shown
        assert len(shown) <= line.size.width
        assert dialog.table.size.height == height, "it takes no row"
        # Corrected, nothing is odd.
        await pilot.press(*["backspace"] * 11)
        await typed(pilot, "ard.example")
        await until(pilot, lambda: said(dialog, NOTE) == RECIPIENTS_NOTE, "nothing to be odd")
        await pilot.press("ctrl+y")
        await screen_of(pilot, LinksScreen)


@more
async def test_it_is_told_when_the_field_is_left_and_by_the_policy_at_once(
    three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    with listed(three_sent, "warn"):
        async with make_app().run_test(size=(80, 24)) as pilot:
            dialog = await with_to(pilot, files, BOB)
            await pilot.press("tab")
            await until(pilot, lambda: "varga.example" in said(dialog, NOTE), "the note")
            assert "policy doesn't list varga.example" in said(dialog, NOTE)


async def test_what_the_policy_warns_of_is_asked_once(
    three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    with listed(three_sent, "warn"), Sender(three_sent) as me:
        count = me.get("/documents")["total"]
        async with make_app().run_test(size=(80, 24)) as pilot:
            dialog = await with_to(pilot, files, BOB)
            for answer in ("n", "y"):
                await pilot.press("ctrl+y")
                await screen_of(pilot, Question)
                assert "varga.example" in screen_text(pilot)
                assert me.get("/documents")["total"] == count
                await pilot.press(answer)
                if answer == "n":
                    await until(pilot, lambda: pilot.app.screen is dialog, "the dialog")
            await screen_of(pilot, LinksScreen)
            assert me.get("/documents")["total"] == count + 1


async def test_what_the_policy_refuses_is_not_sent(
    three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    """Nor by a policy that was changed since the dialog was opened."""
    with Sender(three_sent) as me:
        count = me.get("/documents")["total"]
        async with make_app().run_test(size=(80, 24)) as pilot:
            dialog = await with_to(pilot, files, BOB)
            with listed(three_sent, "refuse"):
                for _ in range(2):
                    await pilot.press("ctrl+y")
                    await until(pilot, lambda: "doesn't allow bob@varga" in said(dialog, "#overall"), "why")
                    assert dialog.query_one("#to").has_focus
                    dialog.table.focus()
                assert me.get("/documents")["total"] == count
                await until(pilot, lambda: "doesn't allow" in said(dialog, NOTE), "the note")
                dialog.query_one("#to", Field).value = ANNA
                await pilot.press("ctrl+y")
                await screen_of(pilot, LinksScreen)


@more
async def test_of_a_draft(
    three_sent: ServerProcess,
    make_app: MakeApp,
    files: Location,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The draft of a send for nobody, which then gets recipients."""
    monkeypatch.chdir(tmp_path)
    publish(three_sent, b"x", "Earlier.pdf", recipients=[ANNA])
    async with make_app().run_test(size=(80, 24)) as pilot:
        await about_to_send(pilot, await sent_folder(pilot), files, "space")
        await pilot.press("ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        await typed(pilot, TYPO)
        await pilot.press("tab")
        await until(pilot, lambda: f"one letter off {ANNA}" in said(draft, "#done"), "the note")
        with listed(three_sent, "refuse"):
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "policy doesn't allow" in said(draft, "#done"), "why")
        with listed(three_sent, "warn"):
            await pilot.press("ctrl+s")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await until(pilot, lambda: "Saved as" in said(draft, "#done"), "it to be saved")
            # Asked once.
            await pilot.press("ctrl+s")
            await until(pilot, lambda: pilot.app.screen is draft, "the draft")
