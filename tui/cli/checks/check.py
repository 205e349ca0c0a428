"""What a check has found, and what helps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    #: Something does less than it could, or may not be as it should.
    WARN = "warn"
    #: Something that was set up does not work.
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """``found`` is a sentence or two; ``remedy`` what to do, empty where there is nothing to mend."""

    id: str
    state: State
    found: str
    remedy: str = ""

    def fields(self) -> dict[str, str]:
        """As they are printed."""
        return asdict(self)


def ok(ident: str, found: str, remedy: str = "") -> Check:
    return Check(ident, State.OK, found, remedy)


def warn(ident: str, found: str, remedy: str = "") -> Check:
    return Check(ident, State.WARN, found, remedy)


def bad(ident: str, found: str, remedy: str = "") -> Check:
    return Check(ident, State.BAD, found, remedy)
