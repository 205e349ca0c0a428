"""The colours of the app: which theme is shown, as the user has chosen it, and as dark or light as the terminal is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..rules.errors import InvalidValue
from ..terminal.background import is_light, is_light_so_far, light_scheme, reports_scheme
from ..terminal.capabilities import colours
from .textual_patches.driver import follow_scheme
from .theme import THEMES, choose, has_light_background, no_colour

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import App
    from textual.theme import Theme

    from ..config.preferences import Preferences


class AppColours:
    """The colours of an app, by the preferences that it has at each moment."""

    def __init__(self, app: App[Any], preferences: Callable[[], Preferences]) -> None:
        self._app = app
        self._preferences = preferences
        #: Whether the terminal's background is light, if it has reported that; and whether it calls itself light.
        self._light = is_light_so_far()
        self._light_scheme: bool | None = None
        #: The theme that is shown instead of the chosen one, while others are looked at.
        self._previewed: str | None = None
        #: What is wrong with the wanted theme, which isn't used because of that.
        self.problem = ""

    @property
    def light_background(self) -> bool:
        """Whether the terminal's background is light, as far as is known."""
        return has_light_background(os.environ, self._light)

    def apply(self) -> None:
        """Show the wanted theme, unless it can't be used."""
        self._app.theme = self._theme().name

    def preview(self, name: str | None) -> str:
        """Show a theme without choosing it; with ``None``, the chosen one again. Returns what is wrong with it."""
        self._previewed = name
        self.apply()
        return self.problem

    def terminal_replied(self, reply: str) -> None:
        """Take what the terminal says of dark and light."""
        if reports_scheme(reply):
            follow_scheme(self._app)
        light = self._light_by(reply)
        if light is not None and light != self._light:
            self._light = light
            self.apply()

    def _light_by(self, reply: str) -> bool | None:
        """Whether the background is light, as a reply says. A terminal may call itself light, but be dark: so only a
        change counts, unless nothing else is known."""
        scheme, before = light_scheme(reply), self._light_scheme
        if scheme is None:
            return is_light(reply)
        self._light_scheme = scheme
        has_changed = before is not None and scheme != before
        return scheme if has_changed or self._light is None else None

    def _theme(self) -> Theme:
        wanted, self.problem = self._previewed or self._preferences().theme, ""
        if wanted in ("auto", *THEMES) or no_colour(os.environ):
            return choose(wanted if wanted in THEMES else "auto", os.environ, self._light)
        # Only needed for other themes than the app's own.
        from .other_themes import other_theme

        try:
            found = other_theme(wanted, self._preferences().themes_folder, colours(os.environ))
        except InvalidValue as error:
            self.problem = error.message
            return choose("auto", os.environ, self._light)
        self._app.register_theme(found)
        return found
