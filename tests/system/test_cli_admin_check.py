"""``admin check``: whatever is damaged, missing or full is named, with what to do, and ends with status 1."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server.test_damaged_database import overwrite, page_of, pages_of
from tests.server.test_damaged_files import flip, flip_back, newest
from tests.support.checks.intruder import tamper
from tests.support.checks.long import few, more
from tests.support.real_parts import at_another_time, small_disk
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.databases import both
from tests.support.servers.postgres import Postgres
from tests.support.servers.seaweed import Seaweed
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker
from tests.system.command import MODULE, Done, run
from tui.server.database.damage import first_damage
from tui.server.health.audit_state import check_audit
from tui.server.health.left_over import check_left_over
from tui.server.installation.installation import open_context

CONTENT = b"content of a document" * 1000


def check(server: ServerProcess, *options: str) -> Done:
    where = ["--data", str(server.data)]
    if server.database_url is not None:
        where += ["--database-url", server.database_url]
    return run("admin", "check", *where, *options)


def found(server: ServerProcess, status: int, *options: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a check, by their ids; it must end with ``status``."""
    done = check(server, "--json", *options)
    assert done.status == status, done.out + done.err
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in done.json["checks"]:
        assert set(row) == {"id", "state", "found", "remedy"}
        assert row["found"].endswith("."), row
        rows.setdefault(row["id"], []).append(row)
    return rows


