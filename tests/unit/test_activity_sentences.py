"""Activities in sentences: every kind has one, and nothing of a hostile event gets through raw."""

from __future__ import annotations

import re
import string
from itertools import product
from typing import Any

import pytest

from tui.rules.activities import sentence
from tui.rules.activity_filter import ActivityFilter, none_fits, toggled, unknown_kind
from tui.rules.activity_kinds import KNOWN, UNREADABLE, activity_text
from tui.rules.errors import InvalidValue
from tui.rules.policy import KEYS
from tui.rules.state import Event
from tui.rules.user_agents import OTHER, program_name
from tui.rules.watching import EVENTS, event_named
from tui.wire.work import ACTIVITY_CODES

HOSTILE_TEXTS = [
    "\x1b]2;title\x07", "\x1b[2J", "a\nb\r", "\u202egnp.exe", "\x9b31m", "\ud800", "{by}{count}", "%s %(x)s",
    "a" * 5000,
]  # fmt: skip
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
CHROME = f"{WINDOWS} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def test_every_kind_has_a_sentence() -> None:
    """A new event of Share, or a code of Work, that is forgotten in rules/activities.py fails here."""
    assert {*map(str, Event), UNREADABLE, *ACTIVITY_CODES, "RESTORE", "PURGE"} == KNOWN


def test_every_rule_of_the_policy_has_a_name() -> None:
    for key in KEYS:
        said = sentence("policy changed", {"key": key, "from": None, "to": 5})
        assert "_" not in said
        assert "a rule" not in said


def test_a_sentence_needs_no_details() -> None:
    """It begins with a capital, has no blank too many, no raw key and no piece that wasn't filled in."""
    extras: tuple[dict[str, str], ...] = ({}, {"actor": "DJONES", "address": "203.0.113.7", "agent": FIREFOX})
    details: tuple[dict[str, object], ...] = (
        {},
        {"undone": "x"},
        {"why": "damaged"},
        {"to": "a proxy"},
        {"person": "MKELLER"},
        {"length": 5},
    )
    for kind, known, extra in product(sorted(KNOWN), details, extras):
        said = sentence(kind, known, **extra)
        assert said[0] in string.ascii_uppercase, kind
        assert not re.search(r"[_{}]|  |[ ,:;]$", said), said


@pytest.mark.parametrize(
    ("event", "details", "said"),
    [
        ("downloaded", {"downloads": 1, "downloads_permitted": 2}, "Downloaded with Firefox from 203.0.113.7, 1 of 2"),
        ("downloaded", {"downloads": 3, "downloads_permitted": None},
         "Downloaded with Firefox from 203.0.113.7, 3 so far"),
        ("downloaded", {"downloads": 1}, "Downloaded with Firefox from 203.0.113.7"),
        ("delivered", {"downloads": 1, "downloads_permitted": 2}, "Delivered to 203.0.113.7, 1 of 2"),
        ("delivered", {"to": "a proxy"}, "Delivered to a proxy for 203.0.113.7"),
        ("broken off", {"percent": 43}, "Download with Firefox from 203.0.113.7 broke off at 43 %"),
        ("wrong password", {"tries": 3}, "Wrong password with Firefox from 203.0.113.7, try 3"),
        ("locked", {"tries": 101}, "Locked after wrong passwords (101)"),
        ("taken elsewhere", {}, "Downloaded from another network, 203.0.113.7"),
        ("unavailable", {"why": "damaged"}, "A download failed from 203.0.113.7: its file is damaged"),
        ("sign-in refused", {"tries": 4}, "Sign-in refused with Firefox from 203.0.113.7, 4 times within an hour"),
    ],
)  # fmt: skip
def test_what_recipients_do(event: str, details: dict[str, object], said: str) -> None:
    assert sentence(event, details, address="203.0.113.7", agent=FIREFOX) == said


