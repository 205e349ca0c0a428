"""Takes pictures of scenes, in several sizes and themes, all from one running app; and compares them with the saved
ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.pilot import Pilot
from textual.screen import Screen

from tests.support.app.app import resized, settled, until
from tests.support.app.buttons import buttons_cut_off
from tests.support.app.readable import LONG_MESSAGE, cut_texts, is_shown_whole, tab_faults
from tests.support.checks.long import IS_LONG, in_long
from tests.support.pictures.picture import Picture, Row, rows_of
from tests.support.pictures.scene_start import Scene, back
from tui.ui.app import SentlinksApp
from tui.ui.base.dialog import Dialog
from tui.ui.main import details_pane
from tui.ui.theme import THEMES
from tui.ui.widgets.row_line import RowLine
from tui.ui.widgets.status_line import StatusLine

#: Any two looks of a character that differ in one of the themes differ in one of these.
#: ``tests/unit/test_pictures.py`` requires it.
TELLING = ("dark", "mono")
#: Scenes with looks that none of the others has: they are checked in every theme.
IN_EVERY_THEME = (
    "audit-filtered",
    "closing",
    "code",
    "failed-send",
    "filtered",
    "guides",
    "interrupted",
    "members",
    "palette",
    "policy",
    "rename",
    "send-refused",
    "shared-help",
    "tree-menu",
)
#: Scenes that a very wide screen gives more to show: lists whose columns it has room for, and dialogs that grow.
VERY_WIDE = (
    "audit-filtered",
    "draft",
    "folder",
    "found-many",
    "local-full",
    "members",
    "picker",
    "send",
    "share",
    "versions",
)
Sizes = Mapping[tuple[int, int], Collection[str]]
#: The usual size, in which scenes are played.
USUAL = (80, 24)
#: The others, each with the themes in which it is checked. Only what such a size adds could look different.
OTHERS: Sizes = {(60, 20): ("mono",), (120, 40): ("dark",)}
#: That of the very wide scenes.
WIDEST: Sizes = {(200, 60): ("dark",)}
#: Those in which what a dialog says has to be readable whole.
SAYING = ((80, 24), (40, 12), *in_long((120, 40)))
#: In this size, no button may be cut off.
SMALLEST = "60x20"
#: How many differences are reported for one picture: when a line moves, all lines below it are different.
_MOST_TOLD = 12
_MEANT = (
    "\nIf it is meant: --snapshot-update, then python -m tests.support.pictures.picture FILE THEME shows it."
)
_PORT = ":12345"


class Kept(SingleFileSnapshotExtension):
    """A picture in a text file of its own."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT

    def matches(self, *, serialized_data: Any, snapshot_data: Any) -> bool:
        """In the short form, the kept picture has more themes."""
        if IS_LONG:
            return bool(serialized_data == snapshot_data)
        taken = Picture.read(serialized_data)
        kept = Picture.read(snapshot_data)
        return set(taken.themes) <= set(kept.themes) and kept.only(*taken.themes) == taken


async def compare(
    app: SentlinksApp,
    scenes: Mapping[str, Scene],
    snapshot: SnapshotAssertion,
    *,
    at_end: Callable[[], None] = lambda: None,
) -> None:
    """Plays the scenes of these names in the app, each from its first location on, and compares how they look with the
    saved pictures. After each, ``at_end`` is called."""
    kept = snapshot.use_extension(Kept)
    sizes_of = all_sizes_of if IS_LONG or snapshot.session.update_snapshots else some_sizes_of
    problems: list[str] = []
    async with unpainted(app) as pilot:
        for number, (name, scene) in enumerate(scenes.items()):
            if number:
                await _again(pilot, app)
            await scene(pilot)
            async for size, picture in pictures(pilot, sizes_of(name)):
                if kept(name=f"{name}-{size}") != str(picture):
                    problems += [f"\n{name}, {size}:", *_differences(str(kept), picture)]
                if size == SMALLEST:
                    problems += [f"{name}: {cut}" for cut in buttons_cut_off(app)]
                if isinstance(app.screen, Dialog):
                    problems += [f"{name}, {size}: {fault}" for fault in tab_faults(app)]
                problems += [f"{name}, {size}: {fault}" for fault in cut_texts(app)]
            problems += await _say_whole(pilot, name)
            at_end()
    assert not problems, "\n".join([*problems, _MEANT])


