"""Numbers typed in tables: before a motion they repeat it; after one, no other key does anything."""

from __future__ import annotations

from pathlib import Path

from tests.support.app.app import (
    focused_id,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.app.steps import Ground, Step, play
from tests.support.app.undoing import published
from tests.support.network.misbehave import Misbehaving
from tests.support.pictures.scene_start import about_to_send
from tests.support.servers.server import ServerProcess
from tui.commands.lookup import commands_of, keys_of
from tui.locations.location import Location
from tui.ui.base.question import Question
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

#: Of :func:`three_sent`.
SERVER = "shared"
NAMES = [f"Minutes {number}.txt" for number in range(6)]


def link_names(dialog: SendDialog) -> list[str]:
    return [row.link_name for row in dialog.state.plan.rows]


async def what_is_typed_for_a_field_removes_no_row(on: Ground) -> None:
    """``7d`` with the table focused: nothing happens, it is said where to type it, and one tab goes there."""
    dialog = await about_to_send(on.pilot, on.main, on.files)
    for digits in ("7", "12"):
        await on.pilot.press(*digits, "d")
        assert said(dialog, "#overall") == f"“{digits}d” does nothing here; tab goes to Expiration Date."
        assert link_names(dialog) == NAMES
        await on.pilot.press("tab")
        assert focused_id(on.pilot) == "expires"
        await on.pilot.press("shift+tab", "shift+tab")
        assert focused_id(on.pilot) == "rows"
    await on.pilot.press("tab")
    assert focused_id(on.pilot) == "password", "without a number, tab goes on as always"
    await on.pilot.press("shift+tab", "5", "tab")
    assert focused_id(on.pilot) == "expires", "also before a letter"
    await on.pilot.press("7", "d")
    assert dialog.options.query_one("#expires", Field).value == "7d"


async def after_a_number_no_command_runs(on: Ground) -> None:
    """None of the dialog's, by none of its keys; the number is used up by the key, so that the next one works."""
    dialog = await about_to_send(on.pilot, on.main, on.files)
    moves = (
        *("down", "up", "first", "last", "next_page", "previous_page"),
        *("half_down", "half_up", "extend_down", "extend_up"),
    )
    motions = {key for move in moves for key in keys_of(f"lists.{move}", on.pilot.app)}
    commands = commands_of("everywhere", "outside_fields", "lists", "dialogs", "send", "send_rows")
    keys = {key for command in commands for key in command.keys.split(",")} - motions
    assert {"d", "delete", "ctrl+s", "ctrl+y", "escape", "J", "z", "enter", "m", "ctrl+q"} <= keys
    for key in sorted(keys):
        await on.pilot.press("3", *key.split(" "))
        await on.pilot.pause()
        assert on.pilot.app.screen is dialog, key
        assert link_names(dialog) == NAMES, key
        assert (dialog.state.job, dialog.table.cursor, dialog.table.editing) == (None, 0, False), key
    await on.pilot.press("J")
    assert link_names(dialog)[:2] == ["Minutes 1.txt", "Minutes 0.txt"]


async def a_number_repeats_a_motion(on: Ground) -> None:
    dialog = await about_to_send(on.pilot, on.main, on.files)
    for keys, cursor in (
        ("3j", 3), ("2k", 1), ("10j", 5), ("2kj", 4), ("1", 4), ("2k", 0), ("jj", 2), ("0", 2),
    ):  # fmt: skip
        await on.pilot.press(*keys)
        assert dialog.table.cursor == cursor, keys
    assert said(dialog, "#overall").startswith("“0” does nothing here"), "no number begins with it"


async def a_removed_row_comes_back(on: Ground) -> None:
    """It is named together with the key that brings it back: to its place, with its name."""
    dialog = await about_to_send(on.pilot, on.main, on.files)
    await on.pilot.press("j", "j", "e", "N", "e", "w", "enter", "d")
    assert said(dialog, "#cause") == "Removed “New.txt”; z brings it back."
    assert link_names(dialog) == [name for name in NAMES if name != "Minutes 2.txt"]
    await on.pilot.press("k")
    assert "Removed “New.txt”; z brings it back." in screen_text(on.pilot), "as long as it is so"
    await on.pilot.press("z")
    assert link_names(dialog) == ["Minutes 0.txt", "Minutes 1.txt", "New.txt", *NAMES[3:]]
    assert dialog.table.cursor == 2
    assert said(dialog, "#cause") == ""
    await on.pilot.press("d", "J")
    assert said(dialog, "#cause") == "", "z would undo the move first"


async def nothing_is_deleted_after_a_number(on: Ground) -> None:
    """In the folder, by its list and by the tree, also with rows selected."""
    main = on.main
    for chosen in (False, True):
        put_cursor_on(main, "Second.pdf")
        if chosen:
            await on.pilot.press("ctrl+a")
        for key in ("d", "u", "s", "delete"):
            await on.pilot.press("7", key)
            await settled(on.pilot, main)
            typed = f"7{key}" if len(key) == 1 else "7"
            assert said(main) == f"“{typed}” does nothing: a number repeats a motion, as in 3j."
        main.places.focus()
        await on.pilot.press("7", "d")
        await settled(on.pilot, main)
        assert on.pilot.app.screen is main
        main.table.focus()
    assert all(published(main).values())
    assert len(published(main)) == 3
    await on.pilot.press("escape", "1", "j", "d")
    await screen_of(on.pilot, Question)
    await on.pilot.press("n")
    await until(on.pilot, lambda: on.pilot.app.screen is main)


async def test_numbers(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    steps: tuple[Step, ...] = (
        what_is_typed_for_a_field_removes_no_row,
        after_a_number_no_command_runs,
        a_number_repeats_a_motion,
        a_removed_row_comes_back,
        nothing_is_deleted_after_a_number,
    )
    await play(steps, three_sent, proxy, tmp_path, (100, 40))
