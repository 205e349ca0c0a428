"""A PostgreSQL server that can't be reached for a while: requests are told so, and downloads under way are not lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.server.test_events import Ear
from tests.server.test_notifications import set_address, waiting
from tests.support.checks.long import more
from tests.support.mail.mail_server import mail_server
from tests.support.servers.database_proxy import Gate, gate_to
from tests.support.servers.rows import tell
from tests.support.servers.server import ServerProcess
from tests.support.users.grants import LARGE, Reader
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of, receipts, take
from tests.support.users.share import Sender, problem, until
from tests.system.command import run
from tui.server.database import Database
from tui.server.database.engine import open_database
from tui.server.database.outages import DatabaseAway

AWAY = "the database can't be reached"
BACK = "the database can be reached again"


@pytest.fixture
def gate(postgres: Any) -> Iterator[Gate]:
    """The way to a database of its own."""
    with gate_to(postgres.database()) as found:
        yield found


@pytest.fixture
def server(gate: Gate, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that reaches its database through ``gate``."""
    with ServerProcess(tmp_path / "data", database_url=gate.url) as process:
        yield process


def _grant(server: ServerProcess) -> tuple[dict[str, Any], str]:
    """A large document, and a grant for it."""
    with Sender(server) as sender:
        sent = sender.send("large.bin", LARGE)
    with server.guest() as guest:
        return sent, str(guest.post(path_of(sent)).headers["location"])


def _close(gate: Gate, server: ServerProcess) -> None:
    """Close the gate, and wait until the server has noticed."""
    gate.close()
    until(lambda: AWAY in server.log.read_text())


def _reserved(server: ServerProcess) -> tuple[int, int]:
    ((reserved, given),) = tell(str(server.database_url), "SELECT bytes_reserved, bytes_given FROM grants")
    return reserved, given


def test_requests_are_told_to_come_again(gate: Gate, server: ServerProcess) -> None:
    with Sender(server) as sender, server.guest() as guest:
        sent = sender.send()
        gate.close()
        for method in ("GET", "POST"):
            page = guest.request(method, path_of(sent), headers={"Accept": "text/html"})
            assert (page.status_code, page.headers["retry-after"]) == (503, "60")
        assert guest.get("/healthz").status_code == guest.get("/readyz").status_code == 503
        checked = run("admin", "check", "--json", "--data", server.data, "--database-url", gate.url)
        assert checked.status == 1
        (bad,) = (row for row in checked.json["checks"] if row["state"] == "bad")
        assert (bad["id"], "database cannot be reached" in bad["found"]) == ("installation", True), bad
        problem(sender.request("GET", "/documents"), 503, "database.away")
        # Not a fault of the server, which a trace in its log would suggest.
        assert "Traceback" not in server.log.read_text().partition(AWAY)[2]
        gate.open()
        assert guest.get("/healthz").status_code == 200
        assert sender.document(sent["id"])["downloads"] == 0


def test_the_log_has_an_outage_once(gate: Gate, server: ServerProcess) -> None:
    """When it begins, and when it is over; not for each request, download and job."""
    sent, grant = _grant(server)
    with Sender(server) as sender, server.guest() as guest, Ear(sender):
        reader = Reader(server, grant)
        assert reader.read(100)
        before = len(server.log.read_text().splitlines())
        _close(gate, server)
        for _ in range(3):
            assert guest.get(path_of(sent)).status_code == 503
        # The download asks once a second, jobs and the reader of events more or less often.
        time.sleep(2)
        gate.open()
        until(lambda: BACK in server.log.read_text())
        assert guest.get(path_of(sent)).status_code == 200
        reader.sock.close()
    (begin, end) = server.log.read_text().splitlines()[before:]
    assert AWAY in begin
    assert end.endswith(BACK)


async def _scan(database: Database, gate: Gate, noticed: str) -> None:
    async with database.scan() as connection:
        rows = await connection.stream(text("SELECT * FROM generate_series(1, 100000)"))
        await rows.fetchone()
        gate.close()
        if noticed == "by a query":
            await connection.execute(text("SELECT 1"))
        elif noticed == "by reading on":
            await rows.fetchall()


@pytest.mark.parametrize("noticed", ["by a query", "by reading on", "at the end"])
async def test_a_scan_that_loses_its_connection_says_so(noticed: str, gate: Gate, tmp_path: Path) -> None:
    """Wherever it is noticed; SQLAlchemy doesn't translate all that its driver raises."""
    database = await open_database(gate.url, tmp_path)
    try:
        with pytest.raises(DatabaseAway) as caught:
            await _scan(database, gate, noticed)
        assert not caught.value.untouched
    finally:
        await database.close()


def test_a_download_under_way_goes_on(gate: Gate, server: ServerProcess) -> None:
    sent, grant = _grant(server)
    reader = Reader(server, grant)
    body = reader.read(4096).partition(b"\r\n\r\n")[2]
    _close(gate, server)
    body += reader.read(len(LARGE) // 2)
    gate.open()
    assert body + reader.read(len(LARGE) - len(body)) == LARGE
    reader.sock.close()
    assert receipts(server, sent) == [("delivered", None)]
    assert _reserved(server) == (len(LARGE), len(LARGE))


@more
def test_a_download_that_breaks_off_meanwhile_frees_what_it_reserved(
    gate: Gate, server: ServerProcess
) -> None:
    sent, grant = _grant(server)
    reader = Reader(server, grant)
    assert reader.read(100)
    _close(gate, server)
    reader.sock.close()
    gate.open()
    until(lambda: _reserved(server)[0] < len(LARGE))
    assert receipts(server, sent) == [("broken off", 0)]
    reserved, given = _reserved(server)
    assert reserved == given


@more
def test_a_download_is_not_settled_twice(gate: Gate, server: ServerProcess) -> None:
    """Also if the database is lost while it is settled, before the last bytes: those are sent all the same."""
    sent, grant = _grant(server)
    gate.lose_commit("bytes_given=(grants.bytes_given + ")
    with server.guest() as guest:
        assert guest.get(grant).content == LARGE
    assert receipts(server, sent) == [("delivered", None)]
    assert AWAY in server.log.read_text()
    assert _reserved(server) == (len(LARGE), len(LARGE))


@more
def test_an_event_is_reported_though_the_database_is_lost_meanwhile(
    gate: Gate, server: ServerProcess
) -> None:
    """It was read by then, but not whom it concerns."""
    with Sender(server) as sender:
        sent = sender.send()
        with Ear(sender) as ear:
            gate.lose("members.folder_id IN (")
            sender.post(f"/documents/{sent['id']}/unpublish")
            assert ear.next()["event"] == "unpublished"
        assert AWAY in server.log.read_text()


def test_no_one_is_notified_twice(gate: Gate, tmp_path: Path) -> None:
    """Though the database is lost before the server can note that the e-mail was sent."""
    with (
        mail_server() as mailbox,
        ServerProcess(
            tmp_path / "data",
            database_url=gate.url,
            arguments=("--smtp-url", f"smtp://127.0.0.1:{mailbox.port}"),
        ) as server,
    ):
        set_address(server, "djones@firm.example")
        document = publish(server, b"content", "offer.pdf", notify=True)
        mailbox.on_message = gate.close
        with server.guest() as guest:
            guest.get(take(guest, document)).raise_for_status()
        until(lambda: len(mailbox.sent) == 1)
        until(lambda: AWAY in server.log.read_text())
        gate.open()
        until(lambda: not waiting(server))
