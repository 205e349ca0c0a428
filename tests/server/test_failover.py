"""PostgreSQL that crashes under load, is failed over to a replica, or has a page damaged: nothing acknowledged is lost
unless the replica lacked it, and then the server says so (S42)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.checks.cut_audits import accept, has_sealed
from tests.support.checks.long import cases, more
from tests.support.servers.clusters import Cluster, Node, cluster
from tests.support.servers.database_proxy import Gate, gate_to
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import path_of
from tests.support.users.share import Sender, problem, until
from tests.system.command import run


@pytest.fixture
def nodes() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


class Load:
    """Someone who sends documents one after another, and notes those that were acknowledged."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._is_over = threading.Event()
        self.acknowledged: list[str] = []
        self._thread = threading.Thread(target=self._send)

    def _send(self) -> None:
        with Sender(self._server) as me:
            folder = me.folder
            number = 0
            while not self._is_over.is_set():
                number += 1
                content = b"%d" % number
                try:
                    sent = me.request("POST", "/sends", json={"folder": folder})
                    if sent.status_code != 201:
                        continue
                    upload = me.create(sent.json()["id"], len(content), content=content)
                    if upload.status_code != 201:
                        continue
                    ident = upload.headers["location"].rpartition("/")[2]
                    answer = me.publish(sent.json()["id"], ident, f"{number}.txt", content)
                except httpx.TransportError:
                    continue
                if answer.status_code == 201:
                    self.acknowledged.append(answer.json()["id"])
                else:
                    assert answer.status_code in (503, 409), answer.text

    def wait_for(self, more: int) -> None:
        """Until so many more were acknowledged."""
        wanted = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) >= wanted or not self._thread.is_alive(), seconds=60)
        assert len(self.acknowledged) >= wanted

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()


def _nothing_is_lost(server: ServerProcess, acknowledged: list[str]) -> None:
    with Sender(server) as me:
        for ident in acknowledged:
            assert me.get(f"/documents/{ident}")["published"]
        assert me.get("/audit/verify")["broken"] is None


@contextlib.contextmanager
def _server(gate: Gate, folder: Path) -> Iterator[ServerProcess]:
    with ServerProcess(folder / "data", database_url=gate.url) as server:
        yield server


def _checked(server: ServerProcess, *bad: str) -> dict[str, str]:
    """What ``admin check`` says of each part, which finds these ones ``bad`` and ends accordingly."""
    done = run("admin", "check", "--json", "--data", server.data, "--database-url", str(server.database_url))
    rows = done.json["checks"]
    assert [row["id"] for row in rows if row["state"] == "bad"] == list(bad), rows
    assert done.status == int(bool(bad)), rows
    return {row["id"]: row["found"] for row in rows}


def _is_no_replica_to_serve_from(server: ServerProcess, guest: httpx.Client) -> None:
    """That it has one is named, by the server and by a check, also where an address names several servers."""
    answer = guest.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "read-only"), answer.text
    assert answer.json()["detail"].startswith("The database takes no changes: it is a replica.")
    url = str(server.database_url)
    for address, why in {
        url: "as it is a replica. Promote it",
        f"{url}?target_session_attrs=read-write": "as none of the servers in its address does. Promote one",
    }.items():
        done = run("admin", "check", "--json", "--data", server.data, "--database-url", address)
        (bad,) = (row for row in done.json["checks"] if row["state"] == "bad")
        assert (bad["id"], why in bad["found"]) == ("installation", True), bad


