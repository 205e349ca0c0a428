"""The draft of the e-mail (M1), as a message (S12), and the programs that open it (M2)."""

from __future__ import annotations

import os
import resource
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from mailbox import mbox
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.mail import programs
from tui.mail.draft import (
    PASSWORD_NOTE,
    Draft,
    Link,
    compose,
    moment,
    save,
    to_eml,
)
from tui.mail.message import DraftText, decode, from_text, to_sendable, to_text
from tui.mail.programs import Form, Program
from tui.mail.templates import Templates, choose
from tui.rules import addresses
from tui.rules.errors import Failed, InvalidValue
from tui.rules.mail_template import check_html, check_text
from tui.rules.text import printable

BERLIN = ZoneInfo("Europe/Berlin")
END = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
OFFER = Link("Offer.pdf", "https://links.example/s/one", END, 2)
PLAN = Link("Pläne.docx", "https://links.example/s/two", None, None)
MANY = Link("All.zip", "https://links.example/s/three", None, 1_000_000)
HOSTILE = [
    "a\r\nBcc: evil@example.com\r\n\r\nbody.pdf",
    "\x1b]52;c;AAAA\x07.pdf",
    "a\u2028Bcc: evil@example.com",
    "evil\u202efdp.exe",
    "=?utf-8?q?=0D=0ABcc:_evil@example.com?=",
    "\n.\nMAIL FROM:<evil@example.com>",
    "<script>alert(1)</script>",
    "From nobody\nFrom somebody",
]

anything = st.text(st.characters(codec=None), max_size=200)


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=SMTP)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    for name in message.keys():  # noqa: SIM118
        assert not message[name].defects
    return message


def body_of(data: bytes, kind: str = "plain") -> str:
    part = parsed(data).get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def draft_to(*to: str, subject: str = "Links", body: str = "Hello\n") -> Draft:
    return Draft(to, subject, body)


# --- what it says ---


def test_the_links_in_their_order_under_their_names() -> None:
    """M1: each link is under its name, with its expiry (in the user's zone) and limit."""
    draft = compose([OFFER, PLAN, MANY], "DJONES", ["anna@example.com"], zone=BERLIN)
    assert draft.to == ("anna@example.com",)
    assert draft.subject == "DJONES sent you 3 documents"
    assert draft.links == (OFFER, PLAN, MANY)
    assert draft.body == (
        "Hello,\n\n"
        "DJONES sent you 3 documents. Each link opens its document, without an account:\n\n"
        "Offer.pdf\n"
        "https://links.example/s/one\n"
        "(expires 2026-12-31 23:59 (UTC+01:00), 2 downloads permitted)\n\n"
        "Pläne.docx\n"
        "https://links.example/s/two\n\n"
        "All.zip\n"
        "https://links.example/s/three\n"
        "(1,000,000 downloads permitted)\n"
    )


def test_one_document_is_told_as_one() -> None:
    draft = compose([Link("a", "https://l/s/1", None, 1)], "DJONES")
    assert draft.subject == "DJONES sent you 1 document"
    assert "(1 download permitted)" in draft.body


def test_that_the_password_comes_separately() -> None:
    """M1, D5: the draft says so if there is a password, but never contains it: nothing here receives one."""
    locked = Link("a", "https://l/s/1", None, None, has_password=True)
    assert PASSWORD_NOTE in compose([OFFER, locked], "DJONES").body
    assert "assword" not in compose([OFFER, PLAN], "DJONES").body


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (UTC, "2026-12-31 22:59 (UTC+00:00)"),
        (ZoneInfo("America/New_York"), "2026-12-31 17:59 (UTC-05:00)"),
        (ZoneInfo("Asia/Kathmandu"), "2027-01-01 04:44 (UTC+05:45)"),
        (ZoneInfo("Pacific/Apia"), "2027-01-01 11:59 (UTC+13:00)"),
    ],
)
def test_moments_are_clear_in_every_zone(zone: ZoneInfo, told: str) -> None:
    assert moment(END, zone) == told