def bad(rows: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {ident for ident, each in rows.items() if any(row["state"] == "bad" for row in each)}


@both
def test_nothing_is_wrong(server: ServerProcess) -> None:
    """Beside the server; nothing is changed by it, and nothing left behind."""
    with Sender(server) as me:
        me.send("Offer.pdf", CONTENT)
        before = {path.name for path in server.data.iterdir()}
        rows = found(server, 0)
        assert not bad(rows)
        assert rows["documents"][0]["found"].endswith("all are as they were stored.")
        assert rows["audit"][0]["found"].startswith("The audit is intact: ")
        assert {path.name for path in server.data.iterdir()} == before
        words = check(server)
        assert words.status == 0
        assert "ok    audit: " in words.out
        state = rows["database"][0]["state"]
        assert state == ("ok" if server.database_url is None else "warn"), rows["database"]
        if server.database_url is not None:
            assert "checksums are off" in rows["database"][0]["found"]
            assert "pg_checksums" in rows["database"][0]["remedy"]


@both
def test_documents_whose_bytes_are_not_theirs(fresh_server: ServerProcess) -> None:
    """Each is named, with the file to restore; afterwards a server doesn't begin to give the damaged ones out, and says
    so, until they are put right."""
    server = fresh_server
    with Sender(server) as me, Worker(server) as work, server.guest() as guest:
        flipped = me.send("Offer.pdf", CONTENT)
        damaged = flip(server, len(CONTENT) // 2)
        gone = me.send("Annex.pdf", CONTENT + b"2")
        missing = newest(server)
        stored = [missing.read_bytes()]
        missing.unlink()
        paper: Any = work.upload(work.folder(work.workspace("Matter"), "Papers"), "Paper", CONTENT + b"3")[
            "id"
        ]
        short = newest(server)
        stored.append(short.read_bytes())
        short.write_bytes(stored[1][:-1])
        rows = found(server, 1)
        assert bad(rows) == {"document", "documents"}
        told = {
            ("Offer.pdf", flipped["id"], "aren't those that were stored", damaged),
            ("Annex.pdf", gone["id"], "is missing", missing),
            ("Paper", paper, "isn't as long as it was", short),
        }
        assert len(rows["document"]) == len(told)
        for name, ident, why, file in told:
            (row,) = [row for row in rows["document"] if ident in row["found"]]
            place = f"blobs/{file.parent.name}/{file.name}"
            assert f"“{name}” ({ident}" in row["found"]
            assert why in row["found"]
            assert place in row["remedy"]
        answer = guest.get("/readyz")
        assert (answer.status_code, answer.json()["troubles"][0]["id"]) == (200, "documents")
        assert "Offer" not in answer.text, "anyone may ask"
        assert me.request("GET", f"/documents/{flipped['id']}/content").status_code == 500
        flip_back(damaged, len(CONTENT) // 2)
        missing.write_bytes(stored[0])
        short.write_bytes(stored[1])
        assert "troubles" not in guest.get("/readyz").json()
        assert not bad(found(server, 0))
        assert me.request("GET", f"/documents/{flipped['id']}/content").content == CONTENT


@both
def test_readyz_tells_of_what_it_found_missing(fresh_server: ServerProcess) -> None:
    """No one has asked for the document yet; it is told until a check finds it put right, or it is gone."""
    server = fresh_server
    with Sender(server) as me, server.guest() as guest:
        document = me.send("Offer.pdf", CONTENT)
        file = newest(server)
        for spoil in (lambda: file.unlink(), lambda: file.write_bytes(b"short")):
            stored = file.read_bytes()
            spoil()
            assert "troubles" not in guest.get("/readyz").json(), "nobody has looked"
            found(server, 1)
            assert [each["id"] for each in guest.get("/readyz").json()["troubles"]] == ["documents"]
            file.write_bytes(stored)
            assert "troubles" not in guest.get("/readyz").json()
            found(server, 0)
        file.unlink()
        found(server, 1)
        # Who asks for it is told in the document's activity all the same.
        assert me.request("GET", f"/documents/{document['id']}/content").status_code == 500
        assert "troubles" in guest.get("/readyz").json()


def test_a_damaged_database_an_audit_and_a_missing_key(fresh_server: ServerProcess) -> None:
    server = fresh_server
    with Sender(server) as me:
        me.resend(me.send("Offer.pdf", CONTENT))
    server.stop()
    path = server.data / "sentlinks.db"
    pages_of(path)
    whole = path.read_bytes()
    overwrite(path, page_of(path, "name_values"), pages_of(path)[0])
    rows = found(server, 1)
    assert bad(rows) == {"database"}, "the others are looked at all the same"
    assert "restore a backup" in rows["database"][0]["remedy"]
    path.write_bytes(whole)
    # An index that doesn't match its table, which only the thorough check finds.
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, '(subject, at)', '(subject, sequence)') "
            "WHERE name = 'ix_audit_tries'"
        )
        database.commit()
    assert first_damage(path) is None
    assert "database" in bad(found(server, 1))
    path.write_bytes(whole)
    tamper(server, ("UPDATE audit SET actor = 'EVE' WHERE sequence = 1 AND subject LIKE 'document:%'",))
    rows = found(server, 1)
    assert bad(rows) == {"audit"}
    assert "it was changed or inserted" in rows["audit"][0]["found"]
    path.write_bytes(whole)
    key = (server.data / "key").read_text()
    (server.data / "key").unlink()
    rows = found(server, 1)
    assert bad(rows) == {"installation"}
    assert "key is missing" in rows["installation"][0]["found"]
    (server.data / "key").write_text(key)
    (server.data / "key").chmod(0o600)
    (server.data / "signing.key").unlink()
    assert bad(found(server, 1)) == {"signing key"}


def test_an_older_program_s_data_is_not_migrated(fresh_server: ServerProcess) -> None:
    """A check beside a server must not change what that works with."""
    fresh_server.stop()
    path = fresh_server.data / "sentlinks.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0019'")
        database.commit()
    rows = found(fresh_server, 1)
    assert "another version" in rows["installation"][0]["found"]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("0019",)]


def test_where_there_is_nothing(tmp_path: Path) -> None:
    for options in ((), ("--for", "1h")):
        done = run("admin", "check", "--data", tmp_path / "none", "--json", *options)
        assert (done.status, done.error) == (1, "data.none")
    assert not (tmp_path / "none").exists()
    for wrong in (("--for", "soon"), ("--for", ""), ("--server", "http://127.0.0.1:1"), ("more",)):
        assert run("admin", "check", *wrong).status == 2, wrong
    assert run("admin", "--json").status == 2


@more
def test_it_goes_on_where_it_was_interrupted(fresh_server: ServerProcess) -> None:
    """What was found before the interruption is found again."""
    server = fresh_server
    with Sender(server) as me:
        for number in range(3):
            me.send(f"{number}.pdf", CONTENT + bytes([number]))
    files = sorted(path for path in (server.data / "blobs").rglob("*") if path.is_file())
    for file in (files[0], files[2]):
        file.unlink()
    rows = found(server, 0, "--for", "0m")
    assert (
        rows["documents"][0]["found"] == "0 B of 63.0 kB were read so far; the next check goes on from there."
    )
    kept = {"after": files[0].name, "count": 1, "size": 21001, "faulty": [files[0].name]}
    (server.data / "check.json").write_text(json.dumps(kept))
    rows = found(server, 1)
    assert rows["documents"][0]["found"].startswith("3 files of documents (63.0 kB): 2 are missing")
    assert len(rows["document"]) == 2
    assert not (server.data / "check.json").exists()
    for nonsense in ("", "{}", "[1]", '{"after": 1, "count": "x", "size": null, "faulty": 3}'):
        (server.data / "check.json").write_text(nonsense)
        assert len(found(server, 1)["document"]) == 2