def _replica(nodes: Cluster, source: Node, *, synchronous: bool) -> Node:
    made = nodes.node(source=source)
    if synchronous:
        source.tell("ALTER SYSTEM SET synchronous_standby_names = '*'")
        source.tell("SELECT pg_reload_conf()")
        until(
            lambda: source.tell("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"
        )
    return made


@more
def test_a_crash_under_load_and_a_synchronous_replica_lose_nothing(nodes: Cluster, tmp_path: Path) -> None:
    first = nodes.node()
    with gate_to(first.url()) as gate, _server(gate, tmp_path) as server, server.guest() as guest:
        with Load(server) as load:
            for _ in range(cases(1, 20)):
                load.wait_for(5)
                first.stop(signal.SIGQUIT)
                assert guest.get("/readyz").status_code == 503
                assert "cannot be reached" in _checked(server, "installation")["installation"]
                first.start()
                until(lambda: guest.get("/readyz").status_code == 200)
                _checked(server)
            second = _replica(nodes, first, synchronous=True)
            load.wait_for(5)
            first.stop(signal.SIGQUIT)
            gate.close()
            assert "cannot be reached" in _checked(server, "installation")["installation"]
            # Not promoted yet: it takes no writes.
            gate.turn_to(second.url())
            gate.open()
            _is_no_replica_to_serve_from(server, guest)
            second.promote()
            second.tell("ALTER SYSTEM SET synchronous_standby_names = ''")
            second.tell("SELECT pg_reload_conf()")
            load.wait_for(5)
        _nothing_is_lost(server, load.acknowledged)
        assert guest.get("/readyz").json()["status"] == "ok"
        _checked(server)
        assert "Traceback" not in server.log.read_text()


def test_a_late_replica_is_behind_until_it_is_accepted(nodes: Cluster, tmp_path: Path) -> None:
    first = nodes.node()
    with gate_to(first.url()) as gate, _server(gate, tmp_path) as server, server.guest() as guest:
        with Sender(server) as me:
            kept = me.send("Kept.pdf")["id"]
            second = _replica(nodes, first, synchronous=False)
            before = first.tell("SELECT pg_current_wal_lsn()")
            until(lambda: second.tell(f"SELECT pg_last_wal_replay_lsn() >= '{before}'") == "t")
            second.stop()
            lost = me.send("Lost.pdf")["id"]
            until(lambda: has_sealed(server))
            until(lambda: guest.get("/readyz").status_code == 200)
            gate.close()
            first.stop(signal.SIGQUIT)
            second.start()
            gate.turn_to(second.url())
            gate.open()
            _is_no_replica_to_serve_from(server, guest)
            problem(me.request("GET", f"/documents/{kept}"), 503, "database.read_only")
            until(lambda: "the database takes no changes: it is a replica" in server.log.read_text())
            second.promote()
            until(lambda: guest.get("/livez").status_code == 200)
            answer = guest.get("/readyz")
            assert (answer.status_code, answer.json()["status"]) == (503, "behind"), answer.text
            assert me.get(f"/documents/{kept}")["published"]
            assert me.request("GET", f"/documents/{lost}").status_code == 404
        assert "What was done in between is missing." in _checked(server, "behind")["behind"]
        accept(server)
        assert guest.get("/readyz").status_code == 200
        _checked(server)


def test_a_damaged_page_is_named(nodes: Cluster, tmp_path: Path) -> None:
    """By the first statement that reads it, and by a check; with checksums, no byte of it is given out."""
    node = nodes.node(checksums=True)
    with gate_to(node.url()) as gate:
        with _server(gate, tmp_path) as server, Sender(server) as me:
            me.send("Offer.pdf")
            assert "with checksums" in _checked(server)["database"]
        node.tell("CHECKPOINT")
        file = node.data / node.tell("SELECT pg_relation_filepath('sent_documents')")
        node.stop()
        content = bytearray(file.read_bytes())
        # In the last row of the first page, which begins at its end.
        content[8192 - 40] ^= 1
        file.write_bytes(content)
        node.start()
        with _server(gate, tmp_path) as server, Sender(server) as me, server.guest() as guest:
            assert "sent_documents" in _checked(server, "database", "audit")["database"]
            assert me.request("GET", "/folder").status_code == 500
            answer = guest.get("/readyz")
            assert (answer.status_code, answer.json()["status"]) == (503, "damaged")


@more
def test_a_full_disk_of_the_database(nodes: Cluster, tmp_path: Path) -> None:
    """What doesn't fit is refused; links that exist open, and all goes on when there is room again."""
    node = nodes.node(megabytes=120)
    with gate_to(node.url()) as gate, _server(gate, tmp_path) as server, Sender(server) as me:
        document = me.send("Offer.pdf")
        body = {"folder": me.folder, "recipients": [f"anna{number}@example.com" for number in range(100)]}
        with (node.folder / "other").open("wb", buffering=0) as other, contextlib.suppress(OSError):
            while True:
                other.write(bytes(65536))
        for _ in range(2000):
            answer = me.request("POST", "/sends", json=body)
            if answer.status_code != 201:
                break
        problem(answer, 507, "disk_full")
        with server.guest() as guest:
            assert guest.get(path_of(document)).status_code == 200
            assert [each["id"] for each in guest.get("/readyz").json()["troubles"]] == ["disk full"]
        # Not even a connection fits; with a little more room that does, but no page of a table.
        assert "Its disk is full" in _checked(server, "installation")["installation"]
        os.truncate(node.folder / "other", (node.folder / "other").stat().st_size - 512 * 1024)
        assert "its disk is full" in _checked(server, "database")["database"]
        (node.folder / "other").unlink()
        me.post("/sends", body, 201)
        _checked(server)
        assert me.get("/audit/verify")["broken"] is None
    assert "Traceback" not in server.log.read_text()
