"""Sends that are cancelled, that end meanwhile, or that lose their server: no link goes unmentioned."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.support.app import (
    app_for,
    asked,
    said,
    screen_of,
    sent_documents,
    sent_folder,
    until,
)
from tests.support.misbehave import Misbehaving
from tests.support.server import ServerProcess
from tests.support.spoiling import Hang
from tests.support.spoiling import Say as Answer
from tests.support.stage import about_to_send
from tui.local import Running
from tui.locations.location import Location
from tui.screens.draft import DraftScreen
from tui.screens.help import Help
from tui.screens.main import MainScreen
from tui.screens.question import Question
from tui.screens.send import SendDialog
from tui.widgets.button import Button
from tui.widgets.field import Field


def stack(app: App[Any]) -> list[Any]:
    """The screens, bottom first."""
    return list(app.screen_stack)


async def partly_sent(pilot: Pilot[Any], main: MainScreen, files: Location, proxy: Misbehaving) -> SendDialog:
    """A send of six files, two of them published; the server doesn't respond for the others."""
    dialog = await about_to_send(pilot, main, files)
    proxy.take_one_by_one()
    proxy.spoil("POST", Hang(), "/uploads", times=9, skip=2)
    await pilot.press("ctrl+s")
    await until(
        pilot, lambda: dialog.state.job is not None and len(dialog.state.job.documents) == 2, "two documents"
    )
    return dialog


async def asks_about_links(pilot: Pilot[Any]) -> None:
    """Waits for the question what to do with the links that a stopped send has published."""
    await until(
        pilot, lambda: "Unpublish them?" in str(getattr(pilot.app.screen, "text", "")), "the question"
    )


async def stopped(pilot: Pilot[Any], main: MainScreen, files: Location, proxy: Misbehaving) -> None:
    """Stops such a send, up to the question about its links."""
    await partly_sent(pilot, main, files, proxy)
    await pilot.press("escape")
    await screen_of(pilot, Question)
    await pilot.press("y")
    await asks_about_links(pilot)


async def test_a_cancelled_send_is_withdrawn_whatever_is_done_meanwhile(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    """Unpublishing continues while another send is started, and one failure doesn't stop it."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        await stopped(pilot, main, files, proxy)
        # Drafts are only for links that will be used.
        assert not any(isinstance(screen, DraftScreen) for screen in app.screen_stack)
        proxy.spoil("POST", Answer(500), "/unpublish", skip=1)
        with proxy.holding("POST", "/unpublish") as go_on:
            await pilot.press("y")
            await asked(pilot, proxy, "POST", "/unpublish")
            await pilot.press("q")
            assert "being changed" in (await screen_of(pilot, Question)).text[0]
            await pilot.press("n", "s")
            await screen_of(pilot, SendDialog)
            go_on.set()
            await until(pilot, lambda: said(main).startswith("Unpublished 1 of "), "what became of it")
        assert proxy.count("POST", "/unpublish") >= 2
        of_send = [d for d in await sent_documents(main) if d.name.startswith("Minutes")]
        assert [d.published for d in of_send].count(False) == 1


async def test_a_send_that_ends_while_its_cancelling_is_asked(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    """The question closes, whatever is open above it, and the links are shown."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        for number, over_it in enumerate(([], ["f1"])):
            dialog = await about_to_send(pilot, await sent_folder(pilot), files)
            with proxy.holding("POST", "/batch") as go_on:
                await pilot.press("ctrl+s")
                await asked(pilot, proxy, "POST", "/batch", number)
                await pilot.press("escape")
                await screen_of(pilot, Question)
                await pilot.press(*over_it)
                await screen_of(pilot, Help if over_it else Question)
                go_on.set()
                draft = await screen_of(pilot, DraftScreen)
            assert len(draft.documents) == 6
            assert stack(app) == [main, dialog, draft]
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is main)


