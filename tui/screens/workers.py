"""Work that a screen has done in the background, with what goes wrong told in its status line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec

from textual.css.query import NoMatches
from textual.message import Message
from textual.worker import Worker, get_current_worker

from ..commands import spelled
from ..rules.errors import NotSignedIn, Problem, Unreachable
from ..textual_patches.ending import is_ending
from ..widgets.status_line import StatusLine

P = ParamSpec("P")

#: The failures of a token that is missing or no longer good; others are of a name or password that was typed.
WANTS_TOKEN = ("token.invalid", "token.malformed", "not_signed_in")


#: The screen whose worker is running, and where one stood when that was begun. Dialogs that it opens inherit it.
STARTED_AT: ContextVar[tuple[int, object]] = ContextVar("STARTED_AT")


class SignedOut(Message):
    """The server does not take the access token, or wants one."""


def failed(screen: Any, problem: Problem) -> None:
    """Tells in a screen what has failed, and has somebody sign in where that is what is missing."""
    if isinstance(problem, NotSignedIn) and problem.code in WANTS_TOKEN:
        tell(screen, problem, "You are not signed in.")
        screen.app.post_message(SignedOut())
    elif isinstance(problem, Unreachable) and screen.app.session.starts_server:
        told = "The local server does not answer; {main.reload} in the list starts it again if it has ended."
        tell(screen, problem, spelled(told, screen.app))
    else:
        tell(screen, problem)


def tell(screen: Any, problem: Problem, sentence: str = "") -> None:
    """Says in a screen what has failed; in other words with ``sentence``."""
    said = sentence or problem.message
    screen.say(said, "bad")
    screen.told = (type(problem), said)


def is_over(app: Any, *kinds: type[Problem]) -> None:
    """Takes back what the screens that are open say of failures of these kinds: they last no longer."""
    for screen in app.screen_stack:
        kind, said = getattr(screen, "told", None) or (Problem, "")
        if said and issubclass(kind, kinds):
            screen.told = None
            for line in screen.query(StatusLine):
                if line.said == said:
                    line.say("")


async def report_failures(screen: Any, work: Callable[[], Awaitable[None]]) -> None:
    """Does some work for a screen, and tells there what it fails with where that is expected."""
    try:
        await work()
    except NoMatches:
        # The screen was closed meanwhile, or the app is: nobody waits for what was to be shown.
        app = screen.app
        if screen in app.screen_stack and app.is_running and not is_ending(app):
            raise
    except Problem as problem:
        if screen.is_attached:
            failed(screen, problem)


def worker_action(
    *, exclusive: bool = False, group: str = "worker actions", opens: bool = False, command: str = ""
) -> Callable[[Callable[P, Coroutine[Any, Any, None]]], Callable[P, Worker[None]]]:
    """Makes a coroutine method of a screen, or of a part with a ``screen``, run as a worker of the screen; an expected
    failure is said by its ``say``.

    A ``command`` (or action) is looked at once more when the worker begins: another place may be shown by then. One
    that ``opens`` a dialog has the keys that come until then kept for it.
    """

    def decorate(method: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, Worker[None]]:
        name = method.__name__
        checked = command or (name.removeprefix("action_") if name.startswith("action_") else "")

        @wraps(method)
        def begin(*args: P.args, **kwargs: P.kwargs) -> Worker[None]:
            owner: Any = args[0]
            screen: Any = owner.screen

            async def run() -> None:
                STARTED_AT.set((id(screen), screen.location_key))
                try:
                    if checked and screen.disabled_reason(checked) is not None:
                        return
                    await report_failures(screen, lambda: method(*args, **kwargs))
                finally:
                    if opens:
                        screen.app.type_ahead_finished(get_current_worker())
                        screen.type_ahead_is_over()

            worker: Worker[None] = screen.run_worker(run, name, group=group, exclusive=exclusive)
            if opens:
                screen.begin_type_ahead(worker)
            return worker

        return begin

    return decorate
