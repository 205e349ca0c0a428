"""Whatever way recipients are written: each address is one of its own, or the whole is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.mail.drafts import draft_to
from tests.support.mail.typed_recipients import FORMS, Form
from tui.cli.send.delivery import LinkDelivery
from tui.mail.message import DraftText, to_eml
from tui.mail.programs import DraftForm as FileForm
from tui.mail.programs import Program
from tui.mail.query import _addresses
from tui.rules import accounts
from tui.rules.address_headers import read_headers
from tui.rules.addresses import check_address, check_addresses, parse_addresses, parse_options
from tui.rules.errors import InvalidValue
from tui.rules.text import printable

every = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
SWALLOWED = "Bob <b@example.com>, Carol <c@example.com>"


def recipients(form: Form) -> tuple[str, ...]:
    return LinkDelivery(
        copy=False, mail=None, drafts=False, submit=False, to=form.options, yes=False
    ).recipients


@every
def test_in_options(form: Form) -> None:
    if form.meant is not None:
        assert recipients(form) == form.meant
        assert check_addresses(form.meant) == form.meant
        return
    with pytest.raises(InvalidValue) as caught:
        recipients(form)
    assert printable(caught.value.message) == caught.value.message
    assert caught.value.message.endswith(".")


@every
def test_in_the_field(form: Form) -> None:
    """As the options are read; only what is empty has no recipients here."""
    whole = ", ".join(form.options)
    if form.meant is None and whole.strip(" ,;") not in ("", "Bob <b@example.com>"):
        with pytest.raises(InvalidValue):
            DraftText(whole, "", "").checked(draft_to())
    elif form.meant is not None:
        assert DraftText(whole, "", "").checked(draft_to()).to == form.meant


@given(
    st.text(st.sampled_from('Bob,;:<>@"\\()[] .\n'), max_size=40),
    st.sampled_from(["", ", ", "; ", " ", "\n"]),
)
def test_no_address_is_lost_in_a_name(before: str, between: str) -> None:
    """Whatever stands before an address: it is refused, or all that could be an address is one."""
    try:
        found = parse_addresses(f"Bob <b@example.com>{between}{before} <c@example.com>")
    except InvalidValue:
        return
    assert "b@example.com" in {each.rpartition("<")[2].rstrip(">") for each in found}


@pytest.mark.parametrize("read", [check_address, accounts.email, lambda text: check_addresses([text])])
def test_where_there_is_room_for_one(read: object) -> None:
    """The user's own address, that of notifications, and each of those that the server is sent."""
    assert callable(read)
    for several in (SWALLOWED, "b@example.com, c@example.com", "Bob; Carol <c@example.com>"):
        with pytest.raises(InvalidValue):
            read(several)


@pytest.mark.parametrize(
    ("printed", "offered"),
    [
        ("b@example.com\tBob\tx", ["Bob <b@example.com>"]),
        ("Bob <b@example.com>\t\t", ["Bob <b@example.com>"]),
        ("b@example.com>, Carol <c@example.com\tBob", []),
        ("b@example.com\tArp, Bob", ['"Arp, Bob" <b@example.com>']),
        (SWALLOWED, SWALLOWED.split(", ")),
        ("Arp, Anna <a@example.com>", []),
        ("Searching…\n\nb@example.com", ["b@example.com"]),
    ],
)
def test_what_a_completion_program_prints(printed: str, offered: list[str]) -> None:
    assert list(_addresses(printed)) == offered


def test_what_thunderbird_is_given() -> None:
    """It may split a line elsewhere, so it gets one that was read."""
    program = Program("thunderbird", "Thunderbird", ("thunderbird", "-compose"), FileForm.BODY)
    text = DraftText('"Arp; Anna" <a@example.com>; Bob <b@example.com>;', "", "")
    assert "to='%22Arp" not in "".join(program.argv(Path("x.html")))
    (composed,) = [word for word in program.argv(Path("x.html"), text) if "to=" in word]
    assert "%3E%2C%20Bob%20%3Cb%40example.com%3E" in composed


def test_an_e_mail_has_each_of_them() -> None:
    message = to_eml(draft_to(*parse_options([SWALLOWED, "d@example.com"])))
    assert b"To: Bob <b@example.com>,\r\n Carol <c@example.com>,\r\n d@example.com\r\n" in message


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("value", "addresses", "others"),
    [
        (SWALLOWED, SWALLOWED.split(", "), []),
        ("Team: Bob <b@b.de>, c@b.de;, d@b.de", ["Bob <b@b.de>", "c@b.de", "d@b.de"], []),
        ("undisclosed-recipients:;", [], []),
        ("b@example.com (Bob (old))", ['"Bob (old)" <b@example.com>'], []),
        ("Bob (b@x.de, old) <b@example.com>", ['"Bob (b@x.de, old)" <b@example.com>'], []),
        ("(a (b@example.com, c), d@example.com", [], ["a (b@example.com, c), d@example.com"]),
        ('"Arp, \\"A\\"" <a@example.com>', ['"Arp, \\"A\\"" <a@example.com>'], []),
        ('"Arp <a@example.com>, b@example.com', [], ['"Arp <a@example.com>, b@example.com']),
        ("'b@example.com' <b@example.com>", ["\"'b@example.com'\" <b@example.com>"], []),
        ("Bob <b@example.com> Carol <c@example.com>", [], ["Bob <b@example.com> Carol <c@example.com>"]),
        ("Bob <b@example.com, Carol <c@example.com>", ["Carol <c@example.com>"], ["Bob <b@example.com"]),
        ("nobody, b@example.com,, B@example.com", ["b@example.com"], ["nobody"]),
        ("Jörg <j@exämple.com>", ["Jörg <j@xn--exmple-cua.com>"], []),
        (f"{'x' * 201} <b@example.com>", ["b@example.com"], []),
        ("root@[IPv6:::1], b@example.com", ["b@example.com"], ["root@[IPv6:::1]"]),
        ("a:" * 5000 + "b@example.com", ["b@example.com"], []),
    ],
)  # fmt: skip
def test_headers(value: str, addresses: list[str], others: list[str]) -> None:
    """What is malformed is told, and keeps no other address from being found."""
    found = read_headers([value], str)
    assert (list(found.addresses), list(found.others)) == (addresses, others)


def test_hostile_headers_are_read_at_once() -> None:
    deep = "(" * 50_000 + ")" * 50_000
    found = read_headers([f"{deep} b@example.com", "x" * 100_000, "(" * 100_000, '"' * 99_999], str)
    assert found.addresses == ("b@example.com",)
    assert len(found.others) == 3
    assert all(len(each) <= 81 for each in found.others)


@given(st.lists(st.text(st.sampled_from('ab,;:<>@"\\()[] .äß\n'), max_size=60), max_size=3))
def test_whatever_a_header_holds(values: list[str]) -> None:
    found = read_headers(values, str)
    assert check_addresses(found.addresses) == found.addresses
    assert all(printable(each) == each for each in found.others)