@pytest.mark.parametrize(
    ("event", "details", "said"),
    [
        ("sent", {"source": "ACTIVE!3.1", "recipients": ["a@b.de"]}, "Sent by DJONES from ACTIVE!3, v1 to a@b.de"),
        (
            "sent",
            {"source": "ACTIVE!3.1", "source_name": "Minutes.docx"},
            "Sent by DJONES from Minutes.docx (ACTIVE!3, v1)",
        ),
        ("sent", {"source": "file:x.pdf"}, "Sent by DJONES from a local file"),
        ("SHARED", {"comments": "Secure Sent Link Offer.pdf; no expiration date"},
         "Sent as a secure link by DJONES: Offer.pdf; no expiration date"),
        ("SHARED", {"comments": "Secure Sent Link A.pdf; expires 2026-12-04 23:59:59 UTC; with password"},
         "Sent as a secure link by DJONES: A.pdf; until Fri 4 Dec 2026, end of day; with password"),
        ("SHARED", {"comments": "Secure Sent Link A.pdf; expires 9999-12-31 25:59:59 UTC"},
         "Sent as a secure link by DJONES: A.pdf; expires 9999-12-31 25:59:59 UTC"),
        ("SHARE_REVOKED", {"comments": "Secure Sent Link Offer.pdf"}, "Its link was stopped by DJONES: Offer.pdf"),
        ("EXPORT", {"comments": "Secure Sent Link Offer.pdf (ID 1)"},
         "Exported from Work by DJONES: Secure Sent Link Offer.pdf (ID 1)"),
        ("sent", {"recipients": ["a@b.de", "c@d.de", "e@f.de", "g@h.de"]},
         "Sent by DJONES to a@b.de, c@d.de and 2 more"),
        ("sent", {"overruled": ["comments"], "carries": {"comments": 3, "notes": 2}},
         "Sent by DJONES; sent although it carries 3 comments"),
        ("sent", {"overruled": ["comments", "notes"]},
         "Sent by DJONES; sent although it carries comments, slides with notes"),
        ("sent", {"overruled": ["comments", "notes", "macros"]},
         "Sent by DJONES; sent although it carries comments, slides with notes and 1 more"),
        ("published", {"has_password": True, "downloads_permitted": 1},
         "Published by DJONES: 1 download, with password"),
        ("published", {"has_password": False}, "Published by DJONES"),
        ("published", {"undone": "unpublished"}, "Published as before by DJONES"),
        ("resent", {"password": "removed", "new_address": True},
         "Sent again by DJONES: without its password, new link"),
        ("resent", {"recipients": ["a@b.de"], "password": "removed"},
         "Sent again by DJONES to a@b.de: without its password"),
        ("resent", {"expires_at": None, "downloads_permitted": None, "password": "kept", "new_address": False},
         "Sent again by DJONES: downloads not limited, no expiration date, with the same password"),
        ("resent", {"expires_at": None, "downloads_permitted": 3, "password": "none", "new_address": False},
         "Sent again by DJONES: 3 downloads, no expiration date"),
        ("published", {"expires_at": None, "downloads_permitted": None}, "Published by DJONES"),
        ("unpublished", {"why": "stopped by an administrator"}, "Stopped by an administrator, DJONES"),
        ("fetched", {}, "DJONES downloaded it"),
        ("fetched", {"first": 5, "length": 5}, "DJONES downloaded a part of it"),
        ("previewed", {}, "DJONES previewed or looked into it"),
        ("PREVIEW", {}, "Previewed or looked into by DJONES"),
        ("member added", {"member": "MKELLER"}, "Added MKELLER by DJONES"),
        ("person removed", {"person": "ANNA", "unpublished": 3}, "ANNA was removed by DJONES; links stopped: 3"),
        ("policy changed", {"key": "downloads_max", "from": None, "to": 5},
         "Policy changed by DJONES: highest download limit 5 (was none)"),
        ("CHECKOUT", {"comments": "for the call"}, "Checked out by DJONES: for the call"),
        ("PUT_ON_SHELF", {}, "Put on shelf by DJONES"),
        ("{by}", {}, "{by} by DJONES"),
    ],
)  # fmt: skip
def test_what_users_do(event: str, details: dict[str, object], said: str) -> None:
    assert sentence(event, details, actor="DJONES") == said


