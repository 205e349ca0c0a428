"""The lines that a check is printed as."""

from __future__ import annotations

from ...rules.check_results import Check, CheckState
from ...rules.text import printable
from ..base.output import say

_MARKS = {CheckState.OK: "ok  ", CheckState.WARN: "WARN", CheckState.BAD: "BAD "}


def show(check: Check) -> None:
    """Print a check, and its remedy below it."""
    say(f"{_MARKS[check.state]}  {check.id}: {printable(check.found)}")
    if check.remedy:
        say(f"      {check.remedy}")
