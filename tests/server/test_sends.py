"""Opening sends, publishing, and what happens to a published document: each thing once, completely or not at all."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import NOBODY, PASSWORD, Sender, at_once, database, fetch, later, problem
from tui.wire.share import OpenSend

PASSWORDS = "dear"
# ---------------------------------------------------------------- opening


def test_settings_hold_for_all_documents(me: Sender) -> None:
    """D7: one send, its settings on each of its documents, each counted separately."""
    expires = later(days=2)
    sent = me.open(password=PASSWORD, expires_at=expires, downloads_permitted=2)
    assert (sent["has_password"], sent["downloads_permitted"]) == (True, 2)
    assert "password" not in sent
    documents = []
    for name in ("a.txt", "b.txt"):
        data = name.encode()
        documents.append(me.publish(sent["id"], me.upload(sent["id"], data), name, data).json())
    for document in documents:
        assert document["has_password"]
        assert document["downloads_permitted"] == 2
        assert datetime.fromisoformat(document["expires_at"]) == datetime.fromisoformat(expires)
    assert fetch(me.server, documents[0]["url"], PASSWORD) == b"a.txt"
    assert [me.document(d["id"])["downloads"] for d in documents] == [1, 0]
    assert documents[0]["url"] != documents[1]["url"]


def test_the_password_is_kept_as_a_hash_only(me: Sender) -> None:
    """S7, S17, design 5: argon2id, and the password itself is nowhere in the data folder or the log."""
    secret = "Very-Secret-Heron-1"
    folder = me.folder
    me.post("/sends", {"folder": folder, "password": secret}, 201, Idempotency_Key="secret-1")
    with database(me.server) as connection:
        hashes = [row[0] for row in connection.execute("SELECT password_hash FROM sends") if row[0]]
    assert hashes
    assert all(kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for kept in hashes)
    body = OpenSend(folder=folder, password=secret).model_dump_json(exclude_unset=True)
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in (secret, body, f"sends\n{body}")]
    for path in [*me.server.data.rglob("*"), me.server.log]:
        if path.is_file():
            content = path.read_bytes()
            assert secret.encode() not in content, path
            assert not [digest for digest in digests if digest.encode() in content], path


@few(6)
@pytest.mark.parametrize(
    ("settings", "code", "field"),
    [
        ({"downloads_permitted": 0}, "downloads.out_of_range", "downloads"),
        ({"downloads_permitted": -1}, "downloads.out_of_range", "downloads"),
        ({"downloads_permitted": 10**12}, "downloads.out_of_range", "downloads"),
        ({"downloads_permitted": 1.5}, "request.invalid", None),
        ({"downloads_permitted": "3"}, "request.invalid", None),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires.past", "expires"),
        ({"expires_at": "2101-01-01T00:00:00Z"}, "expires.too_far", "expires"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires.too_far", "expires"),
        ({"expires_at": "9999-12-31T23:59:59Z", "zone_offset": 60}, "expires.too_far", "expires"),
        ({"expires_at": "0001-01-01T00:00:00Z", "zone_offset": -60}, "expires.past", "expires"),
        ({"expires_at": "2030-01-01T00:00:00"}, "request.invalid", None),
        ({"password": ""}, "password.empty", "password"),
        ({"password": "a\nb"}, "password.control_character", "password"),
        ({"password": "ä" * 600}, "password.too_long", "password"),
        ({"password": "a\ud800b"}, "request.invalid", None),
    ],
)
def test_settings_that_cannot_be(me: Sender, settings: dict[str, Any], code: str, field: str | None) -> None:
    """D6, D7, S20: the server refuses each wrong setting and names its field."""
    body = json.dumps({"folder": me.folder, **settings}).encode()
    response = me.request("POST", "/sends", content=body, headers={"Content-Type": "application/json"})
    assert problem(response, 422, code).get("field") == field


def test_only_into_ones_own_folder(me: Sender) -> None:
    """F4, P4: another user's folder is not found; a member may not send into it."""
    folder = me.folder
    with me.add_user("STRANGER") as other:
        problem(other.request("POST", "/sends", json={"folder": folder}), 404, "folder.unknown")
        me.post(f"/folders/{folder}/members", {"name": "STRANGER"})
        problem(other.request("POST", "/sends", json={"folder": folder}), 403, "folder.read_only")
        send = me.open()["id"]
        problem(other.publish(send, NOBODY, "a.txt", b""), 404, "send.unknown")
    problem(me.request("POST", "/sends", json={"folder": "../x"}), 404, "folder.unknown")


