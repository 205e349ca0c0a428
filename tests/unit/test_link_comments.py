"""Which link an entry of Work's history is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tui.rules.link_comments import (
    LinkComment,
    SentLink,
    is_of_link,
    link_comment,
    link_named,
    wanted_of_work,
)

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
SETTINGS = "; expires 2026-12-04 23:59:59 UTC; downloads permitted 3; with password"
NONE_SET = "; no expiration date; downloads not limited; without password"


@pytest.mark.parametrize(
    "name", ["Offer.pdf", "a (ID 9).pdf", "a; b; without password", "(ID 1)", "", "a\nb"]
)
@pytest.mark.parametrize("settings", ["", SETTINGS, NONE_SET])
def test_the_name_and_the_id_are_read_back(name: str, settings: str) -> None:
    """Whatever the name is like."""
    assert link_comment(link_named(name, "12ab") + settings) == LinkComment(name, "12ab")


@pytest.mark.parametrize("settings", ["", SETTINGS, NONE_SET])
def test_earlier_versions_have_noted_the_name_alone(settings: str) -> None:
    assert link_comment(f"Secure Sent Link Offer.pdf{settings}") == LinkComment("Offer.pdf", None)


@pytest.mark.parametrize(
    "comment", [None, "", 3, "to a disk", "secure sent link a (ID 1)", "x Secure Sent Link a"]
)
def test_other_comments_are_about_no_link(comment: Any) -> None:
    assert link_comment(comment) is None
    assert not is_of_link(comment, NOW, "1", [SentLink("a", NOW)])


def test_another_link_of_the_same_document_is_told_apart() -> None:
    sends = [SentLink("a.pdf", NOW)]
    assert is_of_link("Secure Sent Link a.pdf (ID 1)" + SETTINGS, None, "1", [])
    assert not is_of_link("Secure Sent Link a.pdf (ID 2)", NOW, "1", sends)
    # Without the ID, it is what was noted when this one was sent.
    old = "Secure Sent Link a.pdf" + SETTINGS
    assert is_of_link(old, NOW + timedelta(seconds=2), "1", sends)
    assert not is_of_link(old, NOW + timedelta(minutes=1), "1", sends)
    assert not is_of_link(old, None, "1", sends)
    assert not is_of_link(old, NOW, "1", [SentLink("b.pdf", NOW), SentLink("a.pdf", None)])


def test_what_belongs_to_activity() -> None:
    """Of a link what is about it, whoever did it; else what the user has done, or all."""
    mine = SimpleNamespace(user="ANNA", at=NOW, comments="Secure Sent Link a.pdf (ID 1)")
    other = SimpleNamespace(user="BOB", at=NOW, comments="to a disk")
    found = {
        given: [entry.user for entry in (mine, other) if wanted_of_work(*given)(entry)]
        for given in (("1", (), "BOB"), ("2", (), "ANNA"), (None, (), "BOB"), (None, (), None))
    }
    assert list(found.values()) == [["ANNA"], [], ["BOB"], ["ANNA", "BOB"]]
