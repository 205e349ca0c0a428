"""The domains that the policy lists for recipients, held against every request that names any (P2)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.servers.databases import both
from tests.support.users.share import Sender, problem
from tui.rules.activities import sentence

ANNA, BOB = "Anna Arp <anna@halyard.example>", "bob@varga.example"
CODE = "policy.recipients_domains"


def set_policy(me: Sender, **values: str) -> None:
    me.request("PATCH", "/policy", json=values).raise_for_status()


@pytest.fixture
def listed(me: Sender) -> Iterator[Sender]:
    """A sender whose firm lists one domain; what was sent before isn't affected."""
    set_policy(me, recipients_domains="Halyard.Example", recipients_others="")
    yield me
    set_policy(me, recipients_domains="", recipients_others="")


@both
def test_every_route_that_takes_recipients_refuses_them(listed: Sender) -> None:
    folder = listed.folder
    for recipients in ([BOB], [ANNA, BOB], ["x@halyard.example.evil.example"], ["x@xhalyard.example"]):
        body = {"folder": folder, "recipients": recipients}
        answer = problem(listed.request("POST", "/sends", json=body), 422, CODE)
        assert "administrator" in answer["detail"]
    document = listed.send(recipients=[ANNA, "carol@mail.halyard.example"])
    send = document["send_id"]
    path = f"/sends/{send}/recipients"
    problem(listed.request("PUT", path, json={"recipients": [BOB]}), 422, CODE)
    only = {"recipients": [BOB], "documents": [document["id"]]}
    problem(listed.request("PUT", path, json=only), 422, CODE)
    problem(
        listed.request("POST", f"/documents/{document['id']}/resend", json={"recipients": [BOB]}), 422, CODE
    )
    now = listed.document(document["id"])
    assert now["recipients"] == [ANNA, "carol@mail.halyard.example"]
    assert listed.request("PUT", path, json={"recipients": []}).json()["changed"] == 1


def test_what_is_kept_is_held_against_it(me: Sender) -> None:
    """Sending again is refused for the recipients that it would keep, and possible with others or none."""
    document = me.send(recipients=["emil@varga.example"])
    set_policy(me, recipients_domains="halyard.example")
    try:
        path = f"/documents/{document['id']}/resend"
        problem(me.request("POST", path, json={}), 422, CODE)
        assert me.request("POST", path, json={"recipients": [ANNA]}).json()["recipients"] == [ANNA]
        assert me.request("POST", path, json={}).json()["recipients"] == [ANNA]
        for nobody in ("null", "[]"):
            body = json.loads(f'{{"recipients": {nobody}}}')
            assert me.request("POST", path, json=body).json()["recipients"] == []
        # The filter finds it by whom it is for now.
        me.request("POST", path, json={"recipients": ["dora@halyard.example"]}).raise_for_status()
        assert [d["id"] for d in me.get("/documents", filter="to:dora")["documents"]] == [document["id"]]
        assert me.get("/documents", filter="to:emil")["documents"] == []
        event = me.get(f"/documents/{document['id']}/audit")["events"][0]
        assert (event["event"], event["details"]["recipients"]) == ("resent", ["dora@halyard.example"])
    finally:
        set_policy(me, recipients_domains="")


def test_a_warning_refuses_nothing(listed: Sender) -> None:
    set_policy(listed, recipients_others="warn")
    document = listed.send(recipients=[ANNA, BOB])
    assert document["recipients"] == [ANNA, BOB]
    event = listed.get(f"/documents/{document['id']}/audit")["events"][-1]
    assert event["details"]["unlisted"] == [BOB]
    text = sentence("sent", event["details"], actor="DJONES", me="DJONES")
    assert text.endswith(f"to {ANNA}, {BOB}; sent although the firm's list lacks {BOB}")
    with listed.add_user("CARA") as cara:
        listed.post(f"/folders/{document['folder']['id']}/members", {"name": "CARA"})
        seen = cara.get(f"/documents/{document['id']}/audit")["events"][-1]["details"]
        assert not {"unlisted", "recipients"} & set(seen), "the sender's own note"
    plain = listed.send(recipients=[ANNA])
    assert "unlisted" not in listed.get(f"/documents/{plain['id']}/audit")["events"][-1]["details"]


def test_the_domains_of_the_senders_own_addresses(me: Sender) -> None:
    name = me.get("/me")["user"]
    me.request("PATCH", f"/users/{name}", json={"email": "d.jones@Quillon.example"}).raise_for_status()
    try:
        assert me.get("/recipients")["own_domains"] == ["quillon.example"]
    finally:
        me.request("PATCH", f"/users/{name}", json={"email": ""}).raise_for_status()
    assert me.get("/recipients")["own_domains"] == []


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("recipients_domains", "Halyard.Example, *.varga.example @quillon.example\nmüller.example",
         ["halyard.example", "varga.example", "quillon.example", "xn--mller-kva.example"]),
        ("recipients_domains", ["halyard.example", "halyard.example"], ["halyard.example"]),
        ("recipients_domains", [], None),
        ("recipients_others", "WARN", "warn"),
    ],
)  # fmt: skip
def test_values(me: Sender, key: str, given: object, kept: object) -> None:
    try:
        answer = me.request("PATCH", "/policy", json={key: given})
        assert answer.status_code == 200, answer.text
        assert answer.json()[key] == kept == me.get("/policy")[key]
    finally:
        set_policy(me, **{key: ""})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"recipients_domains": "anna@halyard.example"}, "takes domains like halyard.example"),
        ({"recipients_domains": "-x.example"}, "takes domains like"),
        ({"recipients_others": "ask"}, "must be warn or refuse, not ask"),
    ],
)
def test_values_refused(me: Sender, values: dict[str, str], words: str) -> None:
    before = me.get("/policy")
    answer = me.request("PATCH", "/policy", json=values)
    assert words in problem(answer, 422, "policy.value")["detail"]
    assert me.get("/policy") == before