def test_ones_own_acts_need_not_say_by_whom() -> None:
    assert sentence("unpublished", {}, actor="DJONES", me="djones") == "Unpublished"
    assert sentence("fetched", {}, actor="DJONES", me="DJONES") == "You downloaded it"
    assert sentence("CHECKIN", {}, actor="djones", me="DJONES") == "Checked in"


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_events_are_one_printable_line(text: str) -> None:
    details = dict.fromkeys(
        (
            "source",
            "why",
            "key",
            "from",
            "to",
            "member",
            "person",
            "operator",
            "comments",
            "password",
            "expires_at",
        ),
        text,
    )
    odd = {"downloads": 10**400, "tries": -1, "percent": True, "recipients": [text, 7], "unpublished": 10**15}
    for kind in [*sorted(KNOWN), "\x1b]2;x\x07"]:
        said = sentence(kind, {**details, **odd}, actor=text, address=text, agent=text)
        assert said.isprintable() or not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said), (
            kind
        )


@pytest.mark.parametrize(
    ("event", "details", "said"),
    [
        ("resent", {"recipients": [], "downloads_permitted": 1}, "Sent again without recipients: 1 download"),
        ("resent", {"downloads_permitted": 1}, "Sent again: 1 download"),
        ("recipients set", {"recipients": []}, "Recipients removed"),
        ("recipients set", {"recipients": ["a@b.de"]}, "Recipients changed to a@b.de"),
        # Members of the folder aren't told which.
        ("recipients set", {}, "Recipients changed"),
        ("sent", {"recipients": [], "source": "file:x.pdf"}, "Sent from a local file without recipients"),
    ],
)
def test_no_recipients_are_not_called_none(event: str, details: dict[str, object], said: str) -> None:
    assert sentence(event, details) == said


def test_made_up_details_of_any_type() -> None:
    values: list[Any] = [None, [], {}, {"a": 1}, 1.5, True, "9999-12-31T23:59:59-14:00", 10**400]
    for value in values:
        keys = (
            "downloads",
            "downloads_permitted",
            "tries",
            "percent",
            "recipients",
            "source",
            "why",
            "expires_at",
            "key",
        )
        for kind in KNOWN:
            assert sentence(kind, dict.fromkeys(keys, value), actor="A")


def test_words_of_kinds_can_be_told_apart() -> None:
    """Each is plain lower-case words, with which one can filter."""
    for kind in KNOWN:
        assert re.fullmatch(r"[a-z][a-z -]+", activity_text(kind))
    assert activity_text("VIEW") != activity_text("viewed")


