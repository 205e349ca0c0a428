"""Sends that are cancelled, that end meanwhile, or that lose their server: no link goes unmentioned."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    asked,
    main_screen,
    said,
    screen_of,
    screen_text,
    sent_documents,
    settled,
    until,
)
from tests.support.checks.long import in_long
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Hang
from tests.support.network.spoiling import Say as Answer
from tests.support.pictures.scene_start import typed
from tests.support.servers.server import ServerProcess
from tui.local_server.local_server import Running
from tui.locations.location import Location
from tui.ui.app import SentlinksApp
from tui.ui.base.help import Help
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.button import Button
from tui.ui.widgets.field import Field


@dataclass
class Ground:
    """The app at a folder of six files, and the proxy that it sends them through."""

    app: SentlinksApp
    pilot: Pilot[Any]
    main: MainScreen
    proxy: Misbehaving
    patch: pytest.MonkeyPatch

    @property
    def stack(self) -> list[Any]:
        """The screens, bottom first."""
        return list(self.app.screen_stack)

    async def begin(self, *keys: str) -> SendDialog:
        """The dialog for all files, or for those that ``keys`` select; the server gets each document on its own."""
        self.proxy.behave()
        self.proxy.take_one_by_one()
        return await self.open(*keys)

    async def open(self, *keys: str) -> SendDialog:
        """The dialog, on the server as it is."""
        await settled(self.pilot)
        self.main.table.clear_selection()
        await self.pilot.press(*(keys or ("ctrl+a",)), "s")
        return await screen_of(self.pilot, SendDialog)

    async def partly_sent(self) -> SendDialog:
        """A send of six files, two of them published; the server doesn't respond for the others."""
        dialog = await self.begin()
        self.proxy.spoil("POST", Hang(), "/uploads", times=9, skip=2)
        await self.pilot.press("ctrl+s")
        await until(
            self.pilot,
            lambda: dialog.state.job is not None and len(dialog.state.job.documents) == 2,
            "two documents",
        )
        return dialog

    async def stop(self) -> None:
        """Stops a send; returns when that was confirmed."""
        await self.pilot.press("escape")
        await screen_of(self.pilot, Question)
        await self.pilot.press("y")

    async def asks_about_links(self) -> None:
        """Waits for the question what to do with the links that a stopped send has published."""
        await until(
            self.pilot,
            lambda: "Unpublish them?" in str(getattr(self.app.screen, "text", "")),
            "the question",
        )

    async def close(self) -> str:
        """Closes the send dialog, or the draft of a whole send; returns the message of the first screen."""
        await self.pilot.press("escape")
        await until(self.pilot, lambda: self.app.screen is self.main, "the first screen")
        return said(self.main)


async def a_cancelled_send_is_withdrawn_whatever_is_done_meanwhile(on: Ground) -> None:
    """Unpublishing continues while another send is started, and one failure doesn't stop it."""
    await on.partly_sent()
    await on.stop()
    await on.asks_about_links()
    # Drafts are only for links that will be used.
    assert not any(isinstance(screen, DraftScreen) for screen in on.stack)
    on.proxy.spoil("POST", Answer(500), "/unpublish", skip=1)
    with on.proxy.holding("POST", "/unpublish") as go_on:
        await on.pilot.press("y")
        await asked(on.pilot, on.proxy, "POST", "/unpublish")
        await on.pilot.press("q")
        assert "being changed" in (await screen_of(on.pilot, Question)).text[0]
        await on.pilot.press("n", "s")
        await screen_of(on.pilot, SendDialog)
        go_on.set()
        await until(on.pilot, lambda: said(on.main).startswith("Unpublished 1 of "), "what became of it")
    assert on.proxy.count("POST", "/unpublish") >= 2
    of_send = [d for d in await sent_documents(on.main) if d.name.startswith("Minutes")]
    assert [d.published for d in of_send].count(False) == 1
    await on.close()


def _has_ended(dialog: SendDialog) -> bool:
    job = dialog.state.job
    return job is not None and not job.running


def _is_settled(question: Question) -> bool:
    return question.text == ("The send has ended meanwhile.", "")


