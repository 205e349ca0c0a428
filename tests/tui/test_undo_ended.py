"""What ends the chance to undo an unpublishing: time, failures, other commands, other sessions and other places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.support.app.app import app_for, asked, put_cursor_on, said, screen_of, sent_folder, settled, until
from tests.support.app.steps import Ground, Step, play
from tests.support.app.timers import noted_timers
from tests.support.app.undoing import OFFERED, can_undo, of, published, unpublish_second
from tests.support.checks.long import more, some
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.tui.conftest import OWN_SERVER, MakeApp
from tui.clients.events import DocumentEvent
from tui.config.preferences import Preferences
from tui.locations.location import Location
from tui.ui.actions import document_changes
from tui.ui.base.question import Question

#: Of :func:`three_sent`.
SERVER = "shared"


async def what_could_not_be_unpublished_cannot_be_undone(on: Ground) -> None:
    put_cursor_on(on.main, "Second.pdf")
    on.proxy.spoil("POST", Answer(500), "/unpublish")
    await on.pilot.press("u")
    await until(on.pilot, lambda: said(on.main).startswith("Second.pdf: "), "the failure")
    await settled(on.pilot)
    assert not can_undo(on.main)
    await on.pilot.press("z")
    assert said(on.main) == "Nothing to undo."
    assert published(on.main)["Second.pdf"]


@OWN_SERVER
async def test_too_late_for_the_server(three_sent: ServerProcess, make_app: MakeApp) -> None:
    """The server's clock decides; its message is shown, and undo is no longer offered."""
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        await unpublish_second(pilot, main)
        three_sent.turn_clock(60)
        await pilot.press("z")
        late = "Unpublishing can be undone for 30 seconds. Send the document again instead."
        await until(pilot, lambda: said(main) == late, "why not")
        await settled(pilot)
        assert not can_undo(main)
        assert not published(main)["Second.pdf"]


