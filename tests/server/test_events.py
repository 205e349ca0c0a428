"""Share reports events as they happen, to those they concern and to no one else (design: Live; S8)."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import queue
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self

import httpx
import pytest
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE, PASSWORD, Sender, database, fetch, later, problem
from tui.server.accounts.users import Person
from tui.server.context import Context
from tui.server.database.tables import tokens, users
from tui.server.installation.installation import open_context
from tui.server.share.caller import Caller
from tui.server.share.hub import Hub, Stream

PATIENCE = 20
#: Longer than it takes to report an event, and to notice that a token is no longer valid.
SOON = 5


class Ear:
    """Listens in a thread of its own; ``next()`` returns the next event; in ``heard``, ``None`` ends the stream."""

    def __init__(self, sender: Sender, last: str | None = None) -> None:
        self.heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._http = httpx.Client(
            base_url=sender.server.url, headers=sender.http.headers, timeout=60, trust_env=False
        )
        headers = {"Last-Event-ID": last} if last is not None else {}
        self._answer = self._http.send(
            self._http.build_request("GET", f"{BASE}/events", headers=headers), stream=True
        )
        assert self._answer.status_code == 200, self._answer.read()
        assert self._answer.headers["content-type"].startswith("text/event-stream")
        assert self._answer.headers["cache-control"] == "no-store"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.ready = self.next("ready")

    def _listen(self) -> None:
        event: dict[str, Any] = {}
        try:
            for line in self._answer.iter_lines():
                name, _, value = line.partition(": ")
                if not line and "data" in event:
                    self.heard.put({**json.loads(event["data"]), **event} if event else None)
                    event = {}
                elif name:
                    event["name" if name == "event" else name] = value
        except httpx.HTTPError:
            pass
        self.heard.put(None)

    def next(self, name: str = "happened") -> dict[str, Any]:
        event = self.heard.get(timeout=PATIENCE)
        assert event is not None, "the stream has ended"
        assert event["name"] == name, event
        return event

    def told_of(self, document: dict[str, Any]) -> dict[str, Any]:
        """What the next event about the document says. What was done just before this was opened may come first."""
        while (told := json.loads(self.next()["data"]))["document"] != document["id"]:
            pass
        assert isinstance(told, dict)
        return told

    def nothing(self) -> None:
        """Nothing is heard for longer than an event would take."""
        with pytest.raises(queue.Empty):
            raise AssertionError(self.heard.get(timeout=1.5))

    def ended(self) -> None:
        assert self.heard.get(timeout=SOON) is None

    def close(self) -> None:
        # The thread is reading: it has to be woken before anything can be closed.
        connection = self._answer.extensions["network_stream"].get_extra_info("socket")
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._answer.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def test_a_download_is_an_event(me: Sender) -> None:
    document = me.send("Offer.pdf", downloads_permitted=1)
    with Ear(me) as ear:
        assert fetch(me.server, document["url"]) == b"content"
        event = ear.next()
        assert event["event"] == "downloaded"
        assert event["document"] == document["id"]
        assert event["folder"] == document["folder"]["id"]
        used_up = ear.next()
        assert used_up["event"] == "limit reached"
        # The bytes come after it.
        assert json.loads(used_up["data"])["delivered"] == 0
        assert int(event["id"]) > int(ear.ready["id"])
        assert document["url"] not in str(event)


def test_the_owner_is_told_what_and_from_where_and_a_member_is_not(me: Sender) -> None:
    """To a member, an event is of no use without the right to look up what it names. Nobody is told the link, or
    anything of a password."""
    document = me.send("Offer.pdf", downloads_permitted=2, password=PASSWORD)
    with me.add_user("EDDA") as member:
        me.post(f"/folders/{document['folder']['id']}/members", {"name": "EDDA"})
        with Ear(me) as mine, Ear(member) as other:
            assert (
                httpx.post(document["url"], data={"password": "Wrong-1"}, trust_env=False).status_code == 403
            )
            assert fetch(me.server, document["url"], PASSWORD) == b"content"
            me.post(f"/documents/{document['id']}/unpublish")
            heard = [mine.told_of(document) for _ in range(4)]
            known = [other.told_of(document) for _ in range(4)]
    assert [(event["event"], event["name"], event["actor"], event["address"]) for event in heard] == [
        ("wrong password", "Offer.pdf", None, "127.0.0.1"),
        ("downloaded", "Offer.pdf", None, "127.0.0.1"),
        ("delivered", "Offer.pdf", None, "127.0.0.1"),
        ("unpublished", "Offer.pdf", "DJONES", "127.0.0.1"),
    ]
    assert heard[0]["tries"] == 1
    assert [(event["downloads"], event["downloads_permitted"]) for event in heard[1:3]] == [(1, 2)] * 2
    assert [event["event"] for event in known] == [event["event"] for event in heard]
    assert all(set(event) == {"at", "event", "document", "folder"} for event in known)
    told = json.dumps(heard)
    assert document["url"].rpartition("/")[2] not in told
    assert PASSWORD not in told
    assert "Wrong-1" not in told


def test_a_name_or_details_that_someone_changed_stop_no_stream(me: Sender) -> None:
    """In SQLite's file, a name can be no text, and details can be anything."""
    document = me.send("Offer.pdf")
    with Ear(me) as ear:
        with database(me.server) as rows:
            for trigger in rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                rows.execute(f"DROP TRIGGER {trigger[0]}")
            rows.execute(
                "UPDATE sent_documents SET name = CAST(x'ff80' AS TEXT) WHERE id = ?", (document["id"],)
            )
        me.post(f"/documents/{document['id']}/unpublish")
        event = ear.next()
        assert (event["event"], json.loads(event["data"])["name"]) == ("unpublished", None)
    secret = {
        "has_password": "Secret-1",
        "password": "Secret-1",
        "expires_at": "Secret-1",
        "downloads": "Secret-1",
    }
    for details in ([1], secret, {"expires_at": "0001-01-01"}, {"expires_at": 7, "password": ["set"]}):
        with database(me.server) as rows:
            rows.execute("UPDATE audit SET details = ? WHERE id = ?", (json.dumps(details), int(event["id"])))
        with Ear(me, last=str(int(event["id"]) - 1)) as again:
            found = again.next()
            assert found["event"] == "unpublished"
            assert set(found) == set(event), "what isn't a setting is left out"


