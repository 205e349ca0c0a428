"""What is odd about the recipients of a send."""

from __future__ import annotations

from collections.abc import Iterator

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules.addresses import check_address
from tui.rules.allowed_recipients import check_recipients, domains_sentence, outsiders
from tui.rules.look_alikes import is_one_off, one_letter_off
from tui.rules.mail_domains import COMMON, FREE_MAIL, canonical, firm_of, readable
from tui.rules.odd_recipients import (
    KnownRecipients,
    Oddity,
    RecipientsNote,
    line,
    notes,
    told,
)
from tui.rules.policy import Policy
from tui.rules.text import printable

ANNA, BOB, CAROL = "Anna Arp <anna@halyard.example>", "bob@halyard.example", "carol@gmail.com"
KNOWN = KnownRecipients([ANNA, "akr@varga.example", CAROL], ["quillon.example"])
#: Cyrillic а in place of the Latin one.
MIXED = "anna@hаlyard.example"


def found(
    *recipients: str, known: KnownRecipients = KNOWN, policy: Policy | None = None
) -> list[RecipientsNote]:
    return notes(map(check_address, recipients), known, policy or Policy())


def kinds(*recipients: str, known: KnownRecipients = KNOWN, policy: Policy | None = None) -> list[str]:
    return [str(note.oddity) for note in found(*recipients, known=known, policy=policy)]


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [ANNA],
        ["ANNA@Halyard.Example"],
        [ANNA, "Anna <anna@halyard.example>"],
        [CAROL],
        # A colleague doesn't make two firms of it, nor a private client odd.
        ["anna@halyard.example", "akr@varga.example"][:1],
    ],
)
def test_nothing_is_said_where_nothing_is_odd(recipients: list[str]) -> None:
    assert found(*recipients) == []
    assert line(found(*recipients)) == []


def test_colleagues_are_no_firm() -> None:
    known = KnownRecipients(
        [ANNA, CAROL, "me@quillon.example", "me@mail.quillon.example"], ["quillon.example"]
    )
    assert kinds(ANNA, "me@quillon.example", known=known) == []
    assert kinds(CAROL, "me@mail.quillon.example", known=known) == []


def test_never_written_to() -> None:
    (note,) = found(BOB)
    assert note.oddity is Oddity.NEW
    assert note.recipients == (BOB,)
    assert note.sentence == f"You have never sent anything to {BOB}."
    assert kinds(BOB, known=KnownRecipients([])) == ["never_written_to"]
    assert kinds(BOB, known=KnownRecipients(None)) == [], "it isn't known"
    (note,) = found(*(f"p{n}@halyard.example" for n in range(5)))
    assert note.short == "First send to p0@halyard.example, p1@halyard.example and 3 more"


def test_free_mail_beside_a_firm() -> None:
    (note,) = found(ANNA, CAROL)
    assert (note.oddity, note.recipients) == (Oddity.FREE_MAIL, ("carol@gmail.com",))
    assert note.sentence == "carol@gmail.com: free mail, beside an address of halyard.example."
    assert kinds("a@gmail.com", "b@web.de", known=KnownRecipients(None)) == []


def test_two_firms() -> None:
    (note,) = found(ANNA, "akr@varga.example")
    assert note.oddity is Oddity.FIRMS
    assert note.sentence == "The recipients are of 2 firms: halyard.example and varga.example."
    nobody = KnownRecipients(None)
    assert kinds("a@halyard.co.uk", "b@mail.halyard.co.uk", known=nobody) == []
    assert kinds("a@halyard.co.uk", "b@varga.co.uk", known=nobody) == ["several_firms"]


