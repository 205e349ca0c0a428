"""A single link is unpublished at once, and that can be undone; for several, the app asks first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.app.app import asked, put_cursor_on, said, screen_of, sent_folder, settled, until
from tests.support.app.steps import Ground, play
from tests.support.app.undoing import OFFERED, can_undo, of, published, unpublish_second
from tests.support.checks.long import some
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import LoseAnswer, refusal
from tests.support.network.spoiling import Say as Answer
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.tui.conftest import MakeApp
from tui.ui.actions import undo
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu
from tui.ui.base.question import Question
from tui.ui.widgets.footer import Footer

#: Of :func:`three_sent`.
SERVER = "shared"


async def one_is_stopped_at_once_and_comes_back(on: Ground) -> None:
    """The link keeps its counter; the cursor stays where it is, and the selection ends."""
    url = of(on.server, "Second.pdf")["url"]
    assert fetch(on.server, url) == b"content"
    assert not can_undo(on.main)
    put_cursor_on(on.main, "Second.pdf")
    await on.pilot.press("space", "up")
    cursor = on.main.table.cursor
    assert len(on.main.table.selected) == 1
    await unpublish_second(on.pilot, on.main)
    assert on.pilot.app.screen is on.main
    assert published(on.main) == {"First.pdf": True, "Second.pdf": False, "Third.pdf": True}
    assert fetch(on.server, url) is None
    assert (on.main.table.selected, on.main.table.cursor) == (set(), cursor)
    await on.pilot.press("z")
    await until(on.pilot, lambda: said(on.main) == "Published “Second.pdf” again.", "what was done")
    await settled(on.pilot)
    assert published(on.main)["Second.pdf"]
    assert (on.main.table.selected, on.main.table.cursor) == (set(), cursor)
    assert not can_undo(on.main)
    assert fetch(on.server, url) == b"content"
    assert of(on.server, "Second.pdf")["downloads"] == 2


async def test_it_is_offered_everywhere_while_it_can_be_had(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Undo is in the footer, the help, the palette and the menu; when the time is up, nowhere."""
    monkeypatch.setattr(undo, "UNDO_WINDOW", timedelta(seconds=3600))
    async with make_app().run_test(size=(140, 24)) as pilot:
        main = await sent_folder(pilot)
        for offers in (True, False):
            if offers:
                await unpublish_second(pilot, main)
            else:
                assert main.changes.undos.last is not None
                main.changes._undo_is_over(main.changes.undos.last)
                await pilot.pause()
                assert said(main) == "Unpublished “Second.pdf”."
            assert ("z Undo" in main.query_one(Footer)._line().plain) == offers
            await pilot.press("m")
            menu = await screen_of(pilot, Menu)
            assert ("undo_unpublish" in [offer.command.id for offer in menu._commands]) == offers
            await pilot.press("escape", "question_mark")
            shown = await screen_of(pilot, Help)
            assert ("undo_unpublish" in [offer.command.id for offer in shown._commands]) == offers
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)
            palette = [command.title for command in pilot.app.get_system_commands(main)]
            assert any(title.startswith("Undo unpublish") for title in palette) == offers
        await pilot.press("z")
        await settled(pilot)
        assert not published(main)["Second.pdf"]


async def a_second_press_still_offers_it(on: Ground) -> None:
    """Only on the row that was unpublished."""
    await unpublish_second(on.pilot, on.main)
    await on.pilot.press("u")
    await on.pilot.pause()
    assert said(on.main) == "It is already off. z undoes that."
    await on.pilot.press("z")
    await until(on.pilot, lambda: said(on.main) == "Published “Second.pdf” again.")
    await settled(on.pilot)
    await unpublish_second(on.pilot, on.main)
    put_cursor_on(on.main, "Third.pdf")
    await on.pilot.press("u")
    await until(on.pilot, lambda: said(on.main) == "Unpublished “Third.pdf”. z undoes it.")
    await settled(on.pilot)
    put_cursor_on(on.main, "Second.pdf")
    await on.pilot.press("u")
    await on.pilot.pause()
    assert said(on.main) == "“Second.pdf” is already off."
    put_cursor_on(on.main, "Third.pdf")
    await on.pilot.press("u")
    await on.pilot.pause()
    assert said(on.main) == "It is already off. z undoes that."
    commands = on.main.changes
    assert commands.undos.last is not None
    commands._undo_is_over(commands.undos.last)
    assert said(on.main) == "Unpublished “Third.pdf”."


