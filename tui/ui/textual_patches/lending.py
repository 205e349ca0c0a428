"""Lending the terminal to another program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.app import App


@contextmanager
def lent_terminal(app: App[Any]) -> Iterator[None]:
    """Let another program use the terminal. Raises Textual's ``SuspendNotSupported`` if it can't be lent.

    Textual doesn't take the terminal back if the body raises; here, that is done first.
    """
    failure: BaseException | None = None
    with app.suspend():
        try:
            yield
        except BaseException as error:
            failure = error
    if failure is not None:
        raise failure
