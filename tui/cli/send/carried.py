"""Looking into documents before ``sentlinks send`` sends them: ``--carries``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config import CARRIES
from ...rules.carried_policy import asks_for_look, judged
from ...rules.errors import PolicyBreach
from ...rules.text import printable
from ..base.common import CommandSession
from ..base.output import tell

if TYPE_CHECKING:
    from ...rules.carried import Report
    from ...rules.policy import Policy
    from ...sending.job.job import JobRow
    from ...sending.plan import SendSource

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

    Raises :class:`PolicyBreach` if one of them carries what is warned of and ``way`` is ``refuse``.
    """
    if way == "off" and not asks_for_look(policy):
        return []
    from ...inspection.inspector import Inspector
    from ...sending.carried import CarriedReports

    carried = CarriedReports(Inspector())
    try:
        reports = [judged(report, policy) for report in await carried.look(sources)]
    finally:
        carried.close()
    warned = [(source, report) for source, report in zip(sources, reports, strict=True) if report.warnings]
    if warned and way == "refuse":
        source, report = warned[0]
        others = f" So do {len(warned) - 1} others." if len(warned) > 1 else ""
        raise PolicyBreach(
            "carries.refused",
            f"{printable(source.name)} carries {report.mark}.{others} Nothing was sent; remove that first, or send "
            "with --carries warn.",
        )
    for source, report in zip(sources, reports, strict=True):
        if report.warnings:
            tell(f"{printable(source.name)} carries {report.mark}.")
        if report.why:
            looked = "was not looked into" if report.mark == "not looked into" else "was partly looked into"
            tell(f"{printable(source.name)} {looked}: {report.why}")
    return reports


def note_reports(rows: Sequence[JobRow], reports: Sequence[Report], policy: Policy) -> None:
    """Note with the rows of a job what was found in their documents: the user was told of it, and sends them."""
    if reports:
        from ...sending.carried import reported

        for row, report in zip(rows, reports, strict=True):
            row.carries = reported(report, policy, overruled=True)
