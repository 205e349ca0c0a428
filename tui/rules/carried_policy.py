"""What is to become of documents by what they carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Final

from .carried import KINDS, CarriedLevel, Finding, Looked, Report
from .display import counted
from .policy import Policy

#: Stands among the kinds for a document that couldn't be looked into.
UNREADABLE: Final = "unreadable"


class Handling(StrEnum):
    """What is to become of a document with something in it."""

    OFF = "off"
    WARN = "warn"
    REFUSE = "refuse"


def handling_of(policy: Policy, kind: str) -> Handling:
    """What is to become of a document with something of a kind (``carried.py``)."""
    if kind in (policy.carries_refuse or ()):
        return Handling.REFUSE
    known = KINDS.get(kind)
    by_default = known is not None and known.level is CarriedLevel.WARN
    is_warned = by_default if policy.carries_warn is None else kind in policy.carries_warn
    return Handling.WARN if is_warned else Handling.OFF


def handling_of_unreadable(policy: Policy) -> Handling:
    """What is to become of a document that can't be looked into."""
    return Handling(policy.carries_unreadable or Handling.WARN)


def judged(report: Report, policy: Policy) -> Report:
    """The report with the findings that the policy warns of as warnings, and no others."""
    if policy.carries_warn is None and not policy.carries_refuse:
        return report
    findings = tuple(replace(each, level=_level(each, policy)) for each in report.findings)
    return replace(report, findings=findings)


def _level(finding: Finding, policy: Policy) -> CarriedLevel:
    is_refused = finding.kind.name in (policy.carries_refuse or ())
    if policy.carries_warn is None and not is_refused:
        return finding.level
    if is_refused or finding.kind.name in (policy.carries_warn or ()):
        return CarriedLevel.WARN
    return CarriedLevel.INFO if finding.level is CarriedLevel.WARN else finding.level


def refused(report: Report, policy: Policy) -> str:
    """What of a document the policy refuses, in words: ``3 comments, 1 hidden text``; empty if it refuses nothing."""
    found = [each.text for each in report.findings if handling_of(policy, each.kind.name) is Handling.REFUSE]
    if not found and report.looked is not Looked.WHOLE and handling_of_unreadable(policy) is Handling.REFUSE:
        return "what can't be looked into"
    return ", ".join(found)


def unread_refusal(name: str, report: Report, policy: Policy) -> str:
    """The sentences about a document that the policy refuses because it couldn't be looked into; empty if it doesn't,
    or if it refuses what was found in it."""
    if not refused(report, policy) or report.has(policy.carries_refuse or ()):
        return ""
    return f"{name} can't be looked into, and your firm's policy asks for that. {report.why}"


def warns_of_unreadable(policy: Policy) -> bool:
    """Whether the policy itself says that what can't be looked into is asked about."""
    return policy.carries_unreadable in (Handling.WARN, Handling.REFUSE)


def asks_about_unread(report: Report, policy: Policy) -> bool:
    """Whether the policy has the sender asked about a document since not all of it could be looked into."""
    return report.looked is not Looked.WHOLE and warns_of_unreadable(policy)


def asks_for_look(policy: Policy) -> bool:
    """Whether senders' programs have to look into documents, whatever their settings say."""
    return bool(policy.carries_warn or policy.carries_refuse) or warns_of_unreadable(policy)


def needs_look(policy: Policy) -> bool:
    """Whether the policy refuses something that only a look into the document can tell."""
    return bool(policy.carries_refuse) or handling_of_unreadable(policy) is Handling.REFUSE


def in_order(kinds: Iterable[object]) -> list[str]:
    """Kinds as they are stored somewhere, those that matter most first."""
    places = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(map(str, kinds), key=lambda kind: places.get(kind, len(places)))


def counted_kind(name: str, count: object) -> str:
    """``3 comments``, of a kind as it is stored somewhere; both may be anything."""
    if name == UNREADABLE:
        return "what can't be looked into"
    kind = KINDS.get(name)
    word = name.replace("_", " ")
    one, many = (kind.one, kind.many) if kind is not None else (word, word)
    is_count = isinstance(count, int) and not isinstance(count, bool) and 0 < count < 10**12
    return counted(count, one, many) if is_count and isinstance(count, int) else many