@pytest.mark.parametrize(
    ("typed", "like"),
    [
        ("anna@halyrad.example", "anna@halyard.example"),
        ("anna@halyad.example", "anna@halyard.example"),
        ("anna@hallyard.example", "anna@halyard.example"),
        ("anna@halyerd.example", "anna@halyard.example"),
        ("ana@halyard.example", "anna@halyard.example"),
        ("anna@halyard.exampl", "anna@halyard.example"),
        # Only its domain is known.
        ("bob@halyrad.example", "halyard.example"),
        ("bob@quilon.example", "quillon.example"),
        ("dave@gmial.com", "gmail.com"),
    ],
)
def test_one_letter_off(typed: str, like: str) -> None:
    first = found(typed)[0]
    assert (first.oddity, first.like) == (Oddity.ONE_LETTER, like)
    assert first.short == f"Did you mean {like}?"


def test_initials_are_one_letter_off_many_others() -> None:
    known = KnownRecipients(["akr@halyard.example", "a@halyard.example", "anna@varga.example"])
    for other in ("akt@halyard.example", "j@halyard.example", "ak@halyard.example"):
        assert kinds(other, known=known) == ["never_written_to"]
    assert kinds("akr@halyrad.example", known=known)[0] == "one_letter_off"
    assert kinds("ana@varga.example", known=known)[0] == "one_letter_off"


@pytest.mark.parametrize(
    ("typed", "known", "like"),
    [
        # Whoever has a short domain has many neighbours.
        ("a@b.example", "c@y.example", ""),
        ("a@b.example", "a@y.example", ""),
        ("anna@kpm.example", "anna@kpn.example", ""),
        ("bob@ab.example", "anna@abc.example", ""),
        ("bob@mail.ab.example", "anna@mail.ac.example", ""),
        ("bob@a.b.example", "anna@ab.example", ""),
        ("bob@hp.halyard.example", "anna@hq.halyard.example", ""),
        # But hardly one of them for the same person, at another end, or with a longer name.
        ("anna.keller@kpm.example", "anna.keller@kpn.example", "anna.keller@kpn.example"),
        ("bob@kpm.exampl", "anna@kpm.example", "kpm.example"),
        ("bob@kpmg.example", "anna@kpm.example", "kpm.example"),
        ("bob@mail.arga.example", "anna@mail.varga.example", "mail.varga.example"),
        ("bob@halyard.co", "anna@halyard.com", "halyard.com"),
        ("bob@halyardco.example", "anna@halyard.co.example", "halyard.co.example"),
    ],
)
def test_short_domains_are_one_letter_off_many_others(typed: str, known: str, like: str) -> None:
    told = [note for note in found(typed, known=KnownRecipients([known])) if note.oddity is Oddity.ONE_LETTER]
    assert [note.like for note in told] == ([like] if like else [])


@given(st.text("abcdef", min_size=1, max_size=3), st.text("abcdef", min_size=1, max_size=3), st.data())
def test_no_two_short_domains_are_one_letter_off(one: str, other: str, data: st.DataObject) -> None:
    """Whatever follows them, and whoever is there under a short name."""
    end = data.draw(st.sampled_from(["example", "halyard.example", "co.uk"]))
    name = data.draw(st.sampled_from(["", "a@", "anna@"]))
    assert not is_one_off(f"{name}{one}.{end}", f"{name}{other}.{end}")


def test_who_is_hidden_is_not_said_to_be_new() -> None:
    hidden = notes([ANNA], KNOWN, Policy(), hidden=["dora@halyard.example", "anna@halyrad.example"])
    assert [note.oddity for note in hidden] == [Oddity.ONE_LETTER, Oddity.FIRMS]
    assert hidden[0].recipients == ("anna@halyrad.example",)


def test_what_is_known_is_not_one_letter_off() -> None:
    known = KnownRecipients([ANNA, "anne@halyard.example"])
    assert kinds("anne@halyard.example", known=known) == []
    assert kinds("bob@halyard.example", known=known) == ["never_written_to"]
    assert "one_letter_off" not in kinds("dave@ymail.com"), "it is no mistyped gmail.com"
    assert "one_letter_off" not in kinds("a@gmx.at", known=KnownRecipients(["b@gmx.it"]))


