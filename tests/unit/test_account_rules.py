"""Names and passwords of users."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules import accounts
from tui.rules.common_passwords import common_passwords, known_by_now
from tui.rules.errors import InvalidValue


def fits(name: str) -> bool:
    try:
        accounts.kept_name(name)
    except InvalidValue:
        return False
    return True


@given(st.text(max_size=40))
def test_a_kept_name_stays_as_it_is(text: str) -> None:
    if fits(text):
        kept = accounts.kept_name(text)
        assert accounts.kept_name(kept) == kept
        assert accounts.visible(kept)
        assert unicodedata.normalize("NFKC", kept) == kept
        assert accounts.escaped(kept) == kept
        assert kept in accounts.names_meant(text)


def test_a_typed_name_has_1024_characters_at_most() -> None:
    """That includes blanks, which aren't kept; a longer text is refused before it is looked at closely."""
    longest = " " * 1019 + "alice"
    assert accounts.kept_name(longest) == "ALICE"
    assert accounts.names_meant(longest) == (longest, "ALICE")
    assert not fits(f" {longest}")
    assert accounts.names_meant(f" {longest}") == ()


@given(st.text(max_size=40).filter(lambda text: "\\" not in text))
def test_what_is_spelled_out_can_be_seen_and_read_back(name: str) -> None:
    spelled = accounts.escaped(name)
    assert accounts.visible(spelled)
    assert accounts.unescaped(spelled) == name


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("ALICE\u200b", "ALICE\\u200B"),
        ("A\U000e0041B", "A\\U000E0041B"),
        ("A\U0010ffff", "A\\U0010FFFF"),
        ("ÄNNE 1", "ÄNNE 1"),
    ],
)
def test_how_it_is_spelled(name: str, spelled: str) -> None:
    assert accounts.escaped(name) == spelled
    assert accounts.unescaped(spelled) == name


@pytest.mark.parametrize("text", ["\\u12", "\\U00110000", "\\UFFFFFFFF", "\\x41", "plain"])
def test_what_spells_nothing_stays(text: str) -> None:
    assert accounts.unescaped(text) == text


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ALICE\u200b", "name.invisible_character"),
        ("\uff0a", "name.forbidden_character"),
        ("A\nB", "name.control_character"),
        ("\u00a0 ", "name.empty"),
        ("ß" * 128, "name.too_long"),
        ("\u200b", "name.blank"),
    ],
)
def test_names_that_cannot_be(name: str, code: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        accounts.kept_name(name)
    assert caught.value.code == code
    assert ("which a sign-in name can't have" in caught.value.message) == (code == "name.forbidden_character")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Anna   Arp ", "Anna Arp"),
        ("e\u0301", "é"),
        ("", None),
        ("  ", None),
        ("x" * 255, "x" * 255),
    ],
)
def test_full_names(text: str, kept: str | None) -> None:
    assert accounts.full_name(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 256, id="too long"),
        pytest.param("Anna\nArp", id="two lines"),
        pytest.param("Anna\u200b", id="invisible"),
        # Nothing of it is left out without a word.
        pytest.param(f"Anna{' ' * 2000}Arp", id="blanks between"),
        pytest.param(f"{' ' * 2000}Anna", id="blanks before"),
    ],
)
def test_full_names_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        accounts.full_name(text)
    assert (caught.value.code, caught.value.field) == ("full_name.invalid", "full_name")


def test_the_address_of_a_user_stands_alone() -> None:
    assert accounts.email(" anna@Example.COM ") == "anna@Example.COM"
    assert accounts.email(" ") is None
    with pytest.raises(InvalidValue, match="alone, without a name") as caught:
        accounts.email("Anna <anna@example.com>")
    assert (caught.value.code, caught.value.field) == ("email.invalid", "email")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password.empty"),
        ("eleven char", "password.too_short"),
        ("Common Words", "password.common"),
        ("twelve\tchars", "password.control_character"),
        ("twelve chars", None),
        ("ä" * 12, None),
    ],
)
def test_passwords(password: str, code: str | None) -> None:
    if code is None:
        accounts.check_password(password, {"common words"})
        return
    with pytest.raises(InvalidValue) as caught:
        accounts.check_password(password, {"common words"})
    assert caught.value.code == code


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is the only one from which anything is imported, and no common passwords are known yet."""
    common_passwords.cache_clear()
    monkeypatch.delitem(sys.modules, "zxcvbn", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    yield tmp_path
    common_passwords.cache_clear()


@pytest.mark.parametrize(
    "installed", [[], ["zxcvbn/__init__.py"], ["zxcvbn/__init__.py", "zxcvbn/frequency_lists/readme"]]
)
def test_common_passwords_need_their_library(installed: list[str], libraries: Path) -> None:
    for name in installed:
        (libraries / name).parent.mkdir(exist_ok=True)
        (libraries / name).touch()
    with pytest.raises(ImportError, match="zxcvbn"):
        common_passwords()
    assert known_by_now() == frozenset()


def test_common_passwords_are_known_as_soon_as_they_are_loaded() -> None:
    common_passwords.cache_clear()
    assert known_by_now() == frozenset()
    found = common_passwords()
    assert len(found) == 10_000
    assert {"password", "123456", "qwerty"} <= found
    assert known_by_now() is found
