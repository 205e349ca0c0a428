"""What rules say, to the letter: sentences and labels that no list of a screen shows, and their odd cases."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tui.rules import heads, sent_text
from tui.rules.activity_details import details_text
from tui.rules.addresses import check_address
from tui.rules.carried import KINDS, CarriedKind
from tui.rules.errors import InvalidValue
from tui.rules.notices import counted_texts
from tui.rules.odd_recipients import KnownRecipients, Oddity, notes
from tui.rules.policy import Policy, changed
from tui.rules.preset_lines import names_of, read_lines
from tui.rules.typed_values import telling_none

DIGESTS = [f"{number:x}" * 64 for number in range(1, 6)]


def message_of(error: pytest.ExceptionInfo[InvalidValue]) -> str:
    return error.value.message


def test_a_chain_that_is_named_twice() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    twice = [heads.Head("document:1", 12, "ab" * 32)] * 2
    at = "2026-11-27T09:00:00Z"
    signature = key.sign(heads.signed_text(at, twice)).hex()
    signed = heads.SignedHeads(at, twice, key.public_key().public_bytes_raw().hex(), signature)
    with pytest.raises(InvalidValue) as refused:
        heads.read(heads.written(signed))
    assert message_of(refused) == "This file has more than one head of document:1; use another copy."


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            'client: expires="7d',
            "The preset client has a quotation mark without its other half.",
        ),
        (
            "client: expires=7d 5",
            "The preset client has 5; write each setting once, as in expires=7d.",
        ),
        (
            "client: expires=7d expires=8d",
            "The preset client has expires=8d; write each setting once, as in expires=7d.",
        ),
        ("client", "client is no preset; write a line like client: expires=7d downloads=5."),
        ("client: \nClient: ", "There are two presets called Client; rename one of them."),
    ],
)
def test_lines_that_are_no_presets(lines: str, message: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_lines(lines)
    assert message_of(refused) == message


def test_the_names_of_presets() -> None:
    assert names_of(["client: expires=7d", "court:", 'other: password="a:b"']) == ["client", "court", "other"]


@pytest.mark.parametrize("value", ["0d", "3652d"])
def test_a_span_that_is_too_short_or_too_long(value: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        changed(Policy(), {"expires_max": value})
    assert message_of(refused) == "expires_max must be more than zero and at most ten years (3,651 days)."


def test_files_that_changed_while_they_were_sent() -> None:
    found = [(f"{number}.pdf", number * 1000, digest) for number, digest in enumerate(DIGESTS, 1)]
    assert sent_text.changed_note([]) == ""
    assert sent_text.changed_note(found[1:2]) == (
        f"2.pdf changed while it was sent: what went out has 2,000 bytes and the SHA-256 {'2' * 64}."
    )
    assert sent_text.changed_note(found[:2]) == (
        "Changed while they were sent; what went out: "
        f"1.pdf (1,000 bytes, SHA-256 {'1' * 16}…), 2.pdf (2,000 bytes, SHA-256 {'2' * 16}…)."
    )
    assert sent_text.changed_note(found).endswith(f"3.pdf (3,000 bytes, SHA-256 {'3' * 16}…) and 2 more.")


@pytest.mark.parametrize(
    ("source", "text"),
    [("ACTIVE!453.1", "ACTIVE!453, v1"), ("453", "453"), ("ACTIVE!453.x", "ACTIVE!453.x"), (".7", ", v7")],
)
def test_what_a_document_was_sent_from(source: str, text: str) -> None:
    assert sent_text.source_text(source) == text


@pytest.mark.parametrize(
    ("text", "instead", "message"),
    [
        ("none", "Leave it empty.", "No number. Leave it empty."),
        ("none", "", "No number."),
        ("abc", "Leave it empty.", "No number."),
    ],
)
def test_only_a_text_that_says_no_value_is_told_what_to_do_instead(
    text: str, instead: str, message: str
) -> None:
    with pytest.raises(InvalidValue) as refused, telling_none(text, instead):
        raise InvalidValue("limit.invalid", "No number.", "limit")
    assert message_of(refused) == message


def test_recipients_that_the_policy_warns_of() -> None:
    policy = Policy(recipients_domains=("halyard.example",), recipients_others="warn")
    (note,) = (
        note
        for note in notes([check_address("carol@quillon.example")], KnownRecipients([], []), policy)
        if note.oddity is Oddity.DOMAIN
    )
    assert note.short == "Not in your firm's list: quillon.example"
    assert note.sentence == "carol@quillon.example: your firm's policy doesn't list quillon.example."


def test_several_of_a_kind_are_counted_with_their_own_word() -> None:
    """Of a kind that is told of one document at a time."""
    assert counted_texts("unavailable", 1, {}) == ("1 failed download",)
    assert counted_texts("unavailable", 2, {}) == ("2 failed downloads",)
    assert counted_texts("locked", 3, {}) == ("3 locked links",)
    assert counted_texts("taken elsewhere", 2, {}) == ("2 downloads from another network",)


def test_details_have_labels_in_words() -> None:
    details = {
        "first": 5, "length": 7, "percent": 40, "why": "it was asked", "send": "s1", "place": 2, "admin": "RSATO",
        "guarded": 1, "before": "b", "row": 3, "not_known": "as it is", "empty": "", "none": None,
    }  # fmt: skip
    assert details_text(details) == (
        "from byte: 5, bytes: 7, received: 40%, because: it was asked, ID of the send: s1, place in the send: 2, "
        "administrator: RSATO, objects covered: 1, newest seal before: b, row of the audit: 3, not known: as it is"
    )


def test_what_documents_carry_is_named_by_what_it_is() -> None:
    """Each kind has its words for one and for several; only these don't just take an s."""
    assert {kind.name: (kind.one, kind.many) for kind in KINDS.values() if kind.many != f"{kind.one}s"} == {
        "pivot_source_rows": ("row behind a pivot table", "rows behind pivot tables"),
        "queries": ("query", "queries"),
        "external_links": ("link to another workbook", "links to other workbooks"),
        "notes": ("slide with notes", "slides with notes"),
        "off_slide": ("object off the slide", "objects off the slides"),
        "revision_authors": ("author of changes", "authors of changes"),
        "earlier_text": ("word of an earlier revision", "words of earlier revisions"),
        "under_image": ("text under a picture", "texts under pictures"),
        "unapplied_redactions": ("redaction not applied", "redactions not applied"),
        "picture_gps": ("picture with its place", "pictures with their places"),
        "bcc": ("blind copy", "blind copies"),
        "nested_messages": ("message within it", "messages within it"),
        "people": ("person named", "people named"),
        "filtered_rows": ("row hidden by a filter", "rows hidden by filters"),
        "company": ("company", "companies"),
        "keywords": ("keyword entry", "keyword entries"),
        "custom_properties": ("custom property", "custom properties"),
        "originating_address": ("sender's address on the network", "senders' addresses on the network"),
        "ocr_layer": ("page of recognised text", "pages of recognised text"),
    }
    regular = [kind.one for kind in KINDS.values() if kind.many == f"{kind.one}s"]
    assert "formula" in regular


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_is_named_in_plain_words(kind: CarriedKind) -> None:
    assert kind.name == kind.name.lower()
    assert not set(kind.one) & set("_:;")
