"""Expected failures.

Each has one sentence for the user (what was wrong, what to do) and a stable code for programs. The class is the kind
of failure, which determines the exit status of a command and the status of an HTTP response::

    Problem                 exit 1   http 500
     ├─ Failed              exit 1   http 500   the operation failed
     │   ├─ Conflict        exit 1   http 409   the current state doesn't allow it
     │   ├─ TooLarge        exit 1   http 413   more than the server accepts
     │   ├─ NoRoom          exit 1   http 507   more than one user may store
     │   └─ Unavailable     exit 1   http 503   the server has it, but can't deliver it
     ├─ InvalidValue        exit 2   http 422   a value given is wrong
     ├─ PolicyBreach        exit 3   http 422   the administrator's policy refuses it
     ├─ NotSignedIn         exit 4   http 401
     ├─ NotAllowed          exit 4   http 403
     ├─ Throttled           exit 4   http 429   try again in ``retry_after`` seconds
     ├─ NotFound            exit 5   http 404   also: not yours
     └─ Unreachable         exit 6   http 503   the server can't be reached
         ├─ Busy            exit 6   http 503   it has no room now; try again in ``retry_after`` seconds
         └─ Interrupted     exit 1   http 503   it was reached, and the connection broke midway
"""

from __future__ import annotations

from typing import ClassVar

from .text import shortened


class Problem(Exception):
    """An expected failure with a sentence (``message``) and a stable ``code``."""

    exit_status: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = shortened(message)


class Failed(Problem):
    """The operation failed."""


class Conflict(Failed):
    """The current state doesn't allow it."""

    http_status = 409


class TooLarge(Failed):
    """More than the server accepts."""

    http_status = 413


class NoRoom(Failed):
    """More than one user may store on the server."""

    http_status = 507


class Unavailable(Failed):
    """The server has it, but can't deliver it; after ``retry_after`` seconds it may, if that is known."""

    http_status = 503

    def __init__(self, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class InvalidValue(Problem):
    """A value that was given is wrong. ``field`` is its name if it belongs to a form."""

    exit_status = 2
    http_status = 422

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(code, message)
        self.field = field


class PolicyBreach(InvalidValue):
    """The administrator's policy refuses the value."""

    exit_status = 3


class NotSignedIn(Problem):
    """No access token, or one that is no longer valid. ``token`` is the one that a request carried (empty: none), if
    it is one that was refused."""

    exit_status = 4
    http_status = 401
    token: str | None = None


class NotAllowed(Problem):
    """The user may see it, but not do this."""

    exit_status = 4
    http_status = 403


class Throttled(Problem):
    """Too many attempts; ``retry_after`` is the number of seconds to wait before the next one."""

    exit_status = 4
    http_status = 429

    def __init__(self, code: str, message: str, retry_after: int = 1) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class NotFound(Problem):
    """It doesn't exist, or belongs to another user."""

    exit_status = 5
    http_status = 404


class Unreachable(Problem):
    """The server can't be reached."""

    exit_status = 6
    http_status = 503


class Busy(Unreachable):
    """The server has no room for the request now; ``retry_after`` is the number of seconds to wait."""

    def __init__(self, code: str, message: str, retry_after: int = 1) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class Interrupted(Unreachable):
    """The server was reached, and the connection broke midway."""

    exit_status = 1
