"""The question which version to send: what it tells of each, and how one is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    put_cursor_on,
    resized,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.app.chosen_versions import SIZE, choose, matter
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.locations.location import Location
from tui.rules.display import MOMENT_WIDTHS, moment_text
from tui.ui.send.version_comment import VersionComment
from tui.ui.send.versions import VersionQuestion
from tui.ui.widgets.table import Table


@pytest.fixture
def fresh_server(idents: dict[str, str], tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with those documents."""
    with ServerProcess(tmp_path / "data") as process:
        yield process


async def test_the_question_tells_date_author_and_comment_of_every_version(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    """The question lists the versions of the document under the cursor; clicking one chooses it."""
    async with app_for(fresh_server, None, demo=False).run_test(size=SIZE) as pilot:
        await matter(pilot, idents)
        put_cursor_on(await main_screen(pilot), "Offer.txt")
        await pilot.press("v")
        question = await screen_of(pilot, VersionQuestion)
        text = screen_text(pilot)
        with Worker(fresh_server) as worker:
            found = worker.items(f"documents/{idents['Offer']}.3/versions")
        assert len(found) == 3
        for version in found:
            edited = datetime.fromisoformat(version["edit_date"])
            line = next(li for li in text.splitlines() if version["comment"] in li)
            assert any(moment_text(edited, datetime.now(UTC), width) in line for width in MOMENT_WIDTHS)
            assert version["author"] in line
            assert str(version["version"]) in line
        details = question.query_one("#details", Table)
        await pilot.click(details, offset=(4, 3))
        await until(pilot, lambda: "‹ 1 ›" in screen_text(pilot), "the version that was clicked")


#: As long as the comment of a version may be in practice.
LONG = " ".join(["The landlord's conditions, as agreed in the call on 12 November;"] * 4) + " end"


def commented(pilot: Pilot[int], place: Region) -> str:
    """What the screen shows there, as one line."""
    lines = screen_text(pilot).splitlines()[place.y : place.bottom]
    return " ".join(line[place.x : place.right].strip() for line in lines).strip()


@more
async def test_a_comment_that_its_column_cuts_can_be_read(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    """It is below the versions, for the chosen one; nothing moves when another one is chosen."""
    with Worker(fresh_server) as worker:
        worker.new_version(f"{idents['Offer']}.3", "Offer", b"x", comment=LONG)
    sizes = ((60, 20), (80, 24), (120, 40))
    async with app_for(fresh_server, None, demo=False).run_test(size=sizes[0]) as pilot:
        main = await matter(pilot, idents)
        for size in sizes:
            await resized(pilot, *size)
            put_cursor_on(main, "Offer.txt")
            await pilot.press("v")
            question = await screen_of(pilot, VersionQuestion)
            await settled(pilot)
            below = question.query_one(VersionComment)
            place = below.region
            assert commented(pilot, place) == LONG
            await pilot.press("left")
            await until(pilot, lambda: "‹ 3 ›" in screen_text(pilot))
            await settled(pilot)
            # Its column has room for this one, also that of the dates, and of who has checked it out: no one has.
            assert "clause 7 struck out" in screen_text(pilot)
            assert [column.title for column in question.query_one("#details", Table).model.columns][3:] == [
                "Comment"
            ]
            assert commented(pilot, place) == ""
            assert below.region == place
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)


@more
async def test_a_comment_as_long_as_work_allows_is_cut_at_the_last_line(
    fresh_server: ServerProcess, idents: dict[str, str]
) -> None:
    with Worker(fresh_server) as worker:
        worker.new_version(f"{idents['Offer']}.3", "Offer", b"x", comment="word " * 6000 + "end")
    async with app_for(fresh_server, None, demo=False).run_test(size=(80, 24)) as pilot:
        await matter(pilot, idents)
        put_cursor_on(await main_screen(pilot), "Offer.txt")
        await pilot.press("v")
        question = await screen_of(pilot, VersionQuestion)
        await settled(pilot)
        assert question.query_one("#details", Table).size.height >= 3
        assert question.query_one(".box").max_scroll_y == 0
        place = question.query_one(VersionComment).region
        assert screen_text(pilot).splitlines()[place.bottom - 1].rstrip(" │▕").endswith("…")


@more
async def test_arrows_go_through_the_versions(fresh_server: ServerProcess, idents: dict[str, str]) -> None:
    async with app_for(fresh_server, None, demo=False).run_test(size=SIZE) as pilot:
        main = await matter(pilot, idents)
        for keys, version in (
            (["left"], 2),
            (["left", "left"], 1),
            (["left", "left", "left"], 3),
            (["right"], 1),
            (["right", "left"], 3),
            (["down"], 2),
            (["down", "j"], 1),
            (["end", "up"], 2),
            (["down", "up", "up"], 3),
            (["down", "down", "down"], 1),
            (["down", "left"], 1),
            (["down", "space"], 1),
            (["space"], 2),
            (["space", "space", "space", "right"], 1),
        ):
            put_cursor_on(main, "Offer.txt")
            await pilot.press("v")
            await screen_of(pilot, VersionQuestion)
            assert "‹ 3 ›" in screen_text(pilot), "it begins with the latest one"
            await pilot.press(*keys)
            await until(pilot, lambda version=version: f"‹ {version} ›" in screen_text(pilot), f"{keys}")
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)
        await choose(pilot, main, "Offer", "left")
        assert said(main) == "Version 2 of Offer.txt is chosen."
        # Elsewhere it is forgotten, and the question begins with the latest one again.
        main.open_place(Location("trash", "Trash"))
        await until(pilot, lambda: main.kind == "trash", "another place")
        await matter(pilot, idents)
        await choose(pilot, main, "Offer", "down", "down")
        assert said(main) == "Version 1 of Offer.txt is chosen."
