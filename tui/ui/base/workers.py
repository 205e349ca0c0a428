"""Background work of a screen, with failures shown in its status line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial, wraps
from threading import Thread
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from textual.app import App
from textual.css.query import NoMatches
from textual.dom import NoScreen
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, get_current_worker

from ...commands.lookup import spelled
from ...rules.errors import NotSignedIn, Problem, Unreachable
from ..textual_patches.ending import is_ending
from ..widgets.status_line import StatusLine
from .app_screen import AppScreen
from .worker_start import STARTED_AT

if TYPE_CHECKING:
    from .host import Host
    from .screens_app import ScreensApp

    class FailureView(Protocol):
        """Where failures are shown."""

        #: The type of the last failure, and the text shown for it.
        last_failure: tuple[type[Problem], str] | None

        @property
        def app(self) -> ScreensApp:
            """The app that shows it."""

        def say(self, text: str, tone: str = "") -> None:
            """Show text in its status line."""


P = ParamSpec("P")
T = TypeVar("T")

#: After this many seconds, a message says that something is still under way.
BUSY_DELAY = 0.4
#: Failures of a token that is missing or no longer valid; others are of a name or password that was typed.
WANTS_TOKEN = ("token.invalid", "token.malformed", "not_signed_in")


class SignedOut(Message):
    """The server rejects the access token, or requires one; ``problem`` says which."""

    def __init__(self, problem: Problem | None = None) -> None:
        super().__init__()
        self.problem = problem


def failed(screen: FailureView, problem: Problem) -> None:
    """Show on a screen what has failed, and ask the user to sign in if that is the problem."""
    if isinstance(problem, NotSignedIn) and problem.code in WANTS_TOKEN:
        if screen.app.session.has_signed_in_since(problem):
            tell(screen, problem, "You have signed in since this was refused; do it again.")
            return
        tell(screen, problem, "You are not signed in.")
        screen.app.post_message(SignedOut(problem))
    elif isinstance(problem, Unreachable) and screen.app.session.starts_server:
        text = "The local server doesn't respond; {main.reload} in the list restarts it if it has ended."
        tell(screen, problem, spelled(text, screen.app))
    else:
        tell(screen, problem)


def tell(screen: FailureView, problem: Problem, sentence: str = "") -> None:
    """Show on a screen what has failed; ``sentence`` replaces the message of the problem."""
    text = sentence or problem.message
    screen.say(text, "bad")
    screen.last_failure = (type(problem), text)


def failed_afterwards(main: Host, problem: Problem, what: str) -> None:
    """Show on the first screen that something done after a command has failed (``what``: "The tree can't be reloaded").

    What the status line says is kept: it may be the outcome of the command, and no one would have read it yet.
    """
    said, tone = main.status.text, main.status.tone
    if (
        not said
        or tone == "dim"
        or isinstance(problem, NotSignedIn)
        or lines_of_failure(main.screen, Problem)
    ):
        failed(main.screen, problem)
    elif problem.message not in said:
        main.say(f"{said} {what}: {problem.message}", "bad" if tone == "bad" else "warn")


def lines_that_say(screen: Screen[Any], text: str) -> list[StatusLine]:
    """The lines of a screen that say ``text``; none if that is empty."""
    return [line for line in screen.query(StatusLine) if text and line.text == text]


def lines_of_failure(screen: Screen[Any], *kinds: type[Problem]) -> list[StatusLine]:
    """The lines of a screen that say what has failed last, if that was of these kinds."""
    kind, text = (screen.last_failure if isinstance(screen, AppScreen) else None) or (Problem, "")
    return lines_that_say(screen, text) if issubclass(kind, kinds) else []


def clear_failures(app: App[Any], *kinds: type[Problem]) -> None:
    """Clear what open screens say about failures of these kinds, which are over."""
    for screen in app.screen_stack:
        for line in lines_of_failure(screen, *kinds):
            line.say("")


async def report_failures(
    screen: AppScreen,
    work: Callable[[], Awaitable[None]],
    report: Callable[[AppScreen, Problem], None] = failed,
) -> None:
    """Do some work for a screen, and ``report`` its failure there if it is an expected one."""

    async def reported() -> None:
        try:
            await work()
        except Problem as problem:
            if screen.is_attached:
                report(screen, problem)

    await _unless_closed(screen, reported)


async def _unless_closed(screen: Screen[Any], work: Callable[[], Awaitable[None]]) -> None:
    """Do some work for a screen, which isn't to fail for want of widgets that have gone with it."""
    try:
        await work()
    except (NoMatches, NoScreen):
        # The screen was closed in the meantime, or the app is closing: nobody needs the result or the failure.
        app = screen.app
        if screen in app.screen_stack and app.is_running and not is_ending(app):
            raise


def begin_work(
    node: Widget, work: Callable[[], Awaitable[None]], *, group: str, exclusive: bool = False
) -> Worker[None]:
    """Do some work as a worker of a screen or widget, and end it quietly if widgets that it looks for have been closed
    in the meantime: they go first, and only then is the work cancelled."""
    run = partial(_unless_closed, node.screen, work)
    return node.run_worker(run, group=group, exclusive=exclusive)


def worker_action(
    *, exclusive: bool = False, group: str = "worker actions", opens: bool = False, command: str = ""
) -> Callable[[Callable[P, Coroutine[Any, Any, None]]], Callable[P, Worker[None]]]:
    """Make a coroutine method of a screen, or of an object with a ``screen``, run as a worker of that screen. Expected
    failures are shown with the screen's ``say``.

    A ``command`` (or action) is checked once more when the worker starts, since another location may be shown by then.
    If the worker ``opens`` a dialog, the keys typed until then are kept for it.
    """

    def decorate(method: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, Worker[None]]:
        name = method.__name__
        checked = command or (name.removeprefix("action_") if name.startswith("action_") else "")

        @wraps(method)
        def begin(*args: P.args, **kwargs: P.kwargs) -> Worker[None]:
            owner: Any = args[0]
            screen: AppScreen = owner.screen

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


async def in_own_thread(act: Callable[[], T]) -> T:
    """Call ``act`` in a thread of its own and wait for its result. Unlike :func:`asyncio.to_thread`, the app can end
    before it does: for what may take long to give up, such as a server that doesn't respond."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: Exception | None) -> None:
        if outcome.done():
            return  # cancelled
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value, error = None, None
        try:
            value = act()
        except Exception as problem:
            error = problem
        with suppress(RuntimeError):  # The app has ended.
            loop.call_soon_threadsafe(settle, value, error)

    Thread(target=run, daemon=True, name="in-own-thread").start()
    return await outcome
