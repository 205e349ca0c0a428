"""``links`` with filters: to whom, in which state, not collected."""

from __future__ import annotations

import pytest

from tests.support.checks.long import few
from tests.system.command import Client
from tests.system.links import Sent, fetch

ANNA, BOB = "Anna Arp <anna@example.com>", "Jörg Müller <jm@müller.de>"


@pytest.fixture(autouse=True)
def _sent(client: Client, sent: Sent) -> None:
    """A document for each kind: waiting, taken, off and taken, off and never taken. No test changes them."""
    if client("links", "--all", "--json").documents:
        return
    sent("waiting.txt", "x", "--to", ANNA)
    taken = sent("taken.txt", "x", "--to", ANNA, "--to", BOB)
    limit = sent("limit.txt", "x", "--to", BOB, "--downloads", "1")
    off = sent("off.txt", "x", "--to", ANNA)
    for each in (taken, limit):
        fetch(each["url"])
    client("unpublish", off["id"])


@few(8)
@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--to", "anna"], ["off", "taken", "waiting"]),
        (["--to", "ANNA@EXAMPLE.COM"], ["off", "taken", "waiting"]),
        (["--to", "müller"], ["limit", "taken"]),
        (["--to", "jm@müller.de"], ["limit", "taken"]),
        (["--to", ANNA, "--to", BOB], ["taken"]),
        (["--to", "%"], []),
        (["--to", "anna is:off"], []),
        (["--to", 'anna" is:off "'], []),
        (["--from", "TAKEN.txt"], ["taken"]),
        (["--from", "file:", "--from", "off.txt"], ["off"]),
        (["--from", 'off" is:on "'], []),
        (["--from", "off.txt", "--to", "bob"], []),
        (["--state", "on"], ["taken", "waiting"]),
        (["--state", "off"], ["off", "limit"]),
        (["--state", "limit"], ["limit"]),
        (["--state", "unpublished"], ["off"]),
        (["--state", "off", "--state", "taken"], ["limit"]),
        (["--state=off", "--state=off", "--state=limit"], ["limit"]),
        (["--not-collected"], ["waiting"]),
        (["--not-collected", "--state", "off"], ["off"]),
        (["--not-collected", "--to", "bob"], []),
        (["--all", "--to", "anna", "--state", "waiting"], ["waiting"]),
    ],
)
def test_what_is_listed(client: Client, options: list[str], found: list[str]) -> None:
    assert [each["name"] for each in client("links", *options, "--json").documents] == [
        f"{n}.txt" for n in found
    ]
    done = client("links", *options)
    assert done.status == 0
    if not found:
        assert "No document fits" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--to", ""], "The value of --to is empty; give an address or a name."),
        (["--to", "  "], "The value of --to is empty; give an address or a name."),
        (["--from", " "], "The value of --from is empty; give a name or a number."),
        (["--to", "a" * 2000], "The filter is too long; use 1,000 characters at most."),
        (["--state", "waitng"], "Did you mean 'waiting'?"),
        (["--state", ""], "is not one of"),
        (["--state", "on", "--state", "off"], "No link is both on and off; give one of them with --state."),
        (["--not-collected", "--state", "taken"], "Give --not-collected or --state taken, not both."),
        (["--folder", "abc", "--all", "--to", "anna"], "Give --folder or --all, not both."),
    ],
)
def test_what_is_no_filter(client: Client, options: list[str], said: str) -> None:
    done = client("links", *options)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
