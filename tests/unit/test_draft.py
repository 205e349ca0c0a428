"""What the draft of an e-mail says (M1): its links, and the templates around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.mail.drafts import BERLIN, END, OFFER, PLAN, body_of
from tui.mail.draft import DraftLink, compose
from tui.mail.message import to_eml
from tui.mail.templates import Templates, choose
from tui.rules.dates import clear_moment
from tui.rules.errors import InvalidValue
from tui.rules.mail_template import FIRST_PERSON, check_html, check_text
from tui.rules.text import printable

MANY = DraftLink("All.zip", "https://links.example/s/three", None, 1_000_000)

# ---------------------------------------------------------------- the links


def test_the_links_in_their_order_under_their_names() -> None:
    """M1: each link is under its name, with its expiry (in the user's zone) and limit."""
    draft = compose([OFFER, PLAN, MANY], "DJONES", ["anna@example.com"], zone=BERLIN)
    assert draft.to == ("anna@example.com",)
    assert draft.subject == "DJONES sent you 3 documents"
    assert draft.links == (OFFER, PLAN, MANY)
    assert draft.body == (
        "Hello,\n\n"
        "DJONES sent you 3 documents. No account is needed:\n\n"
        "Offer.pdf\n"
        "https://links.example/s/one\n"
        "Expires Thursday 31 December 2026, 23:59 (CET, UTC+01:00); 2 downloads permitted\n\n"
        "Pläne.docx\n"
        "https://links.example/s/two\n\n"
        "All.zip\n"
        "https://links.example/s/three\n"
        "1,000,000 downloads permitted\n"
    )


def test_one_document_is_told_as_one() -> None:
    draft = compose([DraftLink("a", "https://l/s/1", None, 1)], "DJONES")
    assert draft.subject == "DJONES sent you 1 document"
    assert "\n1 download permitted\n" in draft.body


def test_of_a_link_that_was_taken_it_says_what_is_left() -> None:
    draft = compose([replace(OFFER, downloads=1), replace(MANY, downloads=2_000)], "DJONES", zone=BERLIN)
    assert "; 1 of 2 downloads left\n" in draft.body
    assert "\n998,000 of 1,000,000 downloads left\n" in draft.body


def test_that_the_password_comes_separately() -> None:
    """M1, D5: the draft says so if there is a password, but never contains it: nothing here receives one."""
    a, b, c, d = (DraftLink(name, "https://l/s/1", None, None, has_password=True) for name in "abcd")
    mine = Templates(FIRST_PERSON)
    for links, note in (
        ([a], "You'll need a password"),
        ([a, b, c, d], "You'll need a password"),
        ([OFFER, a], "“a” needs a password"),
        ([a, OFFER, b, c], "“a”, “b” and “c” need a password"),
        ([a, OFFER, b, c, d], "4 of the documents need a password, as it says below their links"),
    ):
        assert f"\n\n{note}; it comes separately.\n" in compose(links, "DJONES").body
        assert (
            f"\n\n{note}; I'll send it separately.\n\nDJONES" in compose(links, "DJONES", templates=mine).body
        )
        # Those that are not named say so themselves.
        marked = compose(links, "DJONES").body.count("\nNeeds a password")
        assert marked == (4 if len(links) == 5 else 0)
    assert "assword" not in compose([OFFER, PLAN], "DJONES").body


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (UTC, "Thursday 31 December 2026, 22:59 (UTC)"),
        (ZoneInfo("America/New_York"), "Thursday 31 December 2026, 17:59 (EST, UTC-05:00)"),
        (ZoneInfo("Asia/Kathmandu"), "Friday 1 January 2027, 04:44 (UTC+05:45)"),
        (ZoneInfo("Pacific/Apia"), "Friday 1 January 2027, 11:59 (UTC+13:00)"),
    ],
)
def test_moments_are_clear_in_every_zone(zone: ZoneInfo, told: str) -> None:
    assert clear_moment(END, zone) == told


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    draft = compose([DraftLink("$sender ${links}.pdf", "https://l/s/$count", None, None)], "$links")
    assert "$sender ${links}.pdf\nhttps://l/s/$count\n" in draft.body
    assert draft.subject.startswith("$links sent you")


