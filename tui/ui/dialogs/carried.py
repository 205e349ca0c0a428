"""What a document carries besides its text, as a dialog."""

from __future__ import annotations

from ...rules.carried import CarriedLevel, Looked, Report
from ...rules.text import printable
from .details import Details

_OPENED_BY = ("picker.carries", "send_rows.carries")


def carried_dialog(name: str, report: Report) -> Details:
    """All that people are shown of a document's report, warnings first."""
    lines = [
        (f"{'!' if finding.level is CarriedLevel.WARN else ' '} {finding.text}", finding.more or " ")
        for finding in report.shown
    ]
    if not lines:
        lines = [("Nothing found" if report.looked is Looked.WHOLE else "Not looked into", " ")]
    return Details(lines, [], report.why, heading=printable(name), opened_by=_OPENED_BY)
