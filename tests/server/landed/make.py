"""Makes the data that the upgrade tests start from: a small installation as of version 0002 of the tables.

Run once, against the program as of commit 4a4f7df, on each kind of database::

    git archive 4a4f7df | tar x -C LANDED
    cd LANDED && PYTHONPATH=. python tests/server/landed/make.py OUT/sqlite.json
    cd LANDED && PYTHONPATH=. python tests/server/landed/make.py OUT/postgresql.json

(with the path of this file). The real server creates people, workspaces, documents and links over HTTP; then it is
stopped, and all its rows are written to OUT as JSON, along with the key, the token and the files. Bytes in rows are
hexadecimal. ``facts`` are what a test needs to know: the addresses of the links and the ids of what was made, by name.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.servers.postgres import running
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender, fetch
from tests.support.users.work import Worker

Json = dict[str, Any]
EMAIL = b"From: Ann <ann@example.test>\r\nTo: Bob <bob@example.test>\r\nSubject: Closing\r\n\r\nHello\r\n"
#: The revision of the tables.
REVISION = "0002"


def make(server: ServerProcess) -> Json:
    """Creates everything that an installation can have; returns the facts."""
    facts: Json = {}
    with Sender(server) as admin:
        people = {name: admin.add_user(name) for name in ("ALICE", "BOB", "CAROL", "ROBIN")}
        workers = {name: Worker(server, _token(sender)) for name, sender in people.items()}
        facts["work"] = _library(workers)
        facts |= _sent(server, people)
        admin.delete("/users/BOB")
        admin.delete("/users/ROBIN")
        people["NEW BOB"] = admin.add_user("BOB")
        workers["NEW BOB"] = Worker(server, _token(people["NEW BOB"]))
        facts["work"] |= _afterwards(workers, facts["work"])
        for sender in people.values():
            sender.__exit__()
        for worker in workers.values():
            worker.__exit__()
    return facts


def _token(sender: Sender) -> str:
    return sender.http.headers["X-Auth-Token"]


def _library(workers: dict[str, Worker]) -> Json:
    alice, bob, carol, robin = (workers[name] for name in ("ALICE", "BOB", "CAROL", "ROBIN"))
    made: Json = {"matter": alice.workspace("Halyard - Share Sale", description="The sale of the shares")}
    made["papers"] = alice.folder(made["matter"], "Papers")
    made["drafts"] = bob.folder(made["matter"], "Drafts of Bob")
    paper = alice.upload(
        made["papers"], "Agreement", b"one", "docx", comment="First", **{"class": "AGREEMENT"}
    )
    second = alice.new_version(paper["id"], "Agreement", b"two", "docx")["id"]
    made["agreement"] = bob.new_version(second, "Agreement", b"three", "docx")["id"]
    pairs = {"client": "Halyard"}
    alice.request("PATCH", f"documents/{paper['id']}/name-value-pairs", json=pairs).raise_for_status()
    made["email"] = alice.upload(made["papers"], "Closing", EMAIL, "eml")["id"]
    # CAROL, who may write it, made herself its author.
    made["renamed"] = alice.upload(made["papers"], "Renamed", b"renamed")["id"]
    carol.request("PATCH", f"documents/{made['renamed']}", json={"author": "CAROL"}).raise_for_status()
    made["of bob"] = bob.upload(made["drafts"], "Draft of Bob", b"bob")["id"]
    secret = {"default_security": "private", "class": "SECRET_DEED"}
    made["secret of bob"] = bob.upload(made["drafts"], "Secret of Bob", b"secret", **secret)["id"]
    made["for carol"] = alice.upload(
        made["papers"], "For Carol", b"carol", author="CAROL", default_security="private"
    )["id"]
    made["shown"] = alice.upload(made["papers"], "Shown", b"shown", default_security="view")["id"]
    trustees = [{"id": "CAROL", "access_level": "read"}]
    made["private"] = alice.workspace("Walled", default_security="private", user_trustees=trustees)
    made["walled"] = alice.upload(made["private"], "Walled paper", b"walled")["id"]
    for name, worker in (("held by bob", bob), ("held by robin", robin), ("held by carol", carol)):
        made[name] = alice.upload(made["papers"], name.capitalize(), b"held")["id"]
        worker.request("POST", f"documents/{made[name]}/lock").raise_for_status()
    made["deleted"] = alice.upload(made["papers"], "Deleted", b"deleted")["id"]
    made["half deleted"] = alice.upload(made["papers"], "Half deleted", b"kept")["id"]
    late = alice.new_version(made["half deleted"], "Half deleted", b"gone")["id"]
    for document in (made["deleted"], late):
        alice.request("DELETE", f"documents/{document}").raise_for_status()
    gone = carol.folder(made["matter"], "Gone")
    carol.upload(gone, "Went with its folder", b"went")
    carol.request("DELETE", f"folders/{gone}").raise_for_status()
    category = alice.request("POST", "my-favorites/categories", json={"name": "Deals"}).json()["data"]["id"]
    for target in (made["matter"], made["papers"], made["agreement"]):
        body = (
            {"target_id": target, "parent_id": category}
            if target == made["papers"]
            else {"target_id": target}
        )
        alice.request("POST", "my-favorites/children", json=body).raise_for_status()
    made["category"] = category
    return made


def _sent(server: ServerProcess, people: dict[str, Sender]) -> Json:
    """A folder with links in each state, the links of a user who is removed later, and a member."""
    alice, bob = people["ALICE"], people["BOB"]
    alice.delete(f"/documents/{alice.send('Purged.pdf', b'purged')['id']}")
    alice.post("/trash/empty")
    sent = {
        "published": alice.send("Offer.pdf", b"offer"),
        "protected": alice.send("Protected.pdf", b"protected", password=PASSWORD),
        "limited": alice.send("Limited.pdf", b"limited", downloads_permitted=3),
        "used up": alice.send("Used up.pdf", b"used up", downloads_permitted=1),
        "unpublished": alice.send("Unpublished.pdf", b"unpublished"),
        "deleted": alice.send("Deleted.pdf", b"deleted"),
        "resent": alice.send("Sent again.pdf", b"again"),
        "of bob": bob.send("Of Bob.pdf", b"of bob"),
    }
    assert fetch(server, sent["used up"]["url"]) == b"used up"
    assert fetch(server, sent["limited"]["url"]) == b"limited"
    with server.guest() as guest:
        assert guest.post(sent["protected"]["url"], data={"password": "wrong"}).status_code == 403
        guest.get(sent["published"]["url"]).raise_for_status()
    alice.post(f"/documents/{sent['unpublished']['id']}/unpublish")
    alice.delete(f"/documents/{sent['deleted']['id']}")
    alice.resend(sent["resent"], downloads_permitted=5)
    folder = sent["published"]["folder"]["id"]
    alice.post(f"/folders/{folder}/members", {"name": "CAROL"})
    alice.post(f"/folders/{folder}/members", {"name": "ROBIN"})
    return {
        "links": {name: document["url"].partition("/s/")[2] for name, document in sent.items()},
        "sent": {name: document["id"] for name, document in sent.items()},
        "folder": folder,
    }


def _afterwards(workers: dict[str, Worker], made: Json) -> Json:
    """What a new user does under a name that had become free."""
    bob = workers["NEW BOB"]
    again = {"of new bob": bob.upload(made["papers"], "Of the new Bob", b"new")["id"]}
    bob.download(made["agreement"])
    return again | {"matter of new bob": bob.workspace("Matter of the new Bob")}


# ---------------------------------------------------------------- reading it all


def _sqlite(path: Path) -> Json:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        names = [
            row[0]
            for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if not row[0].startswith(("search_", "alembic_"))
        ]
        tables = {}
        for name in names:
            rows = database.execute(f'SELECT {"rowid, *" if name == "search" else "*"} FROM "{name}"')
            tables[name] = [{key: _plain(row[key]) for key in row.keys()} for row in rows]  # noqa: SIM118
    return tables


def _plain(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _postgres(url: str) -> Json:
    async def read() -> Json:
        import asyncpg

        connection = await asyncpg.connect(url)
        try:
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
            names = [row[0] for row in await connection.fetch(query)]
            found = {}
            for name in names:
                if not name.startswith("alembic_"):
                    rows = await connection.fetchval(f"SELECT coalesce(json_agg(t), '[]') FROM \"{name}\" t")
                    found[name] = json.loads(rows)
            return found
        finally:
            await connection.close()

    return asyncio.run(read())


def _write(out: Path, data: Path, at: datetime, facts: Json, tables: Json) -> None:
    files = {
        str(path.relative_to(data)): base64.b64encode(path.read_bytes()).decode()
        for path in sorted((data / "blobs").rglob("*"))
        if path.is_file()
    }
    found = {
        "revision": REVISION,
        "at": at.isoformat(),
        "facts": facts,
        "key": base64.b64encode((data / "key").read_bytes()).decode(),
        "token": (data / "token").read_text(),
        "files": files,
        "tables": tables,
    }
    out.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    out = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if out.stem == "sqlite":
            with ServerProcess(data) as server:
                facts = make(server)
            _write(out, data, datetime.now(UTC), facts, _sqlite(data / "sentlinks.db"))
            return
        with running() as postgres:
            url = postgres.database()
            with ServerProcess(data, database_url=url) as server:
                facts = make(server)
            _write(out, data, datetime.now(UTC), facts, _postgres(url))


if __name__ == "__main__":
    main()