def test_a_template_of_ones_own() -> None:
    """M1: the text around the links can be set."""
    template = (
        "Subject: $count Dateien von ${sender}\n\n"
        "Sehr geehrte Damen und Herren,\n\n$links\n\n$password_note\n\nGrüße, 5 $$"
    )
    draft = compose(
        [OFFER, Link("b", "https://l/s/2", None, None, has_password=True)],
        "Döring",
        templates=Templates(template),
    )
    assert draft.subject == "2 Dateien von Döring"
    assert draft.body.startswith("Sehr geehrte Damen und Herren,\n\nOffer.pdf\n")
    assert draft.body.endswith(f"\n\n{PASSWORD_NOTE}\n\nGrüße, 5 $\n")
    without = compose([PLAN], "Döring", templates=Templates(template))
    assert (
        without.body
        == "Sehr geehrte Damen und Herren,\n\nPläne.docx\nhttps://links.example/s/two\n\nGrüße, 5 $\n"
    )
    assert (
        compose([PLAN], "DJONES", templates=Templates("Only $links")).subject == "DJONES sent you 1 document"
    )
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


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    draft = compose([Link("$sender ${links}.pdf", "https://l/s/$count", None, None)], "$links")
    assert "$sender ${links}.pdf\nhttps://l/s/$count\n" in draft.body
    assert draft.subject.startswith("$links sent you")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_one_line_of_text(name: str) -> None:
    """S12: whatever a document or sender is called, the name adds no header, line or control character."""
    draft = compose([Link(name, "https://l/s/1", None, None)], name, ["anna@example.com"])
    data = to_eml(draft)
    message = parsed(data)
    assert set(message.keys()) <= {
        "Date", "X-Unsent", "To", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert message["To"] == "anna@example.com"
    assert printable(name) in body_of(data).split("\n")
    assert message["Subject"] == f"{printable(name)} sent you 1 document"
    assert b"\x1b" not in data
    assert escape(printable(name), quote=False) in body_of(data, "html")
    assert "<script" not in body_of(data, "html")


# --- the message ---


def test_the_message_opens_as_a_draft() -> None:
    """M2: X-Unsent, CRLF, UTF-8."""
    draft = compose(
        [OFFER, PLAN], "DJONES", ["Jörg Ärger <joerg@example.com>", '"Arp, Anna" <anna@exämple.com>']
    )
    data = to_eml(draft, at=END)
    # X-Unsent comes second, because some desktops don't recognise an e-mail by it.
    assert data.startswith(b"Date: ")
    assert b"\r\nX-Unsent: 1\r\n" in data
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    message = parsed(data)
    assert message["Subject"] == draft.subject
    assert message["Date"].datetime == END
    assert [(a.display_name, a.addr_spec) for a in message["To"].addresses] == [
        ("Jörg Ärger", "joerg@example.com"),
        ("Arp, Anna", "anna@xn--exmple-cua.com"),
    ]
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in parts] == ["utf-8", "utf-8"]
    assert body_of(data) == draft.body
    assert b"https://links.example/s/one" in data
    assert "From" not in message
    assert parsed(to_eml(replace(draft, from_address="DJ <d@example.com>")))["From"] == "DJ <d@example.com>"


def test_long_lines_and_many_recipients() -> None:
    """RFC 5322: no line exceeds 998 bytes; headers are folded well before that."""
    to = tuple(f"Bürgerin Nummer {i} {'ü' * 60} <b{i}@example.com>" for i in range(30))
    draft = draft_to(*to, subject="Ü" * 500, body="x" * 5000 + "=ü\n" + ".\nFrom me\n")
    data = to_eml(draft)
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    message = parsed(data)
    assert message["Subject"] == "Ü" * 500
    assert [a.addr_spec for a in message["To"].addresses] == [f"b{i}@example.com" for i in range(30)]
    assert body_of(data) == draft.body


