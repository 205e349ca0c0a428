"""What the palette finds: commands, places, and documents of the library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from tests.support.app.app import app_for, main_screen, running, said, screen_of, sent_folder, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.servers.server import ServerProcess
from tui.config.preferences import Preferences
from tui.ui.main.main import MainScreen


def listed(pilot: Pilot[Any]) -> list[str]:
    """The first line of each entry."""
    found = pilot.app.screen.query_one(CommandList)
    return [str(option.prompt).partition("\n")[0] for option in found.options]


async def typed(pilot: Pilot[Any], *keys: str) -> CommandPalette:
    await pilot.press("colon")
    palette = await screen_of(pilot, CommandPalette)
    await pilot.press(*keys)
    return palette


async def a_place(pilot: Pilot[Any], main: MainScreen) -> None:
    await typed(pilot, *"chkout")
    await until(pilot, lambda: "Checked Out" in listed(pilot), "the place by some of its letters")
    await pilot.press("enter")
    await until(pilot, lambda: main.kind == "checked_out", "the place")
    assert main.table.has_focus
    await typed(pilot, *"varga")
    await until(pilot, lambda: "Estate of A. Varga" in listed(pilot), "the workspace")
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the palette")


async def a_document(pilot: Pilot[Any], main: MainScreen) -> None:
    await typed(pilot, *"disclos let")
    await until(pilot, lambda: "Disclosure Letter.docx" in listed(pilot), "the document by its words")
    await until(pilot, lambda: listed(pilot)[-1] == "Find documents: disclos let", "the search itself")
    await pilot.press(*["down"] * listed(pilot).index("Disclosure Letter.docx"), "enter")
    await until(pilot, lambda: main.kind == "found", "what the library finds")
    assert main.table.current is not None
    assert main.table.current.name == "Disclosure Letter.docx"
    await pilot.press("escape")
    await until(pilot, lambda: main.kind == "checked_out", "back")


async def a_command(pilot: Pilot[Any], main: MainScreen) -> None:
    await typed(pilot, *"relo", "enter")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the palette")
    await settled(pilot)
    assert main.kind == "checked_out"


async def scattered_letters_come_last(pilot: Pilot[Any], main: MainScreen) -> None:
    """“letter” is spread over “Select the row”: what has the word comes first, and is what enter runs. A place with the
    beginnings of its words stays before documents."""
    await typed(pilot, *"letter")
    await until(pilot, lambda: listed(pilot)[-1:] == ["Find documents: letter"], "the search itself")
    found = listed(pilot)
    with_word = [name for name in found[:-1] if "letter" in name.casefold()]
    assert "Disclosure Letter.docx" in with_word
    assert found[: len(with_word)] == with_word
    assert len(found) > len(with_word) + 1, "scattered letters are found"
    assert pilot.app.screen.query_one(CommandList).highlighted == 0
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the palette")
    await typed(pilot, *"estate")
    await until(pilot, lambda: listed(pilot)[-1:] == ["Find documents: estate"], "the search itself")
    assert listed(pilot)[0] == "Estate of A. Varga"
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the palette")


async def by_another_word(pilot: Pilot[Any], main: MainScreen) -> None:
    """Activity is what people see of the audit; a word of another program finds a command, too. Several words each
    count."""
    for typed_words, title in (
        ("audit", "Activity  (a)"),
        ("audit", "All activity  (A)"),
        ("recent", "Go to the worklist  (g w)"),
        ("refresh list", "Reload  (f5)"),
        ("pref", "Settings…  (,)"),
        ("colours", "Theme: dark"),
    ):
        await typed(pilot, *(key if key != " " else "space" for key in typed_words))
        await until(pilot, lambda t=title: t in listed(pilot), f"{title} by {typed_words}")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main, "the end of the palette")


async def what_cannot_be_used(pilot: Pilot[Any], main: MainScreen) -> None:
    """It is listed behind what can be, quiet and with the reason, which choosing it says."""
    await typed(pilot, *"unpubl")
    await until(pilot, lambda: "Unpublish  (u)" in listed(pilot), "the command")
    found = pilot.app.screen.query_one(CommandList)
    option = found.options[listed(pilot).index("Unpublish  (u)")]
    assert str(option.prompt).partition("\n")[2] == "“Unpublish” is for a Sent folder."
    await pilot.press("enter")
    await until(pilot, lambda: said(main) == "“Unpublish” is for a Sent folder.", "the reason")
    await typed(pilot, *"sort")
    await until(pilot, lambda: "Find documents: sort" in listed(pilot))
    names = listed(pilot)
    assert main.kind == "checked_out"
    assert pilot.app.screen.query_one(CommandList).highlighted == 0
    assert names[-1] == "Find documents: sort"
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the palette")
    await typed(pilot)
    await until(pilot, lambda: "Unpublish  (u)" in listed(pilot), "all commands")
    names = listed(pilot)
    assert names.index("Unpublish  (u)") > names.index("Settings…  (,)")
    assert len(names) == len(set(names))
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the palette")


async def test_commands_places_and_documents(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(100, 30)) as (pilot, main):
        await a_place(pilot, main)
        await a_document(pilot, main)
        await a_command(pilot, main)
        await by_another_word(pilot, main)
        await what_cannot_be_used(pilot, main)
        await scattered_letters_come_last(pilot, main)
        palette = await typed(pilot, *"[b]*!")
        await pilot.pause()
        assert palette.query_one(Input).value == "[b]*!", "what looks like markup is none"
        await pilot.press("escape")


@more
async def test_nobody_waits_for_the_library(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Enter takes what is there: here all documents, while the server hasn't answered."""
    with Misbehaving(sample_server.url) as proxy:
        async with app_for(sample_server, tmp_path, url=proxy.url).run_test(size=(100, 30)) as pilot:
            main = await main_screen(pilot)
            await settled(pilot)
            with proxy.holding("GET", "/documents", times=ALWAYS):
                await typed(pilot, *"zzyzx")
                await until(pilot, lambda: listed(pilot) == ["Find documents: zzyzx"], "the search itself")
                await pilot.press("enter")
                await until(pilot, lambda: main.pending is not None, "what was chosen")
            await until(pilot, lambda: main.kind == "found", "what the library finds")


