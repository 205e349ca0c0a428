"""Which of several addresses that can be taken for each other is told to be the genuine one: never a look-alike that
was written to before."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules.address_book import MOST_OFFERED, offered
from tui.rules.addresses import check_address, mailbox_of
from tui.rules.look_alikes import genuine, likeness, look_alikes
from tui.rules.odd_recipients import KnownRecipients, Oddity, RecipientsNote, notes, told
from tui.rules.policy import Policy

ANNA = "anna@halyard.example"
#: Cyrillic а in the domain; it comes after the genuine one in the alphabet, digits come before it.
CYRILLIC, DIGIT, OTHER = "anna@hаlyard.example", "anna@ha1yard.example", "anna@halyаrd.example"


def found(typed: str, *earlier: str, own: str = "", policy: Policy | None = None) -> list[RecipientsNote]:
    known = KnownRecipients([check_address(each) for each in earlier], [own] if own else [])
    return told(notes([check_address(typed)], known, policy or Policy()))


def first(typed: str, *earlier: str) -> RecipientsNote:
    return found(typed, *earlier)[0]


@pytest.mark.parametrize("earlier", permutations([ANNA, CYRILLIC, DIGIT]))
@pytest.mark.parametrize(
    "typed", [OTHER, "anna@ha1yаrd.example", "anna@h4lyard.example", "anna@halyardd.example"]
)
def test_the_genuine_one_is_named_whatever_was_written_to(typed: str, earlier: tuple[str, ...]) -> None:
    note = first(typed, *earlier)
    assert note.like == ANNA
    for other in (CYRILLIC, DIGIT):
        assert check_address(other) not in note.sentence + note.short


@pytest.mark.parametrize(
    ("genuine_one", "odd"),
    [
        (ANNA, CYRILLIC), (ANNA, DIGIT), ("quinn@quillon.example", "quinn@quill0n.example"),
        ("eleonore@firm.example", "e1eonore@firm.example"), ("moon@firm.example", "m0on@firm.example"),
    ],
)  # fmt: skip
def test_a_look_alike_makes_the_genuine_one_not_odd(genuine_one: str, odd: str) -> None:
    """What was written to before is what was wrong; one that was written to as well is told each time."""
    ascii_odd = mailbox_of(check_address(odd))
    (note,) = found(genuine_one, odd)
    assert (note.oddity, note.like) == (Oddity.EARLIER, "")
    assert note.sentence.startswith(f"You have written to {ascii_odd}")
    assert note.sentence.endswith(f"before, which only looks like {genuine_one}.")
    assert found(genuine_one, odd, genuine_one) == []
    for earlier in ((genuine_one,), (genuine_one, odd), (odd, genuine_one)):
        note = first(odd, *earlier)
        assert (note.oddity, note.like) == (Oddity.LOOKS_LIKE, genuine_one)


@pytest.mark.parametrize(
    ("one", "other", "typed"),
    [
        ("bernard@firm.example", "bemard@firm.example", "bernard@fіrm.example"),
        ("team1@firm.example", "teaml@firm.example", ""),
        ("anna@exarnple.example", "anna@example.example", "anna@exаmple.example"),
        ("room1@firm.example", "rooml@firm.example", ""),
    ],
)
def test_where_nothing_decides_both_are_named(one: str, other: str, typed: str) -> None:
    assert genuine([one, other]) == [one, other]
    assert found(one, one, other) == [] == found(other, one, other)
    if typed:
        for earlier in ((one, other), (other, one)):
            note = first(typed, *earlier)
            assert (note.oddity, note.like) == (Oddity.LOOKS_LIKE, "")
            assert f"only looks like {earlier[0]} or {earlier[1]}" in note.sentence
    # Among two of which one is new, the other one was meant.
    assert first(one, other).like == other
    assert first(other, one).like == one


def test_doubled_letters_and_other_domains_are_no_look_alikes() -> None:
    for typed in ("anna@hallyard.example", "annna@halyard.example"):
        assert first(typed, ANNA).oddity is Oddity.ONE_LETTER
        assert found(typed, typed, ANNA) == []
    assert {note.oddity for note in found("anna@varga.example", ANNA)} == {Oddity.NEW}


@pytest.mark.parametrize("earlier", [["bob@ha1yard.example", ANNA], [ANNA, "bob@ha1yard.example"]])
def test_domains_are_told_apart_as_well(earlier: list[str]) -> None:
    note = first("carol@halyаrd.example", *earlier)
    assert (note.oddity, note.like) == (Oddity.LOOKS_LIKE, "halyard.example")
    assert first("carol@halyrd.example", *earlier).like == "halyard.example"
    # Known, but not who it pretends to be.
    for typed in ("carol@ha1yard.example", "bob@ha1yard.example"):
        assert first(typed, *earlier).like == "halyard.example"
    (note,) = found("carol@halyard.example", "bob@ha1yard.example")
    assert note.sentence == (
        "You have written to ha1yard.example before, which only looks like halyard.example."
    )


def test_the_firms_own_domain_is_genuine() -> None:
    """Whatever it looks like, and whoever was written to first."""
    written = found("bob@h0me.example", ANNA, "ann@home.example", own="h0me.example")
    assert [note.oddity for note in written] == [Oddity.NEW]
    policy = Policy(recipients_domains=("h0me.example",), recipients_others="warn")
    note = found("ann@home.example", "ann@home.example", policy=policy)[-1]
    assert (note.oddity, note.like) == (Oddity.LOOKS_LIKE, "h0me.example")


def test_look_alikes_are_offered_last() -> None:
    many = [f"anna{number}@halyard.example" for number in range(2, 9)]
    earlier = [mailbox_of(check_address(each)) for each in (CYRILLIC, DIGIT, *many, ANNA)]
    odd = KnownRecipients(earlier).look_alikes
    assert odd == {*earlier[:2]}
    assert offered("anna", earlier, (), odd) == [*many, ANNA]
    assert offered("anna", [*earlier[:3], ANNA], (), odd) == [many[0], ANNA, *earlier[:2]]
    assert offered("ha1", earlier, (), odd) == [DIGIT], "it is what was typed"
    assert len(offered("anna", earlier, ["x@anna.example"], odd)) == MOST_OFFERED
    # Of an address book as well: there, either may be what is new.
    assert KnownRecipients([ANNA]).look_alikes_with([DIGIT]) == {DIGIT}
    assert KnownRecipients([DIGIT]).look_alikes_with([f"Anna <{ANNA}>"]) == {DIGIT}
    assert look_alikes(["bob@grnail.com", "carol@gmail.com"]) == {"bob@grnail.com"}


letters = st.text("abehlmnoprvw", min_size=2, max_size=9)
plain = st.builds("{}@{}.example".format, letters, letters)


@st.composite
def disguises(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A genuine address, and others that only look like it."""
    local, domain = draw(plain).removesuffix(".example").split("@")
    domain = f"no{domain}a.example"
    odd = [f"{local}@{domain.replace('no', 'n0', 1)}", f"{local}@{domain.replace('a.', 'а.')}"]
    return f"{local}@{domain}", [mailbox_of(check_address(each)) for each in odd]


