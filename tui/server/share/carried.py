"""What a client has found in a document that it publishes, for the audit."""

from __future__ import annotations

from typing import Any

from ...rules.carried import KINDS
from ...rules.carried_policy import UNREADABLE
from ...wire.carried import CarriesReport


def details(report: CarriesReport) -> dict[str, Any]:
    """The details of the event *sent*; kinds that aren't known are left out."""
    found = {kind: report.found[kind] for kind in KINDS if kind in report.found}
    overruled = [kind for kind in (*KINDS, UNREADABLE) if kind in report.overruled]
    kept = {"looked": report.looked, "carries": found, "overruled": overruled}
    return {key: value for key, value in kept.items() if value}
