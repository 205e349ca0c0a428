"""A damaged database is noticed: at the start, in the background, and by the first statement that meets it (S42)."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.support.checks.cut_audits import accept, has_sealed
from tests.support.checks.long import more, some
from tests.support.servers.databases import on_postgres
from tests.support.servers.rows import look, tell
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch, until
from tests.system.command import run
from tui.server.database.damage import Damage, first_damage

_SAID = "the database is damaged: "


def pages_of(path: Path) -> tuple[int, int]:
    """The size of a page of the database, and how many it has."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = database.execute("PRAGMA page_size").fetchone()
        (count,) = database.execute("PRAGMA page_count").fetchone()
    return size, count


def overwrite(path: Path, page: int, size: int) -> None:
    """Overwrites a page, of which the first is number 1, as a failing disk would."""
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(random.Random(page).randbytes(size))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a server that has ended, with something in most tables."""
    folder = tmp_path_factory.mktemp("damaged") / "data"
    with ServerProcess(folder) as server, Sender(server) as sender:
        for number in range(20):
            sender.send(f"Offer {number}.pdf")
        sender.add_user("ANNA").http.close()
        server.stop()
    return folder


@pytest.fixture
def copy(data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(data, tmp_path / "data"))


def in_use(path: Path) -> Iterator[int]:
    """Pages that hold something, at places all over the file."""
    _, count = pages_of(path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA freelist_count").fetchone() == (0,)
    yield from random.Random(42).sample(range(2, count + 1), 7)


def test_a_page_that_was_overwritten_at_any_of_seven_places(copy: Path) -> None:
    path = copy / "sentlinks.db"
    size, _ = pages_of(path)
    assert first_damage(path) is None
    whole = path.read_bytes()
    for page in in_use(path):
        overwrite(path, page, size)
        assert first_damage(path), page
        path.write_bytes(whole)
    assert first_damage(path) is None


def page_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(
            database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
        )


def test_a_server_that_starts_on_a_damaged_database_is_not_ready(copy: Path) -> None:
    """It serves what it can; whoever watches it is told, and so is the log. Nothing needs the table just then."""
    path = copy / "sentlinks.db"
    overwrite(path, page_of(path, "name_values"), pages_of(path)[0])
    with ServerProcess(copy) as server, server.guest() as guest:
        until(lambda: guest.get("/readyz").status_code == 503)
        said = guest.get("/readyz").json()
        assert said["status"] == "damaged"
        assert said["detail"].startswith("The database is damaged")
        assert guest.get("/healthz").status_code == 200
        assert guest.get("/livez").status_code == 200
        with Sender(server) as sender:
            assert len(sender.get(f"/folders/{sender.folder}/documents")["documents"]) == 20
        log = server.log.read_text()
        assert log.count(_SAID) == 1
        assert "restore a backup" in log
        checked = run("admin", "check", "--json", "--data", str(copy))
        assert checked.status == 1
        assert "is damaged" in checked.out


def test_what_is_damaged_while_a_server_runs_is_noticed_by_the_first_request_that_meets_it(
    copy: Path,
) -> None:
    path = copy / "sentlinks.db"
    page, (size, _) = page_of(path, "sent_documents"), pages_of(path)
    with ServerProcess(copy) as server, server.guest() as guest, Sender(server) as sender:
        assert guest.get("/readyz").status_code == 200
        folder = sender.folder
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        overwrite(path, page, size)
        # A change of the file lets all connections forget the pages that they have read.
        with closing(sqlite3.connect(path)) as database:
            database.execute("UPDATE installation SET created_at = created_at")
            database.commit()
        answer = sender.request("GET", f"/folders/{folder}/documents")
        assert answer.status_code == 500
        assert guest.get("/readyz").status_code == 503
        assert server.log.read_text().count(_SAID) == 1


@pytest.mark.parametrize("page", [1, None], ids=["the first page", "what the start needs"])
def test_a_database_that_cannot_be_opened_any_more(copy: Path, page: int | None) -> None:
    path = copy / "sentlinks.db"
    size, _ = pages_of(path)
    overwrite(path, page or page_of(path, "installation"), size)
    with (
        pytest.raises(AssertionError, match=r"Failed: .* is damaged .*restore a backup"),
        ServerProcess(copy),
    ):
        pass


def test_other_errors_are_no_damage(copy: Path) -> None:
    damage = Damage()
    with closing(sqlite3.connect(copy / "sentlinks.db")) as database:
        for statement in ("SELECT * FROM nothing", "INSERT INTO installation (id) VALUES (1)"):
            with pytest.raises(sqlite3.Error) as caught:
                database.execute(statement)
            damage.note(caught.value)
    damage.note(None)
    damage.note(ValueError("malformed"))
    assert damage.found is None


@more
@on_postgres
def test_postgresql_says_itself_what_is_damaged(alone: Sender) -> None:
    """Its checksums (or the header of a page) are what notices: the server takes its word for it."""
    server = alone.server
    assert server.database_url is not None
    with server.guest() as guest:
        assert guest.get("/readyz").status_code == 200
        # What PostgreSQL raises for a page whose checksum is wrong.
        tell(
            server.database_url,
            "CREATE FUNCTION damaged() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'invalid page in block 0' USING ERRCODE = 'data_corrupted'; END $$",
        )
        tell(
            server.database_url,
            "CREATE TRIGGER damaged BEFORE INSERT ON members FOR EACH ROW EXECUTE FUNCTION damaged()",
        )
        with alone.add_user("ANNA"):
            answer = alone.request("POST", f"/folders/{alone.folder}/members", json={"name": "ANNA"})
        assert answer.status_code == 500
        assert guest.get("/readyz").status_code == 503
        assert look(server, "SELECT count(*) FROM members") == [(0,)]
    assert server.log.read_text().count(_SAID) == 1


# ---------------------------------------------------------------- a -wal that is lost


def _newest_rows_are_in_the_wal(server: ServerProcess) -> Path:
    wal = server.data / "sentlinks.db-wal"
    assert wal.stat().st_size > 0
    return wal


@more
def test_a_wal_that_is_removed_under_a_server_costs_nothing(copy: Path) -> None:
    """The server ends before another one is made: all that it has said is done is in the database then."""
    with ServerProcess(copy) as server:
        with Sender(server) as sender:
            sent = sender.send("Last.pdf")["id"]
        _newest_rows_are_in_the_wal(server).unlink()
        assert server.process.wait(30) == 1
        assert "was removed or replaced" in server.log.read_text()
    checked = run("admin", "check", "--data", str(copy))
    assert checked.status == 0, checked.out + checked.err
    with ServerProcess(copy) as again, Sender(again) as sender, again.guest() as guest:
        assert sender.get(f"/documents/{sent}")["published"]
        assert sender.get("/audit/verify")["broken"] is None
        assert guest.get("/readyz").status_code == 200


def _check_names_a_later_seal(copy: Path) -> None:
    checked = run("admin", "check", "--data", str(copy))
    assert checked.status == 1
    assert "which knows seal" in checked.out + checked.err


@more
@pytest.mark.parametrize("kept", some(1, (0.2, 0.5, 0.8, 0.99)))
def test_a_wal_that_is_cut_off_in_a_crash(copy: Path, kept: float) -> None:
    """What is left of it is a state that once was: nothing is given out wrong, and what is missing is named."""
    with ServerProcess(copy) as server:
        with Sender(server) as sender:
            texts = [os.urandom(3000) for _ in range(8)]
            sent = [sender.send(f"{number}.bin", text) for number, text in enumerate(texts)]
        until(lambda: has_sealed(server))
        server.stop(signal.SIGKILL)
        wal = _newest_rows_are_in_the_wal(server)
        os.truncate(wal, int(wal.stat().st_size * kept))
    _check_names_a_later_seal(copy)
    with ServerProcess(copy) as again, Sender(again) as sender, again.guest() as guest:
        said = guest.get("/readyz")
        assert (said.status_code, said.json()["status"]) == (503, "behind")
        found = [fetch(again, httpx.URL(document["url"]).path) for document in sent]
        left = len([text for text in found if text is not None])
        # The last ones are missing, whole, and the others are as they were.
        assert found == [*texts[:left], *[None] * (len(texts) - left)]
        # Of one that lacks only its end, just the last seal may be missing.
        assert left < len(texts) or kept > 0.9
        accept(again)
        assert guest.get("/readyz").status_code == 200
        assert sender.get("/audit/verify")["broken"] is None
        text = os.urandom(3000)
        assert fetch(again, httpx.URL(sender.send("Next.bin", text)["url"]).path) == text
    checked = run("admin", "check", "--data", str(copy))
    assert "which knows seal" not in checked.out + checked.err


def test_a_wal_that_is_lost_in_a_crash_leaves_the_database_behind(copy: Path) -> None:
    """The folder knows a later seal: the server isn't ready until someone takes the database as it is."""
    with ServerProcess(copy) as server:
        with Sender(server) as sender:
            sent = sender.send("Last.pdf")["id"]
        until(lambda: has_sealed(server))
        server.stop(signal.SIGKILL)
        _newest_rows_are_in_the_wal(server).unlink()
    _check_names_a_later_seal(copy)
    with ServerProcess(copy) as again, Sender(again) as sender, again.guest() as guest:
        assert sender.request("GET", f"/documents/{sent}").status_code == 404
        said = guest.get("/readyz")
        assert (said.status_code, said.json()["status"]) == (503, "behind")
        assert "which knows seal" in said.json()["detail"]
        # What is written from now on doesn't grow over it.
        for number in range(3):
            sender.send(f"Next {number}.pdf")
        assert guest.get("/readyz").status_code == 503
        accept(again)
        assert guest.get("/readyz").status_code == 200
        assert sender.get("/audit/verify")["broken"] is None
