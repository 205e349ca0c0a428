"""What is said of what documents carry, and what is believed of what a worker says."""

from __future__ import annotations

import re

import pytest

from tui.rules.carried import (
    KINDS,
    MOST_VALUES,
    REASONS,
    SHOWN,
    WARNINGS,
    CarriedLevel,
    Finding,
    Looked,
    Report,
    finding_of,
    not_looked_into,
    summary,
)
from tui.rules.carried_policy import refused, unread_refusal
from tui.rules.policy import Policy


def finding(name: str, count: int = 1, **more: object) -> Finding:
    return Finding(KINDS[name], count, KINDS[name].level, **more)  # type: ignore[arg-type]


def test_all_kinds_have_words_of_their_own() -> None:
    assert len({kind.one for kind in KINDS.values()}) == len(KINDS)
    for name, kind in KINDS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert kind.about, name
        assert "_" not in kind.one + kind.many
        assert kind.many != kind.one
    assert list(WARNINGS) == [name for name, kind in KINDS.items() if kind.level is CarriedLevel.WARN]
    assert set(SHOWN) - set(WARNINGS) == {
        name for name, kind in KINDS.items() if kind.level is CarriedLevel.INFO
    }


def test_counts_and_doubts_are_said() -> None:
    assert finding("comments").text == "1 comment"
    assert finding("queries", 2).text == "2 queries"
    assert finding("covered_text", 2, certain=False).text == "maybe 2 covered texts"


def test_who_and_where_is_said_and_cannot_control_a_terminal() -> None:
    found = finding("comments", 4, who={"Ann": 3, "\x1b[2J": 1}, where={"body": 4}, values=("x\u202e",))
    assert found.more == "Ann 3, ␛[2J 1; x\ufffd; body"
    assert finding("author", values=("Ann",)).more == "Ann"


@pytest.mark.parametrize(
    ("report", "mark"),
    [
        (Report(Looked.WHOLE), "nothing found"),
        (Report(Looked.WHOLE, (finding("author"),)), "only details"),
        (Report(Looked.WHOLE, (finding("rsids"),)), "nothing found"),
        (Report(Looked.WHOLE, (finding("comments", 3), finding("macros"))), "3 comments, 1 macro project"),
        (Report(Looked.WHOLE, (finding("author"), finding("comments", 3))), "3 comments"),
        (Report(Looked.PART, (finding("author"),)), "partly looked into"),
        (Report(Looked.PART), "partly looked into"),
        (Report(Looked.PART, (finding("comments"),)), "1 comment"),
        *((not_looked_into(reason), "not looked into") for reason in REASONS),
    ],
)  # fmt: skip
def test_nothing_found_is_said_only_of_what_was_looked_into(report: Report, mark: str) -> None:
    assert report.mark == mark


def test_why_is_a_sentence() -> None:
    assert Report(Looked.WHOLE).why == ""
    assert not_looked_into("encrypted").why == "It is encrypted."
    assert Report(Looked.PART, reason="time", not_looked_at=("a\x1b", "b")).why == "Not looked at: a␛, b."
    assert Report(Looked.PART, reason="time").why == "Looking into it took too long."
    assert not_looked_into("what a worker says").why == REASONS["crashed"]


def test_warnings_come_first_and_kinds_can_be_asked_for() -> None:
    report = Report(Looked.WHOLE, (finding("author"), finding("rsids"), finding("comments")))
    assert [each.kind.name for each in report.shown] == ["comments", "author"]
    assert [each.kind.name for each in report.has(["rsids", "comments"])] == ["rsids", "comments"]
    assert report.has(["macros"]) == ()


def test_what_is_printed_has_no_more_than_there_is() -> None:
    found = finding("comments", 2, who={"Ann": 2})
    assert found.fields() == {
        "kind": "comments",
        "class": "warn",
        "count": 2,
        "certain": True,
        "who": ["Ann"],
    }
    assert Report(Looked.PART, (found,), "time", ("a",)).fields() == {
        "looked": "part",
        "reason": "time",
        "findings": [found.fields()],
        "not_looked_at": ["a"],
    }
    assert Report(Looked.WHOLE).fields()["reason"] is None


def test_a_worker_is_believed_only_what_it_can_say() -> None:
    record = {
        "kind": "comments",
        "class": "warn",
        "count": 2,
        "certain": True,
        "who": {"Ann\x1b": 2},
        "values": ["\u202ex"],
    }
    found = finding_of(record)
    assert found == finding("comments", 2, who={"Ann␛": 2}, values=("\ufffdx",))
    wrongs: list[dict[str, object]] = [
        {"kind": "comment"}, {"kind": None}, {"count": 0}, {"count": -1}, {"count": "2"}, {"count": 2**40},
        {"class": "bad"}, {"class": None}, {"class": []},
    ]  # fmt: skip
    for wrong in wrongs:
        assert finding_of(record | wrong) is None
    odd = finding_of(record | {"who": ["Ann"], "where": {"body": "x"}, "values": "abc"})
    assert odd == finding("comments", 2)
    long = finding_of(record | {"who": {str(n): 1 for n in range(99)}, "values": ["x" * 999] * 99})
    assert long is not None
    assert (len(long.who), len(long.values), len(long.values[0])) == (MOST_VALUES, MOST_VALUES, 200)


def test_several_documents_in_one_sentence() -> None:
    clean, warned, unknown = (
        Report(Looked.WHOLE),
        Report(Looked.WHOLE, (finding("comments"),)),
        not_looked_into("kind"),
    )
    assert summary([]) == summary([clean]) == ""
    assert summary([warned, clean]) == "1 document carries more than its text."
    assert (
        summary([warned, warned, unknown]) == "2 documents carry more than their text; 1 was not looked into."
    )
    assert summary([unknown]) == "1 document was not looked into."
    assert summary([unknown, unknown]) == "2 documents were not looked into."


# ---------------------------------------------------------------- the policy


def test_the_policy_says_what_is_refused() -> None:
    report = Report(Looked.WHOLE, (finding("comments", 3), finding("author")))
    assert refused(report, Policy()) == ""
    assert refused(report, Policy(carries_refuse=("comments", "author", "macros"))) == "3 comments, 1 author"
    unknown = not_looked_into("encrypted")
    assert refused(unknown, Policy(carries_refuse=("comments",))) == ""
    assert refused(unknown, Policy(carries_unreadable="refuse")) == "what can't be looked into"
    assert refused(Report(Looked.PART), Policy(carries_unreadable="refuse")) == "what can't be looked into"
    assert refused(report, Policy(carries_unreadable="refuse")) == ""


def test_why_something_is_refused_that_could_not_be_looked_into() -> None:
    """Nothing can be cleaned there; and what was found in a part of it is the reason that helps."""
    strict = Policy(carries_refuse=("comments",), carries_unreadable="refuse")
    unknown = not_looked_into("encrypted")
    assert unread_refusal("a.docx", unknown, strict) == (
        "a.docx can't be looked into, and your firm's policy asks for that. It is encrypted."
    )
    assert unread_refusal("a.docx", unknown, Policy(carries_refuse=("comments",))) == ""
    assert unread_refusal("a.docx", Report(Looked.PART, (finding("comments", 3),)), strict) == ""
    assert unread_refusal("a.docx", Report(Looked.WHOLE), strict) == ""