# ---------------------------------------------------------------- templates


def test_a_template_of_ones_own() -> None:
    """M1: the text around the links can be set."""
    template = (
        "Subject: $count Dateien von ${sender}\n\n"
        "Sehr geehrte Damen und Herren,\n\n$links\n\n$password_note\n\nGrüße, 5 $$"
    )
    draft = compose(
        [OFFER, DraftLink("b", "https://l/s/2", None, None, has_password=True)],
        "Döring",
        templates=Templates(template),
    )
    assert draft.subject == "2 Dateien von Döring"
    assert draft.body.startswith("Sehr geehrte Damen und Herren,\n\nOffer.pdf\n")
    assert draft.body.endswith("\n\n“b” needs a password; I'll send it separately.\n\nGrüße, 5 $\n")
    without = compose([PLAN], "Döring", templates=Templates(template))
    assert (
        without.body
        == "Sehr geehrte Damen und Herren,\n\nPläne.docx\nhttps://links.example/s/two\n\nGrüße, 5 $\n"
    )
    assert compose([PLAN], "DJONES", templates=Templates("Only $links")).subject == "1 document for you"
    check_text(template)
    check_text(template.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("Hello", "no $links"),
        ("Subject: $links\n\n$links", "$links"),
        ("$links $password", "$password"),
        ("$links $nothing", "$nothing"),
        ("$links costs 5 $", "$$"),
        ("$links ${", "$$"),
        ("Subject: $\n\n$links", "$$"),
        ("", "no $links"),
        ("\x1b $links $ä", "$$"),
    ],
)
def test_a_template_that_is_wrong_is_refused(template: str, words: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_text(template)
    assert words in caught.value.message
    assert printable(caught.value.message) == caught.value.message


def test_an_html_template_surrounds_it() -> None:
    template = "<p style='x: $$1'>$sender: $documents, $count, $subject</p>\r\n$body\n<hr>"
    draft = compose([OFFER], "<Döring> $body", templates=Templates("Subject: S\n\n$links", template))
    assert body_of(to_eml(draft), "html").startswith(
        "<p style='x: $1'>&lt;Döring&gt; $body: 1 document, 1, S</p>\n<p><b>Offer.pdf</b>"
    )
    for wrong, words in (("<p>", "no $body"), ("$body $links", "$links"), ("$body 5 $", "$$")):
        with pytest.raises(InvalidValue, match="HTML template") as caught:
            check_html(wrong)
        assert words in caught.value.message
    with pytest.raises(InvalidValue, match="is longer than 64 KB;"):
        check_html("$body" + "x" * 65536)


def test_templates_are_read_from_files(tmp_path: Path) -> None:
    """The user's own come first, then the administrator's, then the built-in ones."""
    text, html = tmp_path / "mail.txt", tmp_path / "mail.html"
    text.write_text("Subject: Ünser\n\n$links", encoding="utf-8-sig")
    html.write_text("<i>$body</i>")
    assert choose(text, html, "firm $links", "firm $body") == Templates(
        text.read_text("utf-8-sig"), "<i>$body</i>"
    )
    assert choose(None, None, "firm $links", "firm $body") == Templates("firm $links", "firm $body")
    assert choose(None, None) == Templates()
    assert choose(None, html, with_html=False) == Templates(html="")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "can't be read"),
        (b"\xff $links", "not in UTF-8"),
        (b"Hello", "no $links"),
        (b"$links " + b"\xc3\xa4" * 40_000, "64 KB"),
    ],
)
def test_a_template_file_that_cannot_be_used(content: bytes | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "mail.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidValue) as caught:
        choose(file, None)
    assert words in caught.value.message
    assert str(file) in caught.value.message