@pytest.mark.parametrize(
    ("typed", "like"),
    [
        (MIXED, "anna@halyard.example"),
        (
            "anna@hal\u00adyard.example".replace("\u00ad", "\u0443").replace("yard", "ard"),
            "anna@halyard.example",
        ),
        ("anna@ha1yard.example", "anna@halyard.example"),
        ("bob@ha1yard.example", "halyard.example"),
        ("bob@quill0n.example", "quillon.example"),
        ("a@exarnple.example", "a@example.example"),
        ("b@exarnple.example", "example.example"),
    ],
)
def test_letters_that_look_alike(typed: str, like: str) -> None:
    known = KnownRecipients([*(KNOWN.earlier or ()), "a@example.example"], KNOWN.own_domains)
    first = found(typed, known=known)[0]
    assert (first.oddity, first.like) == (Oddity.LOOKS_LIKE, like)
    assert first.sentence.startswith(f"{check_address(typed)} only looks like {like}")


def test_letters_of_other_scripts() -> None:
    nobody = KnownRecipients(None)
    (note,) = found(MIXED, known=nobody)
    assert "Cyrillic and Latin" in note.sentence
    assert note.recipients == ("anna@xn--hlyard-3nf.example",)
    # All of one script, but to be read as another.
    assert kinds("anna@рауре.example", known=nobody) == ["looks_like"]
    for honest in (
        "anna@müller.example",
        "anna@læs.dk",
        "anna@пример.example",
        "a@例え.jp",
    ):
        assert kinds(honest, known=nobody) == [], honest
    (note,) = found("anna@müller.example", known=KnownRecipients([]))
    assert note.sentence.endswith("anna@xn--mller-kva.example (anna@müller.example).")


def test_a_domain_in_punycode_that_is_known_is_not_odd() -> None:
    assert kinds(MIXED, known=KnownRecipients([MIXED])) == []


@pytest.mark.parametrize("how", [None, "refuse"])
def test_domains_that_the_policy_refuses(how: str | None) -> None:
    policy = Policy(recipients_domains=("halyard.example",), recipients_others=how)
    assert outsiders(policy, ["a@halyard.example", "b@sub.halyard.example", "c@xhalyard.example"]) == [
        "c@xhalyard.example"
    ]
    breach = check_recipients(policy, [ANNA, "akr@varga.example", CAROL])
    assert breach is not None
    assert (breach.code, breach.field, breach.exit_status) == ("policy.recipients_domains", "to", 3)
    assert breach.message.startswith(
        "Your firm's policy doesn't allow akr@varga.example and 1 more as a recipient."
    )
    note = found(ANNA, "akr@varga.example", policy=policy)[0]
    assert (note.oddity, note.is_refused, note.is_asked) == (Oddity.DOMAIN, True, False)
    assert domains_sentence(policy) == "To: your firm lists halyard.example."


@pytest.mark.parametrize(
    ("count", "listed"),
    [(2, "a0.example, a1.example"), (3, "a0.example, a1.example, a2.example"),
     (4, "a0.example, a1.example, a2.example and 1 more"),
     (1004, "a0.example, a1.example, a2.example and 1,001 more")],
)  # fmt: skip
def test_a_few_of_the_domains_are_named(count: int, listed: str) -> None:
    policy = Policy(recipients_domains=tuple(f"a{number}.example" for number in range(count)))
    assert domains_sentence(policy) == f"To: your firm lists {listed}."


def test_without_a_list_of_domains_nothing_is_said_of_them() -> None:
    assert domains_sentence(Policy()) == ""


def test_domains_that_the_policy_warns_of() -> None:
    policy = Policy(recipients_domains=("halyard.example",), recipients_others="warn")
    assert check_recipients(policy, ["akr@varga.example"]) is None
    (note,) = found("akr@varga.example", policy=policy)
    assert (note.is_refused, note.is_asked) == (False, True)
    assert note.sentence == "akr@varga.example: your firm's policy doesn't list varga.example."
    assert kinds(ANNA, policy=policy) == []
    assert check_recipients(Policy(recipients_others="refuse"), [ANNA]) is None, "no list, no rule"


