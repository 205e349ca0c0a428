"""Whatever decides who may do what, and was changed by hand in the database, is named, and can be accepted (S41)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.checks.cut_audits import accepted, broken, has_sealed, sealed
from tests.support.checks.intruder import Statement, tamper
from tests.support.checks.long import few
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender, fetch, until
from tests.support.users.work import Worker
from tui.server import audit
from tui.server.audit import anchors, data_folders
from tui.server.installation.installation import open_context

DATABASE = "both"


@pytest.fixture
async def me(server: ServerProcess) -> Any:
    """An administrator of the module's server, whose audit is intact before and after."""
    with Sender(server) as sender:
        yield sender
        sender.request("DELETE", "/users/ANNA")
        await accepted(server)
        assert sender.get("/audit/verify")["broken"] is None


@pytest.fixture
def work(me: Sender) -> Iterator[Worker]:
    with Worker(me.server) as worker:
        yield worker


def ident(server: ServerProcess, query: str, *values: Any) -> Any:
    return look(server, query, *values)[0][0]


def user_id(me: Sender, name: str) -> str:
    return str(ident(me.server, "SELECT id FROM users WHERE name = ? AND removed_at IS NULL", name))


# What each attack changes; the name of the object, what it is called, and the statements.
Attack = tuple[str, str, list[Statement]]
Changes = Callable[[Sender, Worker], Attack]


def _token(me: Sender, revoke: bool = True) -> str:
    """A token of ANNA's, that was revoked."""
    with me.add_user("ANNA") as anna:
        mine = ident(me.server, "SELECT id FROM tokens WHERE user_id = ?", user_id(me, "ANNA"))
        if revoke:
            anna.request("POST", "/logout").raise_for_status()
    return str(mine)


def revoked_token(me: Sender, _work: Worker) -> Attack:
    token = _token(me)
    made_good = ("UPDATE tokens SET revoked_at = NULL WHERE id = ?", token)
    return f"token:{token}", "an access token of ANNA was changed", [made_good]


def longer_token(me: Sender, _work: Worker) -> Attack:
    token = _token(me, revoke=False)
    longer = ("UPDATE tokens SET idle_seconds = 2000000000 WHERE id = ?", token)
    return f"token:{token}", "an access token of ANNA was changed", [longer]


def token_of_another(me: Sender, _work: Worker) -> Attack:
    token = _token(me, revoke=False)
    given = ("UPDATE tokens SET user_id = ? WHERE id = ?", user_id(me, "DJONES"), token)
    return f"token:{token}", "an access token of DJONES was changed", [given]


def new_token(me: Sender, _work: Worker) -> Attack:
    token, new = _token(me, revoke=False), "f" * 32
    columns = "user_id, kind, created_at, used_at, expires_at, idle_seconds, family"
    made: Statement = (
        f"INSERT INTO tokens (id, hash, {columns}) SELECT ?, ?, {columns} FROM tokens WHERE id = ?",
        new,
        b"\1" * 32,
        token,
    )
    return f"token:{new}", "an access token of ANNA was added", [made]


def removed_token(me: Sender, _work: Worker) -> Attack:
    """Of another person than those who verify: what it could do is in no list any more."""
    token = _token(me)
    return f"token:{token}", "an access token was removed", [("DELETE FROM tokens WHERE id = ?", token)]


def password(me: Sender, _work: Worker) -> Attack:
    with me.add_user("ANNA"):
        anna = user_id(me, "ANNA")
        mine = ident(me.server, "SELECT password_hash FROM users WHERE id = ?", anna)
        taken = ("UPDATE users SET password_hash = ? WHERE name = 'DJONES'", mine)
        return f"account:{user_id(me, 'DJONES')}", "the account of DJONES was changed", [taken]


def where_to_notify(me: Sender, _work: Worker) -> Attack:
    moved: Statement = "UPDATE users SET email = 'x@example.net' WHERE name = 'DJONES'"
    return f"account:{user_id(me, 'DJONES')}", "the account of DJONES was changed", [moved]


def policy(me: Sender, _work: Worker) -> Attack:
    me.request("PATCH", "/policy", json={"password_required": False}).raise_for_status()
    changed: Statement = """UPDATE policy SET "values" = '{"downloads_max": 1000}'"""
    return "policy:1", "the policy was changed", [changed]


def new_member(me: Sender, _work: Worker) -> Attack:
    with me.add_user("ANNA"):
        made: Statement = (
            "INSERT INTO members (folder_id, user_id, added_at) VALUES (?, ?, 1)",
            me.folder,
            user_id(me, "ANNA"),
        )
        return f"members:{me.folder}", "a folder of Share or its members was changed", [made]


def removed_member(me: Sender, _work: Worker) -> Attack:
    with me.add_user("ANNA"):
        me.post(f"/folders/{me.folder}/members", {"name": "ANNA"})
        gone = ("DELETE FROM members WHERE folder_id = ?", me.folder)
        return f"members:{me.folder}", "a folder of Share or its members was changed", [gone]


