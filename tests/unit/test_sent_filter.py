"""The language of the filter of sent documents."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules.errors import InvalidValue
from tui.rules.sent_filter import (
    KINDS,
    MOST,
    MOST_WORDS,
    LinkState,
    SentFilter,
    contrary,
    parse,
    quoted,
    recipient_keys,
    recipients_key,
)
from tui.rules.text import DECEIVING, printable


@dataclass(frozen=True)
class Sent:
    """A document as a filter sees it."""

    name: str = "Offer.pdf"
    source: str = "ACTIVE!453.1"
    source_name: str | None = "Deed of Release.docx"
    matter: str | None = "Halyard - Share Sale"
    recipients: tuple[str, ...] = ("Anna Arp <anna@example.com>", "bob@example.org")
    published: bool = True
    reason: str | None = None
    downloads: int = 0
    locked: bool = False
    throttled: bool = False


OFFER = Sent()
TAKEN = replace(OFFER, downloads=1)
EXPIRED = replace(OFFER, published=False, reason="expired")
USED_UP = replace(TAKEN, published=False, reason="limit")
STOPPED = replace(OFFER, published=False, reason="by hand")
ATTACKED = replace(OFFER, throttled=True)
LOCAL = replace(OFFER, source="file:Draft.docx", matter=None, source_name=None, recipients=())
ALL = (OFFER, TAKEN, EXPIRED, USED_UP, STOPPED, ATTACKED, LOCAL)


def fitting(text: str) -> list[Sent]:
    wanted = parse(text)
    return [document for document in ALL if wanted.fits(document)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", list(ALL)),
        ("offer", list(ALL)),
        ("OFF pdf", list(ALL)),
        ("pdf off", list(ALL)),
        ('"offer.pdf"', list(ALL)),
        ('"offer pdf"', []),
        ("o*r", list(ALL)),
        ("of%", []),
        ("of_er", []),
        ("halyard", []),
        ("to:anna", [each for each in ALL if each is not LOCAL]),
        ("TO:ANNA@EXAMPLE", [each for each in ALL if each is not LOCAL]),
        ('to:"Anna Arp"', [each for each in ALL if each is not LOCAL]),
        ('to:"Anna Arp <anna@example.com>"', [each for each in ALL if each is not LOCAL]),
        ("to:anna to:bob", [each for each in ALL if each is not LOCAL]),
        ("to:anna to:carol", []),
        ("from:halyard", [each for each in ALL if each is not LOCAL]),
        ("from:active!453", [each for each in ALL if each is not LOCAL]),
        ("from:draft", [LOCAL]),
        ('from:"of release" from:453', [each for each in ALL if each is not LOCAL]),
        ("from:file", [LOCAL]),
        ("is:on", [OFFER, TAKEN, ATTACKED, LOCAL]),
        ("is:off", [EXPIRED, USED_UP, STOPPED]),
        ("is:waiting", [OFFER, ATTACKED, LOCAL]),
        ("is:taken", [TAKEN, USED_UP]),
        ("is:untaken", [OFFER, EXPIRED, STOPPED, ATTACKED, LOCAL]),
        ("is:expired", [EXPIRED]),
        ("is:limit", [USED_UP]),
        ("is:unpublished", [STOPPED]),
        ("is:attacked", [ATTACKED]),
        ("is:off is:taken", [USED_UP]),
        ("is:on is:off", []),
        ("offer to:bob is:waiting from:halyard", [OFFER, ATTACKED]),
    ],
)
def test_what_fits(text: str, found: list[Sent]) -> None:
    assert fitting(text) == found


@pytest.mark.parametrize("text", ["to:", "from:", "is:", '"', 'to:"', "to: is: from:", "*", "to:*", "  "])
def test_what_is_not_complete_yet_asks_for_nothing(text: str) -> None:
    assert not parse(text)
    assert fitting(text) == list(ALL)


def test_each_letter_of_a_state_narrows() -> None:
    """Until a word is typed, it may become any that begins so."""
    found = [fitting("is:waiting"[:length]) for length in range(3, 11)]
    assert found[0] == list(ALL)
    assert all(each == found[-1] for each in found[1:])
    assert fitting("is:o") == list(ALL)
    assert fitting("is:un") == fitting("is:untaken")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("too:anna", "There is no filter too:, only to:, from: and is:. Did you mean 'to:'?"),
        ("form:halyard", "There is no filter form:, only to:, from: and is:. Did you mean 'from:'?"),
        ("x:1", "There is no filter x:, only to:, from: and is:."),
        ("is:foo", "There is no state foo; is: takes on, off, waiting,"),
        ("is:waitng", "Did you mean 'waiting'?"),
        ("\0", "The filter contains a control character (U+0000); remove it."),
        ("to:\x1b[2J", "The filter contains a control character (U+001B); remove it."),
        ("\ud800", "The filter contains a control character (U+D800); remove it."),
        ("x" * (MOST + 1), "The filter is too long; use 1,000 characters at most."),
        ("a " * (MOST_WORDS + 1), "The filter has too many words; use 30 at most."),
    ],
)
def test_what_is_no_filter(text: str, said: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse(text)
    assert said in caught.value.message
    assert len(caught.value.message) < 250
    assert "\x1b" not in caught.value.message


def test_text_beyond_ascii() -> None:
    """Whatever it is composed of, in whichever direction it is read, and with domains as people write them."""
    umlaut = replace(OFFER, name="Gru\u0308\u00dfe.pdf", recipients=("Jörg Müller <jm@xn--mller-kva.de>",))
    for text in (
        "gr\u00fcsse",
        "GRU\u0308SSE",
        "to:mu\u0308ller",
        "to:jm@müller.de",
        "to:jm@xn--mller",
        "to:@MÜLLER",
        'to:"Jörg Müller <jm@müller.de>"',
    ):
        assert parse(text).fits(umlaut), text
    hebrew = replace(OFFER, name="חוזה מכר.pdf")
    assert parse("\u200fחוזה\u200e").fits(hebrew)
    assert parse("מכר חוזה").fits(hebrew)
    assert not parse("\u202eחוזהx").fits(hebrew)
    sharp = replace(OFFER, recipients=("a@xn--strae-oqa.de",))
    assert parse("to:a@straße.de").fits(sharp)
    # What isn't a domain in that spelling is left as it is.
    assert "xn--" in recipients_key(["a@xn--\u00e9.de"])


def test_a_name_in_quotation_marks_is_found_as_it_is_written_and_without_them() -> None:
    quoted_name = replace(OFFER, recipients=('"Arp, Anna" <anna@example.com>',))
    assert parse('to:"Arp, Anna"').fits(quoted_name)
    assert parse(quoted("to", '"Arp, Anna" <anna@example.com>')).fits(quoted_name)


texts = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters=sorted({*'"*', *DECEIVING})),
    max_size=20,
)
documents = st.builds(
    Sent,
    name=texts,
    source=texts,
    source_name=st.none() | texts,
    matter=st.none() | texts,
    recipients=st.lists(texts, max_size=3).map(tuple),
    published=st.booleans(),
    reason=st.sampled_from([None, "expired", "limit", "by hand"]),
    downloads=st.integers(0, 3),
    locked=st.booleans(),
    throttled=st.booleans(),
)


@given(st.text(max_size=100))
def test_every_text_is_a_filter_or_told_in_a_sentence(text: str) -> None:
    said = told(text)
    assert said.endswith((".", "?"))
    assert printable(said) == said


@pytest.mark.parametrize("letter", ["a", "ä"])
def test_an_index_takes_the_first_recipients_and_the_rest_is_kept_beside_it(letter: str) -> None:
    """A thousand bytes of UTF-8 with the ends of their lines, and none of them twice or lost."""
    line = recipients_key([f"{letter * 40}@example.com"])
    fits = 1000 // (len(line.encode()) + 1)
    for count in (1, fits, fits + 1, 3 * fits):
        indexed, rest = recipient_keys([line] * count)
        assert indexed == "\n".join([line] * min(count, fits))
        assert rest == ("\n".join([line] * (count - fits)) or None)
    assert recipient_keys([]) == (None, None)


def test_a_recipient_that_no_index_takes_is_kept_beside_it() -> None:
    for size, is_indexed in ((999, True), (1000, False)):
        long = f"{'a' * (size - 12)}@example.com"
        assert recipient_keys([long]) == ((long, None) if is_indexed else (None, long))


def told(text: str) -> str:
    """What is said of a text that is no filter."""
    try:
        parse(text)
    except InvalidValue as problem:
        return problem.message
    return "."


@given(documents, st.sampled_from(KINDS), st.data())
def test_any_part_of_what_a_document_has_finds_it(document: Sent, kind: str, data: st.DataObject) -> None:
    """Each part of a name, a recipient or a source, in quotation marks, whatever its capitals."""
    if kind == "is":
        state = data.draw(st.sampled_from(list(LinkState)))
        expected = SentFilter(states=(frozenset({state}),)).fits(document)
        assert parse(f"is:{str(state).upper()}").fits(document) is expected
        return
    candidates = (
        [*document.recipients]
        if kind == "to"
        else [document.source, document.source_name or "", document.matter or ""]
    )
    whole = data.draw(st.sampled_from(candidates or [""]))
    assert parse(quoted(kind, whole)).fits(document)


@given(documents, texts, texts)
def test_more_words_find_no_more(document: Sent, one: str, other: str) -> None:
    first, both = quoted("to", one), f"{quoted('to', one)} {quoted('from', other)}"
    assert parse(first).fits(document) or not parse(both).fits(document)


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ("", None),
        ("on", None),
        ("on on", None),
        ("on off", "on off"),
        ("off taken", None),
        ("taken untaken", "taken untaken"),
        ("off attacked waiting", "off waiting"),
        ("expired limit", "expired limit"),
        ("off unpublished untaken attacked", None),
    ],
)
def test_states_that_exclude_each_other(states: str, found: str | None) -> None:
    """Every pair of others is that of a document that there may be."""
    excluded = contrary([LinkState(state) for state in states.split()])
    assert (" ".join(excluded) if excluded else None) == found
    if found:
        assert not fitting(" ".join(f"is:{state}" for state in states.split()))