def test_bodies_are_bounded(me: Sender) -> None:
    """S20: a body is only read up to a limit, whether or not its size is announced."""
    big = b'{"folder": "' + b"x" * 2_000_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    problem(me.request("POST", "/sends", content=big, headers=headers), 413, "body.too_large")
    pieces = iter([big[i : i + 65536] for i in range(0, len(big), 65536)])
    problem(me.request("POST", "/sends", content=pieces, headers=headers), 413, "body.too_large")
    problem(me.request("POST", f"/documents/{NOBODY}/unpublish", content=big), 413, "body.too_large")


# ---------------------------------------------------------------- once, not twice


def test_opening_again_gives_the_first_answer(me: Sender) -> None:
    """design 6: the same request with the same key is the same send; a different request with that key is refused."""
    body = {"folder": me.folder, "password": PASSWORD, "downloads_permitted": 3}
    first = me.post("/sends", body, 201, Idempotency_Key="open-1")
    assert me.post("/sends", body, 201, Idempotency_Key="open-1") == first
    for other in ({**body, "password": "Other-Heron-99"}, {**body, "downloads_permitted": None}):
        response = me.request("POST", "/sends", json=other, headers={"Idempotency-Key": "open-1"})
        problem(response, 422, "idempotency.reused")
    with me.add_user("KEYUSER") as another:
        theirs = {**body, "folder": another.folder}
        second = another.post("/sends", theirs, 201, Idempotency_Key="open-1")
        assert second["id"] != first["id"]
    # Nor does a later user with the same name.
    me.delete("/users/KEYUSER")
    with me.add_user("KEYUSER") as third:
        theirs["folder"] = third.folder
        assert third.post("/sends", theirs, 201, Idempotency_Key="open-1")["id"] not in (
            first["id"],
            second["id"],
        )
    for key in ("", "x" * 256, "a b"):
        response = me.request("POST", "/sends", json=body, headers={"Idempotency-Key": key})
        problem(response, 422, "request.invalid")


def test_what_failed_is_tried_again(me: Sender) -> None:
    """design 6: a refusal is not kept as the answer."""
    folder = me.folder
    bad = {"folder": folder, "downloads_permitted": 0}
    problem(
        me.request("POST", "/sends", json=bad, headers={"Idempotency-Key": "again-1"}),
        422,
        "downloads.out_of_range",
    )
    me.post("/sends", {"folder": folder, "downloads_permitted": 1}, 201, Idempotency_Key="again-1")


def test_keys_are_kept_a_week(fresh_server: ServerProcess) -> None:
    """design 6: for seven days a key returns its first answer, then it counts as new."""
    with Sender(fresh_server) as me:
        body = {"folder": me.folder}
        first = me.post("/sends", body, 201, Idempotency_Key="week")
        fresh_server.turn_clock(6.9 * 86_400)
        assert me.post("/sends", body, 201, Idempotency_Key="week") == first
        fresh_server.turn_clock(7.1 * 86_400)
        assert me.post("/sends", body, 201, Idempotency_Key="week")["id"] != first["id"]