@given(
    anything, anything, st.lists(st.sampled_from(["anna@example.com", "Jörg <j@example.com>"]), max_size=4)
)
def test_whatever_was_typed_the_message_is_whole(subject: str, body: str, to: list[str]) -> None:
    """S12: subject and body come back as they are shown, and nothing in them becomes a header."""
    draft = Draft(tuple(to), subject, body)
    data = to_eml(draft)
    message = parsed(data)
    assert "Bcc" not in message
    assert " ".join(str(message["Subject"]).split()) == " ".join(printable(subject).split())
    if to:
        assert len(message["To"].addresses) == len(to)
    lines = body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    expected = "\n".join("\t".join(printable(part) for part in line.split("\t")) for line in lines) + "\n"
    assert body_of(data) == expected
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))


# --- addresses ---


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("anna@example.com", "anna@example.com"),
        ("  anna@example.com ", "anna@example.com"),
        ("<anna@example.com>", "anna@example.com"),
        ("Anna Arp <anna@example.com>", "Anna Arp <anna@example.com>"),
        ('"Arp, Anna" <anna@example.com>', '"Arp, Anna" <anna@example.com>'),
        ('"Anna \\"A\\" Arp" <anna@example.com>', '"Anna \\"A\\" Arp" <anna@example.com>'),
        ("Jörg <j@example.com>", "Jörg <j@example.com>"),
        ("anna+x@sub.example.co.uk", "anna+x@sub.example.co.uk"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("root@localhost", "root@localhost"),
        ("anna@exämple.com", "anna@xn--exmple-cua.com"),
    ],
)
def test_addresses(typed: str, kept: str) -> None:
    assert addresses.check_address(typed) == kept
    assert addresses.check_address(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anna",
        "@example.com",
        "anna@",
        "anna@@example.com",
        "anna arp@example.com",
        "anna@example..com",
        "anna@-example.com",
        "anna@example.com, bob@example.com",
        "anna@example.com>",
        "anna@example.com\r\nBcc: evil@example.com",
        "Anna\nBcc: x <anna@example.com>",
        "Anna\u2028 <anna@example.com>",
        "Anna\u202e <anna@example.com>",
        "\x1b[31m@example.com",
        "anna@example.com?bcc=evil@example.com",
        "anna.@example.com",
        ".anna@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "a@" + ".".join(["b" * 60] * 5),
        "jörg@example.com",
        "x" * 201 + " <anna@example.com>",
        "a <b> <anna@example.com",
    ],
)
def test_addresses_that_cannot_be(typed: str) -> None:
    """S12: refused with a message, before anything is sent."""
    with pytest.raises(InvalidValue) as caught:
        addresses.check_address(typed)
    assert caught.value.exit_status == 2
    assert printable(caught.value.message) == caught.value.message
    with pytest.raises(InvalidValue):
        compose([OFFER], "DJONES", [typed])
    with pytest.raises(InvalidValue):
        to_eml(draft_to(typed))


def test_a_line_of_addresses() -> None:
    line = 'anna@example.com; "Arp, A; B" <a@example.com>,, Jörg <j@example.com>,'
    assert addresses.parse_addresses(line) == (
        "anna@example.com",
        '"Arp, A; B" <a@example.com>',
        "Jörg <j@example.com>",
    )
    assert addresses.parse_addresses(" ") == ()
    # The second quotation mark isn't escaped: the backslash before it is.
    ends_in_backslash = '"a, \\\\" <a@example.com>'
    assert addresses.parse_addresses(f"{ends_in_backslash}, b@example.com") == (
        ends_in_backslash,
        "b@example.com",
    )
    assert addresses.parse_addresses("b@example.com, B@EXAMPLE.COM") == ("b@example.com",)
    with pytest.raises(InvalidValue):
        addresses.parse_addresses("anna@example.com, bob")


# --- edited by hand ---

TEXT = DraftText("Jörg <j@example.com>, anna@example.com", "DJONES sent you 2 documents", "Hello,\n\none\n")


