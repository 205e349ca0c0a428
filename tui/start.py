"""Starting the app: what can go on at once does, and nothing is imported before it is needed."""

from __future__ import annotations

import gc
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clients.target import Target
    from .first import FirstPage


def _ask_first_page(target: Target, demo: bool) -> Future[FirstPage | None]:
    """Asks for the first page in a thread: the server works while this process imports."""
    answer: Future[FirstPage | None] = Future()

    def ask() -> None:
        try:
            from .first import first_page

            answer.set_result(first_page(target, demo))
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=ask, name="first-page", daemon=True).start()
    return answer


def run_app(target: Target, *, demo: bool = False, state: Path | None = None) -> int:
    """Runs the app on ``target`` and answers its exit status. ``state`` is the folder for the last links."""
    # Importing makes only objects that stay: looking through them for garbage costs a tenth of the start.
    gc.disable()
    first = _ask_first_page(target, demo)
    from .app import SentlinksApp
    from .session import Session

    app = SentlinksApp(Session(target, demo=demo, state=state, first=first))
    result = app.run()
    return result if isinstance(result, int) else app.return_code or 0
