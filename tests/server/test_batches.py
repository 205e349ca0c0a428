"""Many small documents in one request: each is published once and on its own, and nothing is left behind."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.support.users.share import NOBODY, PASSWORD, Sender, at_once, fetch, problem, stored
from tui.server.base.clock import system_clock
from tui.server.installation import jobs
from tui.server.installation.installation import open_context
from tui.server.limits.buffers import Buffers
from tui.server.share import batch_upload
from tui.wire.batch import MEDIA_TYPE, MOST_BYTES, MOST_HEAD


def said(name: str, data: bytes, **more: Any) -> dict[str, Any]:
    """A document's entry in the head."""
    return {
        "name": name,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "source": {"label": f"file:{name}"},
        "key": f"key-{name}",
        **more,
    }


def post(me: Sender, send: str, head: Any, data: bytes, kind: str = MEDIA_TYPE) -> httpx.Response:
    body = head if isinstance(head, bytes) else json.dumps({"documents": head}).encode() + b"\n"
    return me.request("POST", f"/sends/{send}/batch", content=body + data, headers={"Content-Type": kind})


def results(me: Sender, send: str, head: list[dict[str, Any]], data: bytes) -> list[dict[str, Any]]:
    response = post(me, send, head, data)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["results"]
    assert len(found) == len(head)
    return found


def codes(found: list[dict[str, Any]]) -> list[str | None]:
    return [result["error"]["code"] if result.get("error") else None for result in found]


def test_what_is_kept_in_one_go_lies_in_one_folder(me: Sender) -> None:
    """Only one folder has to be made durable, not one for each document."""
    before = set(stored(me.server))
    heads = [said(f"gathered-{number}.txt", b"x") for number in range(9)]
    assert codes(results(me, me.open()["id"], heads, b"x" * 9)) == [None] * 9
    new = set(stored(me.server)) - before
    assert len(new) == 9
    assert len({path.parent for path in new}) == 1


def test_the_folder_lists_them_in_the_order_of_the_send(me: Sender) -> None:
    """They were sent at the same moment, so that the list by moments leaves it open."""
    names = [f"listed-{number}.txt" for number in (5, 1, 4, 2, 3, 0)]
    found = results(me, me.open()["id"], [said(name, b"x") for name in names], b"x" * len(names))
    assert len({result["document"]["sent_at"] for result in found}) == 1
    listed = me.get(f"/folders/{me.folder}/documents")["documents"]
    assert [document["name"] for document in listed[: len(names)]] == names


@few(2)
@pytest.mark.parametrize("size", [1, 7, 1000, 300_000, 2_000_000])
async def test_in_whatever_pieces_a_body_arrives_it_is_the_same(size: int) -> None:
    """Also if one ends within the head, or has several documents."""
    papers = {f"{number}.bin": os.urandom(number * 9) for number in range(50)} | {
        "large.bin": os.urandom(1_000_000)
    }
    if size < 1000:
        papers.pop("large.bin")
    head = [said(name, data) for name, data in papers.items()]
    body = json.dumps({"documents": head}).encode() + b"\n" + b"".join(papers.values())

    async def arriving() -> AsyncIterator[bytes]:
        for begin in range(0, len(body), size):
            yield body[begin : begin + size]

    with Buffers(len(body), len(body)).share("me") as share:
        items = await batch_upload.read(arriving(), share)
        assert share.size == len(body)
    assert {item.entry.name: b"".join(item.content) for item in items} == papers


