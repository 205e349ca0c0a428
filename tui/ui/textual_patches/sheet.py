"""Style sheets, and the parts of Textual that the app does without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode

from ...override import override
from .callbacks import count_once
from .handlers import find_handlers_once
from .tooltips import clear_no_tooltips

#: What is needed of Textual's own styles for the app and the tree. The app's change the others of them, or they are for
#: what it doesn't have: reading all takes a hundredth of a start.
NEEDED = {
    "App.DEFAULT_CSS": """
App { background: $background; color: $foreground; }
.-ansi-scrollbar {
    scrollbar-background: ansi_default; scrollbar-background-hover: ansi_default;
    scrollbar-background-active: ansi_default; scrollbar-color: ansi_blue; scrollbar-color-active: ansi_bright_blue;
    scrollbar-color-hover: ansi_bright_blue; scrollbar-corner-color: ansi_default;
}
*:disabled:can-focus { opacity: 0.7; }
""",
    "Tree.DEFAULT_CSS": "Tree > .tree--highlight-line { background: $block-hover-background; }",
}


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
    def add_source(self, css: str, read_from: CSSLocation | None = None, *args: Any, **kwargs: Any) -> None:
        name = read_from[1] if read_from is not None else ""
        super().add_source(NEEDED.get(name, css), read_from, *args, **kwargs)

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
