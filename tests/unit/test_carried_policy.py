"""What the policy makes of the things that documents carry."""

from __future__ import annotations

import pytest

from tui.rules.carried import KINDS, CarriedLevel, Finding, Looked, Report, not_looked_into
from tui.rules.carried_policy import (
    Handling,
    asks_about_unread,
    asks_for_look,
    counted_kind,
    handling_of,
    handling_of_unreadable,
    in_order,
    judged,
    needs_look,
    refused,
)
from tui.rules.policy import Policy
from tui.sending.carried import reported

COMMENTS = Finding(KINDS["comments"], 3, CarriedLevel.WARN)
AUTHOR = Finding(KINDS["author"], 1, CarriedLevel.INFO)
#: On a file server, which makes a warning of it.
TEMPLATE = Finding(KINDS["attached_template"], 1, CarriedLevel.WARN)
REPORT = Report(Looked.WHOLE, (COMMENTS, AUTHOR, TEMPLATE))


def warned(policy: Policy) -> list[str]:
    return [finding.kind.name for finding in judged(REPORT, policy).warnings]


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        (Policy(), ["comments", "attached_template"]),
        (Policy(carries_warn=()), []),
        (Policy(carries_warn=("author",)), ["author"]),
        (Policy(carries_refuse=("author",)), ["comments", "author", "attached_template"]),
        (Policy(carries_warn=(), carries_refuse=("comments",)), ["comments"]),
    ],
)
def test_which_findings_are_warnings(policy: Policy, kinds: list[str]) -> None:
    assert warned(policy) == kinds


def test_what_becomes_of_a_kind() -> None:
    policy = Policy(carries_warn=("author",), carries_refuse=("macros",))
    assert [handling_of(policy, kind) for kind in ("macros", "author", "comments", "no such")] == [
        Handling.REFUSE, Handling.WARN, Handling.OFF, Handling.OFF,
    ]  # fmt: skip
    assert [handling_of(Policy(), kind) for kind in ("macros", "author")] == [Handling.WARN, Handling.OFF]
    assert handling_of_unreadable(Policy()) is Handling.WARN
    assert [needs_look(each) for each in (Policy(), policy, Policy(carries_unreadable="refuse"))] == [
        False, True, True,
    ]  # fmt: skip
    assert not asks_for_look(Policy(carries_warn=(), carries_unreadable="off"))
    assert asks_for_look(Policy(carries_warn=("author",)))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_what_the_policy_says_of_it(kind: str) -> None:
    """Off, warn or refuse, whatever it is by default; and what isn't named is off where others are."""
    other = "comments" if kind != "comments" else "author"
    for level in CarriedLevel:
        report = Report(Looked.WHOLE, (Finding(KINDS[kind], 2, level),))
        for policy, handling in (
            (Policy(carries_warn=(other,)), Handling.OFF),
            (Policy(carries_warn=(kind, other)), Handling.WARN),
            (Policy(carries_warn=(), carries_refuse=(kind,)), Handling.REFUSE),
            (Policy(carries_warn=(kind,), carries_refuse=(kind,)), Handling.REFUSE),
        ):
            assert handling_of(policy, kind) is handling
            assert bool(judged(report, policy).warnings) is (handling is not Handling.OFF)
            assert bool(refused(report, policy)) is (handling is Handling.REFUSE)


def test_what_is_sent_of_a_report() -> None:
    twice = Report(Looked.PART, (COMMENTS, AUTHOR, COMMENTS))
    sent = reported(twice, Policy(), overruled=True)
    assert sent is not None
    assert (sent.looked, sent.found, sent.overruled) == ("part", {"comments": 6, "author": 1}, ["comments"])
    not_asked = reported(twice, Policy(), overruled=False)
    assert not_asked is not None
    assert not_asked.overruled == []
    unread = reported(not_looked_into("encrypted"), Policy(carries_unreadable="warn"), overruled=True)
    assert unread is not None
    assert (unread.looked, unread.found, unread.overruled) == ("not", {}, ["unreadable"])
    partly = reported(Report(Looked.PART, reason="time"), Policy(carries_unreadable="warn"), overruled=True)
    assert partly is not None
    assert (partly.looked, partly.overruled) == ("part", ["unreadable"])
    assert reported(None, Policy(), overruled=True) is None


def test_what_is_only_partly_looked_into_is_asked_about_as_what_is_not() -> None:
    for asked, policy in (
        (True, Policy(carries_unreadable="warn")),
        (True, Policy(carries_unreadable="refuse")),
        (False, Policy(carries_unreadable="off")),
        (False, Policy()),
    ):
        for looked in Looked:
            assert asks_about_unread(Report(looked), policy) == (asked and looked is not Looked.WHOLE)


def test_words() -> None:
    assert in_order(["author", "x", "comments"]) == ["comments", "author", "x"]
    assert counted_kind("comments", 1) == "1 comment"
    assert counted_kind("comments", None) == "comments"
    assert counted_kind("of_the_future", 2) == "2 of the future"