def test_keys_are_kept_a_week(restored: Sender) -> None:
    """Then they count as new, also for another request."""
    first, second = restored.open()["id"], restored.open()["id"]
    head = [said("a.txt", b"a"), said("b.txt", b"b")]
    assert codes(results(restored, first, head, b"ab")) == [None] * 2
    assert codes(results(restored, second, head, b"ab")) == ["idempotency.reused"] * 2
    restored.server.turn_clock(7.1 * 86_400)
    later = restored.open()["id"]
    again = results(restored, later, head, b"ab")
    assert codes(again) == [None] * 2
    assert results(restored, later, head, b"ab") == again


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "batch.head"),
        (b"{}\n", 422, "batch.head"),
        (b'{"documents": []}\n', 422, "batch.head"),
        (b"\xff\xfe\n", 422, "batch.head"),
        (b"[" * 100_000 + b"\n", 422, "batch.head"),
        (b'{"documents": [' + b" " * MOST_HEAD + b"]}\n", 422, "batch.head"),
        (b"{}\n" + b"x" * (MOST_HEAD + MOST_BYTES), 413, "batch.too_large"),
    ],
    # The bytes themselves would make a test's name too long; it is passed to every process that the test starts.
    ids=["empty", "no documents", "none of them", "not text", "deep", "long head", "too much"],
)
def test_a_body_that_is_none_is_refused(body: bytes, status: int, code: str, me: Sender) -> None:
    problem(post(me, me.open()["id"], body, b""), status, code)


def test_what_does_not_fit_together_is_refused(me: Sender) -> None:
    send = me.open()["id"]
    one = said("a.txt", b"a")
    for data in (b"", b"aa"):
        problem(post(me, send, [one], data), 422, "batch.length")
    problem(post(me, send, [one, said("b.txt", b"b", key=one["key"])], b"ab"), 422, "batch.keys")
    problem(post(me, send, [said(f"{n}", b"") for n in range(65)], b""), 422, "batch.head")
    problem(post(me, send, [one | {"size": -1}], b""), 422, "batch.head")
    problem(post(me, send, [one], b"a", "application/json"), 415, "batch.type")
    problem(post(me, NOBODY, [one], b"a"), 404, "send.unknown")


def test_a_send_takes_batches_for_a_week(restored: Sender) -> None:
    """A batch that was published in time returns its first results later, too."""
    send = restored.open()["id"]
    one, other = said("a.txt", b"a"), said("b.txt", b"b")
    restored.server.turn_clock(6.9 * 86_400)
    first = results(restored, send, [one], b"a")
    assert codes(first) == [None]
    restored.server.turn_clock(7.1 * 86_400)
    assert results(restored, send, [one], b"a") == first
    problem(post(restored, send, [other], b"b"), 404, "send.unknown")
    assert restored.get(f"/folders/{restored.folder}/documents")["documents"][0]["name"] == "a.txt"


def test_a_send_of_another_person_is_not_known(me: Sender) -> None:
    send = me.open()["id"]
    with me.add_user("BATCHER") as other:
        problem(post(other, send, [said("a.txt", b"a")], b"a"), 404, "send.unknown")


async def test_a_missing_folder_is_reported_and_no_bytes_stay(alone: Sender) -> None:
    """Bytes that never became a document are removed an hour later."""
    folder = alone.folder
    send = alone.open(folder)["id"]
    alone.delete(f"/folders/{folder}")
    problem(post(alone, send, [said("late.txt", b"late")], b"late"), 409, "folder.gone")
    for hours, left in ((0, 1), (2, 0)):
        context = await open_context(
            alone.server.settings, lambda h=hours: system_clock() + timedelta(hours=h)
        )
        try:
            await jobs.run_all(context)
        finally:
            await context.close()
        assert len(stored(alone.server)) == left


