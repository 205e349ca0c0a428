"""What was probably meant by a word that isn't known."""

from __future__ import annotations

import pytest

from tui.rules.similar import did_you_mean, near, with_question


@pytest.mark.parametrize(
    ("word", "known", "question"),
    [
        ("lst", ["list", "restore"], "Did you mean 'list'?"),
        ("snd", ["send", "sends", "resend"], "Did you mean 'send'?"),
        ("sendd", ["sends", "send", "resend"], "Did you mean 'send' or 'sends'?"),
        ("ab", ["abc", "abd", "abe", "abf"], "Did you mean 'abc', 'abd' or 'abe'?"),
        ("PUBLIC", ["public", "view"], "Did you mean 'public'?"),
        ("sned", ["send", "view"], "Did you mean 'send'?"),
        ("expire_max", ["expires_max", "folder_name"], "Did you mean 'expires_max'?"),
        ("xyzzy", ["public", "view"], ""),
        ("", ["public"], ""),
        ("public", [], ""),
        ("public" * 10_000, ["public"], ""),
    ],
)
def test_similar_words_are_named(word: str, known: list[str], question: str) -> None:
    assert did_you_mean(word, known) == question


def test_how_similar_it_must_be_can_be_said() -> None:
    assert near("mailbox", ["mail", "view"], least=0.5) == ["mail"]
    assert near("mailbox", ["mail", "view"], least=0.8) == []


def test_nothing_is_meant_by_a_word_that_is_longer_than_any() -> None:
    longest = "m" * 100
    assert near(longest, [longest]) == [longest]
    assert near(f"{longest}m", [longest, f"{longest}m"]) == []


def test_the_question_follows_a_message() -> None:
    assert with_question("No.", "lst", ["list"]) == "No. Did you mean 'list'?"
    assert with_question("No.", "xyzzy", ["list"]) == "No."