def test_what_an_editor_is_given_is_read_back() -> None:
    written = to_text(TEXT)
    assert written.startswith(
        "To: Jörg <j@example.com>, anna@example.com\nSubject: DJONES sent you 2 documents\n\nHello,"
    )
    assert from_text(written, DraftText("", "", "")) == (TEXT, "")
    edited = (
        written.replace("anna@", "bob@")
        .replace("Hello,", "Dear all,\n\nTo: nobody")
        .replace("Subject: ", "subject:  Fwd: ")
    )
    text, wrong = from_text(edited, TEXT)
    assert wrong == ""
    assert text.to == "Jörg <j@example.com>, bob@example.com"
    assert text.subject == "Fwd: DJONES sent you 2 documents"
    assert text.body.startswith("Dear all,\n\nTo: nobody\n")


@pytest.mark.parametrize(
    ("edited", "to", "subject", "body"),
    [
        ("Hello there\n\nbody", TEXT.to, TEXT.subject, "Hello there\n\nbody"),
        ("", TEXT.to, TEXT.subject, ""),
        ("\nTo: a\n", TEXT.to, TEXT.subject, "\nTo: a\n"),
        ("To: a\nCc: b\nSubject: c\n\nbody", "a", TEXT.subject, "Cc: b\nSubject: c\n\nbody"),
        ("To: a\nSubject: c\nbody at once", "a", "c", "body at once"),
        ("To: a\nTo: b\nSubject: c\n\nx", "a", TEXT.subject, "To: b\nSubject: c\n\nx"),
        ("Subject: c\n\nx", TEXT.to, "c", "\nx"),
    ],
)
def test_nothing_that_was_written_is_left_out(edited: str, to: str, subject: str, body: str) -> None:
    """If the header is broken, what can't be parsed becomes part of the body, with a warning."""
    text, wrong = from_text(edited, TEXT)
    assert text == DraftText(to, subject, body)
    assert "To:, Subject:" in wrong


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        ("To: not an address\nSubject: x\n\nb", DraftText("not an address", "x", "b")),
        ("To: \nSubject: x\n", DraftText("", "x", "")),
        ("Subject: x\r\nTO : a,\r\n  b\r\n\r\none\rtwo", DraftText("a, b", "x", "one\ntwo")),
        ("To:\nSubject: \x1b[2J\n\n\x1b\t.", DraftText("", "␛[2J", "␛\t.")),
    ],
)
def test_a_head_that_is_whole(edited: str, expected: DraftText) -> None:
    """An invalid address is kept as it is: it is checked later, with the field."""
    assert from_text(edited, TEXT) == (expected, "")


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_every_character_of_any_text_is_held(written: str) -> None:
    """It ends up in one of the three fields, apart from line ends, blanks around a field and control characters."""
    text, _ = from_text(written, DraftText("", "", ""))
    held = "".join((text.to, text.subject, text.body))
    for line in printable(written.replace("\r", "\n").replace("\n", " ").replace("\t", " ")).split(" "):
        name, _, value = line.partition(":")
        assert line in held.replace("\t", " ") or (name.lower() in ("to", "subject") and value in held)


@pytest.mark.parametrize(
    ("data", "text", "utf8"),
    [
        (b"Gr\xc3\xbc\xc3\x9fe", "Grüße", True),
        (b"\xef\xbb\xbfTo: a", "To: a", True),
        (b"Gr\xfc\xdfe \x80 \xe2\x82\xac", "Grüße € €", False),
        (b"\x81|\xc3", "\ufffd|Ã", False),
        (b"\xe2\x82", "â‚", False),
    ],
)
def test_bytes_that_are_no_utf_8_are_letters_all_the_same(data: bytes, text: str, utf8: bool) -> None:
    assert decode(data) == (text, utf8)


def test_text_is_checked_before_it_is_a_message() -> None:
    draft = compose([OFFER], "DJONES")
    to = ("Jörg <j@example.com>", "anna@example.com")
    assert TEXT.checked(draft) == replace(draft, to=to, subject=TEXT.subject, body=TEXT.body)
    with pytest.raises(InvalidValue):
        DraftText("not an address", "", "").checked(draft)


# --- the file ---


