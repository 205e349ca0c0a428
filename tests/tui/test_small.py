"""On the smallest terminal tested, 60 columns by 20 lines, no button is cut off. The pictures show that of all other
dialogs (``tests/support/pictures/pictures.py``)."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.support.app.app import app_for, resized, screen_of, screen_text, until
from tests.support.app.buttons import buttons_cut_off
from tests.support.pictures.scenes import SCENES
from tests.support.servers.server import ServerProcess
from tui.ui.base.question import Question
from tui.ui.dialogs.policy_lines import PolicyLines
from tui.ui.widgets.button import Button


async def test_the_list_of_refused_passwords(server: ServerProcess) -> None:
    """On terminals that are smaller still, buttons are cut off, and found to be."""
    async with app_for(server, None).run_test(size=(60, 20)) as pilot:
        pilot.app.push_screen(PolicyLines("password_refused", "Blue-Heron-48\nGrey-Heron-49"))
        screen = await screen_of(pilot, PolicyLines)
        assert list(screen.query(Button))
        assert not buttons_cut_off(pilot.app)
        for size in ((60, 5), (8, 20)):
            await resized(pilot, *size)
            assert buttons_cut_off(pilot.app)


async def test_a_low_terminal_has_room_for_a_question(server: ServerProcess) -> None:
    name = "Delete Cap Table.txt (sent Wed 2 Dec 2026, 01:55 from ACTIVE!3, v1)?"
    async with app_for(server, None).run_test(size=(40, 12)) as pilot:
        pilot.app.push_screen(
            Question(name, "It goes to the trash. Its link stops.", yes="Delete", no="Keep")
        )
        question = await screen_of(pilot, Question)
        await until(pilot, lambda: "stops." in screen_text(pilot), "the end of its text")
        assert not buttons_cut_off(pilot.app)
        await resized(pilot, 40, 24)
        await until(pilot, lambda: not question.has_class("-low"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sessions", ["command line     8 Nov, 09:15", "outlook-addin    5 Nov, 09:15"]),
        ("versions", ["Share Purc…ment.docx ‹ 4 › latest"]),
    ],
)
async def test_names_come_first_on_40_cells(still_server: ServerProcess, name: str, shown: list[str]) -> None:
    """Other columns are left out before they are cut."""
    async with app_for(still_server, None).run_test(size=(80, 24)) as pilot:
        await SCENES[name](pilot)
        await resized(pilot, 40, 12)
        await until(pilot, lambda: all(text in screen_text(pilot) for text in shown), "the names")


@pytest.mark.parametrize("name", ["interrupted", "in-background", "versions", "send", "members", "sessions"])
async def test_no_button_is_wider_than_a_terminal_of_40_cells(still_server: ServerProcess, name: str) -> None:
    """There the box scrolls up and down; what stands beside it could never be seen."""
    async with app_for(still_server, None).run_test(size=(80, 24)) as pilot:
        await SCENES[name](pilot)
        await resized(pilot, 40, 12)
        box = pilot.app.screen.query_one(".box")
        left, right = box.scrollable_content_region.x, box.scrollable_content_region.right
        buttons = [button for button in pilot.app.screen.query(Button) if button.display]
        assert buttons
        for button in buttons:
            # The blank around its words may be covered.
            begin = button.region.x + 1
            assert left <= begin, str(button.label)
            assert begin + cell_len(button.render().plain) <= right, str(button.label)
