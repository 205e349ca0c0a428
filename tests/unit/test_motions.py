"""Whatever scrolls or has a cursor takes the motions of lists."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from textual.command import CommandList
from textual.containers import ScrollableContainer
from textual.scroll_view import ScrollView
from textual.widget import Widget
from textual.widgets import Input, TextArea

import tui.ui
from tui.ui.widgets.text_view import TextLines

MOTIONS = {"g g", "G", "ctrl+d", "ctrl+u", "j", "k"}
#: Where one types, letters are text: what scrolls there has a key of its own.
TYPED_IN = (Input, TextArea, CommandList)


def all_below(kind: type[Widget]) -> Iterator[type[Widget]]:
    for each in kind.__subclasses__():
        yield each
        yield from all_below(each)


def modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(tui.ui.__path__, "tui.ui."):
        # It is for types only.
        if module.name != "tui.ui.browser.protocols":
            yield importlib.import_module(module.name)


def scrolling() -> list[type[Widget]]:
    assert len(list(modules())) > 100
    found: dict[Any, None] = dict.fromkeys(
        [*all_below(ScrollView), *all_below(ScrollableContainer), TextLines]
    )
    return [
        each for each in found if each.__module__.startswith("tui.ui.") and not issubclass(each, TYPED_IN)
    ]


def keys_of(kind: type[Widget]) -> set[str]:
    return set(kind._merge_bindings().key_to_bindings)


@pytest.mark.parametrize("motion", sorted(MOTIONS))
def test_all_that_scrolls_takes_them(motion: str) -> None:
    # What only other classes are made from.
    kinds = [each for each in scrolling() if each.__name__ not in ("RowsView", "SteadyList")]
    assert len(kinds) >= 7
    assert [each.__name__ for each in kinds if motion not in keys_of(each)] == []


def test_textuals_own_are_not_used() -> None:
    """A dialog that scrolls with Textual's class would have its keys only."""
    own = {"VerticalScroll", "ScrollableContainer", "HorizontalScroll"}
    assert [each.__name__ for each in modules() if own & vars(each).keys()] == ["tui.ui.widgets.scroll_box"]
