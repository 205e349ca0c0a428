"""The driver, and through it the terminal."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.driver import Driver


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Writes a control sequence to the terminal, between two paintings."""
    driver = app._driver
    if driver is not None:
        driver.write(sequence)
        driver.flush()


def driver_class() -> type[Driver] | None:
    """The app's own driver, where there is a terminal that it can drive; ``None``: Textual's."""
    from ..terminal.driver import SentlinksDriver, available

    return SentlinksDriver if available() else None


def forget_screen(app: App[Any]) -> None:
    """What the terminal shows is not known any more."""
    forget = getattr(app._driver, "forget", None)
    if forget is not None:
        forget()


def can_suspend(app: App[Any]) -> bool:
    """Whether the program can be stopped, with somebody there who lets it go on."""
    from ..terminal.driver import under_a_shell

    return app._driver is not None and app._driver.can_suspend and under_a_shell()