async def it_ends_by_itself(on: Ground) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(undo, "UNDO_WINDOW", timedelta(seconds=0.3))
        put_cursor_on(on.main, "Second.pdf")
        await on.pilot.press("u")
        await until(on.pilot, lambda: said(on.main) == "Unpublished “Second.pdf”.", "the end of it")
        assert not can_undo(on.main)


async def several_are_asked_about(on: Ground) -> None:
    """The question gives the number of published ones among them."""
    await unpublish_second(on.pilot, on.main)
    await on.pilot.press("ctrl+a", "u")
    question = await screen_of(on.pilot, Question)
    assert question.text == (
        "Unpublish 2 links?",
        "2 of the 3 selected documents are published. Their links stop at once; the documents stay.\n"
        "Third.pdf\nFirst.pdf",
    )
    await on.pilot.press("n")
    await settled(on.pilot, on.main)
    assert published(on.main) == {"First.pdf": True, "Second.pdf": False, "Third.pdf": True}
    assert len(on.main.table.selected) == 3
    with Sender(on.server) as me:
        me.post(f"/documents/{of(on.server, 'First.pdf')['id']}/unpublish")
    await until(on.pilot, lambda: not published(on.main)["First.pdf"], "the news")
    await on.pilot.press("u")
    question = await screen_of(on.pilot, Question)
    assert question.text[0] == "Unpublish 1 link?"
    assert question.text[1].startswith("1 of the 3 selected documents is published. Its link stops")
    await on.pilot.press("y")
    await until(on.pilot, lambda: said(on.main) == "Unpublished 1 link. z undoes it.")
    await settled(on.pilot, on.main)
    assert not any(published(on.main).values())
    assert not on.main.table.selected


async def several_come_back_as_they_were(on: Ground) -> None:
    """Those that were published; their counters go on. What others have changed meanwhile is named."""
    with Sender(on.server) as me:
        for name in ("First.pdf", "Second.pdf", "Third.pdf"):
            me.resend(of(on.server, name))
            assert fetch(on.server, of(on.server, name)["url"]) == b"content"
    await on.pilot.press("f5")
    await settled(on.pilot)
    requests = on.proxy.count("POST", "/documents/")
    for changed in (False, True):
        await on.pilot.press("ctrl+a", "u")
        await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        await until(on.pilot, lambda: said(on.main) == "Unpublished 3 links. z undoes it.")
        await settled(on.pilot)
        assert not any(published(on.main).values())
        if changed:
            with Sender(on.server) as me:
                me.resend(of(on.server, "First.pdf"))
            await until(on.pilot, lambda: published(on.main)["First.pdf"], "the news")
        assert can_undo(on.main)
        await on.pilot.press("z")
        why = "First.pdf: The document has changed since, so this can't be undone."
        expected = f"Published 2 of 3 documents again; {why}" if changed else "Published 3 documents again."
        await until(on.pilot, lambda expected=expected: said(on.main) == expected, "what was done")
        await settled(on.pilot)
        assert all(published(on.main).values())
        assert not can_undo(on.main)
        assert not on.main.table.selected
    # Each time one for all of them.
    assert on.proxy.count("POST", "/documents/") - requests == 4
    counters = [of(on.server, name)["downloads"] for name in ("First.pdf", "Second.pdf", "Third.pdf")]
    assert counters == [0, 1, 1]