@OWN_SERVER
async def test_the_time_is_over_while_a_dialog_loads(
    three_sent: ServerProcess, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes back then offers nothing any more."""
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        begun = noted_timers(main, monkeypatch)
        await unpublish_second(pilot, main)
        await settled(pilot)
        offered = said(main)
        assert OFFERED in offered
        main.status.cover("Loading…")
        # The longest one is that of the time to undo it.
        max(begun, key=lambda timer: timer[0])[1]()
        assert said(main) == "Loading…"
        main.status.uncover()
        assert OFFERED not in said(main)
        assert said(main)
        assert main.status.tone == "good"


@more
@OWN_SERVER
async def test_a_late_timer_does_not_cover_the_outcome(
    three_sent: ServerProcess, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has fired just before the answer came is handled after it."""
    async with make_app().run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        begun = noted_timers(main, monkeypatch)
        await unpublish_second(pilot, main)
        await settled(pilot)
        outcome = said(main)
        begun[0][1]()
        assert said(main) == outcome != "Working…"


async def a_link_that_has_stopped_by_itself(on: Ground) -> None:
    """If the limit is reached just as the key is pressed, the download under way ends, until that is undone."""
    with Sender(on.server) as me:
        document = me.resend(of(on.server, "Second.pdf"), downloads_permitted=1)
    await on.pilot.press("f5")
    await settled(on.pilot)
    put_cursor_on(on.main, "Second.pdf")
    with on.proxy.holding("POST", "/unpublish") as go_on:
        await on.pilot.press("u")
        await asked(on.pilot, on.proxy, "POST", "/unpublish")
        assert fetch(on.server, document["url"]) == b"content"
        go_on.set()
        await until(on.pilot, lambda: said(on.main) == OFFERED)
    await settled(on.pilot)
    assert of(on.server, "Second.pdf")["reason"] == "by hand"
    await on.pilot.press("z")
    back = "Downloads of “Second.pdf” go on. Its limit is reached, as before."
    await until(on.pilot, lambda: said(on.main) == back, "what is undone")
    assert of(on.server, "Second.pdf")["reason"] == "limit"
    assert not can_undo(on.main)


async def a_link_that_was_stopped_elsewhere(on: Ground) -> None:
    """If it is stopped just as the key is pressed, the app says so, and there is nothing to undo."""
    with Sender(on.server) as me:
        document = me.resend(of(on.server, "Second.pdf"), downloads_permitted=None)
        await on.pilot.press("f5")
        await settled(on.pilot)
        put_cursor_on(on.main, "Second.pdf")
        with on.proxy.holding("POST", "/unpublish") as go_on:
            await on.pilot.press("u")
            await asked(on.pilot, on.proxy, "POST", "/unpublish")
            me.delete(f"/documents/{document['id']}")
            me.post(f"/trash/{document['id']}/restore")
            go_on.set()
            off = "The link of “Second.pdf” was already off (unpublished)."
            await until(on.pilot, lambda: said(on.main) == off)
    await settled(on.pilot)
    assert not can_undo(on.main)


async def an_earlier_change_that_is_reported_late_leaves_it(on: Ground) -> None:
    """The undo of an earlier unpublish is an event as well, and may arrive after the document is unpublished again."""
    await unpublish_second(on.pilot, on.main)
    document = of(on.server, "Second.pdf")
    unpublished_at = datetime.fromisoformat(document["unpublished_at"])
    before, after = (unpublished_at + timedelta(microseconds=n) for n in (-1, 1))
    on.main.live.handle(DocumentEvent("published", document["id"], document["folder"]["id"], before))
    assert can_undo(on.main)
    on.main.live.handle(DocumentEvent("published", document["id"], document["folder"]["id"], after))
    assert not can_undo(on.main)


async def a_change_that_is_reported_before_the_answer(on: Ground, *, late: bool) -> None:
    """Whether it came after the unpublish is known with the answer."""
    document = of(on.server, "Second.pdf")
    put_cursor_on(on.main, "Second.pdf")
    with on.proxy.holding("POST", "/unpublish", answer=True) as go_on:
        await on.pilot.press("u")
        await asked(on.pilot, on.proxy, "POST", "/unpublish")
        at = datetime.now(UTC) + timedelta(hours=1 if late else -1)
        on.main.live.handle(DocumentEvent("published", document["id"], document["folder"]["id"], at))
        go_on.set()
        await until(on.pilot, lambda: said(on.main).startswith("Unpublished “Second.pdf”."))
    await settled(on.pilot)
    assert can_undo(on.main) is not late


async def what_another_session_does_makes_it_moot(on: Ground, *, change: str) -> None:
    """The event withdraws the offer to undo, and the row changes."""
    await unpublish_second(on.pilot, on.main)
    assert can_undo(on.main)
    document = of(on.server, "Second.pdf")
    path = f"/documents/{document['id']}"
    with Sender(on.server) as me:
        if change == "sent again":
            me.resend(document)
        elif change == "deleted":
            me.delete(path)
        else:
            me.post(f"{path}/unpublish/undo", {"unpublished_at": document["unpublished_at"]})
    now = None if change == "deleted" else True
    await until(on.pilot, lambda: published(on.main).get("Second.pdf") is now, "the news")
    await until(on.pilot, lambda: not can_undo(on.main), "nothing to undo")
    assert said(on.main) == "Unpublished “Second.pdf”.", "the key is no longer named"


async def gone_to_the_trash_while_all_are_moved(on: Ground) -> None:
    """The list is left with its rows selected, since the server has yet to answer."""
    with on.proxy.holding("POST", "/changes") as go_on:
        await on.pilot.press("ctrl+a", "d")
        await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        await asked(on.pilot, on.proxy, "POST", "/changes")
        await on.pilot.press("t")
        await until(on.pilot, lambda: said(on.main).startswith("3 rows are no longer selected"))
        go_on.set()
        await until(on.pilot, lambda: said(on.main) == "Moved 3 documents to the trash.")
    await until(on.pilot, lambda: on.main.kind == "trash" and len(on.main.table.rows) >= 3, "the trash")
    await settled(on.pilot)


async def emptying_the_trash_ends_it(on: Ground) -> None:
    """Nothing is left to bring back, nor to select where it was."""
    await gone_to_the_trash_while_all_are_moved(on)
    await on.pilot.press("E", "y", "y")
    await until(on.pilot, lambda: said(on.main).endswith(" permanently."), "the outcome")
    await settled(on.pilot)
    await on.pilot.press("z")
    await on.pilot.pause()
    assert on.main.kind == "trash"
    assert said(on.main) == "What you did last can't be undone, nor what you did before it."
    await on.pilot.press("t")
    await until(on.pilot, lambda: on.main.kind == "sent")
    await settled(on.pilot)
    assert not can_undo(on.main)


async def another_session_empties_the_trash(on: Ground) -> None:
    """Also if that is known before the server has answered about the rest, which fails then."""
    last = on.main.table.rows[-1].key
    with pytest.MonkeyPatch.context() as patch, on.proxy.holding("DELETE", last) as go_on:
        patch.setattr(document_changes, "AT_ONCE", 1)
        await on.pilot.press("ctrl+a", "d")
        await screen_of(on.pilot, Question)
        await on.pilot.press("y")
        await asked(on.pilot, on.proxy, "DELETE", last)
        with Sender(on.server) as me:
            me.delete(f"/documents/{last}")
            me.post("/trash/empty")
        undo = on.main.changes.undos.last
        assert undo is not None
        await until(on.pilot, lambda: len(undo._moot) >= 2, "the news")
        go_on.set()
        await until(on.pilot, lambda: "Moved 2 of 3 documents" in said(on.main), "the outcome")
    await settled(on.pilot)
    assert not can_undo(on.main)


async def another_command_makes_it_moot(on: Ground) -> None:
    """Only the last command is undone, a deletion too, and nothing before it."""
    await unpublish_second(on.pilot, on.main)
    put_cursor_on(on.main, "First.pdf")
    await on.pilot.press("d")
    await screen_of(on.pilot, Question)
    await on.pilot.press("n")
    await until(on.pilot, lambda: on.pilot.app.screen is on.main)
    assert can_undo(on.main)
    await on.pilot.press("d")
    await screen_of(on.pilot, Question)
    await on.pilot.press("y")
    await until(on.pilot, lambda: "First.pdf" not in published(on.main), "the deletion")
    await settled(on.pilot)
    assert can_undo(on.main)
    put_cursor_on(on.main, "Third.pdf")
    await on.pilot.press("u")
    await until(on.pilot, lambda: said(on.main) == "Unpublished “Third.pdf”. z undoes it.")
    await settled(on.pilot)
    await on.pilot.press("z")
    await until(on.pilot, lambda: published(on.main) == {"Second.pdf": False, "Third.pdf": True})


async def only_where_it_was_done(on: Ground) -> None:
    """Elsewhere the key doesn't undo; after coming back, it does again."""
    await unpublish_second(on.pilot, on.main)
    folder = on.main.place
    for place in (Location("local", "files", str(on.folder)), Location("trash", "Trash")):
        on.main.open_place(place)
        await until(on.pilot, lambda place=place: on.main.kind == place.kind)
        assert not can_undo(on.main)
        await on.pilot.press("z")
    await settled(on.pilot)
    assert folder is not None
    on.main.open_place(folder)
    await until(on.pilot, lambda: on.main.kind == "sent")
    await settled(on.pilot)
    assert can_undo(on.main)
    await on.pilot.press("z")
    await until(on.pilot, lambda: published(on.main)["Second.pdf"], "it is back")


async def test_what_ends_the_chance(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    steps: tuple[Step, ...] = (
        what_could_not_be_unpublished_cannot_be_undone,
        an_earlier_change_that_is_reported_late_leaves_it,
        another_command_makes_it_moot,
        a_link_that_has_stopped_by_itself,
        only_where_it_was_done,
        partial(a_change_that_is_reported_before_the_answer, late=False),
        partial(a_change_that_is_reported_before_the_answer, late=True),
        *(
            partial(what_another_session_does_makes_it_moot, change=change)
            for change in ("sent again", "undone", "deleted")
        ),
        emptying_the_trash_ends_it,
        another_session_empties_the_trash,
    )
    await play(some(2, steps), three_sent, proxy, tmp_path, (100, 24))


async def test_a_return_whose_report_was_lost(three_sent: ServerProcess, tmp_path: Path) -> None:
    """A later deletion by someone else ends the question about the document; that of the deletion that was undone,
    which comes late, does not."""
    app = app_for(three_sent, tmp_path, demo=False, preferences=Preferences(live=False))
    async with app.run_test(size=(100, 24)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        await pilot.press("d", "y")
        await until(pilot, lambda: said(main) == "Moved “Second.pdf” to the trash. z undoes it.")
        await settled(pilot)
        await pilot.press("z")
        await until(pilot, lambda: said(main).startswith("Restored “Second.pdf”."))
        await settled(pilot)
        document = of(three_sent, "Second.pdf")
        put_cursor_on(main, "Second.pdf")
        await pilot.press("d")
        question = await screen_of(pilot, Question)
        for hours, is_open in ((-1, True), (1, False)):
            at = datetime.now(UTC) + timedelta(hours=hours)
            main.live.handle(DocumentEvent("deleted", document["id"], document["folder"]["id"], at))
            await pilot.pause()
            assert (question.text[0] != "Deleted elsewhere meanwhile.") is is_open
        await pilot.press("escape")
        await until(pilot, lambda: said(main) == "It was deleted elsewhere, so nothing was done to it.")
