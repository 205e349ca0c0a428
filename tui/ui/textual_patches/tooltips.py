"""Tooltips, which the app doesn't show."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

_clear_any = Screen._clear_tooltip


def clear_no_tooltips() -> None:
    """Spare an app without tooltips that Textual looks for one at each key and each move of the mouse. It describes
    the whole screen in an exception for not having found it."""
    Screen._clear_tooltip = _clear_shown  # type: ignore[assignment,method-assign]


def _clear_shown(screen: Screen[Any]) -> None:
    if not screen.app._disable_tooltips:
        _clear_any(screen)
