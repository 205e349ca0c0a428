"""The result of a check, and its remedy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """How a check ends; only ``BAD`` makes ``sentlinks doctor`` fail."""

    OK = "ok"
    #: Something works less well than it could, or may be wrong.
    WARN = "warn"
    #: Something that was set up does not work.
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """``found`` is a sentence or two; ``remedy`` says what to do, empty if there is nothing to fix."""

    id: str
    state: CheckState
    found: str
    remedy: str = ""

    def fields(self) -> dict[str, str]:
        """The fields as printed."""
        return asdict(self)


def ok(ident: str, found: str, remedy: str = "") -> Check:
    """Nothing to do; ``remedy`` is at most advice."""
    return Check(ident, CheckState.OK, found, remedy)


def warn(ident: str, found: str, remedy: str = "") -> Check:
    """It works, but less well than it could, or may be wrong."""
    return Check(ident, CheckState.WARN, found, remedy)


def bad(ident: str, found: str, remedy: str = "") -> Check:
    """Something that was set up doesn't work; ``remedy`` says what to do."""
    return Check(ident, CheckState.BAD, found, remedy)
