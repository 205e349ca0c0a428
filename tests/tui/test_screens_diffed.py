"""Screens of every kind, written as Textual paints it and as the driver writes it: two emulated terminals (pyte) show
the same characters in the same colours after every single paint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyte
import pytest
from textual import events
from textual.drivers import headless_driver
from textual.pilot import Pilot

from tests.support.app.app import app_for, resized, screen_of, screen_text, until
from tests.support.checks.long import more, some, telling
from tests.support.pictures.scene_start import ARGUMENTS, STANDS_AT, back
from tests.support.pictures.scenes import SCENES
from tests.support.pictures.send_scenes import SENDING
from tests.support.servers.server import ServerProcess
from tests.support.terminal.emulated import EmulatedScreen
from tests.support.terminal.frames import seen
from tui.config.preferences import Preferences
from tui.override import override
from tui.terminal.celldiff import CellDiff
from tui.ui.app import SentlinksApp
from tui.ui.dialogs.details import Details
from tui.ui.main.main import MainScreen
from tui.ui.textual_patches.linux_driver import SentlinksDriver
from tui.ui.textual_patches.own_driver import OwnDriver
from tui.ui.widgets import row_line


class Model:
    """An emulated terminal that doesn't wrap lines, as the app sets it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = EmulatedScreen(columns, rows)
        self.screen.reset_mode(pyte.modes.DECAWM)
        self._stream = pyte.Stream(self.screen)
        self.written = 0

    def write(self, text: str) -> None:
        self.written += len(text)
        self._stream.feed(text)

    @property
    def text(self) -> str:
        return "\n".join(
            "".join(cell.data for cell in self.row(y)).rstrip() for y in range(self.screen.lines)
        )

    def row(self, y: int) -> list[Any]:
        return [seen(self.screen.buffer[y][x]) for x in range(self.screen.columns)]

    def differences(self, other: Model) -> list[str]:
        return [
            f"row {y}:\n{self.screen.display[y]}\n{other.screen.display[y]}"
            for y in range(self.screen.lines)
            # What was written to the same cells needs no closer look.
            if self.screen.buffer[y] != other.screen.buffer[y] and self.row(y) != other.row(y)
        ]


class Diffed(SentlinksDriver):
    """The app's driver, writing to a model."""

    def __init__(self, model: Model) -> None:
        self._diff = CellDiff(erases=True, columns=model.screen.columns)
        self._bracket = None
        self._pointer = ""
        self._in_alternate = False
        self._shows_unicode, self._draws_marks_wide = True, False
        self._writer_thread: Any = model


class Judge(headless_driver.HeadlessDriver, OwnDriver):
    """Writes everything both ways and compares."""

    last: Judge

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        Judge.last = self
        self.paintings = 0
        self._begin()

    def _begin(self) -> None:
        columns, rows = self._get_terminal_size()
        self.plain, self.short = Model(columns, rows), Model(columns, rows)
        self._diffed = Diffed(self.short)

    @override
    def leave_mouse_alone(self, alone: bool) -> None:
        """There is none."""

    @override
    def follow_scheme(self) -> None:
        """It is always dark."""

    @override
    def set_title(self, title: str) -> None:
        """It has none."""

    @property
    @override
    def has_title(self) -> bool:
        return False

    @override
    def write_aside(self, sequence: str) -> None:
        """Nothing of it is on the screen."""

    @override
    def forget(self) -> None:
        """The app has noticed that the terminal's size has changed, and now paints everything."""
        self._begin()

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        if self._get_terminal_size() != (self.plain.screen.columns, self.plain.screen.lines):
            # Painted for the old size, and soon painted over.
            return
        self.plain.write(data)
        self._diffed.write(data)
        if self._diffed._bracket is None:
            self.paintings += 1
            found = self.plain.differences(self.short)
            assert not found, f"after painting {self.paintings}:\n" + "\n".join(found)
            where = [(m.screen.cursor.y, m.screen.cursor.x) for m in (self.plain, self.short)]
            assert where[0] == where[1] or where[0] == (0, 0)


