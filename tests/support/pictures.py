"""Takes pictures of a scene, in four sizes and in several themes, all from one running app; and compares them with the
saved ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.pilot import Pilot

from tests.support.app import settled
from tests.support.buttons import buttons_cut_off
from tests.support.picture import Picture, Row, rows_of
from tests.support.stage import Scene
from tui.app import SentlinksApp
from tui.theme import THEMES

#: Any two looks that differ in one of the themes differ in one of these. ``tests/unit/test_pictures.py`` requires it.
TELLING = ("dark", "contrast", "16 on dark", "mono")
#: Scenes with looks that none of the others has: they are checked in every theme.
IN_EVERY_THEME = (
    "audit-filtered",
    "closing",
    "code",
    "event",
    "failed-send",
    "hostile-menu",
    "in-background",
    "members",
    "menu",
    "name-refused",
    "palette",
    "policy",
    "rename",
    "send-refused",
    "sessions",
    "settings",
    "shared-help",
    "tree-menu",
)
Sizes = Mapping[tuple[int, int], Collection[str]]
#: The usual size, in which scenes are played.
USUAL = (80, 24)
#: The others, each with the themes in which it is checked. Only what such a size adds could look different.
OTHERS: Sizes = {(60, 20): ("mono",), (120, 40): ("dark",), (200, 60): ("dark",)}
#: In this size, no button may be cut off.
SMALLEST = "60x20"
#: How many differences are reported for one picture: when a line moves, all lines below it are different.
_MOST_TOLD = 12
_MEANT = (
    "\nIf it is meant to be so: --snapshot-update, then python -m tests.support.picture FILE THEME shows it."
)
_PORT = ":12345"


class Kept(SingleFileSnapshotExtension):
    """A picture in a text file of its own."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT


async def compare(app: SentlinksApp, name: str, scene: Scene, snapshot: SnapshotAssertion) -> None:
    """Plays the scene of that name, and compares how it looks with the saved pictures."""
    kept = snapshot.use_extension(Kept)
    problems: list[str] = []
    sizes = {USUAL: tuple(THEMES) if name in IN_EVERY_THEME else TELLING, **OTHERS}
    async for size, picture in pictures(app, scene, sizes):
        if kept(name=size) != str(picture):
            problems += [f"\n{size}:", *_differences(str(kept), picture)]
        if size == SMALLEST:
            problems += buttons_cut_off(app)
    assert not problems, "\n".join([*problems, _MEANT])


def _differences(kept: str, picture: Picture) -> list[str]:
    if kept.startswith("SnapshotAssertion("):
        return ["none is kept"]
    found = list(Picture.read(kept).differences(picture))
    return found[:_MOST_TOLD] + (["…"] if len(found) > _MOST_TOLD else [])


async def pictures(app: SentlinksApp, scene: Scene, sizes: Sizes) -> AsyncIterator[tuple[str, Picture]]:
    """Each size, such as ``80x24``, with the picture in its themes. The app still has that size then."""
    async with app.run_test(size=USUAL) as pilot:
        await scene(pilot)
        await _settled(pilot, app)
        for (width, height), themes in sizes.items():
            if app.size != (width, height):
                await pilot.resize_terminal(width, height)
                await _settled(pilot, app)
            rows = {}
            with _painted_when_looked_at(app):
                # The current theme comes first: changing to another one lays everything out again.
                for name in sorted(themes, key=lambda name: THEMES[name].name != app.theme):
                    await _take_colours(pilot, THEMES[name].name)
                    rows[name] = _anywhere(rows_of(app), app)
            yield f"{width}x{height}", Picture.of({name: rows[name] for name in themes})


@contextmanager
def _painted_when_looked_at(app: SentlinksApp) -> Iterator[None]:
    """Lets only :func:`rows_of` paint the top screen, as a whole: painting it earlier would be wasted."""
    screen: Any = app.screen
    screen._compositor_refresh = lambda: None
    try:
        yield
    finally:
        del screen._compositor_refresh


async def _settled(pilot: Pilot[Any], app: SentlinksApp) -> None:
    # A send that a picture is taken of does not end.
    if app.sending is None:
        await settled(pilot)
    else:
        await pilot.pause()


def _anywhere(rows: list[Row], app: SentlinksApp) -> list[Row]:
    """Replaces the server's port with a fixed number. Ports that the system assigns always have five digits; others
    stay."""
    port = f":{urlsplit(app.session.target.url).port}"
    if len(port) != len(_PORT):
        return rows
    changed = []
    for row in rows:
        text = "".join([character for character, _ in row])
        if port in text:
            row = [(new, look) for new, (_, look) in zip(text.replace(port, _PORT), row, strict=True)]
        changed.append(row)
    return changed


async def _take_colours(pilot: Pilot[Any], theme: str) -> None:
    """Switches the app to another theme, without a pilot's own pause, which always waits for a while as well."""
    if pilot.app.theme == theme:
        return
    # Nothing is painted before all widgets have the new styles.
    with pilot.app.batch_update():
        pilot.app.theme = theme
        await pilot._wait_for_screen()
    await pilot._wait_for_screen()
    pilot.app.screen._on_timer_update()
