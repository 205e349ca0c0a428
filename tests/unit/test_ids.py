"""The ids that people type."""

from __future__ import annotations

import pytest

from tui.rules import ids
from tui.rules.errors import InvalidValue


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ACTIVE:453", "ACTIVE!453"),
        ("ACTIVE:453.1", "ACTIVE!453.1"),
        ("ACTIVE!453.1", "ACTIVE!453.1"),
        ("a:b:453", "a:b:453"),
        ("notes/x:453", "notes/x:453"),
        ("ACTIVE:", "ACTIVE:"),
        ("ACTIVE:4a", "ACTIVE:4a"),
        ("ACTIVE:453.", "ACTIVE:453."),
        ("ACTIVE: 453", "ACTIVE: 453"),
        (":453", ":453"),
        ("453", "453"),
        ("", ""),
    ],
)
def test_a_colon_stands_for_the_mark(typed: str, meant: str) -> None:
    assert ids.canonical(typed) == meant
    assert ids.is_document(typed) == ("!" in meant)


def test_a_short_id_has_six_digits_at_least_and_is_no_whole_one() -> None:
    assert [n for n in range(40) if ids.is_short("a" * n)] == list(range(6, 32))
    assert ids.is_short("3F9A2C")
    assert not ids.is_short("3f9a2g")
    assert not ids.is_short("３９９９９９")


def test_the_one_that_fits() -> None:
    known = [("3f9a2c11", "a.txt"), ("3f9a2c12", "b\x1b.txt"), ("4444444", "c.txt")]
    assert ids.whole("3F9A2C11", known) == "3f9a2c11"
    assert ids.whole("555555", known) == "555555"
    with pytest.raises(InvalidValue, match="several IDs") as several:
        ids.whole("3f9a2c", known)
    assert "3f9a2c11 (a.txt), 3f9a2c12 (b" in several.value.message
    assert "\x1b" not in several.value.message
    with pytest.raises(InvalidValue, match="…") as many:
        ids.whole("aaaaaa", [(f"aaaaaa{n:x}", "x") for n in range(11)])
    assert many.value.message.count("(x)") == ids.MOST_LISTED


def test_as_few_digits_as_tell_them_apart() -> None:
    assert ids.fewest_digits([]) == 6
    assert ids.fewest_digits(["a" * 32]) == 6
    assert ids.fewest_digits(["a" * 32, "a" * 32, "a" * 31 + "b"]) == 32
    assert ids.fewest_digits(["a" * 32, "aaaaaaab" + "a" * 24]) == 8