def folders_owner(me: Sender, _work: Worker) -> Attack:
    with me.add_user("ANNA"):
        given = ("UPDATE folders SET owner_id = ? WHERE id = ?", user_id(me, "ANNA"), me.folder)
        return f"members:{me.folder}", "a folder of Share or its members was changed", [given]


def _private(work: Worker) -> tuple[int, int]:
    """A private workspace, and its rule."""
    number = int(work.workspace("Secret", default_security="private").partition("!")[2])
    return number, ident(work.server, "SELECT acl FROM containers WHERE number = ?", number)


def rule_for_everyone(_me: Sender, work: Worker) -> Attack:
    _, rule = _private(work)
    opened = ("UPDATE acls SET everyone = 'read_write' WHERE id = ?", rule)
    return f"rule:{rule}", "an access rule of the library was changed", [opened]


def person_in_a_rule(me: Sender, work: Worker) -> Attack:
    _, rule = _private(work)
    with me.add_user("ANNA"):
        added: Statement = (
            "INSERT INTO acl_users (user_id, acl, level) VALUES (?, ?, 'full_access')",
            user_id(me, "ANNA"),
            rule,
        )
        return f"rule:{rule}", "an access rule of the library was changed", [added]


def another_rule(_me: Sender, work: Worker) -> Attack:
    number, _ = _private(work)
    opened = ("UPDATE containers SET acl = 0, default_security = 'public' WHERE number = ?", number)
    return f"container:{number}", "a workspace or folder was changed", [opened]


def _document(work: Worker) -> int:
    folder = work.folder(work.workspace("Matter"), "Papers")
    return int(work.upload(folder, "Paper")["id"].partition("!")[2].partition(".")[0])


def documents_rule(_me: Sender, work: Worker) -> Attack:
    number, (_, rule) = _document(work), _private(work)
    hidden = ("UPDATE documents SET acl = ? WHERE number = ?", rule, number)
    return f"versions:{number}", "a document of the library or its versions was changed", [hidden]


def documents_owner(me: Sender, work: Worker) -> Attack:
    number = _document(work)
    with me.add_user("ANNA"):
        given: list[Statement] = [
            ("UPDATE documents SET owner_id = ? WHERE number = ?", user_id(me, "ANNA"), number)
        ]
        if me.server.database_url:
            trigger = "TRIGGER documents_owner_once"
            given = [
                f"ALTER TABLE documents DISABLE {trigger}",
                *given,
                f"ALTER TABLE documents ENABLE {trigger}",
            ]
        return f"versions:{number}", "a document of the library or its versions was changed", given


def versions_bytes(_me: Sender, work: Worker) -> Attack:
    number, other = _document(work), _document(work)
    blob, digest = look(work.server, "SELECT blob, sha256 FROM versions WHERE number = ?", other)[0]
    swapped = ("UPDATE versions SET blob = ?, sha256 = ? WHERE number = ?", blob, digest, number)
    assert blob != ident(work.server, "SELECT blob FROM versions WHERE number = ?", number)
    return f"versions:{number}", "a document of the library or its versions was changed", [swapped]


def removed_document(_me: Sender, work: Worker) -> Attack:
    number = _document(work)
    tables = ("recent", "history", "versions", "documents")
    gone: list[Statement] = [(f"DELETE FROM {table} WHERE number = ?", number) for table in tables]
    return f"versions:{number}", "a document of the library or its versions was removed", gone


ATTACKS: list[Changes] = [
    revoked_token, longer_token, token_of_another, removed_token, password, where_to_notify, policy,
    new_member, removed_member, folders_owner, rule_for_everyone, person_in_a_rule, another_rule, documents_rule,
    documents_owner, versions_bytes, removed_document,
]  # fmt: skip


@few(5)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_what_was_changed_is_named_and_can_be_accepted(
    me: Sender, work: Worker, attack: Changes
) -> None:
    await _is_named_and_can_be_accepted(me, *attack(me, work))


async def test_what_was_added_is_named_and_can_be_accepted(me: Sender, work: Worker) -> None:
    """S41: it has no state that differs."""
    await _is_named_and_can_be_accepted(me, *new_token(me, work))


async def _is_named_and_can_be_accepted(
    me: Sender, name: str, said: str, statements: list[Statement]
) -> None:
    assert me.get("/audit/verify")["broken"] is None
    tamper(me.server, *statements)
    found, row, why = broken(me)
    assert (found, row) == (name, 0)
    assert why.startswith(said)
    acceptance = await accepted(me.server)
    assert acceptance is not None
    assert acceptance.why == why
    verdict = me.get("/audit/verify")
    assert verdict["broken"] is None
    assert verdict["accepted"][-1]["why"] == why
    assert await accepted(me.server) is None


# ---------------------------------------------------------------- what is put back


