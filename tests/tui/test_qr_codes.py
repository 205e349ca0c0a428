"""Links as QR codes: read back from what the terminal shows, whatever its colours (M1)."""

from __future__ import annotations

import io
import itertools
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import segno
from PIL import Image, ImageColor
from textual.geometry import Size
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    open_sent_folder,
    put_cursor_on,
    resized,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.checks.long import few, more
from tests.support.real_parts import need
from tests.support.servers.server import ServerProcess
from tests.support.terminal.drafting import Desk
from tests.support.terminal.terminal import Terminal
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.draft.qr_code import QUIET, QrCodeScreen, missing, qr_lines, room_around, too_small
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.status_line import StatusLine

#: Of :func:`three_sent`.
SERVER = "shared"

URL = "https://links.example.com/s/0123456789abcdef0123456789abcdef"
_UPPER, _LOWER = {"█", "▀"}, {"█", "▄"}


def expected(url: str, quiet: int) -> list[list[bool]]:
    """The modules as the library itself writes them to a text file; ``True`` is dark."""
    out = io.StringIO()
    segno.make(url, error="l", micro=False).save(out, kind="txt", border=quiet)
    return [[c == "1" for c in line] for line in out.getvalue().split()]


def dark_modules(lines: list[str], *, ink_is_dark: bool) -> list[list[bool]]:
    """Which modules of the shown code are dark, if what is drawn is dark, or else light."""
    rows = []
    for line in lines:
        rows.append([(c in _UPPER) == ink_is_dark for c in line])
        rows.append([(c in _LOWER) == ink_is_dark for c in line])
    return rows


@pytest.mark.parametrize("dark_ink", [False, True])
@pytest.mark.parametrize("quiet", [1, QUIET])
def test_the_code_is_dark_on_light(quiet: int, dark_ink: bool) -> None:
    shown = dark_modules(qr_lines(URL, quiet, dark_ink=dark_ink), ink_is_dark=dark_ink)
    modules = expected(URL, quiet)
    assert shown[: len(modules)] == modules
    # A row that fills the last line is light.
    assert not any(any(row) for row in shown[len(modules) :])
    assert not any(modules[0])


@pytest.mark.parametrize(
    ("characters", "size", "name", "address"),
    [
        (78, (120, 40), True, True),
        (78, (80, 24), True, True),
        (78, (80, 23), False, True),
        (78, (46, 40), True, True),
        (106, (80, 24), False, False),
        (134, (120, 40), True, True),
    ],
)
def test_the_quiet_zone_comes_before_the_address_and_the_name(
    characters: int, size: tuple[int, int], name: bool, address: bool
) -> None:
    lines = qr_lines("x" * characters)
    columns, rows = missing(lines, Size(*size))
    assert max(columns, rows) <= 0
    assert room_around(lines, Size(*size)) == (name, address)


@pytest.mark.parametrize(
    ("characters", "size", "wanted"),
    [
        (107, (80, 24), "2 more lines"),
        (107, (80, 25), "1 more line"),
        (78, (42, 40), "1 more column"),
        (78, (41, 20), "2 more columns and 2 more lines"),
    ],
)
def test_a_terminal_that_is_too_small(characters: int, size: tuple[int, int], wanted: str) -> None:
    text = too_small(*missing(qr_lines("x" * characters), Size(*size)))
    assert text == f"The terminal is too small for this QR code.\nIt needs {wanted}."


# ---------------------------------------------------------------- on the screen


def code_on(screen: QrCodeScreen) -> list[str]:
    from textual.widgets import Static

    return str(screen.query_one("#code", Static).render()).split("\n")


