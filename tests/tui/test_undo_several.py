"""What was done to several documents one after the other is undone one after the other, the last of it first."""

from __future__ import annotations

from pathlib import Path

from tests.support.app.app import put_cursor_on, said, screen_of, settled, until
from tests.support.app.steps import Ground, Step, play
from tests.support.app.undoing import can_undo, published, unpublish_second
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
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


async def of_one_document_only_the_last(on: Ground) -> None:
    """Unpublished, then deleted: it comes back unpublished, and stays so, which is said."""
    off = "“Second.pdf” stays off, as it was deleted since; s sends it again."
    await unpublish_second(on.pilot, on.main)
    await delete(on, "Second.pdf")
    await on.pilot.press("z")
    await until(on.pilot, lambda: said(on.main).startswith("Restored “Second.pdf”. "))
    await settled(on.pilot)
    assert not published(on.main)["Second.pdf"]
    assert not can_undo(on.main)
    await on.pilot.press("z")
    assert said(on.main) == off


async def of_several_the_one_that_was_deleted_since(on: Ground) -> None:
    await on.pilot.press("ctrl+a", "u")
    await screen_of(on.pilot, Question)
    await on.pilot.press("y")
    await until(on.pilot, lambda: said(on.main) == "Unpublished 3 links. z undoes it.")
    await settled(on.pilot)
    await delete(on, "Second.pdf")
    await on.pilot.press("z")
    await until(on.pilot, lambda: said(on.main).startswith("Restored “Second.pdf”. "))
    await settled(on.pilot)
    await on.pilot.press("z")
    off = "“Second.pdf” stays off, as it was deleted since; s sends it again."
    await until(on.pilot, lambda: said(on.main) == f"Published 2 documents again. {off}")
    await settled(on.pilot)
    assert published(on.main) == {"First.pdf": True, "Second.pdf": False, "Third.pdf": True}


async def what_cannot_be_undone_is_in_the_way(on: Ground) -> None:
    """That is said, as long as what was done before could have been undone."""
    await delete(on, "First.pdf")
    await unpublish_second(on.pilot, on.main)
    (undo,) = on.main.changes._undos[1:]
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
        of_one_document_only_the_last,
        of_several_the_one_that_was_deleted_since,
        what_cannot_be_undone_is_in_the_way,
    )
    await play(steps, three_sent, proxy, tmp_path, (100, 24))