@given(disguises(), st.lists(plain, max_size=4), st.data())
def test_no_look_alike_is_called_genuine(
    drawn: tuple[str, list[str]], others: list[str], data: st.DataObject
) -> None:
    """Whatever else is known, and in whatever order."""
    genuine_one, odd = drawn
    earlier = data.draw(st.permutations([genuine_one, *odd, *others]))
    known = KnownRecipients(earlier)
    assert {*odd} <= known.look_alikes
    assert genuine_one not in known.look_alikes
    for typed in odd:
        note = notes([typed], known, Policy())[0]
        assert note.oddity is Oddity.LOOKS_LIKE
        assert not {*odd} & {*note.like.split(), *note.sentence.removeprefix(typed).split()}
    assert not [n for n in notes([genuine_one], known, Policy()) if n.oddity is Oddity.LOOKS_LIKE]
    (first_note, *_) = notes([genuine_one], KnownRecipients(odd), Policy())
    assert first_note.oddity is Oddity.EARLIER


@given(st.lists(plain, max_size=8), st.lists(st.sampled_from(["firm.example", "own.example"]), max_size=2))
def test_some_of_those_that_look_alike_are_genuine(addresses: list[str], trusted: list[str]) -> None:
    odd = look_alikes(addresses, trusted)
    for address in odd:
        assert any(likeness(address) == likeness(each) for each in {*addresses} - odd) or any(
            likeness(address.partition("@")[2]) == likeness(domain)
            for domain in {*(each.partition("@")[2] for each in addresses), "gmail.com", *trusted}
        )
