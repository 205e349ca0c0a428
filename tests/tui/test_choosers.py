"""Lists of which one is chosen: the keys that choose are named, and the one that opened such a list closes it."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import OptionList

from tests.support.app.app import (
    app_for,
    main_screen,
    put_cursor_on,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.pictures.scene_start import about_to_send
from tests.support.servers.server import ServerProcess
from tests.tui.conftest import MakeApp
from tui.locations.location import Location
from tui.ui.base.guides import Guides
from tui.ui.base.menu import Menu, offered
from tui.ui.dialogs.settings import SettingsScreen
from tui.ui.dialogs.themes import ThemesScreen
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.mail_choice import MailChoice
from tui.ui.send.preset_choice import PresetChoice
from tui.ui.widgets.field import FilterField
from tui.ui.widgets.footer import Footer


async def test_the_key_that_opened_it_closes_it_and_the_one_that_chooses_is_named(
    make_app: MakeApp, files: Location
) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        dialog = await about_to_send(pilot, main, files)
        await pilot.press("ctrl+o")
        presets = await screen_of(pilot, PresetChoice)
        assert "⏎ Choose" in screen_text(pilot)
        assert [offer.keys for offer in offered(presets) if offer.command.name == "choices.choose"] == [
            ["enter", "space"]
        ]
        await pilot.press("ctrl+o")
        await until(pilot, lambda: pilot.app.screen is dialog)
        # The menu of a row: enter does what is under the cursor, although it also renames.
        dialog.table.focus()
        await pilot.press("m")
        await screen_of(pilot, Menu)
        await pilot.press("m")
        await until(pilot, lambda: pilot.app.screen is dialog)
        await pilot.press("m")
        menu = await screen_of(pilot, Menu)
        listed = menu.query_one(OptionList)
        names = [str(option.prompt).split(maxsplit=1)[1] for option in listed.options]
        count = len(dialog.table.rows)
        await pilot.press(*["j"] * names.index("Remove the row"), "enter")
        await until(pilot, lambda: len(dialog.table.rows) == count - 1)
        assert not dialog.table.editing
        await pilot.press("z", "ctrl+s")
        await screen_of(pilot, DraftScreen)
        await pilot.press("ctrl+n")
        await screen_of(pilot, MailChoice)
        assert "⏎ Choose" in screen_text(pilot)
        await pilot.press("ctrl+n")
        await screen_of(pilot, DraftScreen)


async def test_what_opened_the_colours_chooses_one(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await sent_folder(pilot)
        await pilot.press("comma")
        await screen_of(pilot, SettingsScreen)
        await pilot.press("space")
        themes = await screen_of(pilot, ThemesScreen)
        assert themes.query_one(Footer)._shown.find("Choose") >= 0
        await pilot.press("j", "j", "k", "space")
        settings = await screen_of(pilot, SettingsScreen)
        await until(pilot, lambda: str(settings.table.rows[0].cells[1]) == "‹ dark ›")


async def test_a_word_is_sought_in_all_guides(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with app_for(sample_server, tmp_path).run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("f3")
        shown = await screen_of(pilot, Guides)
        listed, field = shown.query_one(OptionList), shown.query_one(FilterField)
        await until(pilot, lambda: listed.has_focus)
        count = listed.option_count
        await pilot.press("slash", *"telephone")
        await until(pilot, lambda: 0 < listed.option_count < count)
        assert all("telephone" in str(option.prompt).casefold() for option in listed.options)
        # The page that was opened leads back to what was found, and from there to all of them.
        topic = listed.get_option_at_index(0).id
        await pilot.press("enter", "space")
        await until(pilot, lambda: shown.query_one("VerticalScroll").has_focus)
        await pilot.press("backspace")
        await until(pilot, lambda: listed.has_focus)
        assert listed.option_count < count
        assert listed.highlighted_option is not None
        assert listed.highlighted_option.id == topic
        await pilot.press("slash", *"wisteria")
        await until(pilot, lambda: "No guide has “" in screen_text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: listed.option_count == count and not field.has_class("-on"))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
