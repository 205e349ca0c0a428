"""Recipients as they are kept, and which of them are offered again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules.address_book import MOST_OFFERED, mixed_note, most_used, offered, united
from tui.rules.addresses import (
    MOST_RECIPIENTS,
    check_address,
    check_addresses,
    join_address,
    mailbox_of,
    parse_addresses,
    split_address,
    split_list,
)
from tui.rules.errors import InvalidValue
from tui.rules.link_settings import LinkSettings
from tui.rules.text import DECEIVING, printable

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)

HARMFUL = ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x9b", "\ud800", *sorted(DECEIVING)]
MAILBOXES = st.from_regex(r"[a-z0-9]{1,10}(\.[A-Za-z0-9]{1,10})?@[a-z0-9]{1,10}\.(com|de)", fullmatch=True)
NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=DECEIVING), max_size=30
)
ADDRESSES = st.builds(join_address, NAMES.map(str.strip), MAILBOXES)


@given(
    st.one_of(st.text(max_size=60), ADDRESSES, st.builds("{} <{}>".format, st.text(max_size=20), MAILBOXES))
)
def test_an_address_is_refused_in_one_sentence_or_safe_in_its_canonical_form(typed: str) -> None:
    """Then it is one line without controls, stays as it is when it is checked again, and is one of a list."""
    kept, refused = typed, None
    try:
        kept = check_address(typed)
    except InvalidValue as error:
        refused = error
    if refused is not None:
        assert refused.field == "to"
        assert printable(refused.message) == refused.message
        assert refused.message.endswith(".")
        return
    assert printable(kept) == kept
    assert check_address(kept) == kept
    assert split_list(kept) == [kept]
    assert parse_addresses(f"{kept}, {kept};") == (kept,)
    assert mailbox_of(kept) == split_address(kept)[1].lower()


@pytest.mark.parametrize("empty", ["", '""'])
def test_a_name_may_be_empty(empty: str) -> None:
    assert check_address(f"{empty} <anna@example.com>") == "anna@example.com"


def test_marks_of_direction_are_left_out_of_names() -> None:
    assert check_address("\u200fAn\u200ena\u061c <anna@example.com>") == "Anna <anna@example.com>"
    with pytest.raises(InvalidValue):
        check_address("an\u200ena@example.com")


@given(NAMES, MAILBOXES, st.sampled_from(HARMFUL), st.data())
def test_no_control_character_gets_in_anywhere(
    name: str, mailbox: str, harm: str, data: st.DataObject
) -> None:
    text = f"{name} <{mailbox}>"
    # At its ends, blanks are taken off.
    at = data.draw(st.integers(1, len(text) - 1))
    with pytest.raises(InvalidValue):
        check_address(f"x{text[:at]}{harm}{text[at:]}")


@given(st.lists(ADDRESSES, max_size=20))
def test_a_list_has_each_mailbox_once_in_its_order(addresses: list[str]) -> None:
    kept = check_addresses(addresses)
    mailboxes = [mailbox_of(address) for address in kept]
    assert mailboxes == list(dict.fromkeys(map(mailbox_of, addresses)))
    assert check_addresses(kept) == kept
    assert parse_addresses(", ".join(kept)) == kept


def test_a_name_has_two_hundred_characters_at_most() -> None:
    assert split_address(f"{'ä' * 200} <anna@example.com>") == ("ä" * 200, "anna@example.com")
    with pytest.raises(InvalidValue):
        split_address(f"{'ä' * 201} <anna@example.com>")


def test_an_address_is_as_long_as_mail_servers_take_it() -> None:
    longest = f"{'x' * 64}@{'a' * 63}.{'b' * 63}.{'c' * 61}"
    assert len(longest) == 254
    assert check_address(longest) == longest
    for longer in (f"{longest}c", f"x{'x' * 64}@a.de"):
        with pytest.raises(InvalidValue):
            check_address(longer)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("\u0430nna@x.de", "“\u0430” (cyrillic small letter a) before the @"),
        ("Bernd <m\u00fcller@x.de>", "“\u00fc” (latin small letter u with diaeresis) before the @"),
        ("an na@x.de", "is not an e-mail address"),
        ("an\u2019na@x.de", "is not an e-mail address"),
    ],
)
def test_a_letter_that_only_looks_like_one_is_named(typed: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=re.escape(said)):
        split_address(typed)


def test_how_many_there_can_be() -> None:
    many = [f"a{n}@example.com" for n in range(MOST_RECIPIENTS)]
    assert len(check_addresses([*many, "A0@EXAMPLE.com"])) == MOST_RECIPIENTS
    with pytest.raises(InvalidValue, match="at most 100 recipients; remove 2") as caught:
        check_addresses([*many, "b@example.com", "c@example.com"])
    assert caught.value.field == "to"
    with pytest.raises(InvalidValue, match="at most 100 recipients; remove 9,900"):
        check_addresses(f"a{n}@example.com" for n in range(10_000))
    with pytest.raises(InvalidValue, match="at most 100 recipients"):
        LinkSettings(recipients=(*many, "b@example.com")).check_values()


@pytest.mark.parametrize(("typed", "shown"), [("x" * 80, "x" * 80), ("x" * 81, "x" * 80 + "…")])
def test_what_is_no_address_is_repeated_only_so_far(typed: str, shown: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_address(typed)
    assert caught.value.message.startswith(f"{shown} is not an e-mail address")


# --- those used before ---


def day(number: int) -> datetime:
    return NOW - timedelta(days=number)


def test_used_often_and_lately_comes_first() -> None:
    uses = [
        (day(1), ["once@b.de"]),
        (day(2), ["often@b.de"]),
        (day(3), ["Often <OFTEN@b.de>", "also@b.de"]),
        *((day(200 + n), ["long.ago@b.de"]) for n in range(9)),
    ]
    assert most_used(uses, NOW) == ["often@b.de", "once@b.de", "also@b.de", "long.ago@b.de"]
    assert most_used(reversed(uses), NOW) == most_used(uses, NOW)
    assert most_used([], NOW) == []


@pytest.mark.parametrize(("older", "newer"), [("a@b.de", "b@b.de"), ("b@b.de", "a@b.de")])
def test_thirty_days_ago_counts_half(older: str, newer: str) -> None:
    """Two uses then are worth as much as one now, so that the alphabet decides."""
    assert most_used([(day(30), [older]), (day(30), [older]), (NOW, [newer])], NOW) == ["a@b.de", "b@b.de"]


def test_a_mailbox_is_offered_as_it_was_last_written() -> None:
    uses = [(day(5), ["a@b.de"]), (day(1), ["Anna <A@b.de>"]), (day(3), ["Annie <a@b.de>"])]
    assert most_used(uses, NOW) == ["Anna <A@b.de>"]


def test_a_clock_that_was_put_back_changes_nothing() -> None:
    ahead = NOW + timedelta(days=400)
    for first, second in ((ahead, NOW), (NOW, ahead)):
        assert most_used([(first, ["a@b.de"]), (second, ["b@b.de"])], NOW) == ["a@b.de", "b@b.de"]


def test_what_is_offered_for_what_is_typed() -> None:
    earlier = ["Jörg Ä <joerg@b.de>", "anna@b.de", "Susanne <s@c.de>"]
    found = ["Anna Arp <ANNA@b.de>", "hanna@d.de"]
    assert offered("ANN", earlier, found) == ["anna@b.de", "Susanne <s@c.de>", "hanna@d.de"]
    assert offered(" jÖR ", earlier, []) == ["Jörg Ä <joerg@b.de>"]
    assert offered("nobody", earlier, []) == []
    assert offered(" ", earlier, found) == []
    many = [f"a{n}@b.de" for n in range(20)]
    assert MOST_OFFERED == 8
    assert offered("a", many, found) == many[:MOST_OFFERED]
    assert offered("x", ["x@b.de"], many) == ["x@b.de", *many[: MOST_OFFERED - 1]]


def test_the_recipients_of_several_documents() -> None:
    assert united([["Anna <a@b.de>"], [], ["c@d.de", "A@B.de"]]) == ["Anna <a@b.de>", "c@d.de"]
    assert united([]) == []


def test_one_e_mail_to_the_recipients_of_several_documents() -> None:
    anna, bob = "Anna <anna@example.com>", "bob@example.com"
    assert mixed_note([]) == mixed_note([[], []]) == mixed_note([[anna], []]) == ""
    assert mixed_note([[anna, bob], [bob, "ANNA@example.com"]]) == "", (
        "in another order, or under another name"
    )
    assert "different people" in mixed_note([[anna], [bob]])
    assert "different people" in mixed_note([[anna], [anna, bob], []])
