"""Where the user was when a worker was started."""

from __future__ import annotations

from contextvars import ContextVar

#: The screen whose worker is running, and its location when that was started. Dialogs that it opens inherit this.
STARTED_AT: ContextVar[tuple[int, object]] = ContextVar("STARTED_AT")
