"""Links of a send that ended before they were seen are offered at the next start, and only those."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    asked,
    main_screen,
    put_cursor_on,
    running,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.sends.killed_sends import kept, killed_at_the_end
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links import PASSWORD_LOST
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.unfinished.interrupted import InterruptedScreen
from tui.ui.widgets.button import Button

NAME = "Letter of Intent.pdf"


async def send_one(pilot: Pilot[Any], key: str = "ctrl+s") -> DraftScreen | LinksScreen:
    """Sends a document and returns the screen with its link."""
    main = await main_screen(pilot)
    await settled(pilot)
    put_cursor_on(main, NAME)
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press(key)
    kind: type[Any] = DraftScreen if key == "ctrl+s" else LinksScreen
    shown: DraftScreen | LinksScreen = await screen_of(pilot, kind)
    return shown


def offered(main: MainScreen) -> bool:
    """Whether the command is available."""
    return main.disabled_reason("unseen_links") is None


async def killed_on_the_draft(server: ServerProcess, state: Path) -> str:
    """Sends, and ends the app by a signal when the draft has just opened; returns the link."""
    app = app_for(server, state)
    async with app.run_test(size=(80, 24)) as pilot:
        draft = await send_one(pilot)
        app._end(129)
        await until(pilot, lambda: app._exit)
    assert app.return_value == 129
    return draft.documents[0].url or ""


@more
async def test_links_on_a_screen_that_was_closed_have_been_seen(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Also by who quits from it. Who only copied the links is not offered an e-mail."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        links = await send_one(pilot, "ctrl+y")
        assert not links.query("#write_mail")
        await pilot.press("w")
        assert app.screen is links
        assert len(kept(tmp_path)) == 1
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        assert kept(tmp_path) == []
        assert not offered(main)
        await send_one(pilot)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    assert app.return_value == 0
    assert kept(tmp_path) == []


async def test_a_program_that_is_ended_on_that_screen_offers_them_again(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """A message and a key offer the links at each start, also after reloading, until the box is closed; nothing opens
    by itself. D9: a send opens a draft, which was lost with the program. Closing it leads back to the links."""
    url = await killed_on_the_draft(sample_server, tmp_path)
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        assert pilot.app.screen is main
        assert main.focused is main.table
        assert said(main) == "Your last send was done when the program ended. R shows its link."
        assert "R Show links " in screen_text(pilot), "there is nothing to resume"
        await pilot.press("f5")
        await settled(pilot)
        assert offered(main)
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        await pilot.press("R")
        links = await screen_of(pilot, LinksScreen)
        assert [d.url for d in links.documents] == [url]
        assert "w E-mail" in screen_text(pilot).splitlines()[-2]
        await pilot.press("w")
        draft = await screen_of(pilot, DraftScreen)
        assert url in draft.text.body
        await pilot.press("escape")
        assert await screen_of(pilot, LinksScreen) is links
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        assert not offered(main)
        assert said(main) == ""
    assert kept(tmp_path) == []


async def test_those_of_two_sends_are_shown_one_after_the_other(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """They may be for different people: one e-mail with both would tell each of the other."""
    urls = [await killed_on_the_draft(sample_server, tmp_path) for _ in range(2)]
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        assert said(main) == "2 sends were done when the program ended. R shows the links of the last."
        for url, then in (
            (urls[1], "Your last send was done when the program ended. R shows its link."),
            (urls[0], ""),
        ):
            await pilot.press("R")
            links = await screen_of(pilot, LinksScreen)
            assert [d.url for d in links.documents] == [url]
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)
            assert said(main) == then
        assert not offered(main)
    assert kept(tmp_path) == []


async def killed_with_a_password(server: ServerProcess, state: Path, how: str) -> tuple[str, str]:
    """Sends with a generated password, which is then seen in this way; returns the link's path and the password."""
    app = app_for(server, state)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        put_cursor_on(main, NAME)
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("tab", "ctrl+g", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        password = draft.sent.password
        assert password is not None
        if how:
            draft.query_one(f"#{how}", Button).press()
            await until(pilot, lambda: password.seen)
        app._end(129)
        await until(pilot, lambda: app._exit)
    return (draft.documents[0].url or "").partition("/s/")[2], password.text


@pytest.mark.parametrize("how", ["reveal", "copy_password", ""])
async def test_a_made_password_that_was_seen_after_the_send_is_kept(
    how: str, sample_server: ServerProcess, tmp_path: Path
) -> None:
    """By then it may have been told to a recipient. One that nobody has seen is replaced, as the next start says."""
    path, password = await killed_with_a_password(sample_server, tmp_path, how)
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        offered_then = said(main)
        await pilot.press("R")
        if how:
            assert offered_then == "Your last send was done when the program ended. R shows its link."
        else:
            assert offered_then == "Your last send ended before it showed its password. R shows it."
            dialog = await screen_of(pilot, InterruptedScreen)
            assert dialog.sentence.endswith(" its generated password: the links get a new one.")
            await pilot.press("tab", "enter")
        links = await screen_of(pilot, LinksScreen)
        assert (links.sent.password is None) == bool(how)
        with sample_server.guest() as guest:
            taken = guest.post(f"/s/{path}", data={"password": password})
        assert (taken.status_code == 303) == bool(how)
        await pilot.press("escape")
        if not how:
            await screen_of(pilot, Question)
            await pilot.press("y")
        await screen_of(pilot, MainScreen)
    assert kept(tmp_path) == []


async def end_below(pilot: Pilot[Any], proxy: Misbehaving, key: str, *first: str) -> None:
    """A send finishes while another screen, opened by ``key``, covers its dialog, in which the keys ``first`` were
    pressed."""
    main = await main_screen(pilot)
    await settled(pilot)
    # Among the recent documents, whichever have been sent before.
    put_cursor_on(main, "Call Notes - Castellan.txt")
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    await pilot.press(*first)
    before = proxy.count("POST", "/versions")
    with proxy.holding("POST", "/versions"):
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "POST", "/versions", before)
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.screen is not dialog)
        above = pilot.app.screen
    await until(pilot, lambda: dialog.state.job is not None and dialog.state.job.documents)
    await settled(pilot)
    assert pilot.app.screen is above