async def a_send_that_ends_while_its_cancelling_is_asked(on: Ground) -> None:
    """The question says so and stays, whatever is open above it: what is typed for it isn't typed into the draft."""
    for over_it in ([], ["f1"]):
        dialog = await on.begin()
        on.proxy.behave()
        before = on.proxy.count("POST", "/batch")
        with on.proxy.holding("POST", "/batch") as go_on:
            await on.pilot.press("ctrl+s")
            await asked(on.pilot, on.proxy, "POST", "/batch", before)
            await on.pilot.press("escape")
            await screen_of(on.pilot, Question)
            await on.pilot.press(*over_it)
            await screen_of(on.pilot, Help if over_it else Question)
            go_on.set()
            await until(on.pilot, partial(_has_ended, dialog), "the end")
            question = next(screen for screen in on.pilot.app.screen_stack if isinstance(screen, Question))
            await until(on.pilot, partial(_is_settled, question), "its end")
        if over_it:
            await on.pilot.press("escape")
            await screen_of(on.pilot, Question)
        await on.pilot.press(*"ygs")
        assert on.pilot.app.screen is question
        assert "y Stop" not in screen_text(on.pilot)
        await on.pilot.press("n")
        draft = await screen_of(on.pilot, DraftScreen)
        assert len(draft.documents) == 6
        assert draft.query_one("#to", Field).value == ""
        assert on.stack == [on.main, dialog, draft]
        await on.close()


async def a_cancelled_send_is_asked_about_once(on: Ground) -> None:
    """Pressing escape again before the send has stopped doesn't ask twice. When its dialog is closed, it is said what
    was sent."""
    dialog = await on.partly_sent()
    await on.pilot.press("escape")
    await screen_of(on.pilot, Question)
    job, gate = dialog.state.job, asyncio.Event()
    assert job is not None
    ended = job.ended

    async def end() -> None:
        await gate.wait()
        await ended()

    on.patch.setattr(job, "ended", end)
    await on.pilot.press("y", "escape", "escape")
    assert on.app.screen is dialog
    gate.set()
    await on.asks_about_links()
    assert on.stack[:2] == [on.main, dialog]
    assert len(on.stack) == 3
    await on.pilot.press("n")
    await screen_of(on.pilot, DraftScreen)
    await on.pilot.press("escape")
    await screen_of(on.pilot, SendDialog)
    text = await on.close()
    assert text.startswith("2 of 6 documents sent (4 cancelled). They are in "), text


async def links_that_are_left_when_a_send_is_cancelled_are_shown(on: Ground) -> None:
    dialog = await on.partly_sent()
    await until(on.pilot, lambda: said(dialog, "#overall").startswith("2 of 6 sent"))
    await on.pilot.press("d")
    # The progress, which changes all the time, leaves this to be read; what ends the send does not.
    await until(on.pilot, lambda: said(dialog, "#overall") == "It is being sent.")
    dialog._paint(set())
    assert said(dialog, "#overall") == "It is being sent."
    await on.stop()
    await on.asks_about_links()
    await on.pilot.press("n")
    draft = await screen_of(on.pilot, DraftScreen)
    assert said(dialog, "#overall").startswith("2 of 6 sent, 4 cancelled")
    assert len(draft.documents) == 2
    await on.pilot.press("escape")
    # The cancelled documents can still be sent.
    dialog = await screen_of(on.pilot, SendDialog)
    assert "2 of 6 sent, 4 cancelled" in said(dialog, "#overall")
    assert "Not sent: you stopped it." in said(dialog, "#cause")
    on.proxy.behave()
    assert dialog.disabled_reason("retry") is None
    await on.pilot.press("ctrl+t")
    draft = await screen_of(on.pilot, DraftScreen)
    assert len(draft.documents) == 6
    assert (await on.close()).startswith("6 documents sent. They are in ")


async def closing_a_send_says_how_many_failed_and_how_many_were_not_begun(on: Ground) -> None:
    """Not that it was stopped, if all of them failed."""
    dialog = await on.begin()
    on.proxy.spoil("POST", Answer(403), "/uploads", times=6)
    await on.pilot.press("ctrl+s")
    outcome = "0 of 6 sent, 6 failed; ^t sends them again."
    await until(on.pilot, lambda: said(dialog, "#overall") == outcome, "the outcome")
    assert await on.close() == "Nothing was sent: 6 failed."
    dialog = await on.begin()
    on.proxy.spoil("POST", Answer(403), "/uploads", times=2)
    on.proxy.spoil("POST", Hang(), "/uploads", times=9)
    await on.pilot.press("ctrl+s")
    await until(
        on.pilot,
        lambda: (
            dialog.state.job is not None
            and [row.state.value for row in dialog.state.job.rows].count("failed") == 2
        ),
        "two failures",
    )
    await on.stop()
    outcome = "0 of 6 sent, 2 failed, 4 cancelled; ^t sends the rest."
    await until(on.pilot, lambda: said(dialog, "#overall") == outcome, "the outcome")
    assert await on.close() == "Nothing was sent: 2 failed, 4 cancelled."