async def test_what_is_not_easily_undone_is_found_by_its_words_only(
    three_sent: ServerProcess, tmp_path: Path
) -> None:
    """“letter” is spread over “Delete the folder”, which would stand first, before any document."""
    async with running(three_sent, tmp_path, size=(100, 30)) as (pilot, main):
        await sent_folder(pilot)
        for words, is_found in (("letter", False), ("dltfldr", False), ("del fol", True), ("delete", True)):
            await typed(pilot, *(key if key != " " else "space" for key in words))
            await until(
                pilot, lambda w=words: listed(pilot)[-1:] == [f"Find documents: {w}"], "the search itself"
            )
            assert ("Delete the folder…  (D)" in listed(pilot)) is is_found, words
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main, "the end of the palette")


async def test_few_lines_are_for_names(sample_server: ServerProcess, tmp_path: Path) -> None:
    """What each command does is in the help; a taller screen says it in the palette, too."""
    for size, tells in (((40, 12), False), ((60, 20), True)):
        app = app_for(sample_server, tmp_path / str(size[1]))
        async with app.run_test(size=size) as pilot:
            await main_screen(pilot)
            await settled(pilot)
            await pilot.press("colon")
            palette = await screen_of(pilot, CommandPalette)
            found = palette.query_one(CommandList)
            await until(pilot, lambda found=found: found.option_count > 10, "the commands")
            assert any("\n" in str(option.prompt) for option in found.options) is tells


async def test_the_cursor_is_one_block_in_reverse_video(sample_server: ServerProcess, tmp_path: Path) -> None:
    """What is quiet in it would have a ground of another colour, as long as its text."""
    app = app_for(sample_server, tmp_path, preferences=Preferences(theme="contrast"))
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await typed(pilot)
        found = pilot.app.screen.query_one(CommandList)
        await until(pilot, lambda: found.option_count > 10, "the commands")
        await pilot.pause()
        styles = [segment.style for y in (0, 1) for segment in found.render_line(y) if segment.text]
        assert all(style is not None and style.reverse for style in styles)
        assert len({style.color for style in styles if style is not None}) == 1