def test_a_send_takes_documents_for_a_week(restored_server: ServerProcess) -> None:
    """It keeps the policy that it began with, so it must end. What was published before stays as it is, and what was
    being uploaded is still published."""
    with Sender(restored_server) as me:
        send = me.open()["id"]
        me.request("PATCH", "/policy", json={"password_required": True}).raise_for_status()
        begun = me.begin(send, 1)[-32:]
        restored_server.turn_clock(6.9 * 86_400)
        uploads = [me.upload(send, b"x") for _ in range(2)]
        first = me.publish(send, uploads[0], "a.txt", b"x", key="first")
        assert first.status_code == 201
        restored_server.turn_clock(7.1 * 86_400)
        problem(me.create(send, 1), 404, "send.unknown")
        assert me.publish(send, uploads[0], "a.txt", b"x", key="first").json() == first.json()
        found = me.get(f"/sends/{send}")
        assert [each["document"]["id"] for each in found["documents"]] == [first.json()["id"]]
        assert begun not in [upload["id"] for upload in found["uploads"]]
        assert me.publish(send, uploads[1], "b.txt", b"x").status_code == 201
        assert fetch(restored_server, first.json()["url"]) == b"x"


def test_twice_at_once(fresh_server: ServerProcess) -> None:
    """design 6: of identical requests at the same moment, at two processes, one does the work; all get its answer."""
    with ServerProcess(fresh_server.data) as second, Sender(fresh_server) as me:
        senders = [Sender(fresh_server if n % 2 else second) for n in range(6)]
        try:
            folder = me.folder
            body = {"folder": folder, "password": PASSWORD}
            opened = at_once(6, lambda n: senders[n].post("/sends", body, 201, Idempotency_Key="opened"))
            assert len({answer["id"] for answer in opened}) == 1
            send = opened[0]["id"]
            upload = me.upload(send, b"once")
            published = at_once(
                6, lambda n: senders[n].publish(send, upload, "a.txt", b"once", key="published")
            )
            assert {response.status_code for response in published} == {201}
            assert len({response.text for response in published}) == 1
            assert me.get("/documents")["total"] == 1
            with database(fresh_server) as connection:
                assert connection.execute("SELECT count(*) FROM sends").fetchone() == (1,)
        finally:
            for sender in senders:
                sender.http.close()


def test_an_upload_is_published_once(me: Sender) -> None:
    """design 6: without a key, or with different ones, one upload still makes one document."""
    send = me.open()["id"]
    upload = me.upload(send, b"once")
    answers = at_once(4, lambda n: me.publish(send, upload, f"name {n}.txt", b"once", key=f"different-{n}"))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def test_a_repeated_answer_is_the_first_one(me: Sender) -> None:
    """design 6: a retry after a lost answer returns the original one, including the link, whatever happened since."""
    send = me.open(downloads_permitted=1)["id"]
    upload = me.upload(send, b"x")
    first = me.publish(send, upload, "a.txt", b"x", key="lost")
    assert fetch(me.server, first.json()["url"]) == b"x"
    again = me.publish(send, upload, "a.txt", b"x", key="lost")
    assert (again.status_code, again.text) == (201, first.text)
    secret = first.json()["url"].rpartition("/")[2]
    for path in me.server.data.glob("sentlinks.db*"):
        assert secret.encode() not in path.read_bytes()


# ---------------------------------------------------------------- publishing


