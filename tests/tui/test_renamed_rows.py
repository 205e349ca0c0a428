"""What can be read of names while one of them is typed in the send dialog, and afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.app.app import said, screen_text, sent_folder, settled
from tests.support.checks.long import few
from tests.support.pictures.scene_start import about_to_send
from tests.tui.conftest import MakeApp
from tui.locations.location import Location

#: Of :func:`three_sent`.
SERVER = "shared"

ORIGINAL = "Board Minutes - Approval of the Sale.txt"
LONG = "Letter on the Cap - to Pryce Amberley 12.txt"
#: Columns and lines of the terminal, and whether a name of the length of ``LONG`` has room in a row.
SIZES = [((80, 24), True), ((60, 20), False), ((120, 40), True)]


def shown(text: str) -> str:
    """The text of a screen without its frames, however its lines are wrapped."""
    return " ".join(text.replace("│", " ").split())


@few(1)
@pytest.mark.parametrize(("size", "is_long_whole"), SIZES, ids=str)
async def test_names_are_readable_while_one_is_typed(
    size: tuple[int, int], is_long_whole: bool, make_app: MakeApp, files: Location
) -> None:
    others = ["Confidentiality - signed 2.txt", *([LONG] if is_long_whole else [])]
    for name in (ORIGINAL, *others):
        (Path(files.id) / name).write_text("a")
    async with make_app().run_test(size=size) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        table = dialog.table
        index = next(index for index, row in enumerate(table.rows) if row.cells[1] == ORIGINAL)
        table.move_to(index)
        await pilot.press("e")
        for number, key in enumerate("Offer"):
            await pilot.press(key)
            text = shown(screen_text(pilot))
            assert f"from {ORIGINAL}" in text, text
            assert " Offer.txt"[: number + 2] in text, text
            assert [name for name in others if name not in text] == [], text
        await pilot.press("enter")
        await settled(pilot, dialog)
        text = shown(screen_text(pilot))
        assert [name for name in (*others, ORIGINAL, "Offer.txt") if name not in text] == [], text
        if is_long_whole:
            # The name of another row keeps its room, though the renamed one has another column.
            table.move_to(next(index for index, row in enumerate(table.rows) if row.cells[1] == LONG))
            await pilot.press("e")
            assert LONG in screen_text(pilot)
            await pilot.press("end", "x")
            assert LONG.replace(".txt", "x.txt") in screen_text(pilot)


async def test_what_is_wrong_with_a_name_is_said_before_what_it_was(
    make_app: MakeApp, files: Location
) -> None:
    """Both where there is room; a line that comes and goes would move everything below it."""
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files)
        await pilot.press("e", "x")
        assert said(dialog, "#cause") == "from Minutes 0.txt"
        await pilot.press("ctrl+u")
        assert said(dialog, "#cause") == "The name .txt needs a letter or a digit before its extension."
        await pilot.press(*"a.txt")
        assert said(dialog, "#cause") == "It will be called a.txt · from Minutes 0.txt"
        await pilot.press("escape")
        await settled(pilot, dialog)
        assert said(dialog, "#cause") == ""
