"""Work that a screen has done in the background, with what goes wrong told in its status line."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

from textual import work
from textual.message import Message
from textual.worker import Worker

from ..rules.errors import NotSignedIn, Problem

P = ParamSpec("P")


class SignedOut(Message):
    """The server does not take the access token, or wants one."""

    bubble = True

    def __init__(self, problem: NotSignedIn) -> None:
        super().__init__()
        self.problem = problem


def errand(
    *, exclusive: bool = False, group: str = "errands"
) -> Callable[[Callable[P, Coroutine[Any, Any, None]]], Callable[P, Worker[None]]]:
    """Makes a coroutine method of a screen run as a worker; an expected failure is said by its ``say``."""

    def decorate(method: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, Worker[None]]:
        @wraps(method)
        async def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                await method(*args, **kwargs)
            except Problem as problem:
                screen: Any = args[0]
                if screen.is_attached:
                    screen.say(problem.message, "bad")
                    if isinstance(problem, NotSignedIn):
                        screen.app.post_message(SignedOut(problem))

        return work(exclusive=exclusive, group=group)(run)

    return decorate