async def a_server_that_changes_one_at_a_time(on: Ground) -> None:
    """Older ones don't know a request for several; each has its own then."""
    for done in ("Unpublished 3 links. z undoes it.", "Published 3 documents again."):
        on.proxy.spoil("POST", refusal(405, "method_not_allowed", "Method Not Allowed."), "/changes")
        requests = on.proxy.count("POST", "/documents/")
        await (on.pilot.press("z") if can_undo(on.main) else on.pilot.press("ctrl+a", "u"))
        if not done.startswith("Published"):
            await screen_of(on.pilot, Question)
            await on.pilot.press("y")
        await until(on.pilot, lambda done=done: said(on.main) == done, "what was done")
        await settled(on.pilot)
        assert on.proxy.count("POST", "/documents/") - requests == 4
    assert all(published(on.main).values())


async def deleted_ones_come_back_as_they_were(on: Ground) -> None:
    """One or several; those that were unpublished come back unpublished, with what is said of their links."""
    with Sender(on.server) as me:
        me.post(f"/documents/{of(on.server, 'Third.pdf')['id']}/unpublish")
        me.resend(of(on.server, "Second.pdf"))
    await until(on.pilot, lambda: not published(on.main)["Third.pdf"], "the news")
    await settled(on.pilot)
    before = published(on.main)
    for names, deleted, restored in (
        (["Second.pdf"], "“Second.pdf”", "“Second.pdf”. Its link works again."),
        (["Third.pdf"], "“Third.pdf”", "“Third.pdf”. It is unpublished, as before."),
        (["Second.pdf", "First.pdf"], "2 documents", "2 documents. Their links work again."),
        (["Second.pdf", "Third.pdf", "First.pdf"], "3 documents", "3 documents. 2 links work again."),
    ):
        for name in names:
            put_cursor_on(on.main, name)
            await on.pilot.press("space")
        await on.pilot.press("d")
        await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        said_then = f"Moved {deleted} to the trash. z undoes it."
        await until(on.pilot, lambda said_then=said_then: said(on.main) == said_then, said_then)
        await settled(on.pilot)
        assert not published(on.main).keys() & set(names)
        assert not on.main.table.selected
        await on.pilot.press("z")
        await until(
            on.pilot,
            lambda restored=restored: said(on.main) == f"Restored {restored}",
            f"Restored {restored}",
        )
        await settled(on.pilot)
        assert published(on.main) == before
        assert not can_undo(on.main)
        if len(names) == 1:
            cursor = on.main.table.rows[on.main.table.cursor].name
            assert cursor == names[0], "what is pressed next is meant for it"
    with Sender(on.server) as me:
        assert me.get("/trash")["total"] == 0


async def a_question_about_what_was_deleted_elsewhere_says_so(on: Ground) -> None:
    """It stays until it is closed: what is typed for it isn't for the list. As long as one of its documents is left, it
    is asked."""
    put_cursor_on(on.main, "Second.pdf")
    await on.pilot.press("d")
    question = await screen_of(on.pilot, Question)
    with Sender(on.server) as me:
        me.delete(f"/documents/{of(on.server, 'Second.pdf')['id']}")
    await until(
        on.pilot, lambda: question.text == ("Deleted elsewhere meanwhile.", ""), "the end of the question"
    )
    await on.pilot.press(*"yu")
    assert on.pilot.app.screen is question
    await on.pilot.press("enter")
    await until(on.pilot, lambda: on.pilot.app.screen is on.main, "the end of the question")
    await until(
        on.pilot,
        lambda: said(on.main) == "It was deleted elsewhere, so nothing was done to it.",
        "the reason",
    )
    await settled(on.pilot)
    await on.pilot.press("ctrl+a", "u")
    question = await screen_of(on.pilot, Question)
    with Sender(on.server) as me:
        for name in ("First.pdf", "Third.pdf"):
            assert on.pilot.app.screen is question
            me.delete(f"/documents/{of(on.server, name)['id']}")
            await on.pilot.pause()
    await until(
        on.pilot, lambda: question.text == ("Deleted elsewhere meanwhile.", ""), "the end of the question"
    )
    await on.pilot.press("escape")
    await until(on.pilot, lambda: on.pilot.app.screen is on.main, "its end")
    await until(
        on.pilot,
        lambda: said(on.main) == "They were deleted elsewhere, so nothing was done to them.",
        "the reason",
    )
    await settled(on.pilot)
    assert not published(on.main)