def test_publishing_tells_all(me: Sender) -> None:
    """F2, L8, P3: what the sender sees of a document, and the start of its audit."""
    send = me.open(password=PASSWORD, downloads_permitted=5)["id"]
    document = me.publish(send, me.upload(send, b"%PDF"), "Bericht (ä).pdf", b"%PDF").json()
    assert document["name"] == "Bericht (ä).pdf"
    assert document["source"] == "file:x"
    assert abs(datetime.fromisoformat(document["sent_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert document["size"] == 4
    assert document["sha256"] == hashlib.sha256(b"%PDF").hexdigest()
    assert document["published"]
    assert document["reason"] is None
    assert document["url"].startswith(f"{me.server.url}/s/")
    assert me.document(document["id"]) == document
    events = me.get(f"/documents/{document['id']}/audit")["events"]
    assert [event["event"] for event in events] == ["published", "sent"]
    assert events[1]["actor"] == "DJONES"
    assert events[1]["details"]["name"] == "Bericht (ä).pdf"
    assert events[1]["details"]["source"] == "file:x"
    assert events[0]["details"] == {
        "downloads_permitted": 5,
        "expires_at": None,
        "has_password": True,
    }
    assert PASSWORD not in str(events)
    assert document["url"].rpartition("/")[2] not in str(events)


def test_the_same_document_again_is_a_new_one(me: Sender) -> None:
    """F2: sent again, it is another document in the folder."""
    first, second = me.send("Same.pdf"), me.send("Same.pdf")
    assert first["id"] != second["id"]
    assert first["url"] != second["url"]


def test_only_what_was_meant_is_published(me: Sender) -> None:
    """design 4, S20: nothing becomes visible unless all bytes are there and correct."""
    send = me.open()["id"]
    total = me.get("/documents")["total"]
    part = me.begin(send, 10)
    problem(me.publish(send, part[-32:], "a.txt", b"0123456789"), 409, "upload.incomplete")
    problem(me.publish(send, me.upload(send, b"other"), "a.txt", b"meant"), 409, "upload.damaged")
    for upload in (NOBODY, "x", "\x00"):
        problem(me.publish(send, upload, "a.txt", b""), 404, "upload.unknown")
    other = me.open()["id"]
    problem(me.publish(other, me.upload(send, b"x"), "a.txt", b"x"), 404, "upload.unknown")
    problem(me.publish(NOBODY, part[-32:], "a.txt", b""), 404, "send.unknown")
    assert me.get("/documents")["total"] == total


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a/b.pdf", "name.forbidden_character"),
        ("..\\b.pdf", "name.forbidden_character"),
        ("a\x1bb.pdf", "name.control_character"),
        ("a\u202eb.pdf", "name.control_character"),
        ("", "name.empty"),
        ("...", "name.blank"),
        ("x" * 256, "name.too_long"),
    ],
)
def test_names_are_looked_at(me: Sender, name: str, code: str) -> None:
    """D2, P2: the server refuses a name that a link can't have, whatever the client."""
    send = me.open()["id"]
    response = me.publish(send, me.upload(send, b"x"), name, b"x")
    assert problem(response, 422, code)["field"] == "name"


def test_names_differ_within_a_send(me: Sender) -> None:
    """D2: two documents of one send have different names, ignoring case, even if published at once."""
    send = me.open()["id"]
    uploads = [me.upload(send, b"x") for _ in range(4)]
    names = ["Offer.pdf", "OFFER.pdf", "offer.PDF", "oFFer.pdf"]
    answers = at_once(4, lambda n: me.publish(send, uploads[n], names[n], b"x"))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
    problem(next(a for a in answers if a.status_code == 422), 422, "name.taken")
    assert me.publish(me.open()["id"], NOBODY, "Offer.pdf", b"").status_code == 404


def test_sources_are_looked_at(me: Sender) -> None:
    """S11: a source can't control a terminal."""
    send = me.open()["id"]
    response = me.publish(send, me.upload(send, b"x"), "a.txt", b"x", source="file:\x1b[2J")
    problem(response, 422, "source.invalid")


def test_after_its_time(fresh_server: ServerProcess) -> None:
    """S25: an expiry that passed before publishing, or a folder that was deleted, leaves nothing behind."""
    with Sender(fresh_server) as me:
        send = me.open(expires_at=later(hours=1))["id"]
        upload = me.upload(send, b"x")
        fresh_server.turn_clock(3700)
        problem(me.publish(send, upload, "a.txt", b"x"), 422, "expires.past")
        fresh_server.turn_clock(0)
        send = me.open()["id"]
        upload = me.upload(send, b"x")
        me.delete(f"/folders/{me.folder}")
        problem(me.publish(send, upload, "a.txt", b"x"), 409, "folder.gone")
        assert me.get("/documents")["total"] == 0
        assert me.get("/trash")["total"] == 0
