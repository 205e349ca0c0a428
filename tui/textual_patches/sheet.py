"""The style sheets, and what the app does without."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet


class Sheet(Stylesheet):
    """The style sheets of all widgets, each parsed once, and again only where a colour in it is another one.

    Textual's own parses everything anew for a theme that is set already, and keeps what it has parsed of so few that
    each dialog that is opened can mean all of it again.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(1024)
        self._set = variables

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._set:
            self._set = variables
            super().set_variables(variables)

    def reparse(self) -> None:
        self.parse()


def lighten(app: App[Any]) -> None:
    """Gives the app, whose theme is known, a :class:`Sheet`; and spares it widgets of Textual's that it never shows
    (what it has to say it says in a line of its own)."""
    app.stylesheet = Sheet(variables=app.get_css_variables())
    app._disable_notifications = app._disable_tooltips = True