@more
async def test_from_the_draft_the_links_and_the_folder(sample_server: ServerProcess, tmp_path: Path) -> None:
    """F4 everywhere, x where no field has the focus; with several, left and right show the others."""
    app = app_for(sample_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        for name in ("Closing Checklist.xlsx", "Letter of Intent.pdf"):
            put_cursor_on(main, name)
            await pilot.press("space")
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        await pilot.press("x")
        assert draft.text.to == "x"
        await pilot.press("backspace", "f4")
        first, second = (document.url or "" for document in draft.documents)
        code = await screen_of(pilot, QrCodeScreen)
        assert code.url == first
        assert first in code.query_one("#address", StatusLine).text
        for key, url in (("right", second), ("right", first), ("left", second), ("space", first)):
            await pilot.press(key)
            assert code.url == url
            modules = expected(url, QUIET)
            assert dark_modules(code_on(code), ink_is_dark=False)[: len(modules)] == modules
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is main)
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        await settled(pilot, links)
        await pilot.press("x")
        assert (await screen_of(pilot, QrCodeScreen)).url == links.documents[0].url
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is main)
        await open_sent_folder(pilot, main)
        await pilot.press("x")
        assert not (await screen_of(pilot, QrCodeScreen)).disabled_reason("close")
        assert "next_code" not in {binding.binding.id for binding in app.screen.active_bindings.values()}


async def shown_code(pilot: Pilot[Any], url: str) -> QrCodeScreen:
    """The screen with the code of a link."""
    screen = QrCodeScreen([SimpleNamespace(url=url, name="Offer.pdf", published=True)])  # type: ignore[list-item]
    pilot.app.push_screen(screen)
    await screen_of(pilot, QrCodeScreen)
    await until(pilot, lambda: any(code_on(screen)), "the code")
    return screen


async def test_a_code_is_whole_or_not_there(sample_server: ServerProcess, tmp_path: Path) -> None:
    """At 80 columns and 24 lines, with the longest links of each size of code."""
    async with app_for(sample_server, tmp_path).run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        for characters in (78, 106, 107, 134, 154):
            url = "https://links.example/s/".ljust(characters, "x")
            await shown_code(pilot, url)
            rows = screen_text(pilot).split("\n")
            modules = expected(url, QUIET)
            if characters <= 106:
                lines = qr_lines(url)
                first = next(y for y, row in enumerate(rows) if lines[0] in row)
                x = rows[first].index(lines[0])
                assert [
                    row[x : x + len(lines[0])].ljust(len(lines[0]))
                    for row in rows[first : first + len(lines)]
                ] == lines
                assert dark_modules(lines, ink_is_dark=False)[: len(modules)] == modules
                if characters == 78:
                    assert rows[first - 1].strip() == "Offer.pdf"
                    assert rows[first + len(lines)].strip() == url
            else:
                missing_lines = -(-len(modules) // 2) + 1 - 24
                assert f"It needs {missing_lines} more lines." in screen_text(pilot)
                assert url[:40] in screen_text(pilot)
            assert any("esc Close" in row for row in rows), "the way out"
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)
        await resized(pilot, 36, 12)
        screen = await shown_code(pilot, URL)
        await settled(pilot, screen)
        place = screen.find_widget(screen.query_one("#code"))
        assert place.visible_region == place.region
        shown = " ".join(screen_text(pilot).split())
        for words in ("The terminal is too small for this QR code.", "more lines."):
            assert words in shown


async def test_of_a_link_that_went_off_it_says_so(server: ServerProcess, tmp_path: Path) -> None:
    """As of one that was sent a while ago, in the dialog with its link."""
    async with app_for(server, tmp_path, demo=False).run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        screen = QrCodeScreen([SimpleNamespace(url=URL, name="Off.pdf", published=False)])  # type: ignore[list-item]
        pilot.app.push_screen(screen)
        await until(pilot, lambda: "Off.pdf · Not published: no one can open it." in screen_text(pilot), "it")


#: Whether the terminal's background is light, and whether colours are wanted.
KINDS = {
    "dark": (False, True),
    "light": (True, True),
    "dark, no colour": (False, False),
    "light, no colour": (True, False),
}
F4 = "\x1bOS"
#: Kind, ``COLORTERM`` (of no account without colours), columns and rows. Each background is seen with and without
#: colours, and each number of colours once.
RENDERINGS = [
    ("dark", "truecolor", 100, 40),
    ("light", "", 140, 60),
    ("dark, no colour", "truecolor", 100, 40),
    ("light, no colour", "truecolor", 100, 40),
]