def test_the_gravest_is_said_first() -> None:
    policy = Policy(recipients_domains=("halyard.example",), recipients_others="warn")
    several = found("anna@halyrad.example", CAROL, ANNA, policy=policy)
    assert [note.oddity for note in several] == sorted(
        (note.oddity for note in several), key=list(Oddity).index
    )
    assert told(several) == [note for note in several if note.oddity is not Oddity.NEW], (
        "it is said of it already"
    )
    assert told(found("anna@halyrad.example", "new@halyard.example"))[-1].oddity is Oddity.NEW
    texts = line(several)
    assert texts[-1] == f"{several[0].short} +{len(told(several)) - 1}"
    assert texts == sorted(texts, key=len, reverse=True)
    assert not any(". (" in text for text in texts)
    shorts = "; ".join(note.short for note in told(several))
    assert shorts in texts or len(shorts) >= len(texts[0])
    # As one more of what the sentence names, it would be misread.
    assert not any("(and " in text for text in texts)


def test_firms_and_domains() -> None:
    assert [firm_of(each) for each in ("a.b.halyard.example", "halyard.co.uk", "a.halyard.co.uk", "co.uk")] == [
        "halyard.example", "halyard.co.uk", "halyard.co.uk", "co.uk",
    ]  # fmt: skip
    assert set(COMMON) <= FREE_MAIL
    assert all(each == canonical(each) for each in FREE_MAIL)
    assert readable("xn--mller-kva.example") == "müller.example"
    for damaged in ("xn--.example", "xn--\x00", "xn--999999999999", "xn--a-ecp.ru"):
        assert isinstance(readable(damaged), str)


# ---------------------------------------------------------------- any addresses

LETTERS = "abcdeilmnor0123-"
words = st.text(LETTERS, min_size=1, max_size=9).filter(lambda word: word[0] != "-" and word[-1] != "-")
addresses = st.builds("{}@{}.{}".format, words, words, st.sampled_from(["example", "com", "de"]))


def edits(word: str) -> Iterator[str]:
    """All that one letter makes of a word."""
    for at in range(len(word) + 1):
        for letter in LETTERS:
            yield word[:at] + letter + word[at:]
            yield word[:at] + letter + word[at + 1 :]
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]


@given(words)
def test_each_edit_is_one_letter(word: str) -> None:
    for other in edits(word):
        assert one_letter_off(word, other) == (word != other), other
        assert one_letter_off(other, word) == (word != other), other


@given(words, words)
def test_what_is_no_edit_is_not_one_letter(one: str, other: str) -> None:
    assert one_letter_off(one, other) == (one != other and other in set(edits(one)))


@given(
    st.lists(addresses, max_size=6), st.lists(addresses, max_size=6) | st.none(), st.lists(words, max_size=2)
)
def test_any_addresses(recipients: list[str], earlier: list[str] | None, domains: list[str]) -> None:
    policy = Policy(recipients_domains=tuple(domains) or None, recipients_others="warn")
    known = KnownRecipients(earlier)
    several = notes(recipients, known, policy)
    for note in several:
        assert set(note.recipients) <= set(recipients)
        assert printable(note.sentence) == note.sentence
        assert note.fields()["message"] == note.sentence
    if earlier is not None:
        new = {each for each in recipients if each not in earlier}
        said = {each for note in several if note.oddity is Oddity.NEW for each in note.recipients}
        assert said == new
        assert not {n.oddity for n in notes(earlier[:1], known, Policy())} & {Oddity.NEW, Oddity.ONE_LETTER}
    assert notes(reversed(recipients), known, policy) is not None


@given(st.text(min_size=1, max_size=12))
def test_any_letters(text: str) -> None:
    try:
        domain = idna.encode(text, uts46=True).decode("ascii")
        address = check_address(f"a@{domain}.example")
    except Exception:
        return
    assert isinstance(notes([address], KNOWN, Policy()), list)
