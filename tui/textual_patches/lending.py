"""The terminal lent to another program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.app import App


@contextmanager
def lent_terminal(app: App[Any]) -> Iterator[None]:
    """Within, the terminal is another program's. Raises Textual's ``SuspendNotSupported`` where it cannot be lent.

    Textual does not take the terminal back where something is raised within; here that comes first.
    """
    failure: BaseException | None = None
    with app.suspend():
        try:
            yield
        except BaseException as error:
            failure = error
    if failure is not None:
        raise failure