def test_other_users_events_are_not_sent(me: Sender) -> None:
    """S8, P4: neither live nor afterwards."""
    with me.add_user("BOB") as bob, Ear(bob) as ear:
        me.send("Offer.pdf")
        ear.nothing()
        with Ear(bob, last=ear.ready["id"]) as afterwards:
            afterwards.nothing()
        mine = bob.send("Mine.pdf")
        assert {ear.next()["document"], ear.next()["document"]} == {mine["id"]}


def test_members_get_events_while_they_are_members(me: Sender) -> None:
    document = me.send("Offer.pdf")
    folder = document["folder"]["id"]
    with me.add_user("CLARA") as bob, Ear(bob) as ear:
        me.post(f"/folders/{folder}/members", {"name": "CLARA"})
        event = ear.next()
        assert (event["event"], event["folder"], event["document"]) == ("member added", folder, None)
        me.post(f"/documents/{document['id']}/unpublish")
        assert ear.next()["event"] == "unpublished"
        me.delete(f"/documents/{document['id']}")
        assert ear.next()["event"] == "deleted"
        # Members see nothing of the trash.
        me.post("/trash/empty")
        ear.nothing()
        me.delete(f"/folders/{folder}/members/CLARA")
        ear.ended()
        with Ear(bob, last=event["id"]) as afterwards:
            me.send("Another.pdf")
            afterwards.nothing()


def test_what_was_missed_comes_first(me: Sender) -> None:
    with Ear(me) as ear:
        last = ear.ready["id"]
    document = me.send("Offer.pdf")
    with Ear(me, last=last) as ear:
        assert [ear.next()["event"], ear.next()["event"]] == ["sent", "published"]
        ear.nothing()
        assert int(ear.ready["id"]) > int(last)
        me.post(f"/documents/{document['id']}/unpublish")
        assert ear.next()["event"] == "unpublished"
    # An unknown id asks for a reload; one that isn't a number is ignored.
    with Ear(me, last="999999999") as ear:
        ear.next("reset")
    with Ear(me, last="x'; --") as ear:
        ear.nothing()


def test_it_ends_with_the_token_and_with_the_person(me: Sender) -> None:
    with me.add_user("DAVE") as bob, Ear(bob) as ear:
        bob.request("POST", "/logout").raise_for_status()
        ear.ended()
    with me.add_user("EVE") as eve, Ear(eve) as ear:
        me.delete("/users/EVE")
        ear.ended()


def test_a_name_that_is_given_again_hears_nothing_of_the_one_before(me: Sender) -> None:
    """Neither missed frednts nor new ones about what the removed user sent."""
    with me.add_user("FRED") as fred, Ear(fred) as ear:
        last = ear.ready["id"]
        document = fred.send("Offer.pdf", downloads_permitted=5)
    me.delete("/users/FRED")
    with me.add_user("FRED") as another, Ear(another, last=last) as ear:
        ear.nothing()
        fetch(me.server, document["url"])
        ear.nothing()
        problem(another.request("GET", f"/documents/{document['id']}"), 404, "document.unknown")


