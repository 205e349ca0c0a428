"""Expected failures.

Each carries one sentence for a person (what was wrong, what to do) and a stable code for a program.
The class says what kind of failure it is, and with that the exit status of a command and the status
of an HTTP answer::

    Problem                 exit 1   http 500
     ├─ Failed              exit 1   http 500   something of the work failed
     │   ├─ Conflict        exit 1   http 409   what is there now does not allow it
     │   ├─ TooLarge        exit 1   http 413   more than the server takes
     │   ├─ NoRoom          exit 1   http 507   more than one person may have there
     │   └─ Unavailable     exit 1   http 503   the server has it, but cannot give it out
     ├─ InvalidValue        exit 2   http 422   a value given is wrong
     ├─ PolicyBreach        exit 3   http 422   the administrator's policy refuses it
     ├─ NotSignedIn         exit 4   http 401
     ├─ NotAllowed          exit 4   http 403
     ├─ Throttled           exit 4   http 429   come again in ``retry_after`` seconds
     ├─ NotFound            exit 5   http 404   also: not yours
     └─ Unreachable         exit 6   http 503   the server cannot be reached
         └─ Interrupted     exit 1   http 503   it was reached, and the connection broke midway
"""

from __future__ import annotations

from typing import ClassVar


class Problem(Exception):
    """An expected failure with a sentence (``message``) and a stable ``code``."""

    exit_status: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Failed(Problem):
    """Something of the work failed."""


class Conflict(Failed):
    """What is there now does not allow it."""

    http_status = 409


class TooLarge(Failed):
    """More than the server takes."""

    http_status = 413


class NoRoom(Failed):
    """More than one person may have on the server."""

    http_status = 507


class Unavailable(Failed):
    """The server has it, but cannot give it out."""

    http_status = 503


class InvalidValue(Problem):
    """A value that was given is wrong. ``field`` names it where it is one of a form."""

    exit_status = 2
    http_status = 422

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(code, message)
        self.field = field


class PolicyBreach(InvalidValue):
    """The administrator's policy refuses the value."""

    exit_status = 3


class NotSignedIn(Problem):
    """No access token, or one that is no longer good."""

    exit_status = 4
    http_status = 401


class NotAllowed(Problem):
    """It can be seen, but this person may not do it."""

    exit_status = 4
    http_status = 403


class Throttled(Problem):
    """Too many tries; ``retry_after`` says in how many seconds to come again."""

    exit_status = 4
    http_status = 429

    def __init__(self, code: str, message: str, retry_after: int = 1) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class NotFound(Problem):
    """There is no such thing, or it is another person's."""

    exit_status = 5
    http_status = 404


class Unreachable(Problem):
    """The server cannot be reached."""

    exit_status = 6
    http_status = 503


class Interrupted(Unreachable):
    """The server was reached, and the connection broke midway."""

    exit_status = 1