@few(1)
@pytest.mark.parametrize(("kind", "colours", "columns", "rows"), RENDERINGS)
def test_it_is_dark_on_light_in_every_terminal_and_another_program_reads_it(
    kind: str, colours: str, columns: int, rows: int, tmp_path: Path, sample_server: ServerProcess
) -> None:
    """As it is painted: in the colours that are painted, or else in the terminal's own. The program reads it from a
    picture of the terminal, as a phone would."""
    need("zbarimg")
    light, coloured = KINDS[kind]
    desk = Desk(tmp_path, sample_server)
    behind = b"ffff/ffff/ffff" if light else b"0000/0000/0000"
    answers = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b]11;?": b"\x1b]11;rgb:" + behind + b"\x1b\\"}
    no_colour = "" if coloured else "1"
    with desk.open(
        answers=answers, columns=columns, rows=rows, NO_COLOR=no_colour, COLORTERM=colours
    ) as terminal:
        terminal.type(F4)
        terminal.wait_for("▀▀")
        terminal.wait_for("▀")
        terminal.quiet()
        picture_of(terminal, light=light).save(tmp_path / "terminal.png")
        url = (tmp_path / "home" / "state" / "links.txt").read_text().strip()
        if colours:
            assert times_painted(expected(url, QUIET), terminal, light=light) == 1, terminal.text
    command = ["zbarimg", "--quiet", "--raw", str(tmp_path / "terminal.png")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == url


def times_painted(modules: list[list[bool]], terminal: Terminal, *, light: bool) -> int:
    """How often the modules are on the terminal."""
    painted = dark_halves(terminal, default_is_dark=not light)
    width = len(modules[0])
    return sum(
        all(painted[y + row][x : x + width] == modules[row] for row in range(len(modules)))
        for y in range(len(painted) - len(modules) + 1)
        for x in range(len(painted[0]) - width + 1)
    )


def picture_of(terminal: Terminal, *, light: bool) -> Image.Image:
    """The terminal's cells as two squares each, in the colours of block characters; other characters aren't drawn."""
    model = terminal._model
    paper, ink = ("#ffffff", "#000000") if light else ("#000000", "#ffffff")

    def colour(name: str, default: str) -> tuple[int, ...]:
        if name == "default":
            return ImageColor.getrgb(default)
        return ImageColor.getrgb(f"#{name}" if len(name) == 6 else name)

    picture = Image.new("RGB", (model.columns, 2 * model.lines))
    for y, x in itertools.product(range(model.lines), range(model.columns)):
        cell = model.buffer[y][x]
        drawn, behind = colour(cell.fg, ink), colour(cell.bg, paper)
        if cell.reverse:
            drawn, behind = behind, drawn
        picture.putpixel((x, 2 * y), drawn if cell.data in _UPPER else behind)
        picture.putpixel((x, 2 * y + 1), drawn if cell.data in _LOWER else behind)
    return picture.resize((8 * picture.width, 8 * picture.height), Image.Resampling.NEAREST)


def dark_halves(terminal: Terminal, *, default_is_dark: bool) -> list[list[bool]]:
    """Whether the upper and the lower half of each cell is dark; two rows per line. The terminal's text has the other
    brightness than its background."""
    model = terminal._model

    def is_dark(colour: str, default: bool) -> bool:
        names = {"black": True, "white": False, "default": default}
        if colour in names:
            return names[colour]
        return sum(int(colour[at : at + 2], 16) for at in (0, 2, 4)) < 384 if len(colour) == 6 else default

    rows: list[list[bool]] = []
    for y in range(model.lines):
        upper, lower = [], []
        for x in range(model.columns):
            cell = model.buffer[y][x]
            ink, paper = is_dark(cell.fg, not default_is_dark), is_dark(cell.bg, default_is_dark)
            if cell.reverse:
                ink, paper = paper, ink
            upper.append(ink if cell.data in _UPPER else paper)
            lower.append(ink if cell.data in _LOWER else paper)
        rows += [upper, lower]
    return rows