def test_the_token_is_taken_from_a_header_only(me: Sender) -> None:
    token = me.server.token
    with me.server.guest() as guest:
        problem(guest.get(f"{BASE}/events", params={"token": token}), 401, "token.invalid")
        problem(guest.get(f"{BASE}/events", params={"access_token": token}), 401, "token.invalid")
        bearer = {"Authorization": f"Bearer {token}"}
        with guest.stream("GET", f"{BASE}/events", headers=bearer) as answer:
            assert answer.status_code == 200


def test_the_listeners_of_a_person_are_limited(me: Sender) -> None:
    with me.add_user("GINA") as gina:
        ears = [Ear(gina) for _ in range(8)]
        try:
            refused = gina.request("GET", "/events")
            problem(refused, 429, "events.too_many")
            assert int(refused.headers["Retry-After"]) > 0
            with Ear(me):
                pass
        finally:
            for ear in ears:
                ear.close()
        # Closed streams soon stop counting.
        deadline = time.monotonic() + PATIENCE
        while True:
            with gina.http.stream("GET", f"{BASE}/events") as answer:
                if answer.status_code == 200:
                    return
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_every_process_of_one_installation_tells_it(me: Sender) -> None:
    with ServerProcess(me.server.data) as other, Sender(other, me.server.token) as there, Ear(there) as ear:
        document = me.send("Offer.pdf")
        assert ear.next()["document"] == document["id"]


class _Reading(Hub):
    """A hub that has just found new rows, when ``meanwhile`` happens."""

    def __init__(self, context: Context, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(context)
        self._meanwhile = meanwhile

    async def _new_rows(self, connection: AsyncConnection) -> list[Row[Any]]:
        found = await super()._new_rows(connection)
        if found:
            await self._meanwhile()
        return found


async def _heard(stream: Stream, document: str) -> None:
    """The stream goes on until something is said of the document."""
    async with asyncio.timeout(PATIENCE):
        while (told := await stream.queue.get()) is not None and document not in told:
            pass
    assert told is not None, "the stream has ended"


async def test_who_comes_while_the_others_are_checked_stays(me: Sender) -> None:
    """With a token, or as a member of a folder, that weren't there yet when the check began."""
    document = me.send("Offer.pdf")
    members = f"/folders/{document['folder']['id']}/members"
    context = await open_context(me.server.settings)
    came: list[Stream] = []

    async def listening(sender: Sender) -> Stream:
        token = context.keys.lookup(sender.http.headers["X-Auth-Token"])
        query = select(users, tokens.c.id.label("token")).join(tokens).where(tokens.c.hash == token)
        async with context.database.read() as connection:
            row = (await connection.execute(query)).one()
        by = Caller(context, Person(row.id, row.name, row.admin, row.token), "127.0.0.1", None)
        return (await hub.open(by, None))[0]

    async def come() -> None:
        if not came:
            me.post(members, {"name": "HANA"})
            for sender in (hana, people.enter_context(me.add_user("IDA"))):
                # In a request of its own, which sees what has happened since.
                request = asyncio.create_task(listening(sender), context=contextvars.Context())
                came.append(await request)

    hub = _Reading(context, come)
    try:
        with contextlib.ExitStack() as people:
            hana, _ = (people.enter_context(me.add_user(name)) for name in ("HANA", "GUS"))
            mine = await listening(me)
            me.post(members, {"name": "GUS"})
            me.post(f"/documents/{document['id']}/unpublish")
            await _heard(mine, document["id"])
            me.post(members, {"name": "IDA"})
            me.resend(document)
            for stream in came:
                await _heard(stream, document["id"])
    finally:
        hub.close()
        await context.close()


def test_a_server_that_ends_lets_go_of_those_who_listen(alone: Sender) -> None:
    with Ear(alone) as ear:
        assert alone.server.stop() == 0
        ear.ended()
    # Logged if the server has waited for them in vain.
    assert "timeout graceful shutdown exceeded" not in alone.server.log.read_text()


def test_wrong_passwords_and_expiry_are_events(me: Sender) -> None:
    locked = me.send("Offer.pdf", password=PASSWORD)
    expiring = me.send("Short.pdf", expires_at=later(hours=1))
    with Ear(me) as ear:
        with me.server.guest() as guest:
            assert guest.post(locked["url"], data={"password": "wrong"}).status_code == 403
        assert ear.next()["event"] == "wrong password"
        me.server.turn_clock(7200)
        event = ear.next()
        assert (event["event"], event["document"]) == ("expired", expiring["id"])
        assert json.loads(event["data"])["delivered"] == 0
    me.server.turn_clock(0)
