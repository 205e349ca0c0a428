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
from tui.rules.errors import Conflict, InvalidValue


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
        # S44: nothing but their length makes these hard to guess.
        ("password1234", "password.weak"),
        ("aaaaaaaaaaaa", "password.weak"),
        ("ä" * 12, "password.weak"),
        ("passwordpassword", "password.weak"),
        ("qwertyuiop1234567890", "password.weak"),
        ("abcdefghijklm", "password.weak"),
        ("Martin Keller 1", "password.weak"),
        # What comes after 72 characters is not looked at, and does no harm.
        ("aaaaaaaaaaaa" * 40, "password.weak"),
        ("heron quiet ladder amber " * 20, None),
        (f"{'a' * 72}heron quiet ladder amber", "password.weak"),
    ],
)
def test_passwords(password: str, code: str | None) -> None:
    known = ("MKELLER", "Martin Keller")
    if code is None:
        accounts.check_password(password, {"common words"}, known)
        return
    with pytest.raises(InvalidValue) as caught:
        accounts.check_password(password, {"common words"}, known)
    assert caught.value.code == code


def test_a_weak_password_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidValue) as caught:
        accounts.check_password("password1234", common_passwords())
    assert caught.value.message == (
        "This password is too easy to guess: this is a very common password. "
        "Choose a longer one, such as four words that have nothing to do with each other."
    )


@pytest.mark.parametrize(
    ("name", "scripts"),
    [
        ("\u0410LICE", "Cyrillic, Latin"),
        ("ALI\u0421E", "Cyrillic, Latin"),
        ("\u0391NNA \u0410", "Cyrillic, Greek, Latin"),
        ("\u5c71\u7530 \u0391", "Greek, Han"),
        ("\uae40 \u305f", "Hangul, Hiragana"),
    ],
)
def test_letters_of_several_scripts(name: str, scripts: str) -> None:
    """S44: such a name can look like any other."""
    with pytest.raises(InvalidValue) as caught:
        accounts.check_new_name(accounts.kept_name(name), [])
    assert caught.value.code == "name.mixed_scripts"
    assert f"({scripts})" in caught.value.message


@pytest.mark.parametrize(
    ("name", "other"),
    [
        # All of them in one script each.
        ("\u0410\u0420\u0410", "APA"),
        ("\u0391\u03a1\u0391", "\u0410\u0420\u0410"),
        ("APA", "\u0410\u0420\u0410"),
        ("B0B", "BOB"),
        ("AL1CE", "ALICE"),
        ("\u00d8LE", "\u004f\u0338LE"),
    ],
)
def test_names_that_look_like_another(name: str, other: str) -> None:
    """S44: as UTS 39 has it."""
    with pytest.raises(Conflict) as caught:
        accounts.check_new_name(name, ["SOMEONE", other])
    assert caught.value.code == "user.looks_alike"


@pytest.mark.parametrize(
    "name",
    [
        "ALICE",
        "JOS\u00c9 N\u00da\u00d1EZ-2",
        "\u5c71\u7530\u305f\u308d\u3046",
        "\uae40\u6c34 LEE",
        "\u0410\u041b\u0418\u0421\u0410",
        "O'BRIEN (LDN)",
    ],
)
def test_names_of_one_script(name: str) -> None:
    accounts.check_new_name(name, ["JOSE NUNEZ-2", "ALICIA", name, "B\u00c9ATRICE"])


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
