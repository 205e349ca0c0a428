"""The fields of a send: password (D5), downloads permitted (D7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules import typed_values
from tui.rules.errors import InvalidValue
from tui.rules.text import printable

# --- downloads ---


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("5", 5),
        (" 17 ", 17),
        ("007", 7),
        ("+5", 5),
        ("1000000", 1_000_000),
        ("1,000", 1000),
        ("12,345", 12_345),
        ("1,000,000", 1_000_000),
        ("10k", 10_000),
        (" 1,000K", 1_000_000),
    ],
)
def test_downloads(text: str, number: int) -> None:
    """D7: a whole number from 1 to 1,000,000, which may be written with separators, as the messages do."""
    assert typed_values.parse_downloads(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-1",
        "1.5",
        "1000001",
        "1000000000000",
        "10^12",
        "1e3",
        "１２",
        "²",
        "٣",
        "",
        " ",
        "one",
        "0x10",
        "1_000",
        "1,5",
        "1.000",
        "1,0000",
        "1000,000",
        "0,001",
        ",100",
        "1,000,",
        "1,000,001",
        "1 000",
        "k",
        "1.5k",
        "10 k",
        "1001k",
        "1kk",
        "1m",
        "5 5",
        "+-5",
        "+",
        "9" * 50,
        "9" * 9000,
        "1\x1b",
    ],
)
def test_other_numbers_of_downloads_are_refused(text: str) -> None:
    """D7: with a single message that says what is accepted."""
    with pytest.raises(InvalidValue) as caught:
        typed_values.parse_downloads(text)
    error = caught.value
    assert error.field == "downloads"
    assert error.exit_status == 2
    assert "1 to 1,000,000" in error.message
    assert printable(error.message) == error.message
    assert len(error.message) < 200


@given(st.integers(-(10**12), 10**12))
def test_exactly_the_range_is_taken(number: int) -> None:
    taken = True
    try:
        assert typed_values.parse_downloads(str(number)) == number
    except InvalidValue:
        taken = False
    assert taken == (1 <= number <= 1_000_000)


# --- password ---


@pytest.mark.parametrize(
    "password", ["x", " ", "pässwörd", "密码", "a b", "😀", "\u200b", "x" * 1024, "é" * 512]
)
def test_passwords_that_can_be(password: str) -> None:
    typed_values.check_password(password)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password.empty"),
        ("a\nb", "password.control_character"),
        ("a\x00", "password.control_character"),
        ("a\x7f", "password.control_character"),
        ("a\x9b", "password.control_character"),
        ("\udcff", "password.control_character"),
        ("x" * 1025, "password.too_long"),
        ("é" * 513, "password.too_long"),
    ],
)
def test_passwords_that_cannot_be(password: str, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        typed_values.check_password(password)
    assert caught.value.code == code
    assert not password or password not in caught.value.message


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("secret\n", "secret"),
        ("secret\r\n", "secret"),
        ("secret\r", "secret"),
        ("secret", "secret"),
        ("secret\n\n", "secret\n"),
        (" secret \n", " secret "),
        ("\n", ""),
        ("", ""),
    ],
)
def test_one_trailing_line_break_is_dropped(text: str, password: str) -> None:
    assert typed_values.without_line_break(text) == password


@pytest.mark.parametrize(("typed", "shown"), [("x" * 60, "x" * 60), ("x" * 61, "x" * 59 + "…")])
def test_what_was_typed_is_shown_up_to_a_length(typed: str, shown: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        typed_values.parse_downloads(typed)
    assert refused.value.message.startswith(f"{shown} can't")
