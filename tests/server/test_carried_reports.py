"""What clients say of the documents that they publish, and what the server itself finds where the policy refuses it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from tests.support.carried.office import docx, paragraph, run
from tests.support.checks.long import few
from tests.support.servers.databases import both
from tests.support.users.share import Sender, problem
from tests.support.users.work import Worker
from tui.rules.activities import sentence
from tui.rules.activity_details import details_in_words
from tui.rules.errors import InvalidValue
from tui.rules.policy import Policy
from tui.server.share.policy import check_look


def published(me: Sender, data: bytes, **more: Any) -> Any:
    sent = me.open()
    body = {
        "upload": me.upload(sent["id"], data),
        "name": "Offer.docx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "source": {"label": "file:Offer.docx"},
        **more,
    }
    return me.request("POST", f"/sends/{sent['id']}/documents", json=body)


@both
def test_what_was_shown_and_overruled_is_in_the_audit(me: Sender) -> None:
    report = {
        "looked": "whole",
        "found": {"comments": 1, "author": 1, "tracked_changes": 12, "of_the_future": 3},
        "overruled": ["comments", "tracked_changes", "of_the_future"],
    }
    document = published(me, b"carries", carries=report).json()
    details = me.get(f"/documents/{document['id']}/audit")["events"][-1]["details"]
    assert details["looked"] == "whole"
    assert details["carries"] == {"tracked_changes": 12, "comments": 1, "author": 1}
    assert details["overruled"] == ["tracked_changes", "comments"]
    text = sentence("sent", details, actor="DJONES", me="DJONES")
    assert text.endswith("; sent although it carries 12 tracked changes, 1 comment")
    assert ("carries", "12 tracked changes, 1 comment, 1 author") in details_in_words(details)
    assert me.get(f"/documents/{document['id']}/audit/verify")["broken"] is None


def test_no_report_says_nothing(me: Sender) -> None:
    document = published(me, b"nothing said").json()
    details = me.get(f"/documents/{document['id']}/audit")["events"][-1]["details"]
    assert not {"looked", "carries", "overruled"} & set(details)
    document = published(me, b"not looked", carries={"looked": "not", "overruled": ["unreadable"]}).json()
    details = me.get(f"/documents/{document['id']}/audit")["events"][-1]["details"]
    assert (details["looked"], details["overruled"]) == ("not", ["unreadable"])
    assert sentence("sent", details).endswith("; sent although it carries what can't be looked into")


@few(3)
@pytest.mark.parametrize(
    "report",
    [
        {},
        {"looked": "maybe"},
        {"looked": "whole", "found": {"comments": 0}},
        {"looked": "whole", "found": {"comments": "1"}},
        {"looked": "whole", "found": {"x" * 65: 1}},
        {"looked": "whole", "found": {"\x1b[31m": 1}},
        {
            "looked": "whole",
            "found": {f"kind_{'a' * n}": 1 for n in range(57)} | {f"z{'b' * n}": 1 for n in range(57)},
        },
        {"looked": "whole", "overruled": ["comments"] * 101},
        [],
    ],
)
def test_reports_refused(me: Sender, report: Any) -> None:
    problem(published(me, b"x", carries=report), 422, "request.invalid")


def test_hostile_details_are_told_all_the_same() -> None:
    for details in (
        {"overruled": [1, None, "comments"], "carries": "x"},
        {"overruled": "comments"},
        {"overruled": ["a" * 10_000], "carries": {"a" * 10_000: -1}},
        {"overruled": ["comments"], "carries": {"comments": True}},
        {"overruled": ["\x1b[31m"], "carries": {"comments": [1]}},
    ):
        text = sentence("sent", details)
        assert text.startswith("Sent")
        assert "\x1b" not in text
        assert details_in_words(details)


# ---------------------------------------------------------------- what the server refuses


@contextmanager
def ruled(me: Sender, **values: str) -> Iterator[None]:
    me.request("PATCH", "/policy", json=values).raise_for_status()
    try:
        yield
    finally:
        me.request("PATCH", "/policy", json=dict.fromkeys(values, "")).raise_for_status()


HIDDEN = docx(paragraph(run("seen")) + paragraph(run("secret fallback", "<w:vanish/>")))
CLEAN = docx(paragraph(run("seen")))


def batched(me: Sender, name: str, data: bytes) -> Any:
    """What a batch of one says of it."""
    sent = me.open()
    head = {
        "documents": [
            {
                "name": name,
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                "source": {"label": f"file:{name}"},
                "key": uuid4().hex,
            }
        ]
    }
    answer = me.request(
        "POST",
        f"/sends/{sent['id']}/batch",
        content=json.dumps(head).encode() + b"\n" + data,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["results"][0]


def test_what_the_policy_refuses_the_server_finds_itself(me: Sender, work: Worker, folder: str) -> None:
    """Whatever the client says, by every way that publishes; nothing is left of it but the upload."""
    version = work.upload(folder, "Offer", HIDDEN, extension="docx")
    count = me.get("/documents")["total"]
    with ruled(me, carries_refuse="hidden_text, macros"):
        liar = {"looked": "whole", "found": {}, "overruled": []}
        body = problem(published(me, HIDDEN, carries=liar), 422, "policy.carries")
        assert "carries what your firm's policy doesn't let out: 1 hidden text." in body["detail"]
        error = batched(me, "Offer.docx", HIDDEN)["error"]
        assert (error["status"], error["code"]) == (422, "policy.carries")
        sent = me.open()
        by_reference = {
            "version": version["id"],
            "name": "Offer.docx",
            "sha256": hashlib.sha256(HIDDEN).hexdigest(),
        }
        problem(me.request("POST", f"/sends/{sent['id']}/versions", json=by_reference), 422, "policy.carries")
        assert me.get("/documents")["total"] == count
        assert published(me, CLEAN).status_code == 201
        assert batched(me, "Clean.docx", CLEAN)["document"]["published"]
        # What can't be looked into is refused only if the policy says so.
        assert batched(me, "notes.zip", b"PK no archive")["document"]["published"]
        with ruled(me, carries_unreadable="refuse"):
            error = batched(me, "notes.zip", b"PK no archive either")["error"]
            assert error["code"] == "policy.carries_unreadable"
            assert batched(me, "Also clean.docx", CLEAN)["document"]["published"]
    assert published(me, HIDDEN).status_code == 201
    assert batched(me, "Offer 2.docx", HIDDEN)["document"]["published"]


def test_a_client_may_have_looked_again(me: Sender) -> None:
    """What it has found is no part of the request that its key stands for."""
    sent = me.open()
    upload = me.upload(sent["id"], b"again")
    body = {
        "upload": upload,
        "name": "Again.docx",
        "sha256": hashlib.sha256(b"again").hexdigest(),
        "source": {"label": "file:Again.docx"},
    }
    path, key = f"/sends/{sent['id']}/documents", {"Idempotency-Key": "once"}
    first = me.request("POST", path, json={**body, "carries": {"looked": "not"}}, headers=key)
    again = me.request("POST", path, json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]


@few(3)
@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("carries_warn", "comments, Hidden-Text", ["comments", "hidden_text"]),
        ("carries_warn", "none", []),
        ("carries_warn", [], []),
        ("carries_refuse", "macros", ["macros"]),
        ("carries_refuse", "none", []),
        ("carries_unreadable", "off", "off"),
        ("carries_unreadable", "Refuse", "refuse"),
    ],
)
def test_values_of_the_policy(me: Sender, key: str, given: Any, kept: Any) -> None:
    try:
        assert me.request("PATCH", "/policy", json={key: given}).json()[key] == kept == me.get("/policy")[key]
    finally:
        me.request("PATCH", "/policy", json={key: ""}).raise_for_status()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"carries_warn": "coments"}, "Did you mean 'comments'?"),
        ({"carries_refuse": "macros,none"}, "has no kind none"),
        ({"carries_unreadable": "maybe"}, "must be off, warn or refuse"),
    ],
)
def test_values_refused(me: Sender, values: dict[str, str], words: str) -> None:
    assert words in problem(me.request("PATCH", "/policy", json=values), 422, "policy.value")["detail"]


async def test_a_server_that_cannot_look_is_not_asked_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no worker can be started, off and warn are all that the policy can say."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    for policy in (Policy(carries_refuse=("macros",)), Policy(carries_unreadable="refuse")):
        with pytest.raises(InvalidValue, match="can't look into documents") as caught:
            await check_look(policy)
        assert caught.value.code == "policy.not_looked_into"
    await check_look(Policy(carries_warn=("macros",), carries_unreadable="warn", carries_refuse=()))
