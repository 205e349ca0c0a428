"""What the server reports about an interrupted send, and uploads whose ids the client chooses."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import pytest

from tests.support.servers.databases import both
from tests.support.users.share import NOBODY, Sender, at_once, b64, fetch, problem
from tui.wire.batch import BatchDocument, BatchHead
from tui.wire.share import Source

#: For what the database decides; all else is tried with SQLite.
DATA = bytes(range(256)) * 400


def chosen() -> str:
    return secrets.token_hex(16)


def create(me: Sender, send: str, ident: str, size: int = len(DATA), content: bytes | None = None) -> Any:
    return me.create(
        send, size, {"Upload-Metadata": f"send {b64(send)},upload {b64(ident)}"}, content=content
    )


@pytest.fixture
def send(me: Sender) -> str:
    return str(me.open()["id"])


# ---------------------------------------------------------------- ids that the client chooses


def test_an_upload_has_the_id_that_was_chosen(me: Sender, send: str) -> None:
    ident = chosen()
    answer = create(me, send, ident, content=DATA[:1000])
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "1000")
    assert answer.headers["location"] == f"/share/v1/uploads/{ident}"
    assert me.patch(answer.headers["location"], 1000, DATA[1000:]).status_code == 204
    document = me.publish(send, ident, "a.bin", DATA).json()
    assert fetch(me.server, document["url"]) == DATA


def test_creating_it_again_answers_what_there_is(me: Sender, send: str) -> None:
    """What had arrived stays, and nothing is started twice."""
    ident = chosen()
    create(me, send, ident, content=DATA[:1000])
    for content in (None, DATA[:1000], DATA):
        again = create(me, send, ident, content=content)
        assert (again.status_code, again.headers["upload-offset"]) == (201, "1000")
        assert again.headers["location"] == f"/share/v1/uploads/{ident}"
    assert me.patch(f"/share/v1/uploads/{ident}", 1000, DATA[1000:]).status_code == 204
    me.publish(send, ident, "a.bin", DATA)
    assert create(me, send, ident, content=DATA).headers["upload-offset"] == str(len(DATA))
    assert len(me.get(f"/sends/{send}")["uploads"]) == 1


def test_a_wrong_checksum_does_not_end_what_was_there(me: Sender, send: str) -> None:
    ident = chosen()
    create(me, send, ident)
    headers = {
        "Upload-Metadata": f"send {b64(send)},upload {b64(ident)}",
        "Upload-Checksum": f"sha256 {b64(hashlib.sha256(b'other').digest())}",
    }
    problem(me.create(send, len(DATA), headers, DATA[:10]), 460, "upload.checksum")
    assert me.offset(f"/share/v1/uploads/{ident}") == 0


@both
def test_created_at_once_it_is_one(me: Sender, send: str) -> None:
    ident = chosen()
    answers = at_once(6, lambda _: create(me, send, ident))
    assert {(a.status_code, a.headers.get("location")) for a in answers} == {
        (201, f"/share/v1/uploads/{ident}")
    }
    assert len(me.get(f"/sends/{send}")["uploads"]) == 1


def test_a_second_upload_with_the_same_id_is_refused_for_everyone(me: Sender, send: str) -> None:
    """In the same words, so that no one learns from it what others have."""
    ident = chosen()
    create(me, send, ident)
    refusals = [
        create(me, send, ident, size=7),
        create(me, str(me.open()["id"]), ident),
    ]
    with me.add_user(f"P{secrets.token_hex(4)}") as other:
        refusals.append(create(other, str(other.open()["id"]), ident))
        assert (
            other.http.head(f"/share/v1/uploads/{ident}", headers={"Tus-Resumable": "1.0.0"}).status_code
            == 404
        )
    assert len({problem(answer, 409, "upload.id_taken")["detail"] for answer in refusals}) == 1
    assert me.offset(f"/share/v1/uploads/{ident}") == 0


@pytest.mark.parametrize("ident", ["1", "A" * 32, "g" * 32, "0" * 33, "../../etc"])
def test_what_cannot_be_an_id(me: Sender, send: str, ident: str) -> None:
    problem(create(me, send, ident), 400, "upload.id")


# ---------------------------------------------------------------- the state of a send


@both
def test_what_there_is_of_a_send(me: Sender) -> None:
    """Its settings; its documents with the keys they were published under; its uploads and how far they are."""
    opened = me.open(downloads_permitted=3)
    send = opened["id"]
    assert me.get(f"/sends/{send}") == {"send": opened, "documents": [], "uploads": []}
    whole, part = chosen(), chosen()
    create(me, send, whole, content=DATA)
    create(me, send, part, content=DATA[:300])
    first = me.publish(send, whole, "a.bin", DATA, key="key-a").json()
    said = BatchDocument(
        name="b.txt",
        size=1,
        sha256=hashlib.sha256(b"b").hexdigest(),
        source=Source(label="file:b"),
        key="key-b",
    )
    body = BatchHead(documents=[said]).model_dump_json().encode() + b"\nb"
    headers = {"Content-Type": "application/octet-stream"}
    (second,) = me.request("POST", f"/sends/{send}/batch", content=body, headers=headers).json()["results"]
    third = me.publish(send, me.upload(send, b"c"), "c.txt", b"c").json()
    found = me.get(f"/sends/{send}")
    assert found["send"] == opened
    listed = [(each["key"], each["document"]) for each in found["documents"]]
    assert listed == [("key-a", first), ("key-b", second["document"]), (None, third)]
    unfinished = [upload for upload in found["uploads"] if not upload["published"]]
    assert [(u["id"], u["size"], u["offset"]) for u in unfinished] == [(part, len(DATA), 300)]
    assert {u["id"] for u in found["uploads"] if u["published"]} >= {whole}


@both
def test_documents_are_described_as_they_are_now(me: Sender, send: str) -> None:
    """One that was deleted still counts as sent; of one that was purged, only the fact that it was sent is reported."""
    for name in ("a", "b", "c"):
        me.publish(send, me.upload(send, DATA), name, DATA, key=name)
    ids = [each["document"]["id"] for each in me.get(f"/sends/{send}")["documents"]]
    me.delete(f"/documents/{ids[0]}")
    me.post("/trash/empty")
    me.delete(f"/documents/{ids[1]}")
    found = {each["key"]: each["document"] for each in me.get(f"/sends/{send}")["documents"]}
    assert found["a"] is None
    assert found["b"]["deleted_at"]
    assert found["c"]["published"]


@both
def test_the_uploads_of_a_send_are_ended_at_once(me: Sender, send: str) -> None:
    """Uploads of other sends continue, and what is published stays."""
    document = me.publish(send, me.upload(send, DATA), "a.bin", DATA).json()
    for _ in range(3):
        create(me, send, chosen(), content=DATA[:10])
    other = str(me.open()["id"])
    create(me, other, chosen())
    assert me.delete(f"/sends/{send}/uploads") == {"ended": 3}
    assert me.delete(f"/sends/{send}/uploads") == {"ended": 0}
    assert [u["published"] for u in me.get(f"/sends/{send}")["uploads"]] == [True]
    assert len(me.get(f"/sends/{other}")["uploads"]) == 1
    assert fetch(me.server, document["url"]) == DATA
    create(me, send, chosen(), content=DATA)


def test_other_users_sends_are_neither_shown_nor_ended(me: Sender, send: str) -> None:
    """P4: neither a stranger's send nor, in a shared folder, its owner's."""
    create(me, send, chosen())
    name = f"P{secrets.token_hex(4)}".upper()
    with me.add_user(name) as other:
        me.post(f"/folders/{me.folder}/members", {"name": name})
        for ask in (
            lambda: other.request("GET", f"/sends/{send}"),
            lambda: other.request("DELETE", f"/sends/{send}/uploads"),
        ):
            problem(ask(), 404, "send.unknown")
    for ident in (NOBODY, "x", "..%2f"):
        assert me.request("GET", f"/sends/{ident}").status_code == 404
    assert len(me.get(f"/sends/{send}")["uploads"]) == 1


def test_what_was_published_is_known_as_long_as_uploads_go_on(restored: Sender) -> None:
    """An upload lives a week longer each time bytes arrive, and so do the send and its keys."""
    send = str(restored.open()["id"])
    ident = chosen()
    create(restored, send, ident, content=DATA[:10])
    restored.publish(send, restored.upload(send, b"a"), "a.txt", b"a", key="key-a")
    offset = 10
    for days in (3, 6, 9, 12):
        restored.server.turn_clock(days * 86_400)
        answer = restored.patch(f"/share/v1/uploads/{ident}", offset, DATA[offset : offset + 10])
        assert answer.status_code == 204
        offset += 10
        if days % 6 == 0:
            found = restored.get(f"/sends/{send}")
            assert [each["key"] for each in found["documents"]] == ["key-a"]
            assert [u["offset"] for u in found["uploads"] if not u["published"]] == [offset]