async def _say_whole(pilot: Pilot[Any], name: str) -> list[str]:
    """Says a long message in the dialog that is shown; fails if it can't be read whole. Returns what can't be of all
    that the dialog itself says."""
    app: Any = pilot.app
    faults: list[str] = []

    def is_whole() -> bool:
        # A text that is being typed is told about in its place.
        is_said = any(line.text == LONG_MESSAGE for line in app.screen.query(StatusLine))
        return not is_said or is_shown_whole(app, LONG_MESSAGE)

    for size in SAYING if isinstance(app.screen, Dialog) else ():
        await _resized(pilot, size)
        faults += [f"{name}, {size}: {fault}" for fault in cut_texts(app)]
        app.screen.say(LONG_MESSAGE, "warn")
        # It is laid out, looked for, and laid out again in another place.
        await until(pilot, is_whole, f"the whole message in {name}, {size}")
        app.screen.say("")
    return faults


def some_sizes_of(name: str) -> Sizes:
    """Those of the short form: the usual size and colours, and the other sizes of what has a look of its own."""
    if name in IN_EVERY_THEME:
        return {USUAL: TELLING, **OTHERS}
    return {USUAL: ("dark",)}


def all_sizes_of(name: str) -> Sizes:
    """The sizes of a scene, each with the themes in which it is checked."""
    usual = tuple(THEMES) if name in IN_EVERY_THEME else TELLING
    return {USUAL: usual, **OTHERS, **(WIDEST if name in VERY_WIDE else {})}


def _differences(kept: str, picture: Picture) -> list[str]:
    if kept.startswith("SnapshotAssertion("):
        return ["none is kept"]
    before = Picture.read(kept)
    if missing := set(picture.themes) - set(before.themes):
        return [f"not kept in {', '.join(sorted(missing))}"]
    found = list(before.only(*picture.themes).differences(picture))
    return found[:_MOST_TOLD] + (["…"] if len(found) > _MOST_TOLD else [])


async def pictures(pilot: Pilot[Any], sizes: Sizes) -> AsyncIterator[tuple[str, Picture]]:
    """Each size, such as ``80x24``, with the picture in its themes. The app still has that size then."""
    app: Any = pilot.app
    await _settled(pilot, app)
    for (width, height), themes in sizes.items():
        await _resized(pilot, (width, height))
        rows = {}
        # The current theme comes first: changing to another one lays everything out again.
        for name in sorted(themes, key=lambda name: THEMES[name].name != app.theme):
            await _take_colours(pilot, THEMES[name].name)
            rows[name] = _anywhere(rows_of(app), app)
        yield f"{width}x{height}", Picture.of({name: rows[name] for name in themes})


@asynccontextmanager
async def unpainted(app: SentlinksApp) -> AsyncIterator[Pilot[Any]]:
    """Runs the app. Only :func:`rows_of` paints it, each time as a whole: painting it earlier would be wasted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Screen, "_compositor_refresh", _paint_nothing)
        # What comes when the cursor has rested would be in some pictures only.
        patch.setattr(details_pane, "_MORE_SECONDS", 3600.0)
        async with app.run_test(size=USUAL) as pilot:
            yield pilot


def _paint_nothing(screen: Screen[Any]) -> None:
    screen._dirty_widgets.clear()
    screen._compositor._dirty_regions.clear()


async def _again(pilot: Pilot[Any], app: SentlinksApp) -> None:
    """Leads the app back to where it has begun."""
    await _take_colours(pilot, THEMES["dark"].name)
    await back(pilot)
    await _resized(pilot, USUAL)


async def _resized(pilot: Pilot[Any], size: tuple[int, int]) -> None:
    app: Any = pilot.app
    if app.size != size:
        await resized(pilot, *size)
        # Some widgets know how large they are only when they have been painted.
        app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
        await _settled(pilot, app)


async def _settled(pilot: Pilot[Any], app: SentlinksApp) -> None:
    # The lines about a row, also below a dialog, would wait for the cursor to rest.
    for line in (line for screen in app.screen_stack for line in screen.query(RowLine)):
        if line._rest is not None:
            line._rest.stop()
            line._at_rest()
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
