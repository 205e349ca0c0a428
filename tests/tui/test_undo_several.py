"""What was done to several documents one after the other is undone one after the other, the last of it first."""

from __future__ import annotations

from pathlib import Path

from tests.support.app.app import asked, put_cursor_on, said, screen_of, settled, until
from tests.support.app.steps import Ground, Step, play
from tests.support.app.undoing import can_undo, of, published, unpublish_second
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tui.ui.base.question import Question

#: Of :func:`three_sent`.
SERVER = "shared"
LATER = "What you did last can't be undone, nor what you did before it."


async def delete(on: Ground, name: str) -> None:
    put_cursor_on(on.main, name)
    await on.pilot.press("d")
    await screen_of(on.pilot, Question)
    await on.pilot.press("y")
    await until(on.pilot, lambda: name not in published(on.main), "it is in the trash")
    await settled(on.pilot)


async def the_last_of_it_first(on: Ground) -> None:
    await delete(on, "First.pdf")
    await unpublish_second(on.pilot, on.main)
    put_cursor_on(on.main, "Third.pdf")
    await on.pilot.press("u")
    await until(on.pilot, lambda: said(on.main) == "Unpublished “Third.pdf”. z undoes it.")
    await settled(on.pilot)
    for back, there in (
        ("Published “Third.pdf” again.", {"Second.pdf": False, "Third.pdf": True}),
        ("Published “Second.pdf” again.", {"Second.pdf": True, "Third.pdf": True}),
        ("Restored “First.pdf”. Its link works again.", dict.fromkeys(on.names, True)),
    ):
        assert can_undo(on.main)
        await on.pilot.press("z")
        await until(on.pilot, lambda back=back: said(on.main) == back, back)
        await settled(on.pilot)
        assert published(on.main) == there
    assert not can_undo(on.main)
    await on.pilot.press("z")
    assert said(on.main) == "Nothing to undo."


async def undo(on: Ground, back: str) -> None:
    assert can_undo(on.main)
    await on.pilot.press("z")
    await until(on.pilot, lambda: said(on.main) == back, back)
    await settled(on.pilot)


async def unpublish_all(on: Ground) -> None:
    await on.pilot.press("ctrl+a", "u")
    await screen_of(on.pilot, Question)
    await on.pilot.press("y")
    await until(on.pilot, lambda: said(on.main) == "Unpublished 3 links. z undoes it.")
    await settled(on.pilot)


async def of_one_document_both(on: Ground) -> None:
    """Unpublished, then deleted, perhaps more than once: it comes back unpublished, and then is published again."""
    url = of(on.server, "Second.pdf")["url"]
    await unpublish_second(on.pilot, on.main)
    for _ in range(2):
        await delete(on, "Second.pdf")
        await undo(on, "Restored “Second.pdf”. It is unpublished, as before.")
        assert not published(on.main)["Second.pdf"]
    put_cursor_on(on.main, "Second.pdf")
    await on.pilot.press("u")
    assert said(on.main) == "It is already off. z undoes that."
    await undo(on, "Published “Second.pdf” again.")
    assert published(on.main)["Second.pdf"]
    assert fetch(on.server, url) == b"content"
    assert not can_undo(on.main)
    await on.pilot.press("z")
    assert said(on.main) == "Nothing to undo."


async def pressed_in_haste(on: Ground) -> None:
    """What can't be brought back from the trash just now isn't published there either: both can be tried again."""
    await unpublish_second(on.pilot, on.main)
    await delete(on, "Second.pdf")
    put_cursor_on(on.main, "First.pdf")
    on.proxy.spoil("POST", Answer(500), "/trash/")
    with on.proxy.holding("POST", "/unpublish") as go_on:
        await on.pilot.press("u", "z", "z", "z")
        await asked(on.pilot, on.proxy, "POST", "/unpublish")
        go_on.set()
        await until(on.pilot, lambda: "500" in said(on.main), "the failure")
        await settled(on.pilot)
    assert published(on.main) == {"First.pdf": True, "Third.pdf": True}
    await undo(on, "Restored “Second.pdf”. It is unpublished, as before.")
    await undo(on, "Published “Second.pdf” again.")
    assert published(on.main) == dict.fromkeys(on.names, True)
    assert not can_undo(on.main)