def _put_back(
    server: ServerProcess, table: str, column: str, value: Any, kept: list[tuple[Any, ...]]
) -> Statement:
    columns = [row[0] for row in _columns(server, table)]
    changes = ", ".join(f'"{name}" = ?' for name in columns)
    return (f"UPDATE {table} SET {changes} WHERE {column} = ?", *kept[0], value)


def _columns(server: ServerProcess, table: str) -> list[tuple[Any, ...]]:
    if server.database_url is None:
        return look(server, f"SELECT name FROM pragma_table_info('{table}')")
    query = (
        "SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position"
    )
    return look(server, query, table)


async def test_a_token_put_back_together_with_its_state(me: Sender, work: Worker) -> None:
    """The state that it had before it was revoked was written by the server, but isn't its newest one."""
    with me.add_user("ANNA") as anna:
        token = ident(me.server, "SELECT id FROM tokens WHERE user_id = ?", user_id(me, "ANNA"))
        await sealed(me.server)
        state = f"state:token:{token}"
        before = {
            table: look(me.server, f"SELECT * FROM {table} WHERE {column} = ?", value)
            for table, column, value in (("tokens", "id", token), ("audit_heads", "subject", state))
        }
        anna.request("POST", "/logout").raise_for_status()
        await sealed(me.server)
        tamper(
            me.server,
            _put_back(me.server, "tokens", "id", token, before["tokens"]),
            _put_back(me.server, "audit_heads", "subject", state, before["audit_heads"]),
        )
        assert anna.get("/me")["user"] == "ANNA"
        assert broken(me)[0] == f"token:{token}"
        # She is signed out, and so is the program that took the token: this isn't taken over.
        anna.request("POST", "/logout").raise_for_status()
        await sealed(me.server)
        assert broken(me)[0] == f"token:{token}"


async def test_a_document_removed_together_with_its_state(me: Sender, work: Worker) -> None:
    name, _, statements = removed_document(me, work)
    await sealed(me.server)
    tamper(me.server, *statements, ("DELETE FROM audit_heads WHERE subject = ?", f"state:{name}"))
    found, _, why = broken(me)
    assert found == name
    assert why == "a document of the library or its versions was removed by hand, and so was its state"


async def test_a_later_change_takes_nothing_over(me: Sender, work: Worker) -> None:
    """Neither of the same row, nor of the same object, nor what the person does next."""
    number, rule = _private(work)
    tamper(me.server, ("UPDATE acls SET everyone = 'read_write' WHERE id = ?", rule))
    with me.add_user("ANNA"):
        body = {"trustees": [{"id": "ANNA", "access_level": "read"}]}
        work.request("PUT", f"workspaces/ACTIVE!{number}/security", json=body)
        work.request("PATCH", f"workspaces/ACTIVE!{number}", json={"name": "Still secret"}).raise_for_status()
        me.sign_in("ANNA", PASSWORD)
        assert broken(me)[0] == f"rule:{rule}"


async def test_a_download_put_back_before_the_next_minute(alone: Sender) -> None:
    """S41: with its rows, its head and the seals that had been made before it; this used to be reported as *whole*."""
    document = alone.send("once.pdf", downloads_permitted=1)
    await sealed(alone.server)
    chain = f"document:{document['id']}"
    tables = (("sent_documents", "id", document["id"]), ("audit_heads", "subject", chain))
    before = {
        table: look(alone.server, f"SELECT * FROM {table} WHERE {column} = ?", value)
        for table, column, value in tables
    }
    (rows,) = look(alone.server, "SELECT count(*) FROM audit WHERE subject = ?", chain)[0]
    assert fetch(alone.server, document["url"]) == b"content"
    # Not by this test: the server does it within a quarter of a second.
    until(lambda: has_sealed(alone.server))
    tamper(
        alone.server,
        ("DELETE FROM audit WHERE subject = ? AND sequence > ?", chain, rows),
        *[_put_back(alone.server, table, column, value, before[table]) for table, column, value in tables],
    )
    found, row, why = broken(alone)
    assert (found, why) == (chain, "it was sealed, but is missing or was changed")
    assert row > rows


async def test_an_acceptance_that_is_killed_hides_nothing(
    me: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S33: the data folder's anchor isn't put right before the row about that is there."""
    context = await open_context(me.server.settings)
    try:
        await audit.seal(context)
        async with context.database.read() as connection:
            newest = await anchors.newest(connection)
        anchors.write_file(context, anchors.Anchor(newest.sequence + 5, newest.mac))
        verdict = me.get("/audit/verify")
        assert verdict["broken"]["why"] == "it is missing at the end"

        async def killed(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(data_folders, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            await audit.accept(context, "root")
        monkeypatch.undo()
        assert me.get("/audit/verify")["broken"] == verdict["broken"]
        assert await audit.accept(context, "root") is not None
    finally:
        await context.close()
    verdict = me.get("/audit/verify")
    assert verdict["broken"] is None
    assert verdict["accepted"]
