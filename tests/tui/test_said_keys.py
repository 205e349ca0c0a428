"""What the footer and sentences say of keys: those that work now, the user's own among them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Static

from tests.support.app.app import (
    app_for,
    main_screen,
    put_cursor_on,
    running,
    said,
    screen_of,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.servers.server import ROOT, ServerProcess
from tui.commands.keymap import checked
from tui.config.preferences import Preferences
from tui.rules.errors import InvalidValue
from tui.ui.base.menu import offered
from tui.ui.base.question import Question
from tui.ui.dialogs.policy import PolicyScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.send.versions import VersionQuestion
from tui.ui.widgets.footer import Footer

WHERE = "[keys] of config.toml"


def bar(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one(Footer).render().plain)


async def in_a_field_no_letter_is_offered_as_a_key(pilot: Pilot[Any], main: MainScreen) -> None:
    assert "/ Filter" in bar(pilot)
    await pilot.press("slash")
    await until(pilot, lambda: "/ Filter" not in bar(pilot), "another footer")
    assert not {offer.command.name for offer in offered(main)} & {"main.filter", "outside_fields.help"}
    await pilot.press("a", "slash", "plus", "question_mark")
    assert main.browser.list.needle == "a/+?"
    await pilot.press("ctrl+u", *"let")
    assert "⏎ List  esc Clear" in bar(pilot)
    await pilot.press("down")
    await until(pilot, lambda: main.table.has_focus, "the list")
    assert main.browser.list.needle == "let"


async def while_a_cell_is_edited_the_footer_says_what_ends_it(pilot: Pilot[Any]) -> None:
    """The footer shows it for every edit, and doesn't show escape as Close then."""
    await pilot.press("space", "s")
    dialog = await screen_of(pilot, SendDialog)
    table = dialog.table
    first = dialog.state.plan.rows[0].link_name
    for keys, name in ((["x", "enter"], "x"), (["y", "escape"], "x"), (["z", "enter"], "z")):
        await until(pilot, lambda: "esc Close" in bar(pilot), "the usual keys")
        assert "Keep" not in bar(pilot)
        await pilot.press("e")
        await until(pilot, lambda: "⏎ Keep  esc Cancel" in bar(pilot), "what ends the edit")
        assert "Close" not in bar(pilot)
        await pilot.press(*keys)
        assert not table.editing
        _, dot, extension = first.rpartition(".")
        assert dialog.state.plan.rows[0].link_name == f"{name}{dot}{extension}"


async def test_the_footer_says_what_works_now(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(120, 24)) as (pilot, main):
        await in_a_field_no_letter_is_offered_as_a_key(pilot, main)
        await while_a_cell_is_edited_the_footer_says_what_ends_it(pilot)


@pytest.mark.parametrize("key", ["x", "space"])
def test_what_ends_an_edit_is_no_letter(key: str) -> None:
    with pytest.raises(InvalidValue, match="works while you type"):
        checked({"editing.keep_edit": key}, WHERE)


OWN = {
    "editing.keep_edit": "f8",
    "editing.give_up_edit": "f9",
    "questions.yes": "J",
    "versions.next_version": "f7",
    "lists.select": "f6",
    "send.send_now": "f5",
}


async def own_keys_end_an_edit(pilot: Pilot[Any], main: MainScreen) -> None:
    await pilot.press("P")
    screen = await screen_of(pilot, PolicyScreen)
    await pilot.press("down", "e", "x")
    await until(pilot, lambda: said(screen, "#said") == "The value must be a whole number from 1 to 256.")
    await pilot.press("backspace", "9")
    assert "f8 Keep  f9 Cancel" in bar(pilot)
    assert screen.disabled_reason("edit_rule") == "A value is being edited: f8 keeps it, f9 cancels."
    await pilot.press("f9")
    assert (screen.table.editing, screen.draft.changes) == (False, {})
    await pilot.press("e", "9", "f8")
    await until(pilot, lambda: screen.draft.changes == {"password_min_length": "9"}, "the value")
    await pilot.press("escape")
    await screen_of(pilot, Question)
    await pilot.press("J")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the dialog")


@more
async def test_sentences_name_the_own_keys(sample_server: ServerProcess, tmp_path: Path) -> None:
    """When there isn't room for all keys, the footer shows the first ones, of which each has its place."""
    keys = checked(OWN, WHERE)
    app = app_for(sample_server, tmp_path, preferences=Preferences(keys=keys))
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        assert said(main).startswith("New here? f6 selects documents, s sends them")
        await own_keys_end_an_edit(pilot, main)
        put_cursor_on(main, "Share Purchase Agreement.docx")
        await pilot.press("v")
        versions = await screen_of(pilot, VersionQuestion)
        assert "Press f7, ← or → to choose which version is sent." in str(versions.query_one(Static).render())
        await pilot.press("escape", "s")
        dialog = await screen_of(pilot, SendDialog)
        await pilot.pause()
        assert dialog.query_one(Footer)._shown.startswith(" f5 Send ")
        await pilot.press("ctrl+g", "escape")
        question = await screen_of(pilot, Question)
        assert str(question.query_one("#yes", Button).label) == "Close (J)"
        await pilot.press("y")
        assert app.screen is question
        await pilot.press("J")
        await until(pilot, lambda: not dialog.is_attached, "the end of the dialog")


#: Key names that aren't ordinary words as well. Some keys of Textual's own widgets can't be changed.
_KEYS = re.compile(r"\b(?:escape|space|backspace|ctrl\+\w|f\d+|esc|(?<!press )enter)\b", re.IGNORECASE)
_TEXTUALS_OWN = ("Escape closes the palette.",)


def sentences(tree: ast.AST) -> Iterator[str]:
    """The texts of a module that a user may read: all but docstrings and names."""
    documents = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and " " in text and "{ " not in text and text not in documents:
            yield text


def test_no_sentence_says_a_key_by_heart() -> None:
    """Keys can be changed, so a text names the command, and its current key is filled in."""
    found = [
        f"{file.name}: {text}"
        for file in sorted((ROOT / "tui" / "ui").rglob("*.py"))
        for text in sentences(ast.parse(file.read_text()))
        if _KEYS.search(text) and not text.endswith(_TEXTUALS_OWN)
    ]
    assert not found
