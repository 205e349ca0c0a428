"""Access to the driver, and through it to the terminal."""

from __future__ import annotations

import os
import sys
from typing import Any

from textual.app import App
from textual.driver import Driver

from ...terminal.capabilities import Multiplexer, multiplexer, takes_osc52
from ...terminal.shell import under_a_shell
from .own_driver import OwnDriver


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Write a control sequence to the terminal, between two paintings."""
    driver = app._driver
    if driver is not None:
        driver.write(sequence)
        driver.flush()


def driver_class() -> type[Driver] | None:
    """Return the app's own driver if there is a terminal that it can drive; ``None`` means Textual's."""
    if sys.platform == "win32" or sys.__stdin__ is None or not sys.__stdin__.isatty():
        return None
    # Some of its imports don't exist on every platform.
    from .linux_driver import SentlinksDriver

    return SentlinksDriver


def keep_copied(app: App[Any], text: str) -> None:
    """Keep what was copied, to be pasted in the app. Textual does so only when it copies the text to the terminal's
    clipboard itself, whatever the terminal can do."""
    app._clipboard = text


def leave_mouse_alone(app: App[Any], alone: bool) -> None:
    """Stop or resume using the mouse. While the app doesn't, the terminal selects text with it."""
    if isinstance(app._driver, OwnDriver):
        app._driver.leave_mouse_alone(alone)


def forget_screen(app: App[Any]) -> None:
    """Forget what the terminal shows."""
    if isinstance(app._driver, OwnDriver):
        app._driver.forget()


def set_title(app: App[Any], title: str, *, begin: bool) -> None:
    """Give the terminal a title, if it shows one; ``begin``: also if it hasn't got one from the app yet."""
    driver = app._driver
    if isinstance(driver, OwnDriver) and (begin or driver.has_title) and takes_osc52(os.environ):
        driver.set_title(title)


def follow_scheme(app: App[Any]) -> None:
    """Have the terminal, which can do that, report when it changes between dark and light."""
    if isinstance(app._driver, OwnDriver):
        app._driver.follow_scheme()


def ring(app: App[Any], text: str, way: str, around: Multiplexer | None) -> None:
    """Have the terminal alert the user of ``text`` in one of the ways of :func:`~tui.terminal.alerts.alert`.
    ``around`` is the multiplexer that it says it is."""
    driver = app._driver
    if isinstance(driver, OwnDriver) and (way == "bell" or takes_osc52(os.environ)):
        # Imported late: most users have no alerts.
        from ...terminal.alerts import alert

        known = multiplexer(os.environ)
        driver.write_aside(alert(text, way, known if around is None else around))


def can_suspend(app: App[Any]) -> bool:
    """Return whether the program can be suspended, and there is a shell to resume it from."""
    return app._driver is not None and app._driver.can_suspend and under_a_shell()
