"""The details beside the list: of which row they are, and what has room there."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from tests.support.app.app import (
    focused_id,
    put_cursor_on,
    resized,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.main.details_pane import DetailsPane
from tui.ui.main.details_text import DetailsText
from tui.ui.main.pane_widths import DETAILS_WIDTHS

SERVER = "shared"


async def test_the_details_follow_the_cursor(three_sent: ServerProcess, make_app: MakeApp) -> None:
    """From what is loaded; the events come when it rests. A key closes them, and the list takes their room. Each
    recipient has a line, with the address."""
    whom = ["Anna Arp <anna@halyard.example>", *(f"{name}@varga.example" for name in "bcde")]
    publish(three_sent, b"content", "Letter of Intent.pdf", recipients=whom)
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        assert not main.query(DetailsPane)
        await pilot.press("I")
        assert "110 columns" in main.status.text
        await resized(pilot, 120, 40)
        await until(pilot, lambda: "╭─ Details" in screen_text(pilot), "the pane")
        width = main.table.size.width
        for name in ("First.pdf", "Second.pdf"):
            put_cursor_on(main, name)
            await until(pilot, lambda name=name: _shown(main) and _shown(main)[0] == ("", name))
            await until(pilot, lambda: ("Latest", "") in _shown(main), "the events")
        put_cursor_on(main, "Letter of Intent.pdf")
        listed = [("To", whom[0]), (" ", whom[1]), (" ", whom[2]), (" ", "and 2 more")]
        await until(pilot, lambda: _shown(main)[1:5] == listed, "the recipients")
        await pilot.press("I")
        await until(pilot, lambda: main.table.size.width == width + DETAILS_WIDTHS[0])
        assert "╭─ Details" not in screen_text(pilot)
        await pilot.press("I")
        await until(pilot, lambda: "╭─ Details" in screen_text(pilot))
        assert focused_id(pilot) == "list"


def _shown(main: object) -> list[tuple[str, str]]:
    pane = main.query_one(DetailsPane)  # type: ignore[attr-defined]
    lines: list[tuple[str, str]] = pane._body._lines
    return lines


@more
async def test_nothing_is_left_in_the_details_of_another_row(
    three_sent: ServerProcess, make_app: MakeApp
) -> None:
    """Only lines that have changed are painted again."""
    publish(
        three_sent, b"content", f"{'A name that needs more than one line ' * 3}.pdf", password="wisteria-7"
    )
    async with make_app().run_test(size=(120, 40)) as pilot:
        main = await sent_folder(pilot)
        for key in ("home", "down", "down", "up", "end", "home"):
            await pilot.press(key)
            row = main.current
            assert row is not None
            await until(pilot, lambda name=row.name: _shown(main)[:1] == [("", name)])
            await until(pilot, lambda: ("Latest", "") in _shown(main), "the events")
            await settled(pilot, main)
            body = main.query_one(DetailsText)
            everything = Region(0, 0, *body.outer_size)

            def painted(body: DetailsText = body, everything: Region = everything) -> list[str]:
                return [strip.text for strip in body.render_lines(everything)]

            await until(pilot, lambda name=row.name[:10]: any(name in line for line in painted()))
            before = painted()
            body.refresh()
            assert painted() == before


@more
async def test_details_are_asked_for_as_the_list_was_that_the_row_is_of(
    three_sent: ServerProcess, make_app: MakeApp, tmp_path: Path
) -> None:
    """The pane may come to ask about a file when another list has just arrived, and no row of it has been shown."""
    (tmp_path / "Offer.txt").write_text("offer")
    async with make_app().run_test(size=(120, 40)) as pilot:
        main = await sent_folder(pilot)
        sent = main.path
        main.open_place(Location("local", "Files", str(tmp_path)))
        await until(pilot, lambda: _shown(main) and _shown(main)[0] == ("", "Offer.txt"), "the file")
        main.browser.navigator.path = sent
        main.query_one(DetailsPane)._ask()
        await settled(pilot)
        assert _shown(main)[0] == ("", "Offer.txt")


class _Details(App[None]):
    """The lines of a details pane alone."""

    def get_css_variables(self) -> dict[str, str]:
        return {**super().get_css_variables(), "quiet": "grey", "quiet-style": "none"}

    def compose(self) -> ComposeResult:
        yield DetailsText()


RECIPIENTS = (
    "Anna Arp <anna@mail.halyard-partners.example>",
    "maximiliane.von.hohenzollern@castellanpartners.example",
    "bob@brightmere.example",
)


@pytest.mark.parametrize("height", [40, 20, 14])
async def test_recipients_are_whole_beside_whatever_else_there_is(height: int) -> None:
    """Their parts are divided at their own places, and what has no room is said to be elsewhere."""
    async with _Details().run_test(size=(28, height)) as pilot:
        text = pilot.app.query_one(DetailsText)
        to = list(zip(("To", " ", " "), RECIPIENTS, strict=True))
        events = [(f"{hour}:00", "Downloaded with Firefox from 203.0.113.7, 1 of 2") for hour in range(12)]
        text.take([("", "Offer.pdf"), *to, ("Ends", "never"), ("", ""), ("Latest", ""), *events], 8)
        text.paint()
        lines = [line.rstrip() for line in str(text.render()).splitlines()]
        begin = lines.index("To") + 1
        end = next(index for index, line in enumerate(lines) if line.startswith("Ends"))
        assert lines[begin:end] == [
            *("  Anna Arp", "  <anna@mail.", "  halyard-partners.", "  example>"),
            *("  maximiliane.von.", "  hohenzollern@", "  castellanpartners.", "  example"),
            "  bob@brightmere.example",
        ]
        assert lines[-1] == "… i shows the rest"
        assert len(lines) == height


async def test_what_has_room_on_one_line_is_not_divided() -> None:
    """An address, and the graph of downloads a day, are below their labels if they have room only there."""
    graph = "▁" * 20 + "█"
    for width, below in ((26, True), (28, True), (38, False)):
        async with _Details().run_test(size=(width, 20)) as pilot:
            text = pilot.app.query_one(DetailsText)
            values = [("To", "anna.arp@example.com"), ("to today", graph), ("at most", "2")]
            text.take([("", "Offer.pdf"), *values], 10)
            text.paint()
            lines = [line.rstrip() for line in str(text.render()).splitlines()][2:]
            if below:
                assert lines == ["To", "  anna.arp@example.com", "to today", f"  {graph}", "at most    2"]
            else:
                assert lines == ["To         anna.arp@example.com", f"to today   {graph}", "at most    2"]


@pytest.mark.parametrize(("height", "is_whole"), [(30, True), (8, False)])
async def test_long_values_have_the_lines_that_are_free(height: int, is_whole: bool) -> None:
    words = " ".join(f"word{number}" for number in range(60))
    async with _Details().run_test(size=(56, height)) as pilot:
        text = pilot.app.query_one(DetailsText)
        text.take([("", "Offer.pdf"), ("Size", "3 MB"), ("Latest", words)], 8)
        text.paint()
        shown = str(text.render())
        assert ("word59" in shown) is is_whole
        assert ("…" in shown) is not is_whole
        assert len(shown.splitlines()) <= height


async def test_no_name_stands_above_the_details_of_another_row() -> None:
    """The cursor moves on between the moment that lines are to be painted and that in which Textual draws them. Of the
    new row, only those lines would come on the screen in which the two before it differ."""
    async with _Details().run_test(size=(40, 12)) as pilot:
        text = pilot.app.query_one(DetailsText)
        text.take([("", "Offer.pdf"), ("Size", "1 kB")], 8)
        text.paint()
        await pilot.pause()
        text.take([("", "Offer.pdf"), ("Size", "2 kB")], 8)
        text.paint()
        text.take([("", "Secret.pdf"), ("Size", "3 kB")], 8)
        assert str(text.render()).split() == ["Offer.pdf", "Size", "2", "kB"]
        text.paint()
        assert str(text.render()).split() == ["Secret.pdf", "Size", "3", "kB"]


@pytest.mark.parametrize("height", range(20, 84, 4))
async def test_no_line_is_blank_below_a_value_that_is_cut(height: int) -> None:
    """However many lines each of them needs. The first ones have what all can't have."""
    words = [" ".join(f"word{number}" for number in range(count)) for count in (12, 40, 30, 5, 22, 28)]
    async with _Details().run_test(size=(28, height)) as pilot:
        text = pilot.app.query_one(DetailsText)
        text.take([("", "Offer.pdf"), ("Latest", ""), *(("09:00", each) for each in words)], 8)
        text.paint()
        shown = str(text.render())
        assert len(shown.splitlines()) == height or "…" not in shown
        assert height < 76 or "…" not in shown