async def of_several_the_one_that_was_deleted_since(on: Ground) -> None:
    await unpublish_all(on)
    await delete(on, "Second.pdf")
    await undo(on, "Restored “Second.pdf”. It is unpublished, as before.")
    await undo(on, "Published 3 documents again.")
    assert published(on.main) == dict.fromkeys(on.names, True)
    assert not can_undo(on.main)


async def deleted_together_one_of_them_off(on: Ground) -> None:
    """One was unpublished before, one by another session, one not at all."""
    with Sender(on.server) as me:
        me.post(f"/documents/{of(on.server, 'First.pdf')['id']}/unpublish")
    await until(on.pilot, lambda: not published(on.main)["First.pdf"], "the news")
    await unpublish_second(on.pilot, on.main)
    await on.pilot.press("ctrl+a", "d")
    await screen_of(on.pilot, Question)
    await on.pilot.press("y")
    await until(on.pilot, lambda: said(on.main) == "Moved 3 documents to the trash. z undoes it.")
    await settled(on.pilot)
    await undo(on, "Restored 3 documents. 1 link works again.")
    assert published(on.main) == {"First.pdf": False, "Second.pdf": False, "Third.pdf": True}
    await undo(on, "Published “Second.pdf” again.")
    assert published(on.main) == {"First.pdf": False, "Second.pdf": True, "Third.pdf": True}
    assert not can_undo(on.main)


async def one_that_was_restored_elsewhere(on: Ground) -> None:
    """From the trash for good, so neither is undone for it any more, and the rest still is."""
    await unpublish_all(on)
    await delete(on, "Second.pdf")
    with Sender(on.server) as me:
        (trashed,) = [each for each in me.get("/trash")["documents"] if each["name"] == "Second.pdf"]
        me.post(f"/trash/{trashed['id']}/restore")
    await until(on.pilot, lambda: "Second.pdf" in published(on.main), "the news")
    # The list may be loaded before the event arrives, and has it then.
    await until(on.pilot, lambda: len([*on.main.changes.undos]) == 1, "the event")
    await settled(on.pilot)
    await undo(on, "Published 2 documents again.")
    assert published(on.main) == {"First.pdf": True, "Second.pdf": False, "Third.pdf": True}
    assert not can_undo(on.main)


async def what_cannot_be_undone_is_in_the_way(on: Ground) -> None:
    """That is said, as long as what was done before could have been undone."""
    await delete(on, "First.pdf")
    await unpublish_second(on.pilot, on.main)
    _, undo = on.main.changes.undos
    await on.pilot.press("t")
    await until(on.pilot, lambda: on.main.kind == "trash" and len(on.main.table.rows) == 1, "the trash")
    await settled(on.pilot)
    await on.pilot.press("r")
    await until(on.pilot, lambda: said(on.main) == "Restored “First.pdf”, unpublished.", "what was done")
    await settled(on.pilot)
    await on.pilot.press("t")
    await until(on.pilot, lambda: len(published(on.main)) == 3, "the folder")
    await settled(on.pilot)
    await on.pilot.press("z")
    assert said(on.main) == LATER
    assert not published(on.main)["Second.pdf"]
    on.main.changes._undo_is_over(undo)
    await on.pilot.press("z")
    assert said(on.main) == "Nothing to undo."


async def test_one_after_the_other(three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path) -> None:
    steps: tuple[Step, ...] = (
        the_last_of_it_first,
        of_one_document_both,
        pressed_in_haste,
        of_several_the_one_that_was_deleted_since,
        deleted_together_one_of_them_off,
        one_that_was_restored_elsewhere,
        what_cannot_be_undone_is_in_the_way,
    )
    await play(steps, three_sent, proxy, tmp_path, (100, 24))
