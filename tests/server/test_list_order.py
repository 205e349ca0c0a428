"""The order of documents in their folder: those of a send together and as they were sent, the last send first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.sends.jobs import MIB, Bytes, connected, job_of, states
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender

DATABASE = "both"


@pytest.fixture
def anna(me: Sender, request: pytest.FixtureRequest) -> Iterator[Sender]:
    """A user of their own for each test."""
    with me.add_user(f"ANNA{abs(hash(request.node.nodeid)) % 10**9}") as person:
        yield person


def token_of(person: Sender) -> str:
    return str(person.http.headers["X-Auth-Token"])


def listed(person: Sender, **params: Any) -> list[str]:
    """The names in the folder, read page by page."""
    found, cursor = [], None
    while True:
        page = person.get(
            f"/folders/{person.folder}/documents", limit=3, **params, **({"cursor": cursor} if cursor else {})
        )
        found += [document["name"] for document in page["documents"]]
        cursor = page["cursor"]
        if cursor is None:
            assert len(found) == page["total"]
            return found


def publish(person: Sender, send: str, name: str, order: int | None) -> dict[str, Any]:
    body = {"name": name, "sha256": hashlib.sha256(b"x").hexdigest(), "source": {"label": "file:x"}}
    more = {} if order is None else {"order": order}
    upload = person.upload(send, b"x")
    document: dict[str, Any] = person.post(
        f"/sends/{send}/documents", {**body, "upload": upload, **more}, 201
    )
    return document


async def test_a_job_in_the_order_of_its_rows(server: ServerProcess, anna: Sender) -> None:
    """Small documents go together, several requests at a time, and large ones after them; some fail at first."""
    rows = [f"row {n:03}.txt" for n in range(90)]
    sizes = {0: MIB, 45: 2 * MIB, 46: MIB, 89: MIB}
    anna.send("earlier.pdf")
    with Misbehaving(server.url) as proxy:
        async with connected(proxy.url, token_of(anna)) as (share, _):
            job = job_of(share, *(Bytes(name, b"." * sizes.get(n, 9)) for n, name in enumerate(rows)))
            proxy.spoil("POST", Say(500), "/batch", times=1)
            proxy.spoil("POST", Say(403), "/uploads", times=1)
            await job.run()
            assert set(states(job)) == {"succeeded", "failed"}
            anna.send("meanwhile.pdf")
            await job.run()
            assert set(states(job)) == {"succeeded"}
    expected = ["meanwhile.pdf", *rows, "earlier.pdf"]
    assert listed(anna) == listed(anna, sort="-sent_at") == expected
    assert listed(anna, sort="sent_at") == expected[::-1]
    everything = anna.get("/documents", limit=500)["documents"]
    assert [document["name"] for document in everything] == expected


def test_the_order_that_clients_tell(anna: Sender) -> None:
    """Whatever order they are published in, and whatever happens to them later."""
    send = anna.open()["id"]
    documents = {n: publish(anna, send, f"{n}.txt", n) for n in (2, 0, 1_000_000, 1)}
    expected = ["0.txt", "1.txt", "2.txt", "1000000.txt"]
    assert listed(anna) == expected
    anna.resend(documents[1], new_address=True)
    anna.post(f"/documents/{documents[0]['id']}/unpublish")
    anna.delete(f"/documents/{documents[2]['id']}")
    anna.post(f"/trash/{documents[2]['id']}/restore")
    assert listed(anna) == expected
    for order in (-1, 2**20, "1", 1.5, True):
        body = {
            "order": order,
            "upload": "0" * 32,
            "name": "x",
            "sha256": "0" * 64,
            "source": {"label": "file:x"},
        }
        assert anna.request("POST", f"/sends/{send}/documents", json=body).status_code == 422


def test_by_whether_links_work(server: ServerProcess, anna: Sender) -> None:
    """What is on first, then what is off by its limit, and by hand; of each the last sent first, and the documents of a
    send in their order. Page by page, in both directions."""
    send = anna.open(downloads_permitted=1)["id"]
    documents = {name: publish(anna, send, name, n) for n, name in enumerate("abcdefghi")}
    for name in "dgi":
        with httpx.Client() as recipient:
            assert recipient.post(documents[name]["url"]).status_code == 303
    for name in "ce":
        anna.post(f"/documents/{documents[name]['id']}/unpublish")
    anna.send("later.txt")
    expected = ["later.txt", *"abfh", *"dgi", *"ce"]
    assert listed(anna, sort="external") == expected
    assert listed(anna, sort="-external") == expected[::-1]


def test_clients_that_do_not_tell_it(anna: Sender) -> None:
    """Then it is the order of arrival; in one request, that of the documents."""
    send = anna.open()["id"]
    anna.publish_together(send, [f"a{n}.txt" for n in range(5)])
    publish(anna, send, "b.txt", None)
    anna.publish_together(send, [f"c{n}.txt" for n in range(5)])
    expected = [*(f"a{n}.txt" for n in range(5)), "b.txt", *(f"c{n}.txt" for n in range(5))]
    assert listed(anna) == expected


def test_a_send_that_continues_another(me: Sender, anna: Sender) -> None:
    """Its documents are listed with those of the first; nobody else's send, and none that isn't there."""
    first = anna.open()
    publish(anna, first["id"], "0.txt", 0)
    anna.send("later.txt")
    second = anna.open(continues=first["id"])
    publish(anna, second["id"], "2.txt", 2)
    third = anna.open(continues=second["id"])
    publish(anna, third["id"], "1.txt", 1)
    assert listed(anna) == ["later.txt", "0.txt", "1.txt", "2.txt"]
    foreign = me.open()["id"]
    for continues in (foreign, "0" * 32, "nonsense", None):
        other = anna.open(continues=continues)
        publish(anna, other["id"], "new.txt", 0)
        assert listed(anna)[0] == "new.txt"
        anna.delete(f"/documents/{anna.get('/documents')['documents'][0]['id']}")
