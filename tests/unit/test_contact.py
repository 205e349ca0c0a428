"""The contact line on the recipients' pages: what in it is a link, and that nothing else of it becomes one."""

from __future__ import annotations

import re

import pytest

from tui.server.pages.contact import linked


def links(contact: str) -> list[tuple[str, str]]:
    """The links in a contact, with their texts, in which a line may break."""
    return re.findall(r'<a href="([^"]*)" dir="ltr">([^<]*)</a>', linked(contact).replace("<wbr>", ""))


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("Questions? +44 20 7946 0000", "tel:+442079460000"),
        ("Tel. +49 (0)30 123456-0", "tel:+49301234560"),
        ("+49 (0) 30 / 12 34 56", "tel:+4930123456"),
        ("030/123456", "tel:030123456"),
        ("Zentrale: 030 1234567.", "tel:0301234567"),
        ("06-12 34 56 78", "tel:0612345678"),
        ("01 42 68 53 00", "tel:0142685300"),
        ("00 41 44 668 18 00", "tel:0041446681800"),
        ("(212) 555-0199", "tel:2125550199"),
        ("212-555-0199", "tel:2125550199"),
        ("+1 212 555 0199 x12", "tel:+12125550199"),
        ("+81 3‐1234‐5678", "tel:+81312345678"),
        ("(+49 30 123456)", "tel:+4930123456"),
        ("Write to office@example.com.", "mailto:office@example.com"),
        ("<anna.keller+links@mail.example.co.uk>", "mailto:anna.keller+links@mail.example.co.uk"),
        ("info@kanzlei-müller.de", "mailto:info@kanzlei-m%C3%BCller.de"),
    ],
)
def test_numbers_and_addresses_are_links(contact: str, address: str) -> None:
    ((found, text),) = links(contact)
    assert found == address
    assert text in contact


def test_all_of_them_and_the_text_between_them() -> None:
    contact = "+44 20 7946 0000 · law@example.com, (212) 555-0199 / 212-555-0100 & co"
    addresses = [address for address, _ in links(contact)]
    assert addresses == [
        *("tel:+442079460000", "mailto:law@example.com", "tel:2125550199", "tel:2125550100"),
    ]
    assert re.sub(r"<[^>]*>", "", linked(contact)) == contact.replace("&", "&amp;")


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "Monday to Friday, 0900-1700, 08.00–17.00",
        "since 01.01.2026, 2026-01-01, 01/02/2026",
        "HRB 123456 B · VAT DE123456789 · IBAN DE89 3704 0044 0532 0130 00",
        "10115 Berlin, Straße 12-14",
        "+49 30",
        "+49 30 1234567890123456789",
        "https://example.com/0301234567/a@b.example",
        "@example.com, a@, a@b, a@@b.example, a@-b.example, a@b.e, müller@example.com",
        "javascript:alert(1)@evil.example",
        "０３０１２３４５６７",
    ],
)
def test_what_is_neither(contact: str) -> None:
    assert links(contact) == []


@pytest.mark.parametrize(
    "contact",
    [
        '"><script>alert(1)</script>',
        "<a href=javascript:alert(1)>+44 20 7946 0000</a>",
        "\"onclick='x'@evil.example",
        "a@b.example?bcc=spy@evil.example&body=<img src=x>",
        "a%0Abcc:x@b.example",
        '+44 20 7946 0000"onmouseover="x',
        "</bdi></footer><!-- law@example.com",
        "%s %(sender)s {{ sender }} {0} law@example.com",
        "*#06#, +44*21*20 7946 0000#",
        "a" * 100 + "@" + "b." * 40 + "example",
        "(" * 100 + "0" * 100,
        "0-" * 100,
        "a@" * 100,
    ],
)
def test_a_hostile_contact_is_text(contact: str) -> None:
    """Whatever it holds, the only markup is our links, and they hold nothing but a number or an address."""
    written = linked(contact)
    for address, text in links(contact):
        assert re.fullmatch(r"tel:\+?[0-9]{7,15}|mailto:[A-Za-z0-9._+-]+@[A-Za-z0-9.%-]+", address)
        assert text in contact
    rest = re.sub(r'<a href="[^"]*" dir="ltr">|<wbr>|</a>', "", written)
    assert not set(rest) & set("<>\"'")
