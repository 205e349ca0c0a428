"""What many requests of one person leave to others: places in pools are not asked for while one is held (S36)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

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
