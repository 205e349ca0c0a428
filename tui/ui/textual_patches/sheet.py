"""Style sheets, and the parts of Textual that the app does without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from ...override import override
from .callbacks import count_once
from .handlers import find_handlers_once
from .tooltips import clear_no_tooltips


class Sheet(Stylesheet):
    """The style sheets of all widgets, each parsed once, and again only if a colour in it has changed.

    Textual's own parses everything again for a theme that is already set, and caches so little of what it has parsed
    that each dialog that is opened can mean all of it again.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(1024)
        self._current_variables = variables

    @override
    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._current_variables:
            self._current_variables = variables
            super().set_variables(variables)

    @override
    def reparse(self) -> None:
        self.parse()

    @override
    def update_nodes(self, nodes: Iterable[DOMNode], animate: bool = False) -> None:
        # Textual also styles widgets that aren't part of a screen yet, for each class that they are given. They are
        # styled when they are mounted.
        super().update_nodes(
            (node for node in nodes if node.parent is not None or node.is_dom_root), animate=animate
        )


def lighten(app: App[Any]) -> None:
    """Give the app, whose theme is known, a :class:`Sheet`, and spare it work done twice and widgets of Textual's that
    it never shows (it has a line of its own for messages)."""
    count_once()
    find_handlers_once()
    app.stylesheet = Sheet(variables=app.get_css_variables())
    app._disable_notifications = app._disable_tooltips = True
    clear_no_tooltips()