async def a_send_that_is_stopped_before_anything_is_published_can_still_be_sent(on: Ground) -> None:
    """As when some was published: the dialog stays, with names, settings and recipients, however far the send came."""

    async def stopped(dialog: SendDialog) -> None:
        await on.stop()
        await until(on.pilot, lambda: not dialog.busy and on.app.screen is dialog, "the end")
        outcome = "0 of 6 sent, 6 cancelled; ^t sends the rest."
        await until(on.pilot, lambda: said(dialog, "#overall") == outcome, "the outcome")
        assert {row.cells[-1] for row in dialog.table.rows} == {("– cancelled", "warn")}

    on.proxy.behave()
    on.proxy.take_one_by_one()
    # The tree asks for them, too, once the dialog before has closed.
    await settled(on.pilot)
    before = on.proxy.count("GET", "/my-favorites")
    # They have been asked for since before the dialog was opened.
    with on.proxy.holding("GET", "/my-favorites", times=ALWAYS):
        dialog = await on.open()
        await on.pilot.press("e")
        await typed(on.pilot, "Offer")
        await on.pilot.press("enter")
        for name, text in (("password", "Blue-Harbour7"), ("downloads", "3"), ("to", "bob@example.com")):
            dialog.query_one(f"#{name}", Field).value = text
        await asked(on.pilot, on.proxy, "GET", "/my-favorites", before)
        await on.pilot.press("ctrl+s")
        await stopped(dialog)
    for path in ("/sends", "/uploads"):
        before = on.proxy.count("POST", path)
        with on.proxy.holding("POST", path):
            await on.pilot.press("ctrl+t")
            await asked(on.pilot, on.proxy, "POST", path, before)
            await stopped(dialog)
    # Closing now would lose what was typed.
    await on.pilot.press("escape")
    question = await screen_of(on.pilot, Question)
    assert question.text[0] == "Close without sending?"
    assert str(question.query_one("#no", Button).label) == "Back (n)"
    await on.pilot.press("n")
    await until(on.pilot, lambda: on.app.screen is dialog)
    await on.pilot.press("ctrl+t")
    draft = await screen_of(on.pilot, DraftScreen)
    assert draft.documents[0].name == "Offer.txt"
    assert len(draft.documents) == 6
    assert {(d.has_password, d.downloads_permitted) for d in draft.documents} == {(True, 3)}
    assert {tuple(d.recipients) for d in draft.documents} == {("bob@example.com",)}
    await on.close()


async def a_local_server_that_ends_in_the_middle_of_a_send_is_started_again(on: Ground) -> None:
    """The send finishes without the user doing anything."""
    target = on.app.session.target

    def start() -> Running:
        on.proxy.up()
        return Running(0, target.url, str(target.socket), "", "")

    on.app.session._start_server = start
    await on.begin("space")
    on.proxy.behave()
    before = on.proxy.count("POST", "/batch")
    with on.proxy.holding("POST", "/batch"):
        await on.pilot.press("ctrl+s")
        await asked(on.pilot, on.proxy, "POST", "/batch", before)
        on.proxy.down()
    await screen_of(on.pilot, DraftScreen)


async def test_sends_that_are_stopped(
    three_sent: ServerProcess,
    proxy: Misbehaving,
    files: Location,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        main.open_place(files)
        await until(pilot, lambda: main.kind == "local" and len(main.table.rows) == 6, "the files")
        scene = Ground(app, pilot, main, proxy, monkeypatch)
        for step in (
            a_cancelled_send_is_withdrawn_whatever_is_done_meanwhile,
            *in_long(a_send_that_ends_while_its_cancelling_is_asked, a_cancelled_send_is_asked_about_once),
            links_that_are_left_when_a_send_is_cancelled_are_shown,
            *in_long(
                closing_a_send_says_how_many_failed_and_how_many_were_not_begun,
                a_send_that_is_stopped_before_anything_is_published_can_still_be_sent,
            ),
            a_local_server_that_ends_in_the_middle_of_a_send_is_started_again,
        ):
            await step(scene)