def test_a_saved_draft_is_private(tmp_path: Path) -> None:
    """S22, M2."""
    draft = compose([OFFER], "DJONES")
    earlier = os.umask(0)
    try:
        path = save(draft, tmp_path / "Offer.eml", at=END)
    finally:
        os.umask(earlier)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == to_eml(draft, at=END)
    assert list(tmp_path.iterdir()) == [path]


def test_never_over_a_file_that_is_there(tmp_path: Path) -> None:
    draft = compose([OFFER], "DJONES")
    path = tmp_path / "Offer.eml"
    path.write_text("precious")
    with pytest.raises(InvalidValue) as caught:
        save(draft, path)
    assert caught.value.code == "mail.exists"
    assert path.read_text() == "precious"
    save(draft, path, overwrite=True)
    assert b"\r\nX-Unsent: 1\r\n" in path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("overwrite", [True, False])
def test_no_link_is_followed(tmp_path: Path, overwrite: bool) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name, target in (("to file", victim), ("dangling", tmp_path / "nothing")):
        path = tmp_path / name
        path.symlink_to(target)
        if overwrite:
            save(compose([OFFER], "DJONES"), path, overwrite=True)
            assert not path.is_symlink()
        else:
            with pytest.raises(InvalidValue):
                save(compose([OFFER], "DJONES"), path)
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nothing").exists()


LONG = pytest.param("x" * 300, id="long")


