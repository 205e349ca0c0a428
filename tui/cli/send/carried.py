"""Looking into documents before ``sentlinks send`` sends them: ``--carries``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.keys import CARRIES
from ...rules.carried import Looked
from ...rules.carried_policy import asks_for_look, judged, refused, unread_refusal
from ...rules.display import counted
from ...rules.errors import PolicyBreach
from ...rules.text import printable
from ..base.common import CommandSession
from ..base.output import tell

if TYPE_CHECKING:
    from ...rules.carried import Report
    from ...rules.policy import Policy
    from ...sending.job.job import JobRow
    from ...sending.sources import SendSource

#: The values of the option.
WAYS = ("off", "warn", "refuse")


def way(session: CommandSession, given: str | None) -> str:
    """The value of the option, else the configuration's; a command looks into nothing if neither says so.

    Raises :class:`InvalidValue`.
    """
    if given is not None:
        return given
    return session.config.one_of("carries", CARRIES) if session.config.setting("carries") else "off"


async def look_into(sources: Sequence[SendSource], way: str, policy: Policy) -> list[Report]:
    """Look into the documents and tell what was found; nothing if ``way`` is ``off`` and the policy doesn't ask for it.

    Raises :class:`PolicyBreach` if the policy refuses what one of them carries, or if one carries what is warned of and
    ``way`` is ``refuse``.
    """
    if way == "off" and not asks_for_look(policy):
        return []
    reports = [judged(report, policy) for report in await _reports(sources)]
    pairs = list(zip(sources, reports, strict=True))
    unread = [
        what for source, report in pairs if (what := unread_refusal(printable(source.name), report, policy))
    ]
    by_policy = [
        (source, what)
        for source, report in pairs
        if (what := refused(report, policy)) and not unread_refusal("", report, policy)
    ]
    if by_policy:
        raise _breach("policy.carries", by_policy, "Your firm's policy refuses that: remove it first.")
    if unread:
        rest = len(unread) - 1
        others = f" The same goes for {counted(rest, 'other')}." if rest else ""
        raise PolicyBreach("policy.carries_unreadable", f"{unread[0]}{others} Nothing was sent.")
    warned = [(source, report.mark) for source, report in pairs if report.warnings]
    if warned and way == "refuse":
        raise _breach("carries.refused", warned, "Remove that first, or send with --carries warn.")
    for source, mark in warned:
        tell(f"{printable(source.name)} carries {mark}.")
    for source, report in pairs:
        if report.why:
            looked = "was not looked into" if report.looked is Looked.NOT else "was partly looked into"
            tell(f"{printable(source.name)} {looked}: {report.why}")
    return reports


async def _reports(sources: Sequence[SendSource]) -> list[Report]:
    from ...inspection.inspector import Inspector
    from ...sending.carried import CarriedReports

    carried = CarriedReports(Inspector())
    try:
        return await carried.look(sources)
    finally:
        carried.close()


def _breach(code: str, found: Sequence[tuple[SendSource, str]], then: str) -> PolicyBreach:
    source, what = found[0]
    rest = len(found) - 1
    others = f" So {'does 1 other' if rest == 1 else f'do {rest} others'}." if rest else ""
    return PolicyBreach(code, f"{printable(source.name)} carries {what}.{others} Nothing was sent. {then}")


def note_reports(rows: Sequence[JobRow], reports: Sequence[Report], policy: Policy) -> None:
    """Note with the rows of a job what was found in their documents: the user was told of it, and sends them."""
    if reports:
        from ...sending.carried import reported

        for row, report in zip(rows, reports, strict=True):
            row.note_report(reported(report, policy, overruled=True))
