"""The addresses of recipients as they are typed: what is kept of them, and what is refused (S12)."""

from __future__ import annotations

import pytest

from tests.support.mail.drafts import OFFER, draft_to
from tui.mail.draft import compose
from tui.mail.message import to_eml
from tui.rules import addresses
from tui.rules.errors import InvalidValue
from tui.rules.text import printable


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


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Arp, Anna <anna@example.com>", "is not one e-mail address"),
        ("Arp; Anna <anna@example.com>", "is not one e-mail address"),
        ("b@example.com <anna@example.com>", "is not one e-mail address"),
        ("Team: b@example.com <anna@example.com>", "is not one e-mail address"),
        ("Team: Anna <anna@example.com>", "has a colon, as a group has"),
        ("Team:anna@example.com", "has a colon, as a group has"),
        ("anna", "is not an e-mail address"),
    ],
)
def test_it_is_said_what_is_wrong_with_an_address(typed: str, why: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        addresses.check_address(typed)
    assert caught.value.message.startswith(f"{typed} {why}")


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
