"""Starting the app: what can run concurrently does, and nothing is imported before it is needed."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from .. import config
from ..config import preferences
from ..config.sign_ins import LOCAL, StoredSignIn
from ..local_server.local_server import ensure, look

if TYPE_CHECKING:
    from ..clients.first_page import FirstPage
    from ..clients.target import Target
    from ..clients.work_target import WorkTarget


def _ask_first_page(target: Target, demo: bool) -> Future[FirstPage | None]:
    """Request the first page in a thread: the server works while this process imports."""
    answer: Future[FirstPage | None] = Future()
    # The thread sets the result even if nothing waits for it any more, so it must not be cancelled.
    answer.set_running_or_notify_cancel()

    def ask() -> None:
        try:
            from ..clients.first_page import first_page

            answer.set_result(first_page(target, demo))
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=ask, name="first-page", daemon=True).start()
    return answer


def keeper(settings: config.Config, target: Target) -> Callable[[str, str], None]:
    """Return a function that saves a name and a token for the server ``target``, as the sign-in command does.

    Which server is configured may change while the app runs, as by a command that signs in or out. The token must not
    be sent to another one than issued it.
    """
    server = LOCAL if target.socket is not None else target.url

    def keep(user: str, token: str) -> None:
        settings.sign_ins.keep(server, StoredSignIn(user, token))

    return keep


def run_app(
    target: Target,
    *,
    work_target: WorkTarget | None = None,
    demo: bool = False,
    state: Path | None = None,
    no_mouse: bool = False,
) -> int:
    """Run the app on ``target`` and return its exit status. ``state`` is the folder for the last links, ``work_target``
    a separate Work server. ``no_mouse``: the mouse isn't used, whatever the settings say."""
    # Imports only create objects that stay: searching them for garbage costs a tenth of the start-up time.
    gc.disable()
    settings = config.load()
    first = None if work_target else _ask_first_page(target, demo)
    wanted = preferences.of(settings)
    if no_mouse:
        # Only now, and not in the file: the dialog of the settings shows what holds.
        wanted = wanted.with_value("mouse", False)
    if not wanted.cell_diff:
        os.environ["SENTLINKS_CELL_DIFF"] = "0"
    from ..session import Session
    from ..terminal.capabilities import has_mouse
    from .app import SentlinksApp

    # Of two servers it isn't known which one doesn't respond, and one that belongs to someone else isn't ours to start.
    local = target.socket is not None and not demo and work_target is None
    session = Session(
        target,
        demo=demo,
        state=state,
        work_target=work_target,
        first=first,
        keep_sign_in=None if demo else keeper(settings, target),
        start_server=(lambda: look(settings.data) or ensure(settings)) if local else None,
    )
    app = SentlinksApp(session, wanted)
    if demo:
        # What it says must still be there when the demo has gone.
        app.crash_folder = settings.places.state
    result = app.run(mouse=wanted.mouse and has_mouse(os.environ))
    return result if isinstance(result, int) else app.return_code or 0
