"""Data stored by an earlier version of the program is brought to the current form, and works as before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.derived_data import check_kept
from tests.support.checks.intruder import tamper
from tests.support.servers.landed import load
from tests.support.servers.postgres import Postgres
from tests.support.servers.rows import Statement, looks
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender, fetch
from tests.support.users.work import Worker, error


@dataclass
class Landed:
    """A current server on the data, and what is known about the data."""

    server: ServerProcess
    facts: dict[str, Any]
    tokens: dict[str, str] = field(default_factory=dict)

    def sender(self, name: str) -> Sender:
        return Sender(self.server, self._token(name))

    def worker(self, name: str) -> Worker:
        return Worker(self.server, self._token(name))

    def _token(self, name: str) -> str:
        if name not in self.tokens:
            with Sender(self.server) as admin:
                self.tokens[name] = admin.sign_in(name)["token"]
        return self.tokens[name]

    def link(self, name: str) -> str:
        return f"{self.server.url}/s/{self.facts['links'][name]}"


@pytest.fixture(params=["sqlite", "postgresql"])
def landed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Landed]:
    url = None
    if request.param == "postgresql":
        started: Postgres = request.getfixturevalue("postgres")
        url = started.empty_database()
    kept = load(tmp_path / "data", url)
    later = datetime.fromisoformat(kept["at"]) + timedelta(minutes=1)
    with ServerProcess(tmp_path / "data", database_url=url, stands_at=later.isoformat()) as server:
        yield Landed(server, kept["facts"])
        check_kept(server)


def test_all_of_it_goes_on(landed: Landed) -> None:
    """Looked at on one server: first what is true before anything is done, last what ends the token."""
    _documents_that_were_sent_before_are_held_at_once(landed)
    _people_folders_and_members(landed)
    _links_go_on_as_they_were(landed)
    _the_audit_is_whole_and_goes_on(landed)
    _they_have_no_recipients_and_can_get_some(landed)
    _the_library_is_as_it_was(landed)
    _rights_go_by_identity(landed)
    _the_data_folders_token_is_one_of_its_own_kind(landed)


def _links_go_on_as_they_were(landed: Landed) -> None:
    server = landed.server
    assert fetch(server, landed.link("published")) == b"offer"
    assert fetch(server, landed.link("protected"), PASSWORD) == b"protected"
    assert fetch(server, landed.link("resent")) == b"again"
    assert [fetch(server, landed.link("limited")) for _ in range(3)] == [b"limited", b"limited", None]
    for name in ("used up", "unpublished", "deleted", "of bob"):
        assert fetch(server, landed.link(name)) is None
    with landed.sender("ALICE") as alice:
        sent = landed.facts["sent"]
        assert alice.document(sent["published"])["downloads"] == 1
        assert alice.document(sent["used up"])["reason"] == "limit"
        assert alice.post(f"/trash/{sent['deleted']}/restore")["published"] is False
        for name, content in (("deleted", b"deleted"), ("unpublished", b"unpublished")):
            alice.resend({"id": sent[name]})
            assert fetch(server, landed.link(name)) == content
        again = alice.send("New.pdf", b"new")
        assert again["folder"]["id"] == landed.facts["folder"], "the folder is the one that was there"
        assert fetch(server, again["url"]) == b"new"


def _the_audit_is_whole_and_goes_on(landed: Landed) -> None:
    ident = landed.facts["sent"]["used up"]
    with Sender(landed.server) as admin, landed.sender("ALICE") as alice:
        before = alice.events(f"/documents/{ident}/audit")
        assert before == ["sent", "published", "downloaded", "limit reached", "recorded"]
        verdict = admin.get("/audit/verify")
        assert verdict["broken"] is None
        assert verdict["rows"] >= 32
        alice.resend({"id": ident})
        assert alice.events(f"/documents/{ident}/audit") == [*before, "resent"]
        assert alice.get(f"/documents/{ident}/audit/verify")["broken"] is None


def _documents_that_were_sent_before_are_held_at_once(landed: Landed) -> None:
    """Their state is in the audit before anything is done to them, in a row that says nothing else."""
    with Sender(landed.server) as admin:
        sent = landed.facts["sent"].values()
        count = "SELECT count(*) FROM audit WHERE subject = ? AND state IS NOT NULL"
        found = looks(landed.server, *((count, f"document:{ident}") for ident in sent))
        assert found == [[(1,)]] * len(sent)
        change = "UPDATE sent_documents SET downloads = downloads {} 1 WHERE id = ?"
        undo: list[Statement] = []
        for ident in sent:
            tamper(landed.server, *undo, (change.format("+"), ident))
            undo = [(change.format("-"), ident)]
            broken = admin.get("/audit/verify")["broken"]
            assert broken["subject"] == f"document:{ident}"
            assert broken["why"].startswith("the document was changed by hand")
        tamper(landed.server, *undo)
        assert admin.get("/audit/verify")["broken"] is None
    with landed.sender("ALICE") as alice:
        path = f"/documents/{landed.facts['sent']['published']}/audit"
        assert alice.events(path).count("recorded") == 1


def test_a_document_whose_audit_was_taken_away_before(tmp_path: Path) -> None:
    """It gets no new chain, which would hide the removal."""
    kept = load(tmp_path / "data", None)
    chain = f"document:{kept['facts']['sent']['published']}"
    with closing(sqlite3.connect(tmp_path / "data" / "sentlinks.db")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for table in ("sealed_heads", "audit", "audit_heads"):
            database.execute(f"DELETE FROM {table} WHERE subject = ?", (chain,))
        database.commit()
    with ServerProcess(tmp_path / "data") as server, Sender(server) as admin:
        assert admin.get("/audit/verify")["broken"] == {
            "subject": chain,
            "sequence": 1,
            "why": "the whole chain is missing",
        }


def _the_data_folders_token_is_one_of_its_own_kind(landed: Landed) -> None:
    """It used to be valid forever; over the network it stays valid for a while."""
    with Sender(landed.server) as admin:
        (own,) = (each for each in admin.get("/sessions")["sessions"] if each["current"])
        assert own["kind"] == "data folder"
        assert timedelta(days=29) < datetime.fromisoformat(own["ends_at"]) - datetime.now(UTC)
        assert own["begun_at"] <= own["used_at"]
        assert admin.post("/exchange", {})["user"] == "DJONES"


def _they_have_no_recipients_and_can_get_some(landed: Landed) -> None:
    ident, anna = landed.facts["sent"]["published"], "Anna Arp <anna@example.com>"
    with landed.sender("ALICE") as alice:
        document = alice.document(ident)
        assert (
            document["recipients"] == alice.get(f"/sends/{document['send_id']}")["send"]["recipients"] == []
        )
        path = f"/sends/{document['send_id']}/recipients"
        changed = alice.request("PUT", path, json={"recipients": [anna]}).json()["changed"]
        assert changed >= 1
        assert alice.document(ident)["recipients"] == [anna]
        assert alice.get("/recipients")["recipients"] == [anna]
        assert alice.get(f"/documents/{ident}/audit/verify")["broken"] is None


def _people_folders_and_members(landed: Landed) -> None:
    folder = landed.facts["folder"]
    with landed.sender("CAROL") as carol, landed.sender("BOB") as bob, landed.sender("ALICE") as alice:
        assert [row["name"] for row in alice.get(f"/folders/{folder}/members")["members"]] == ["CAROL"]
        assert carol.request("GET", f"/folders/{folder}/documents").status_code == 200
        # He has the name of a removed user, and nothing else of theirs.
        assert bob.request("GET", f"/folders/{folder}/documents").status_code == 404
        assert bob.get("/documents")["total"] == 0
        assert bob.get("/folders")["folders"] == []
        assert bob.request("GET", f"/documents/{landed.facts['sent']['of bob']}").status_code == 404


def _the_library_is_as_it_was(landed: Landed) -> None:
    made = landed.facts["work"]
    with landed.worker("ALICE") as alice, landed.worker("BOB") as bob, landed.worker("CAROL") as carol:
        assert [v["version"] for v in alice.items(f"documents/{made['agreement']}/versions")] == [3, 2, 1]
        assert alice.download(made["agreement"]).content == b"three"
        assert alice.data("documents/ACTIVE!1.1/name-value-pairs") == {"client": "Halyard"}
        assert alice.data(f"documents/{made['email']}")["subject"] == "Closing"
        assert [item["id"] for item in alice.items("documents", anywhere="closing")] == [made["email"]]
        shortcuts = {item["name"]: item for item in alice.items("my-favorites/children")}
        assert {"Agreement", "Deals", "Halyard - Share Sale"} <= set(shortcuts)
        inner = alice.items(f"my-favorites/categories/{made['category']}/children")
        assert [item["target"]["id"] for item in inner] == [made["papers"]]
        assert [item["id"] for item in alice.items("recent-documents")][-1]
        assert alice.items(f"folders/{made['private']}/children")[0]["id"] == made["walled"]
        assert carol.data(f"documents/{made['walled']}")["access"] == "read"
        for path in (f"documents/{made['walled']}", f"folders/{made['private']}"):
            error(bob.request("GET", path), 404, "NRC_NO_RECORD")
        assert bob.data(f"documents/{made['shown']}")["access"] == "read"
        assert alice.data(f"documents/{made['half deleted']}")["version"] == 1
        deleted = {item["name"] for item in alice.items("trash-bin/documents")}
        assert deleted == {"Deleted", "Half deleted", "Went with its folder"}
        path = f"trash-bin/documents/{made['deleted']}/restore"
        assert alice.request("POST", path).status_code == 200
        assert alice.download(made["deleted"]).content == b"deleted"
        made_now = alice.upload(made["papers"], "Made now", b"now")
        assert alice.new_version(made_now["id"], "Made now")["version"] == 2
        assert alice.folder(made["matter"], "Made now")


def _rights_go_by_identity(landed: Landed) -> None:
    """Owners are found: the user who put a document in, not its author; the one who had the name then, not the one who
    has it now."""
    made = landed.facts["work"]
    with landed.worker("ALICE") as alice, landed.worker("BOB") as bob, landed.worker("CAROL") as carol:

        def may_secure(worker: Worker, path: str) -> bool:
            found: bool = worker.data(f"{path}/operations")["set_security"]
            return found

        for name in ("agreement", "renamed", "email"):
            assert may_secure(alice, f"documents/{made[name]}")
            assert not may_secure(carol, f"documents/{made[name]}")
        assert may_secure(alice, f"documents/{made['for carol']}")
        for path in (f"folders/{made['drafts']}", f"documents/{made['of bob']}"):
            for worker in (alice, bob, carol):
                assert not may_secure(worker, path)
        error(bob.request("GET", f"documents/{made['secret of bob']}"), 404, "NRC_NO_RECORD")
        assert may_secure(bob, f"documents/{made['of new bob']}")
        assert may_secure(bob, f"workspaces/{made['matter of new bob']}")
        assert may_secure(alice, f"workspaces/{made['matter']}")
        assert not may_secure(bob, f"workspaces/{made['matter']}")
        closed = {"default_security": "private"}
        error(carol.request("PATCH", f"documents/{made['renamed']}", json=closed), 403, "NRC_ACCESS_DENIED")
        assert alice.request("PATCH", f"documents/{made['renamed']}", json=closed).status_code == 200
        for name in ("held by bob", "held by robin"):
            assert "in_use_by" not in alice.data(f"documents/{made[name]}")
        assert alice.data(f"documents/{made['held by carol']}")["in_use_by"] == "CAROL"
        assert carol.request("DELETE", f"documents/{made['held by carol']}/lock").status_code == 200
        assert "SECRET_DEED" not in {kind["id"] for kind in alice.items("classes")}
