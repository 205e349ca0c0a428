"""Starting the app: what can go on at once does, and nothing is imported before it is needed."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from . import config
from .config import preferences
from .config.sign_ins import LOCAL, SignIn
from .local import ensure, look

if TYPE_CHECKING:
    from .clients.target import Target, WorkTarget
    from .first import FirstPage


def _ask_first_page(target: Target, demo: bool) -> Future[FirstPage | None]:
    """Asks for the first page in a thread: the server works while this process imports."""
    answer: Future[FirstPage | None] = Future()
    # Who no longer waits for it takes nothing from the thread, which answers all the same.
    answer.set_running_or_notify_cancel()

    def ask() -> None:
        try:
            from .first import first_page

            answer.set_result(first_page(target, demo))
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=ask, name="first-page", daemon=True).start()
    return answer


def keeper(settings: config.Config) -> Callable[[str, str], None]:
    """What keeps a name and a token for the server in force, as the command for signing in does."""

    def keep(user: str, token: str) -> None:
        server = settings.server()
        settings.sign_ins.keep(str(server.value) if server else LOCAL, SignIn(user, token))

    return keep


def run_app(
    target: Target,
    *,
    work_target: WorkTarget | None = None,
    demo: bool = False,
    state: Path | None = None,
) -> int:
    """Runs the app on ``target`` and answers its exit status. ``state`` is the folder for the last links,
    ``work_target`` a Work server of its own."""
    # Importing makes only objects that stay: looking through them for garbage costs a tenth of the start.
    gc.disable()
    settings = config.load()
    first = None if work_target else _ask_first_page(target, demo)
    wanted = preferences.of(settings)
    if not wanted.cell_diff:
        os.environ["SENTLINKS_CELL_DIFF"] = "0"
    from .app import SentlinksApp
    from .session import Session

    # Of two servers it is not known which one does not answer, and one of somebody else is not ours to start.
    local = target.socket is not None and not demo and work_target is None
    session = Session(
        target,
        demo=demo,
        state=state,
        work_target=work_target,
        first=first,
        keep_sign_in=None if demo else keeper(settings),
        start_server=(lambda: look(settings.data) or ensure(settings)) if local else None,
    )
    app = SentlinksApp(session, wanted)
    result = app.run()
    return result if isinstance(result, int) else app.return_code or 0
