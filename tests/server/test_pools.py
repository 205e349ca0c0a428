"""What many requests of one person leave to others: places in pools are not asked for while one is held (S36)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender

DATABASE = "both"
VERIFICATIONS = 24


def test_a_reader_who_verifies_holds_up_no_one(server: ServerProcess, me: Sender) -> None:
    """S36: a member who may only read verifies a document's audit many times at once."""
    document = me.send("Offer.pdf", b"content")
    with me.add_user("BOB") as bob:
        me.post(f"/folders/{document['folder']['id']}/members", {"name": "BOB"})
        token = bob.http.headers["X-Auth-Token"]
        assert bob.get(f"/documents/{document['id']}/audit/verify")["broken"] is None

    def verify(_: int) -> int:
        with Sender(server, token) as again:
            return again.request("GET", f"/documents/{document['id']}/audit/verify").status_code

    with ThreadPoolExecutor(VERIFICATIONS) as threads:
        statuses = list(threads.map(verify, range(VERIFICATIONS)))
    assert statuses == [200] * VERIFICATIONS
    with server.guest() as guest:
        assert guest.get("/healthz").status_code == 200


class _Impatient(ServerProcess):
    patience = 0.3


async def test_who_waits_too_long_is_told_to_come_again(postgres: Any, tmp_path: Path) -> None:
    """S36: while the database holds all places up, requests that wait for one end."""
    with _Impatient(tmp_path / "data", database_url=postgres.database()) as server:
        stranger = await asyncpg.connect(server.database_url)

        def ask(number: int) -> httpx.Response:
            # Each from another address: those of one wait for one another.
            transport = httpx.HTTPTransport(local_address=f"127.0.2.{number + 1}")
            with httpx.Client(base_url=server.url, transport=transport, timeout=60) as guest:
                return guest.get("/healthz")

        with ThreadPoolExecutor(VERIFICATIONS) as threads:
            async with stranger.transaction():
                await stranger.execute("LOCK TABLE installation IN ACCESS EXCLUSIVE MODE")
                asked = [threads.submit(ask, number) for number in range(VERIFICATIONS)]
                refused = next(as_completed(asked, timeout=30)).result()
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert {each.result().status_code for each in asked} == {200, 503}
        await stranger.close()
