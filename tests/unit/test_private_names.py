"""Private names of Textual: all in one folder, each with a test that fails as soon as Textual no longer needs it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import textual

import tui.ui

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tui" / "ui" / "textual_patches"
TESTS = ROOT / "tests"
#: Modules for types only, which can't be imported.
TYPES = ("tui.ui.browser.protocols",)

#: For each private name that the app uses, reads, sets or overrides, the test that shows what it is needed for.
SHOWN_BY = {
    "_auto_restart": "test_the_driver_needs_what_textual_keeps_private",
    "_background_screens": "test_closed_screens_are_released_by_those_painted_over_them",
    "_bindings": "test_own_keys_take_none_from_other_commands",
    "_callback": "test_the_parameters_of_a_function_are_counted_once",
    "_character_to_key": "test_signs_have_names_that_lead_back_to_them",
    "_clipboard": "test_nothing_public_keeps_what_was_copied",
    "_clear_tooltip": "test_a_tooltip_is_looked_for_only_where_there_are_any",
    "_close_messages_no_wait": "test_a_program_that_fails_shows_no_values",
    "_compositor": "test_a_line_is_drawn_for_itself_alone",
    "_context": "test_what_a_screen_has_behind_itself_is_the_one_below",
    "_count_parameters": "test_the_parameters_of_a_function_are_counted_once",
    "_decorated_handlers": "test_handlers_are_looked_for_once",
    "_disable_notifications": "test_a_screen_that_shows_no_notifications_is_told_so_privately",
    "_disable_tooltips": "test_a_screen_that_shows_no_notifications_is_told_so_privately",
    "_driver": "test_nothing_public_leads_to_the_driver",
    "_enable_mouse_support": "test_the_driver_needs_what_textual_keeps_private",
    "_exit_renderables": "test_a_program_that_fails_shows_no_values",
    "_fatal_error": "test_a_program_that_fails_shows_no_values",
    "_file": "test_the_driver_needs_what_textual_keeps_private",
    "_gather_commands": "test_the_palette_is_made_of_what_is_mended",
    "_GATHER_COMMANDS_GROUP": "test_the_palette_is_made_of_what_is_mended",
    "_get_dispatch_methods": "test_handlers_are_looked_for_once",
    "_get_terminal_size": "test_textual_takes_the_size_that_a_shell_has_exported",
    "_key_thread": "test_the_driver_needs_what_textual_keeps_private",
    "_must_signal_resume": "test_the_driver_needs_what_textual_keeps_private",
    "_no_default_action": "test_the_same_handlers_are_called",
    "_on_click": "test_a_click_on_an_option_that_is_gone",
    "_parse_cache": "test_a_theme_that_is_set_already_means_no_parsing",
    "_print_error_renderables": "test_a_program_that_fails_without_a_terminal_ends",
    "_query_in_band_window_resize": "test_a_tour_is_told_the_size_of_its_own_rows_only",
    "_registry": "test_a_widget_remembers_its_last_message",
    "_render_chops": "test_a_line_is_drawn_for_itself_alone",
    "_result_callbacks": "test_who_waits_for_a_screen_that_another_closes",
    "_sender": "test_a_key_that_the_app_presses_is_not_overtaken_on_its_way",
    "_sigcont_application": "test_the_driver_needs_what_textual_keeps_private",
    "_sigtstp_application": "test_the_driver_needs_what_textual_keeps_private",
    "_skip": "test_a_timer_that_is_late_when_it_begins",
    "_stop_propagation": "test_keys_that_come_at_once",
    "_styles_cache": "test_bare_lines_are_painted_as_they_are_drawn",
    "_timeout_time": "test_textual_waits_a_tenth_of_a_second_for_the_rest_of_a_key",
    "_xterm_parser": "test_textual_waits_a_tenth_of_a_second_for_the_rest_of_a_key",
}
#: Names that are our own in that folder, and mean something else in Textual.
OWN = {"_", "_lines", "_modes", "_owner", "_pointer", "_run"}


def private(name: str) -> bool:
    """Whether a name is private, but no special one."""
    return name.startswith("_") and not name.startswith("__")


@cache
def known_to_textual() -> frozenset[str]:
    """The private names that Textual's sources define or set."""
    found: set[str] = set()
    for path in Path(textual.__file__).parent.rglob("*.py"):
        found.add(path.stem)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
    return frozenset(filter(private, found))


def used(tree: ast.AST) -> Iterator[str]:
    """The private names in a module that Textual has, too."""
    for node in ast.walk(tree):
        names: set[str] = set()
        if isinstance(node, ast.Attribute):
            names = {node.attr}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {node.name}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = {node.value}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "textual":
            names = {*(node.module or "").split("."), *(alias.name for alias in node.names)}
        yield from names & known_to_textual()


def test_each_has_a_test() -> None:
    found = {name for path in FOLDER.glob("*.py") for name in used(ast.parse(path.read_text()))}
    assert found - OWN == set(SHOWN_BY), "a name without a test, or a test of a name that isn't used"
    # To parse all tests would take seconds.
    tests = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^ *(?:async )?def (\w+)", path.read_text(), re.MULTILINE)
    }
    assert set(SHOWN_BY.values()) <= tests, set(SHOWN_BY.values()) - tests


# ---------------------------------------------------------------- elsewhere


def own_classes() -> Iterator[type]:
    """The classes of the app's screens and widgets, outside the folder."""
    for found in pkgutil.walk_packages(tui.ui.__path__, "tui.ui."):
        if found.name in TYPES or found.name.startswith("tui.ui.textual_patches"):
            continue
        module = importlib.import_module(found.name)
        yield from (
            each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == found.name
        )


@cache
def defined_by(cls: type) -> frozenset[str]:
    """The private names that the source of a class defines, or sets on ``self``."""
    # Indented sources are those of classes within others.
    tree = ast.parse(inspect.cleandoc(f"\n{inspect.getsource(cls)}"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                found.add(node.attr)
        elif isinstance(node, ast.ClassDef):
            for each in node.body:
                targets = each.targets if isinstance(each, ast.Assign) else []
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(filter(private, found))


def test_nothing_else_overrides_one() -> None:
    """Neither by a method nor by an attribute: by accident, either would break Textual."""
    overridden = [
        f"{cls.__module__}.{cls.__name__}.{name}"
        for cls in own_classes()
        for base in cls.__mro__[1:]
        if base.__module__.split(".")[0] == "textual"
        for own in cls.__mro__
        if own.__module__.startswith("tui.") and not own.__module__.startswith("tui.ui.textual_patches")
        for name in defined_by(own) & defined_by(base)
    ]
    assert overridden == []


def test_nothing_else_uses_one() -> None:
    trees = {
        path: ast.parse(path.read_text())
        for path in (ROOT / "tui").rglob("*.py")
        if path.relative_to(ROOT).parts[1] in ("ui", "commands", "session", "locations", "terminal")
    }
    own = {name for tree in trees.values() for node in ast.walk(tree) for name in _defined(node)}
    uses = {
        f"{path.relative_to(ROOT)}: {node.attr}"
        for path, tree in trees.items()
        if path.parent != FOLDER
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in known_to_textual() - own
    }
    imported = {
        f"{path.relative_to(ROOT)}: {node.module}"
        for path, tree in trees.items()
        if path.parent != FOLDER
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("textual", "rich")
        if any(map(private, [*(node.module or "").split("."), *(alias.name for alias in node.names)]))
    }
    assert uses | imported == set()


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