async def what_undoing_a_deletion_cannot_bring_back(on: Ground) -> None:
    """It was restored elsewhere, or purged; after its time, the trash is named instead of the key."""
    for change in ("restore", "empty"):
        put_cursor_on(on.main, "First.pdf")
        await on.pilot.press("d")
        await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        await until(on.pilot, lambda: said(on.main) == "Moved “First.pdf” to the trash. z undoes it.")
        await settled(on.pilot)
        with Sender(on.server) as me:
            (trashed,) = me.get("/trash")["documents"]
            me.post(f"/trash/{trashed['id']}/restore" if change == "restore" else "/trash/empty")
        await until(on.pilot, lambda: not can_undo(on.main), "nothing to undo")
        there = change == "restore"
        await until(
            on.pilot, lambda there=there: ("First.pdf" in published(on.main)) == there, "the row as it is now"
        )
        await settled(on.pilot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(undo, "UNDO_WINDOW", timedelta(seconds=0.3))
        put_cursor_on(on.main, "Second.pdf")
        await on.pilot.press("d")
        await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        await until(
            on.pilot,
            lambda: said(on.main) == "Moved “Second.pdf” to the trash. t shows the trash.",
            "its end",
        )
        assert not can_undo(on.main)


async def pressed_in_haste(on: Ground) -> None:
    """Pressed again before the server responds, each key applies to the result of the one before."""
    audit = f"/documents/{of(on.server, 'Second.pdf')['id']}/audit"
    for keys, expected in (
        ("uuzz", ["unpublished", "published"]),
        ("uzuz", ["unpublished", "published"] * 2),
        ("uu", ["unpublished"]),
    ):
        with Sender(on.server) as me:
            before = len(me.events(audit))
        put_cursor_on(on.main, "Second.pdf")
        asked_before = on.proxy.count("POST", "/unpublish")
        with on.proxy.holding("POST", "/unpublish") as go_on:
            await on.pilot.press(*keys)
            await asked(on.pilot, on.proxy, "POST", "/unpublish", asked_before)
            go_on.set()
            await settled(on.pilot)
        undone = keys.endswith("z")
        await until(
            on.pilot,
            lambda undone=undone: published(on.main)["Second.pdf"] == undone,
            "what it is in the end",
        )
        assert of(on.server, "Second.pdf")["published"] == undone
        assert can_undo(on.main) == (not undone)
        assert said(on.main) == ("Published “Second.pdf” again." if undone else OFFERED)
        with Sender(on.server) as me:
            assert me.events(audit)[before:] == expected


async def a_line_that_breaks(on: Ground) -> None:
    """A lost response is requested again; after a server error, undo stays available."""
    audit = f"/documents/{of(on.server, 'Second.pdf')['id']}/audit"
    with Sender(on.server) as me:
        before = len(me.events(audit))
    on.proxy.spoil("POST", LoseAnswer(), "/unpublish")
    await unpublish_second(on.pilot, on.main)
    on.proxy.spoil("POST", Answer(500), "/undo")
    await on.pilot.press("z")
    await until(on.pilot, lambda: "500" in said(on.main), "the failure")
    await settled(on.pilot)
    assert can_undo(on.main)
    on.proxy.spoil("POST", LoseAnswer(), "/undo")
    await on.pilot.press("z")
    await until(on.pilot, lambda: said(on.main) == "Published “Second.pdf” again.", "what was done")
    await settled(on.pilot)
    assert published(on.main)["Second.pdf"]
    with Sender(on.server) as me:
        assert me.events(audit)[before:] == ["unpublished", "published"]


async def test_one_and_several(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    steps = (
        one_is_stopped_at_once_and_comes_back,
        a_second_press_still_offers_it,
        several_are_asked_about,
        pressed_in_haste,
        a_line_that_breaks,
        it_ends_by_itself,
        several_come_back_as_they_were,
        a_server_that_changes_one_at_a_time,
        deleted_ones_come_back_as_they_were,
        what_undoing_a_deletion_cannot_bring_back,
        a_question_about_what_was_deleted_elsewhere_says_so,
    )
    await play(some(6, steps), three_sent, proxy, tmp_path, (100, 24))
