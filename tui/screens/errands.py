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

#: The failures of a token that is missing or no longer good; others are of a name or password that was typed.
WANTS_TOKEN = ("token.invalid", "token.malformed", "not_signed_in")


class SignedOut(Message):
    """The server does not take the access token, or wants one."""


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
                if not screen.is_attached:
                    return
                if isinstance(problem, NotSignedIn) and problem.code in WANTS_TOKEN:
                    screen.say("You are not signed in.", "bad")
                    screen.app.post_message(SignedOut())
                else:
                    screen.say(problem.message, "bad")

        return work(exclusive=exclusive, group=group)(run)

    return decorate