async def test_a_cancelled_send_is_asked_about_once(
    three_sent: ServerProcess,
    proxy: Misbehaving,
    files: Location,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pressing escape again before the send has stopped doesn't ask twice. When its dialog is closed, it is said what
    was sent."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        dialog = await partly_sent(pilot, main, files, proxy)
        await pilot.press("escape")
        await screen_of(pilot, Question)
        job, gate = dialog.state.job, asyncio.Event()
        assert job is not None
        ended = job.ended

        async def end() -> None:
            await gate.wait()
            await ended()

        monkeypatch.setattr(job, "ended", end)
        await pilot.press("y", "escape", "escape")
        assert app.screen is dialog
        gate.set()
        await asks_about_links(pilot)
        assert stack(app)[:2] == [main, dialog]
        assert len(app.screen_stack) == 3
        await pilot.press("n")
        await screen_of(pilot, DraftScreen)
        await pilot.press("escape")
        await screen_of(pilot, SendDialog)
        text = await close_it(pilot, main)
        assert text.startswith("2 of 6 documents sent (4 cancelled). They are in "), text


async def test_links_that_are_left_when_a_send_is_cancelled_are_shown(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        dialog = await partly_sent(pilot, main, files, proxy)
        await until(pilot, lambda: said(dialog, "#overall").startswith("2 of 6 sent"))
        await pilot.press("d")
        # The progress, which changes all the time, leaves this to be read; what ends the send does not.
        await until(pilot, lambda: said(dialog, "#overall") == "It is being sent.")
        dialog._paint(set())
        assert said(dialog, "#overall") == "It is being sent."
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await asks_about_links(pilot)
        await pilot.press("n")
        draft = await screen_of(pilot, DraftScreen)
        assert said(dialog, "#overall").startswith("2 of 6 sent, 4 cancelled")
        assert len(draft.documents) == 2
        await pilot.press("escape")
        # The cancelled documents can still be sent.
        dialog = await screen_of(pilot, SendDialog)
        assert "2 of 6 sent, 4 cancelled" in said(dialog, "#overall")
        assert "Stopped before it was published" in said(dialog, "#cause")
        proxy.behave()
        assert dialog.disabled_reason("retry") is None
        await pilot.press("ctrl+t")
        draft = await screen_of(pilot, DraftScreen)
        assert len(draft.documents) == 6
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)
        assert said(main).startswith("6 documents sent. They are in ")


async def close_it(pilot: Pilot[Any], main: MainScreen) -> str:
    """Closes the send dialog; returns the message of the first screen."""
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the first screen")
    return said(main)


async def test_closing_a_send_says_how_many_failed_and_how_many_were_not_begun(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    """Not that it was stopped, if all of them failed."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        dialog = await about_to_send(pilot, main, files)
        proxy.take_one_by_one()
        proxy.spoil("POST", Answer(403), "/uploads", times=6)
        await pilot.press("ctrl+s")
        outcome = "0 of 6 sent, 6 failed; ^t sends them again."
        await until(pilot, lambda: said(dialog, "#overall") == outcome, "the outcome")
        assert await close_it(pilot, main) == "Nothing was sent: 6 failed."
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        proxy.spoil("POST", Answer(403), "/uploads", times=2)
        proxy.spoil("POST", Hang(), "/uploads", times=9)
        await pilot.press("ctrl+s")
        await until(
            pilot,
            lambda: (
                dialog.state.job is not None
                and [row.state.value for row in dialog.state.job.rows].count("failed") == 2
            ),
            "two failures",
        )
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        outcome = "0 of 6 sent, 2 failed, 4 cancelled; ^t sends the rest."
        await until(pilot, lambda: said(dialog, "#overall") == outcome, "the outcome")
        assert await close_it(pilot, main) == "Nothing was sent: 2 failed, 4 cancelled."


async def test_a_send_that_is_stopped_before_anything_is_published_can_still_be_sent(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    """As when some was published: the dialog stays, with names, settings and recipients."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        proxy.take_one_by_one()
        outcome = "0 of 6 sent, 6 cancelled; ^t sends the rest."
        for method, path in (("GET", "/policy"), ("POST", "/sends"), ("POST", "/uploads")):
            dialog = await about_to_send(pilot, await sent_folder(pilot), files)
            await pilot.press("e", *"Offer", "enter")
            for name, text in (("password", "Blue-Harbour7"), ("downloads", "3"), ("to", "bob@example.com")):
                dialog.query_one(f"#{name}", Field).value = text
            before = proxy.count(method, path)
            with proxy.holding(method, path):
                await pilot.press("ctrl+s")
                await asked(pilot, proxy, method, path, before)
                await pilot.press("escape")
                await screen_of(pilot, Question)
                await pilot.press("y")
                await until(pilot, lambda dialog=dialog: not dialog.busy and app.screen is dialog, "the end")
            await until(pilot, lambda dialog=dialog: said(dialog, "#overall") == outcome, "the outcome")
            assert {row.cells[-1] for row in dialog.table.rows} == {("– cancelled", "warn")}
            # Closing now would lose what was typed.
            await pilot.press("escape")
            question = await screen_of(pilot, Question)
            assert question.text[0] == "Close without sending?"
            assert str(question.query_one("#no", Button).label) == "Back (n)"
            await pilot.press("n")
            await until(pilot, lambda dialog=dialog: app.screen is dialog)
            await pilot.press("ctrl+t")
            draft = await screen_of(pilot, DraftScreen)
            assert draft.documents[0].name == "Offer.txt"
            assert len(draft.documents) == 6
            assert {(d.has_password, d.downloads_permitted) for d in draft.documents} == {(True, 3)}
            assert {tuple(d.recipients) for d in draft.documents} == {("bob@example.com",)}
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is main)


async def test_a_local_server_that_ends_in_the_middle_of_a_send_is_started_again(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    """The send finishes without the user doing anything."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    target = app.session.target

    def start() -> Running:
        proxy.up()
        return Running(0, target.url, str(target.socket), "", "")

    app.session._start_server = start
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        await about_to_send(pilot, main, files, "space")
        with proxy.holding("POST", "/batch"):
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "POST", "/batch")
            proxy.down()
        await screen_of(pilot, DraftScreen)