def judged(server: ServerProcess, monkeypatch: pytest.MonkeyPatch, theme: str = "dark") -> SentlinksApp:
    monkeypatch.setattr(headless_driver, "HeadlessDriver", Judge)
    app = app_for(server, None, preferences=Preferences(theme=theme))
    app._sync_available = True
    return app


async def play(pilot: Pilot[Any], scene: str) -> None:
    """Plays a scene and goes on in it, in this size and in another one. Only a part of it is written."""
    judge = Judge.last
    before = judge.paintings
    await SCENES[scene](pilot)
    for key in ("down", "down", "up", "tab", "pagedown", "pageup", "ctrl+l"):
        await pilot.press(key)
    assert judge.short.written < judge.plain.written / 2
    await resized(pilot, *((100, 30) if pilot.app.size.width == 80 else (80, 24)))
    await pilot.press("down", "up")
    assert judge.paintings > before + 5


#: Scenes that between them paint in every way: wide and combining characters, lists and texts that scroll, columns that
#: go away, fields with a cursor, what lies over a screen and leaves it visible, blocks without gaps, lines that change
#: alone, and a whole screen that changes to another one.
TELLING = {
    "lists": some(2, ("hostile-names", "lost", "audit-filtered", "filtered")),
    "over": some(2, ("palette", "versions", "help", "code", "send-refused")),
}


@pytest.mark.parametrize("scenes", TELLING.values(), ids=TELLING)
async def test_both_show_the_same(
    scenes: list[str], still_server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with judged(still_server, monkeypatch).run_test(size=(80, 24)) as pilot:
        for scene in scenes:
            await play(pilot, scene)
            await back(pilot)


@more
@pytest.mark.parametrize("theme", telling(["16", "contrast", "light"], "16"))
async def test_in_other_colours_too(
    theme: str, still_server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with judged(still_server, monkeypatch, theme).run_test(size=(80, 24)) as pilot:
        await play(pilot, "folder")


@more
async def test_while_something_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    with ServerProcess(data, sample=True, arguments=ARGUMENTS, stands_at=STANDS_AT) as server:
        async with judged(server, monkeypatch).run_test(size=(80, 24)) as pilot:
            for scene in SENDING:
                await play(pilot, scene)
                await back(pilot)


async def test_keys_in_quick_succession(still_server: ServerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is painted only when the cursor rests is painted in the end: after any keys, the terminal shows what the
    screen holds."""
    monkeypatch.setattr(headless_driver, "HeadlessDriver", Judge)
    app = app_for(still_server, None)
    async with app.run_test(size=(80, 24)) as pilot:
        await SCENES["folder"](pilot)
        main, judge = app.screen, Judge.last
        assert isinstance(main, MainScreen)
        for keys, cursor in (
            (["down"] * 3, 3),
            (["pagedown", "up", "up"], 2),
            (["space"] * 2, 4),
            (["home", "down", "end", "pageup"], 0),
        ):
            for key in keys:
                app.post_message(events.Key(key, " " if key == "space" else None))
            await until(pilot, lambda cursor=cursor: main.table.cursor == cursor, "the last key")
            line = main.query_one(row_line.RowLine).text[:40]
            await until(pilot, lambda line=line: line in judge.short.text, "the row line")
            await until(pilot, lambda: judge.short.text == screen_text(pilot), "the whole screen")


async def test_the_row_line_waits_for_the_cursor_but_not_for_a_command(
    still_server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headless_driver, "HeadlessDriver", Judge)
    monkeypatch.setattr(row_line, "_REST_SECONDS", 3600)
    app = app_for(still_server, None)
    async with app.run_test(size=(80, 24)) as pilot:
        await SCENES["folder"](pilot)
        assert isinstance(app.screen, MainScreen)
        line, judge = app.screen.query_one(row_line.RowLine), Judge.last
        before = line.text
        await until(pilot, lambda: before[:40] in judge.short.text, "the first row's line")
        await pilot.press("down", "down")
        assert line.text != before
        assert before[:40] in judge.short.text
        # Whatever paints the screen shows the line as it has to be.
        await pilot.press("i")
        await screen_of(pilot, Details)
        await pilot.press("escape")
        await until(pilot, lambda: judge.short.text == screen_text(pilot), "the whole screen")
        assert line.text[:40] in judge.short.text