@pytest.mark.parametrize("place", ["missing/Offer.eml", ".", "a file/Offer.eml", LONG, "nul\x00"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_a_place_that_cannot_be(tmp_path: Path, place: str, overwrite: bool) -> None:
    """A missing path, a folder or an impossible name: exit status 2, and nothing left behind."""
    (tmp_path / "a file").write_text("")
    with pytest.raises(InvalidValue) as caught:
        save(compose([OFFER], "DJONES"), tmp_path / place, overwrite=overwrite)
    assert caught.value.code == "mail.path"
    assert printable(caught.value.message) == caught.value.message
    assert [p.name for p in tmp_path.iterdir()] == ["a file"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_draft_that_cannot_be_written_whole_is_not_there(tmp_path: Path, overwrite: bool) -> None:
    """As with a full disk: exit status 1, nothing left behind, and an existing file is kept."""
    path = tmp_path / "Offer.eml"
    if overwrite:
        path.write_text("earlier")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        with pytest.raises(Failed) as caught:
            save(compose([OFFER], "DJONES"), path, overwrite=overwrite)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.exit_status == 1
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("Offer.eml", "earlier")] * overwrite


# --- programs ---

THUNDERBIRD = "thunderbird.desktop"


def seen(
    environ: dict[str, str], *names: str, handler: str = THUNDERBIRD, platform: str = "linux"
) -> programs.Found:
    return programs.find(environ, lambda n: n if n in names else None, lambda kind: handler, platform)


def found(environ: dict[str, str], *names: str, platform: str = "linux") -> list[str]:
    return [p.name for p in seen(environ, *names, platform=platform).programs]


def test_which_program_opens_it() -> None:
    """M2: the terminal's mail programs, else the desktop's, else the editor."""
    everything = ("mutt", "neomutt", "aerc", "xdg-open", "xdg-mime", "vim", "nano")
    environ = {"DISPLAY": ":0", "EDITOR": "nano", "VISUAL": "vim -f"}
    desktop = "the desktop's mail program"
    assert found(environ, *everything) == ["neomutt", "mutt", "aerc", desktop, "vim"]
    assert found(environ, "thunderbird", "xdg-open", "vim") == [desktop, "Thunderbird", "vim"]
    # The desktop would have it show the file, so it is asked itself.
    assert found(environ, "thunderbird", "xdg-open", "xdg-mime") == ["Thunderbird", desktop]
    assert found({}, "thunderbird", "vim") == []
    assert found(environ, "xdg-open", "nano") == [desktop, "nano"]
    assert found({"EDITOR": "nano"}, "xdg-open", "nano") == ["nano"]
    assert found({**environ, "SSH_TTY": "/dev/pts/1"}, "xdg-open", "vim") == ["vim"]
    assert found({}, "open", platform="darwin") == [desktop]
    assert found({"EDITOR": "not-there", "VISUAL": '"'}) == []


def test_an_editor_that_cannot_be_one_is_told() -> None:
    assert seen({"EDITOR": "not-there -f", "VISUAL": '"'}).faults == (
        'VISUAL is ", which has an unclosed quotation mark or escape.',
        "EDITOR is not-there -f, which is not a program that can be started.",
    )
    assert seen({"EDITOR": " "}).faults == ()
    assert seen({"VISUAL": "gone\x1b", "EDITOR": "vi"}, "vi").faults == (
        "VISUAL is gone␛, which is not a program that can be started.",
    )


def test_a_desktop_without_a_program_for_it_is_none() -> None:
    """The desktop's handler is looked up first, because xdg-open always finds something."""
    asked: list[str] = []

    def handler(kind: str) -> str:
        asked.append(kind)
        return THUNDERBIRD if kind == "x-scheme-handler/mailto" else ""

    nothing = programs.find({"DISPLAY": ":0"}, lambda name: name, handler, "linux")
    assert "the desktop's mail program" not in [p.name for p in nothing.programs]
    assert asked == ["message/rfc822", "x-scheme-handler/mailto"]
    (fault,) = nothing.faults
    assert "xdg-mime default thunderbird.desktop message/rfc822" in fault
    (desktop,) = seen({"DISPLAY": ":0"}, "xdg-open", "xdg-mime").programs
    assert desktop.handler == "thunderbird"


def by_name(name: str, environ: dict[str, str] | None = None) -> Program:
    everything = programs.find(environ or {}, lambda n: n, lambda kind: THUNDERBIRD, "linux").programs
    (program,) = [p for p in everything if p.name == name]
    return program


def test_how_each_is_started() -> None:
    file = Path("/tmp/a draft.txt")
    assert by_name("mutt").argv(file) == ["mutt", "-H", "/tmp/a draft.txt"]
    assert by_name("neomutt").argv(file) == ["neomutt", "-H", "/tmp/a draft.txt"]
    assert by_name("aerc").argv(file) == ["aerc", "mbox:/tmp/a draft.txt"]
    assert ":recall -f" in by_name("aerc").hint
    code = by_name("code", {"VISUAL": "code --wait"})
    assert code.argv(file) == ["code", "--wait", "/tmp/a draft.txt"]
    assert code.edits_file
    desktop = by_name("the desktop's mail program", {"DISPLAY": ":0"})
    assert desktop.argv(Path("-x.eml"))[1].startswith("/")
    assert not desktop.in_terminal
    assert desktop.form is Form.MESSAGE


def test_what_each_is_given(tmp_path: Path) -> None:
    """Links are in a private file, never on a command line, which every user of the machine can read."""
    draft = compose(
        [Link("From here\nFrom there.pdf", "https://l/s/1", None, None)], "DJONES", ["a@example.com"]
    )
    draft = Draft(draft.to, draft.subject, "From the start\n>From quoted\n" + draft.body, draft.links)
    text = DraftText("a@example.com", draft.subject, draft.body)
    everything = programs.find({"DISPLAY": ":0", "EDITOR": "vi"}, lambda n: n, lambda kind: "x", "linux")
    for program in everything.programs:
        file = programs.prepare(program, text, draft, tmp_path)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.name.endswith(program.form.value)
        assert not any("https" in word for word in program.argv(file, text))
        data = file.read_bytes()
        assert b"https://l/s/1" in data
        if program.form is not Form.MESSAGE:
            assert b"\r" not in data
            assert b"X-Unsent" not in data
            assert b"text/html" not in data
        if program.form is Form.BODY:
            assert data.decode() == draft.body
        if program.form is Form.UNSENT:
            assert data.partition(b"\n\n")[0].isascii()
            assert b"\nMIME-Version: 1.0\n" in data
        if program.form is Form.MAILBOX:
            with closing(mbox(file, create=False)) as box:
                (message,) = box
            assert message["Subject"] == draft.subject
            assert b"\n>From the start\n>>From quoted\n" in data
    assert len({p.name for p in tmp_path.iterdir()}) == 6


def test_what_thunderbird_is_given_is_what_it_reads() -> None:
    """Values without quotation marks are decoded there: nothing typed ends one, or adds a field."""
    text = DraftText('"O\'Neill, A" <o@example.com>, b@example.com', "',message=/etc/passwd,to='x 5%", "")
    program = by_name("Thunderbird", {"DISPLAY": ":0"})
    (argument,) = program.argv(Path("/tmp/a,b.txt"), text, "Anna <anna@example.com>")[2:]
    fields = [part.partition("=") for part in argument.split(",")]
    assert {name: unquote(value) for name, _, value in fields} == {
        "from": "Anna <anna@example.com>",
        "to": text.to,
        "subject": text.subject,
        "format": "text",
        "message": "/tmp/a,b.txt",
    }
    assert not {'"', "'"} & set(argument)


def test_thunderbird_is_told_whether_the_text_is_html(tmp_path: Path) -> None:
    """It would take text for HTML, and leave out of the name of a document what looks like a tag."""
    draft = compose([Link("<img> & more.pdf", "https://l/s/1")], "DJONES")
    text, program = DraftText("", draft.subject, draft.body), by_name("Thunderbird", {"DISPLAY": ":0"})
    for kind, template, name in (
        ("html", draft.html_template, "<b>&lt;img&gt; &amp; more.pdf</b>"),
        ("text", "", "<img> & more.pdf"),
    ):
        file = programs.prepare(program, text, replace(draft, html_template=template), tmp_path)
        assert name in file.read_text()
        assert f",format={kind}," in program.argv(file, text)[2]


def test_only_an_editor_is_given_what_is_no_address(tmp_path: Path) -> None:
    text, draft = DraftText("not an address", "s", "b"), compose([OFFER], "DJONES")
    with pytest.raises(InvalidValue):
        programs.prepare(by_name("mutt"), text, draft, tmp_path)
    assert list(tmp_path.iterdir()) == []
    file = programs.prepare(by_name("vi", {"EDITOR": "vi"}), text, draft, tmp_path)
    assert file.read_text() == "To: not an address\nSubject: s\n\nb\n"


# --- the text as HTML ---


def test_the_html_has_the_text_as_it_was_edited() -> None:
    """M1: it is made from the text, so that an edited draft never has two different contents."""
    draft = compose([OFFER, PLAN], "D & J", zone=BERLIN)
    edited = DraftText(
        "", "A <new> subject", f"Dear  Anna,\n\n{draft.body}\n<b>x</b> https://x.example/?a=1&b=2.\n"
    )
    html = body_of(to_eml(edited.checked(draft)), "html")
    assert "<title>A &lt;new&gt; subject</title>" in html
    assert "<p>Dear&nbsp; Anna,</p>" in html
    assert (
        '<p><b>Offer.pdf</b><br>\n<a href="https://links.example/s/one">https://links.example/s/one</a><br>\n'
        "(expires 2026-12-31 23:59 (UTC+01:00), 2 downloads permitted)</p>"
    ) in html
    assert "&lt;b&gt;x&lt;/b&gt; " in html
    assert '<a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>.' in html
    assert "text/html" not in to_eml(compose([OFFER], "D", templates=Templates(html=""))).decode()


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
    with pytest.raises(InvalidValue, match="64 KB"):
        check_html("$body" + "x" * 65536)


def test_a_message_for_a_server_is_ascii() -> None:
    """No server has to accept more (8BITMIME, SMTPUTF8)."""
    draft = compose([PLAN], "Jörg", ["Jörg <j@exämple.com>"], from_address="Ä Ö <d@example.com>")
    data = to_sendable(draft, at=END)
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    message = parsed(data)
    assert body_of(data) == draft.body
    assert "Pläne.docx" in body_of(data, "html")
    assert "X-Unsent" not in message
    assert str(message["Message-ID"]).endswith("@example.com>")
    assert message["From"].addresses[0].display_name == "Ä Ö"


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