# ---------------------------------------------------------------- programs


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/128.0 "
         "Mobile/15E148 Safari/605.1.15", "Firefox"),
        (CHROME, "Chrome"),
        (f"{CHROME} Edg/131.0.0.0", "Edge"),
        (f"{CHROME} OPR/116.0.0.0", OTHER),
        (f"{CHROME} Vivaldi/7.0", OTHER),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), OTHER),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
         "Safari/605.1.15", "Safari"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
         "Mobile/15E148 Safari/604.1", "Safari"),
        (f"{WINDOWS} WindowsPowerShell/5.1.22621.4391".replace(")", "; en-US)"), "PowerShell"),
        ("Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.22631; en-US) PowerShell/7.4.6", "PowerShell"),
        ("curl/8.5.0", "curl"),
        ("Wget/1.21.4", "Wget"),
        ("Wget2/2.1.0", "Wget"),
        ("python-requests/2.32", OTHER),
        ("not curl/8.5.0", OTHER),
        ("My Firefox/128.0", OTHER),
        ("\x1b]0;Firefox/128.0\x07", OTHER),
        ("a" * 100_000, OTHER),
        ("   ", ""),
        ("", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_programs(agent: str | None, name: str) -> None:
    assert program_name(agent) == name


# ---------------------------------------------------------------- filters


def test_a_filter_takes_words_and_terms() -> None:
    found = ActivityFilter.parse('kind:"Wrong Password" offer KIND:down by:203.0  second  doc:Plan.pdf by:')
    assert found == ActivityFilter("offer second", ("wrong password", "down"), ("203.0",), ("plan.pdf",))
    assert not ActivityFilter.parse('  kind:  by:"" doc:"')
    assert ActivityFilter.parse("kindly by:x").words == "kindly"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", True), ("kind:down", True), ("kind:load", False), ("by:113.7", True), ("by:anna", False),
        ("doc:OFFER", True),
        ("doc:plan", False), ("kind:sent kind:downloaded", True), ("firefox kind:downloaded", True), ("chrome", False),
    ],
)  # fmt: skip
def test_what_a_filter_lets_through(typed: str, shown: bool) -> None:
    event = {
        "kind": "downloaded",
        "by": "203.0.113.7",
        "document": "Offer.pdf",
        "text": "Downloaded with Firefox",
    }
    assert ActivityFilter.parse(typed).lets_through(**event) is shown


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("kind:resent", ("sent again",)),
        ('kind:"Taken Elsewhere"', ("another network",)),
        ("kind:fetched kind:sen", ("own download", "sen")),
        ("kind:resen", ("resen",)),
    ],
)
def test_a_kind_has_also_the_name_of_its_event(typed: str, kinds: tuple[str, ...]) -> None:
    assert ActivityFilter.parse(typed).kinds == kinds


def test_each_event_is_known_by_both_of_its_names() -> None:
    for event in EVENTS:
        assert event_named(event, "until") == event_named(activity_text(event), "until") == event
        assert not unknown_kind(ActivityFilter.parse(f'kind:"{event}"'))


def test_an_unknown_kind_is_told_with_those_there_are() -> None:
    said = unknown_kind(ActivityFilter.parse(f"kind:sent kind:{'foo' * 99}"))
    assert InvalidValue("filter.kind", said, "filter").message == said, "none of them is cut off"
    said = unknown_kind(ActivityFilter.parse("kind:sent kind:foo"))
    assert said.startswith("No kind of activity begins with “foo”. There are: sent, published, page opened, ")
    assert said.endswith(", expiry changed.")
    assert not any(
        unknown_kind(ActivityFilter.parse(text)) for text in ("offer", "kind:wrong", "kind:d by:foo")
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("offer", "Nothing."),
        ("17:05", "Nothing."),
        ("https://example.com", "Nothing."),
        ("by:nobody", "Nothing."),
        ("kin:sent", "Nothing. There is no filter kin:, only kind:, by: and doc:. Did you mean 'kind:'?"),
        ("offer DO:a", "Nothing. There is no filter do:, only kind:, by: and doc:. Did you mean 'doc:'?"),
    ],
)
def test_where_nothing_fits_a_mistyped_term_is_named(typed: str, said: str) -> None:
    assert none_fits(ActivityFilter.parse(typed), "Nothing.") == said


def test_a_term_is_put_in_place_of_another_and_taken_out_again() -> None:
    assert toggled("", "kind", "wrong password") == 'kind:"wrong password"'
    assert toggled("offer kind:sent by:anna", "kind", "expired") == "offer by:anna kind:expired"
    assert toggled('offer kind:"wrong password"', "kind", "Wrong Password") == "offer"
    assert toggled("", "doc", 'a "b" c') == "doc:a"
    assert toggled("by:anna", "by", "") == ""