async def test_files_that_belong_to_no_document_and_a_clock_that_was_ahead(
    server: ServerProcess, tmp_path: Path
) -> None:
    """Files are told of an hour after they were made: until then their rows may be on their way."""
    with Sender(server) as me:
        me.begin(me.open()["id"], 10)
        me.send("Offer.pdf", CONTENT)
    key = "ab" + "c" * 30
    for name in (f"ab/{key}", "ab/notes.txt", "else"):
        path = server.data / "blobs" / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(b"12345")
    context = await open_context(server.settings)
    try:
        assert (await check_left_over(context)).state == "ok"
        context.clock = lambda: datetime.now(UTC) + timedelta(hours=2)
        row = await check_left_over(context)
        assert row.state == "warn"
        assert row.found.startswith("3 files (15 B) belong to no document that the database knows: blobs/ab/")
        for name in (f"blobs/ab/{key}", "blobs/ab/notes.txt", "blobs/else"):
            assert name in row.found
        context.clock = lambda: datetime.now(UTC) - timedelta(hours=2)
        rows = {each.id: each async for each in check_audit(context)}
        assert rows["clock"].state == "warn"
        assert "yet to come" in rows["clock"].found
    finally:
        await context.close()


@few(1)
@pytest.mark.parametrize(("by", "side"), [("+3h", "ahead of"), ("-3h", "behind")])
def test_a_clock_that_is_another_than_the_database_s_and_the_store_s(
    postgres: Postgres, s3_store: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str, side: str
) -> None:
    """Those are right; and when this machine's is, too, nothing is told."""
    for name, value in s3_store.environment.items():
        monkeypatch.setenv(name, value)
    url, store = postgres.database(), S3Bucket(s3_store).url
    with (
        ServerProcess(tmp_path / "data", arguments=("--store", store), database_url=url) as server,
        Sender(server) as me,
    ):
        me.send("Offer.pdf", CONTENT)
    words = ["admin", "check", "--json", "--data", str(server.data), "--database-url", url, "--store", store]
    wrong = run(*words, program=MODULE, **at_another_time(by))
    assert wrong.status == 1
    rows = {row["id"]: row for row in wrong.json["checks"] if row["state"] == "bad"}
    assert f"clock is 3 hours {side} the database's" in rows["clock"]["found"]
    assert "clock is another than the store's (RequestTimeTooSkewed)" in rows["store"]["found"]
    for each in ("clock", "store"):
        assert "timedatectl" in rows[each]["remedy"]
    right = run(*words, program=MODULE, **at_another_time("+60s"))
    assert right.status == 0, right.out


# ---------------------------------------------------------------- disks


@pytest.fixture
def small(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server whose disk has 64 MiB and 400 files; it has ended."""
    with (
        small_disk(tmp_path / "disk", "size=64m,nr_inodes=400") as disk,
        ServerProcess(disk / "data") as server,
    ):
        with Sender(server) as me:
            me.send("Offer.pdf", CONTENT)
        server.stop()
        yield server


@more
def test_a_disk_that_is_full_has_no_inodes_or_is_read_only(small: ServerProcess) -> None:
    disk = small.data.parent
    assert not bad(found(small, 0))
    (disk / "other").write_bytes(bytes(shutil.disk_usage(disk).free - 1024 * 1024))
    assert bad(found(small, 1)) == {"disk"}
    (disk / "other").unlink()
    made: list[Path] = []
    while os.statvfs(disk).f_favail > 4:
        made.append(disk / str(len(made)))
        made[-1].touch()
    rows = found(small, 1)
    assert bad(rows) == {"inodes"}
    assert "uploads are refused" in rows["inodes"][0]["found"]
    for file in made:
        file.unlink()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    try:
        rows = found(small, 1)
        assert {"data folder", "disk"} <= bad(rows)
        assert "read-only" in rows["disk"][0]["found"]
    finally:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert not bad(found(small, 0))