@more
async def test_a_send_that_ends_below_another_screen_leaves_it_its_answer(
    sample_server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its draft opens once what lies over it is closed. If the user asked to quit and answers yes, the app quits, and
    says that the next start offers the link, whose journal remains."""
    with Misbehaving(sample_server.url) as proxy:
        app = app_for(sample_server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(80, 24)) as pilot:
            for key, answer in (("ctrl+q", "n"), ("f1", "escape")):
                await end_below(pilot, proxy, key)
                await pilot.press(answer)
                draft = await screen_of(pilot, DraftScreen)
                assert len(draft.documents) == 1
                await pilot.press("escape")
                await screen_of(pilot, MainScreen)
            await end_below(pilot, proxy, "ctrl+q", "ctrl+g")
            await pilot.press("y")
            await until(
                pilot, lambda: PASSWORD_LOST in screen_text(pilot).replace("│", ""), "another question"
            )
            await pilot.press("n")
            draft = await screen_of(pilot, DraftScreen)
            await pilot.press("ctrl+r", "escape")
            await screen_of(pilot, MainScreen)
            await end_below(pilot, proxy, "ctrl+q")
            await pilot.press("y")
            await until(pilot, lambda: app._exit)
    assert app.return_value == 0
    assert "Everything was sent. The next start shows the links." in capsys.readouterr().err
    assert len(kept(tmp_path)) == 1


async def test_a_link_that_was_stopped_since_is_not_offered(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    document = await killed_at_the_end(sample_server, tmp_path)
    with Sender(sample_server) as sender:
        assert sender.request("POST", f"/documents/{document.id}/unpublish").status_code == 200
    async with running(sample_server, tmp_path, size=(80, 24)) as (_, main):
        assert not offered(main)
    assert kept(tmp_path) == []


@more
async def test_a_server_that_cannot_say_it_now_does_not_hide_them(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The links are shown as last known."""
    with Misbehaving(sample_server.url) as proxy:
        document = await killed_at_the_end(sample_server, tmp_path, proxy.url)
        proxy.spoil("GET", Answer(500, b"oh"), "/documents", times=ALWAYS)
        async with app_for(sample_server, tmp_path, url=proxy.url).run_test(size=(80, 24)) as pilot:
            main = await main_screen(pilot)
            await until(pilot, lambda: offered(main))
            await pilot.press("R")
            box = await screen_of(pilot, LinksScreen)
            assert [d.url for d in box.documents] == [document.url]


async def test_an_answer_that_never_came_is_known_by_what_was_asked(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The server published the document, but the program was killed before it knew. Quitting from the box means that
    the link was seen."""
    document = await killed_at_the_end(sample_server, tmp_path)
    (journal,) = kept(tmp_path)
    lines = journal.read_bytes().splitlines()
    assert sum(b'"published": {' in line for line in lines) == 1
    journal.write_bytes(b"\n".join(line for line in lines if b'"published": {' not in line))
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await until(pilot, lambda: offered(main))
        await pilot.press("R")
        box = await screen_of(pilot, LinksScreen)
        assert [d.url for d in box.documents] == [document.url]
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    assert kept(tmp_path) == []


@more
async def test_those_of_a_damaged_journal_are_offered(sample_server: ServerProcess, tmp_path: Path) -> None:
    """It is said which; then it is set aside, and not offered again. What the journal has lost, be it the plan or all
    but the send, the server knows."""
    for lost in ([b'"settings": {'], [b'"settings": {', b'"published": {']):
        document = await killed_at_the_end(sample_server, tmp_path)
        (journal,) = (path for path in kept(tmp_path) if path.suffix != ".damaged")
        for name in lost:
            assert name in journal.read_bytes()
            journal.write_bytes(journal.read_bytes().replace(name, name[:-1] + b'5, "x": {'))
        async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
            assert said(main) == f"The journal {journal.name} is damaged. R shows its links."
            await pilot.press("R")
            box = await screen_of(pilot, LinksScreen)
            assert [d.url for d in box.documents] == [document.url]
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)
            assert not offered(main)
        assert {path.suffix for path in kept(tmp_path)} == {".damaged"}
