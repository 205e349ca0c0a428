"""D5: passwords that are made, and told on the telephone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.rules import policy_breaches, typed_values
from tui.rules.common_passwords import common_passwords
from tui.rules.password_strength import strength
from tui.rules.policy import Policy
from tui.rules.spoken_passwords import MOST_CHARACTERS, WORDS, made_password, spoken_words


def test_the_words_can_be_said() -> None:
    """Short, in small letters, each once; and so many that seven of them have 72 bits."""
    words = spoken_words()
    assert all(word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 5 for word in words)
    assert len(set(words)) == len(words)
    assert math.log2(len(words)) * WORDS > 72


def test_a_password_is_words_with_hyphens_and_no_longer_than_can_be_said() -> None:
    made = {made_password(Policy()) for _ in range(300)}
    assert len(made) == 300
    for password in made:
        parts = password.split("-")
        assert len(parts) == WORDS
        assert set(parts) <= set(spoken_words())
        assert len(password) <= MOST_CHARACTERS
        typed_values.check_password(password)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 256), st.integers(0, 4))
def test_whatever_the_policy_it_is_met(least: int, kinds: int) -> None:
    rules = Policy(password_required=True, password_min_length=least or None, password_classes=kinds or None)
    password = made_password(rules)
    assert policy_breaches.check_password(rules, password, common_passwords()) is None
    assert len(password) <= max(MOST_CHARACTERS, least + 6)
    assert len(password.split("-")) >= WORDS


@pytest.mark.parametrize("kinds", [None, 3, 4])
def test_it_is_as_hard_to_guess_as_an_estimate_can_tell(kinds: int | None) -> None:
    from zxcvbn import zxcvbn

    for _ in range(5):
        password = made_password(Policy(password_classes=kinds))
        assert strength(password).is_strong
        found = zxcvbn(password)
        assert found["score"] == 4
        assert found["guesses_log10"] > 20


def test_one_that_takes_100_million_guesses_is_not_weak() -> None:
    assert strength("tricky fish").is_strong
    assert not strength("orange-lamp").is_strong
    assert not strength("tricky fish", ["tricky@example.com", "Fish"]).is_strong
