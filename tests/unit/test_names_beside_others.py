"""Names of links (D2) beside one another: two that are alike, their order, and names in sentences."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.checks.any_names import any_name, refused
from tui.rules import names
from tui.rules.errors import InvalidValue


def test_names_that_start_out_alike_get_numbers() -> None:
    """D2: `` (2)``, `` (3)`` before the extension."""
    assert names.unique(["a.pdf", "a.pdf", "b.pdf", "a.pdf"]) == ["a.pdf", "a (2).pdf", "b.pdf", "a (3).pdf"]
    assert names.unique(["a.tar.gz", "a.tar.gz"]) == ["a.tar.gz", "a.tar (2).gz"]
    assert names.unique(["x", "x"]) == ["x", "x (2)"]
    assert names.unique([".bashrc", ".bashrc"]) == [".bashrc", ".bashrc (2)"]


def test_a_number_never_takes_a_name_that_is_there() -> None:
    assert names.unique(["a.pdf", "a.pdf", "a (2).pdf"]) == ["a.pdf", "a (3).pdf", "a (2).pdf"]
    assert names.unique(["a.pdf", "A.PDF", "A (2).pdf"]) == ["a.pdf", "A (3).PDF", "A (2).pdf"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("offer.pdf", "OFFER.PDF"),
        ("straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("caf\u00e9", "cafe\u0301"),
        ("CAF\u00c9", "cafe\u0301"),
        ("İ", "i\u0307"),
        ("\u03b1\u0345\u0301", "\u03b1\u0301\u0345"),
    ],
)
def test_case_and_composition_make_no_difference(one: str, other: str) -> None:
    """D2: two rows can't have the same name, ignoring case."""
    assert names.key(one) == names.key(other)
    assert names.unique([one, other])[1] != other
    with pytest.raises(InvalidValue) as caught:
        names.check_distinct([one, "between", other])
    assert caught.value.code == "name.taken"


def test_names_that_only_look_alike_are_two() -> None:
    names.check_distinct(["a.pdf", "а.pdf", "a .pdf"])
    assert names.key("i") != names.key("ı")


def test_numbering_keeps_to_255_bytes() -> None:
    long = "😀" * 62 + ".pdf"
    result = names.unique([long] * 12)
    assert all(len(n.encode()) <= 255 and n.endswith(".pdf") for n in result)
    names.check_distinct(result)


@given(
    st.lists(
        st.one_of(any_name, st.sampled_from(["a.pdf", "A.pdf", "a (2).pdf", "a (3).pdf", "a"])), max_size=12
    )
)
def test_numbered_names_are_distinct_and_taken(raw: list[str]) -> None:
    cleaned = [names.clean(n) for n in raw]
    result = names.unique(cleaned)
    names.check_distinct(result)
    for before, after in zip(cleaned, result, strict=True):
        names.validate(after)
        assert after == before or names.extension(after) == names.extension(before)
    keys = [names.key(n) for n in cleaned]
    for before, after in zip(cleaned, result, strict=True):
        if keys.count(names.key(before)) == 1:
            assert after == before


def test_many_equal_names_take_no_time() -> None:
    result = names.unique(["a.pdf"] * 5000)
    assert result[-1] == "a (5000).pdf"


@given(any_name)
def test_the_key_of_a_name_is_its_own_key(name: str) -> None:
    assert names.key(names.key(name)) == names.key(name)
    composed = unicodedata.normalize("NFD", name)
    assert names.key(composed) == names.key(name)


def test_a_sentence_has_room_for_what_is_wrong_with_a_long_name() -> None:
    with pytest.raises(InvalidValue) as refused:
        names.validate("a" * 150 + "/" + "b" * 90 + ".pdf")
    assert refused.value.message == (
        f"The name {'a' * 44}…{'b' * 11}.pdf contains the character /, which a link name can't have; "
        "remove or replace it."
    )


@pytest.mark.parametrize(("length", "shown"), [(60, "?" + "a" * 59), (61, f"?{'a' * 43}…{'a' * 15}")])
def test_a_name_in_a_sentence_is_whole_up_to_sixty_characters(length: int, shown: str) -> None:
    assert refused("?".ljust(length, "a")).message.startswith(f"The name {shown} contains")


def test_a_name_that_is_taken_gets_a_number() -> None:
    """Any existing name counts, even one that isn't valid text."""
    taken = {names.key(name) for name in ("offer.PDF", "Offer (2).pdf", "\udcff.txt", "\udcff.TXT")}
    assert names.free("Offer.pdf", taken) == "Offer (3).pdf"
    assert names.free("Terms.pdf", taken) == "Terms.pdf"
    assert names.free("Offer.pdf", {names.key("Offer.pdf")}) == "Offer (2).pdf"


def test_numbers_in_names_are_compared_as_numbers() -> None:
    ordered = [
        "1.txt", "2 a.txt", "10.txt", "Annex 9.pdf", "annex 10.pdf", "doc", "doc-02.pdf", "doc-2.pdf", "Doc-10.pdf",
        "doc-10b.pdf", "v1.9.txt", "v1.10.txt", "version.txt", "ä1", "\udcff7",
    ]  # fmt: skip
    mixed = [*ordered[1::2], *ordered[::2]]
    assert sorted(mixed, key=names.natural_key) == ordered
    assert names.natural_key("9" * 250) < names.natural_key("1" + "0" * 250)


@given(st.lists(st.text("aB1902- .ä٣", max_size=8), unique=True))
def test_any_names_can_be_ordered(found: list[str]) -> None:
    """The order is total, so that each list of files has one order."""
    assert len({repr(names.natural_key(name)) for name in found}) == len(found)
    sorted(found, key=names.natural_key)