@both
def test_each_is_published_as_it_would_be_alone(me: Sender) -> None:
    papers = {f"paper{number:02}.txt": f"content {number}".encode() * number for number in range(64)}
    send = me.open(password=PASSWORD, downloads_permitted=2)["id"]
    found = results(me, send, [said(name, data) for name, data in papers.items()], b"".join(papers.values()))
    assert codes(found) == [None] * 64
    documents = [result["document"] for result in found]
    assert [document["name"] for document in documents] == list(papers)
    alone = me.publish(send, me.upload(send, b"alone"), "alone.txt", b"alone").json()
    same = ("folder", "published", "has_password", "expires_at", "downloads_permitted", "downloads", "reason")
    assert all({key: d[key] for key in same} == {key: alone[key] for key in same} for d in documents)
    for number in (0, 1, 63):
        name = f"paper{number:02}.txt"
        assert fetch(me.server, documents[number]["url"], PASSWORD) == papers[name]
        assert me.document(documents[number]["id"])["source"] == f"file:{name}"
        events = me.events(f"/documents/{documents[number]['id']}/audit")
        assert events[:2] == me.events(f"/documents/{alone['id']}/audit")[:2] == ["sent", "published"]
        assert me.get(f"/documents/{documents[number]['id']}/audit/verify")["broken"] is None
    assert len({document["url"] for document in documents}) == 64
    assert me.get("/audit/verify")["broken"] is None


@both
def test_what_is_wrong_fails_alone(me: Sender) -> None:
    """An invalid name, a taken one, damaged bytes, a bad source, the key of another request."""
    send = me.open()["id"]
    first = results(me, send, [said("there.txt", b"0")], b"0")[0]["document"]
    head = [
        said("good.txt", b"1"),
        said("bad/name.txt", b"2"),
        said("THERE.txt", b"3"),
        said("Good.TXT", b"4", key="again"),
        said("damaged.txt", b"5", sha256="0" * 64),
        said("source.txt", b"6", source={"label": "file:\u0007"}),
        said("other.txt", b"7", key="key-there.txt"),
        said("last.txt", b"8"),
    ]
    found = results(me, send, head, b"12345678")
    assert codes(found) == [
        None,
        "name.forbidden_character",
        "name.taken",
        "name.taken",
        "upload.damaged",
        "source.invalid",
        "idempotency.reused",
        None,
    ]
    assert found[1]["error"]["field"] == "name"
    names = {d["name"] for d in me.get(f"/folders/{first['folder']['id']}/documents")["documents"]}
    assert {"there.txt", "good.txt", "last.txt"} <= names
    assert not names & {"THERE.txt", "Good.TXT", "damaged.txt", "source.txt", "other.txt"}
    # A key whose request failed is free again.
    assert codes(results(me, send, [said("free.txt", b"3", key="key-THERE.txt")], b"3")) == [None]


@both
def test_the_same_request_again_publishes_nothing_twice(me: Sender) -> None:
    """Not even five at once, or together with a new document."""
    send = me.open()["id"]
    head = [said(f"{number}.txt", b"x") for number in range(9)]
    answers = at_once(5, lambda _: results(me, send, head, b"x" * 9))
    ids = [[result["document"]["id"] for result in answer] for answer in answers]
    assert ids == [ids[0]] * 5
    more = results(me, send, [*head, said("new.txt", b"n")], b"x" * 9 + b"n")
    assert [result["document"]["id"] for result in more][:9] == ids[0]
    folder = more[0]["document"]["folder"]["id"]
    names = [d["name"] for d in me.get(f"/folders/{folder}/documents", limit=500)["documents"]]
    assert sorted(name for name in names if name in {d["name"] for d in head}) == sorted(
        d["name"] for d in head
    )


@both
def test_more_documents_take_no_more_statements(
    database_url: Callable[[], str | None], tmp_path: Path
) -> None:
    """Of several requests, those with the fewest, since the server also does some work by itself."""
    file = tmp_path / "statements"
    arguments = ("--statements", str(file))
    with (
        ServerProcess(tmp_path / "data", database_url=database_url(), arguments=arguments) as server,
        Sender(server) as me,
    ):
        send = me.open()["id"]

        def statements(count: int, turn: int) -> int:
            head = [said(f"{count}-{turn}-{number}.txt", b"x") for number in range(count)]
            before = len(file.read_text().splitlines())
            assert codes(results(me, send, head, b"x" * count)) == [None] * count
            return len(file.read_text().splitlines()) - before

        few, many = (min(statements(count, turn) for turn in range(3)) for count in (2, 24))
        assert many == few
        assert few > 0
