"""``tab`` goes through a dialog as one reads it: row by row, and in each from left to right. ``compare`` looks at that
on each picture of a dialog; and at whether a message can be read whole. Here is that both are noticed."""

from __future__ import annotations

from typing import Any

import pytest
from textual.containers import Vertical
from textual.widgets import Input

from tests.support.app.app import (
    app_for,
    main_screen,
    put_cursor_on,
    resized,
    screen_of,
    settled,
    until,
)
from tests.support.app.readable import LONG_MESSAGE, is_shown_whole, tab_faults, tab_order
from tests.support.servers.server import ServerProcess
from tui.ui.base.menu import Menu
from tui.ui.base.prompt import Prompt
from tui.ui.dialogs.notices import NoticesScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.dialog_box import DialogBox
from tui.ui.widgets.fit import wrapped_to_cells
from tui.ui.widgets.status_line import StatusLine

NAME = "Share Purchase Agreement between Halyard and Castellan, final.docx"


async def test_another_order_is_noticed(server: ServerProcess) -> None:
    async with app_for(server, None).run_test(size=(80, 24)) as pilot:
        pilot.app.push_screen(Prompt("Name", "What it is called."))
        screen = await screen_of(pilot, Prompt)
        assert [type(widget) for widget in tab_order(pilot.app)][:1] == [screen.query_one(Input).__class__]
        assert len(tab_order(pilot.app)) == 3
        assert not tab_faults(pilot.app)
        screen.query_one("#keep").styles.offset = (0, 1)
        await pilot.pause()
        assert tab_faults(pilot.app)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_a_menu_shows_its_heading_and_messages_whole(
    size: tuple[int, int], server: ServerProcess
) -> None:
    """At any width, also after a change of it; a message that doesn't warn, too. What is over is gone everywhere."""
    async with app_for(server, None).run_test(size=size) as pilot:
        menu = Menu(NAME, [])
        pilot.app.push_screen(menu)
        await screen_of(pilot, Menu)

        def has_both() -> bool:
            return all(is_shown_whole(pilot.app, text) for text in (NAME, LONG_MESSAGE))

        menu.say(LONG_MESSAGE)
        await until(pilot, has_both, "both")
        await resized(pilot, 120, 40)
        await until(pilot, has_both, "both in a wide one")
        await resized(pilot, 50, 20)
        await until(pilot, has_both, "both in a narrow one")
        assert not is_shown_whole(pilot.app, f"{LONG_MESSAGE} And more.")
        menu.say("")
        await until(pilot, lambda: not is_shown_whole(pilot.app, LONG_MESSAGE), "the end of the message")


async def test_a_message_out_of_sight_is_repeated_as_long_as_it_is_said(server: ServerProcess) -> None:
    async with app_for(server, None).run_test(size=(30, 9)) as pilot:
        pilot.app.push_screen(Prompt("Name", "What it is called in all of the lists. " * 9))
        screen: Any = await screen_of(pilot, Prompt)
        box = screen.query_one(DialogBox)
        box.scroll_home(animate=False)
        await pilot.pause()
        screen.say("Choose another name.", "warn")
        await until(pilot, lambda: is_shown_whole(pilot.app, "Choose another name."), "the message")
        assert box.border_subtitle is not None
        screen.query_one("#said", StatusLine).say("")
        await until(pilot, lambda: box.border_subtitle is None, "the end of it")


async def test_a_message_is_repeated_only_in_the_sizes_that_need_it(server: ServerProcess) -> None:
    """Where its own line is too short for it; not on a larger screen, after which it is there again."""
    async with app_for(server, None).run_test(size=(30, 12)) as pilot:
        await main_screen(pilot)
        await pilot.press("f8")
        screen = await screen_of(pilot, NoticesScreen)
        line = screen.query_one("#in_frame", StatusLine)
        screen.say(LONG_MESSAGE, "warn")
        await until(pilot, lambda: line.text == LONG_MESSAGE, "the repeated message")
        for size, said in (((80, 24), ""), ((30, 12), LONG_MESSAGE), ((120, 40), "")):
            await resized(pilot, *size)
            await until(pilot, lambda said=said: line.text == said, f"what is in the frame at {size}")
            await settled(pilot, screen)
            assert line.text == said
            assert is_shown_whole(pilot.app, LONG_MESSAGE)


@pytest.mark.parametrize("length", [30, 60, 64, 66])
async def test_a_repeated_message_has_no_more_lines_than_it_needs(server: ServerProcess, length: int) -> None:
    message = ("ab " * 30)[:length].strip()
    async with app_for(server, None).run_test(size=(40, 12)) as pilot:
        pilot.app.push_screen(Prompt("Name", "What it is called in all of the lists. " * 9))
        screen: Any = await screen_of(pilot, Prompt)
        screen.query_one(DialogBox).scroll_home(animate=False)
        await pilot.pause()
        screen.say(message, "bad")
        await until(pilot, lambda: is_shown_whole(pilot.app, message), "the message")
        await pilot.pause()
        line = screen.query_one("#in_frame", StatusLine)
        if line.display:
            assert line.size.height == len(wrapped_to_cells(f"✗ {message}", line.size.width))


async def test_what_one_types_into_stays_in_sight(still_server: ServerProcess) -> None:
    """What is said about it takes lines, which cover none of the field."""
    async with app_for(still_server, None).run_test(size=(40, 12)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        put_cursor_on(main, "Call Notes - Castellan.txt")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        await pilot.press("tab", "tab")
        field = dialog.query_one("#expires")
        await until(pilot, lambda: dialog.focused is field, "the field")
        await pilot.press("3")
        line = dialog.query_one("#in_frame", StatusLine)
        await until(pilot, lambda: line.display and line.size.height == 3, "what is wrong")
        await until(pilot, lambda: field.region.bottom <= line.region.y, "the field above it")


async def test_a_message_in_what_is_not_shown_is_repeated_too(server: ServerProcess) -> None:
    async with app_for(server, None).run_test(size=(80, 24)) as pilot:
        pilot.app.push_screen(Prompt("Name", "What it is called."))
        screen = await screen_of(pilot, Prompt)
        await screen.query_one(DialogBox).mount(hidden := Vertical(line := StatusLine()), before=0)
        await until(pilot, lambda: line.content_size.width, "it was laid out before")
        hidden.display = False
        await pilot.pause()
        line.say("Choose another name.", "warn")
        await until(pilot, lambda: is_shown_whole(pilot.app, "Choose another name."), "the message")
