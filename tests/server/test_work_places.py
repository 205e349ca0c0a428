"""Changing workspaces and folders: renaming, moving, removing; and security, passed on to everything that inherits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.checks.derived_data import check_kept
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker, error


@pytest.fixture
def kept(server: ServerProcess) -> Iterator[None]:
    """After the test, counters and index match the data."""
    yield
    check_kept(server)


def patched(work: Worker, path: str, **body: Any) -> dict[str, Any]:
    response = work.request("PATCH", path, json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["data"]
    return found


def names(work: Worker, container: str, **params: Any) -> list[str]:
    answer = work.get(f"folders/{container}/children", total="true", **params)
    assert answer["total_count"] == len(answer["data"])
    return [item["name"] for item in answer["data"]]


def moved(work: Worker, folder: str, to: str) -> httpx.Response:
    return work.request("POST", f"folders/{folder}/move", json={"destination_folder_id": to})


def sees(worker: Worker, *paths: str) -> list[bool]:
    return [worker.request("GET", path).status_code == 200 for path in paths]


# ---------------------------------------------------------------- names


def test_names_and_descriptions_are_changed(work: Worker, kept: None) -> None:
    space = work.workspace("Old", description="Before")
    folder = work.folder(space, "B")
    work.folder(space, "C")
    changed = patched(work, f"workspaces/{space}", name="New")
    assert (changed["name"], changed["description"]) == ("New", "Before")
    assert "description" not in patched(work, f"workspaces/{space}", description="")
    assert patched(work, f"folders/{folder}", name="Ω – 事件", description="x")["description"] == "x"
    assert names(work, space) == ["C", "Ω – 事件"]
    assert [w["name"] for w in work.items("workspaces", name="new")] == ["New"]
    assert patched(work, f"folders/{space}", name="By folder")["name"] == "By folder"
    error(work.request("PATCH", f"workspaces/{folder}", json={"name": "x"}), 404, "NRC_NO_RECORD")
    error(work.request("PATCH", f"folders/{folder}", json={"name": " "}), 400, "NRC_INVALID_PROFILE")


def test_who_may_only_read_changes_nothing(work: Worker, other: Worker, kept: None) -> None:
    space = work.workspace("Shown", default_security="view")
    folder = work.folder(space, "F")
    mine = other.workspace("Mine")
    for method, path, body in (
        ("PATCH", f"workspaces/{space}", {"name": "x"}),
        ("PATCH", f"folders/{folder}", {"name": "x"}),
        ("PATCH", f"folders/{folder}", {"default_security": "public"}),
        ("DELETE", f"folders/{folder}", {}),
        ("DELETE", f"workspaces/{space}", {}),
        ("POST", f"folders/{folder}/move", {"destination_id": mine}),
    ):
        error(other.request(method, path, json=body), 403, "NRC_ACCESS_DENIED")
    assert names(work, space) == ["F"]
    hidden = work.workspace("Hidden", default_security="private")
    for method, path in (
        ("PATCH", f"workspaces/{hidden}"),
        ("DELETE", f"folders/{hidden}"),
        ("POST", f"folders/{hidden}/move"),
        ("GET", f"folders/{hidden}/security"),
    ):
        answer = other.request(method, path, json={"destination_id": mine} if method != "GET" else None)
        error(answer, 404, "NRC_NO_RECORD")
    error(moved(other, mine, hidden), 404, "NRC_NO_RECORD")


# ---------------------------------------------------------------- security


@pytest.fixture
def tree(work: Worker, kept: None) -> dict[str, str]:
    """A workspace, a folder in it, one within that, and documents in each; some have their own security."""
    space = work.workspace("Tree")
    outer = work.folder(space, "Outer")
    inner = work.folder(outer, "Inner")
    return {
        "space": space,
        "outer": outer,
        "inner": inner,
        "at space": work.upload(space, "At space")["id"],
        "at outer": work.upload(outer, "At outer")["id"],
        "at inner": work.upload(inner, "At inner")["id"],
        "open": work.upload(inner, "Open", default_security="public")["id"],
        "own": work.upload(inner, "Own", default_security="private")["id"],
    }


def seen_by(worker: Worker, tree: dict[str, str]) -> set[str]:
    """The entries of the tree that a user can open by address; lists and the search must agree."""
    found = {
        name
        for name, ident in tree.items()
        if sees(worker, f"{'documents' if '.' in ident else 'folders'}/{ident}") == [True]
    }
    papers = {tree[name] for name in found if "." in tree[name]}
    listed = {item["id"] for item in worker.items("documents", limit=9999)} & set(tree.values())
    assert listed == papers
    return found


def test_what_inherits_follows(work: Worker, other: Worker, tree: dict[str, str]) -> None:
    everything = set(tree)
    assert seen_by(other, tree) == everything - {"own"}
    changed = patched(work, f"folders/{tree['outer']}", default_security="private")
    assert (changed["default_security"], changed["effective_security"]) == ("private", "full_access")
    assert seen_by(other, tree) == {"space", "at space", "open"}
    assert seen_by(work, tree) == everything
    assert work.data(f"folders/{tree['inner']}")["inherited_default_security"] == "private"
    patched(work, f"folders/{tree['outer']}", default_security="view")
    assert seen_by(other, tree) == everything - {"own"}
    assert other.data(f"documents/{tree['at inner']}")["access"] == "read"
    trustee = [{"id": "BSMITH", "access_level": "read_write"}]
    patched(work, f"folders/{tree['outer']}", default_security="private", user_trustees=trustee)
    assert other.data(f"documents/{tree['at inner']}")["access"] == "read_write"
    assert [t["id"] for t in work.data(f"folders/{tree['inner']}/security")] == [
        "BSMITH",
        "DJONES",
    ]
    patched(work, f"workspaces/{tree['space']}", default_security="private")
    assert seen_by(other, tree) == {"outer", "inner", "at outer", "at inner", "open"}
    patched(work, f"folders/{tree['outer']}", default_security="inherit")
    assert seen_by(other, tree) == {"open"}
    patched(work, f"workspaces/{tree['space']}", default_security="public")
    assert seen_by(other, tree) == everything - {"own"}


def test_one_who_is_no_owner_does_not_close_what_is_everyones(
    work: Worker, other: Worker, tree: dict[str, str]
) -> None:
    for path in (f"workspaces/{tree['space']}", f"folders/{tree['outer']}"):
        error(other.request("PATCH", path, json={"default_security": "private"}), 403, "NRC_ACCESS_DENIED")
        assert other.data(f"{path}/operations")["set_security"] is False
        assert work.data(f"{path}/operations")["set_security"] is True
    assert seen_by(other, tree) == set(tree) - {"own"}


def test_a_rule_that_many_follow_is_moved_by_few_statements(tmp_path: Any) -> None:
    import asyncio

    from sqlalchemy import event

    from tui.server.accounts.users import Person, first_person
    from tui.server.accounts.users import add_person as add_account
    from tui.server.base.settings import Settings
    from tui.server.installation.installation import open_context
    from tui.server.library import rights
    from tui.server.library.actions import ActingPerson
    from tui.server.library.batch import Batch
    from tui.server.library.model import Actor, NewVersion
    from tui.server.library.security import secure_container

    async def changing(count: int) -> int:
        """How many statements it takes if ``count`` documents follow."""
        context = await open_context(Settings(data=tmp_path / str(count)))
        await first_person(context, "OWNER")
        seen: list[str] = []
        async with context.database.write() as connection:
            me = Person(await add_account(context, connection, "ME", admin=False), "ME", False, "")
            batch = Batch(context, connection, count)
            space = await batch.workspace(Actor(me.id, me.name), "W")
            at = context.clock()
            for number in range(count):
                version = NewVersion(
                    f"D {number}", "txt", "ANSI", "DOC", "X", "X", 0, "0" * 64, f"{number:032x}", at, at
                )
                await batch.document(space, Actor(me.id, me.name), [version])
            await batch.write()
        event.listen(
            context.database.engine.sync_engine, "before_cursor_execute", lambda *given: seen.append(given[2])
        )
        async with context.database.write() as connection:
            row = await rights.container(connection, me, space.number)
            await secure_container(ActingPerson(context, connection, me), row, "private", None)
        await context.close()
        return len(seen)

    assert asyncio.run(changing(300)) == asyncio.run(changing(3)) < 30


# ---------------------------------------------------------------- moving


def test_a_folder_is_moved_with_all_in_it(work: Worker, other: Worker, tree: dict[str, str]) -> None:
    hidden = work.workspace("Hidden", default_security="private")
    place = work.folder(hidden, "Place")
    assert moved(work, tree["outer"], place).status_code == 200
    assert names(work, tree["space"]) == ["At space"]
    assert names(work, place) == ["Outer"]
    shown = work.data(f"documents/{tree['at inner']}")
    assert (shown["workspace_id"], shown["workspace_name"]) == (hidden, "Hidden")
    assert [s["name"] for s in work.data(f"documents/{tree['at inner']}/path")[0]] == [
        "Hidden", "Place", "Outer", "Inner",
    ]  # fmt: skip
    assert seen_by(other, tree) == {"space", "at space", "open"}
    assert moved(work, tree["outer"], tree["space"]).status_code == 200
    assert seen_by(other, tree) == set(tree) - {"own"}
    assert names(work, place) == []


def test_moves_that_are_none(work: Worker, tree: dict[str, str]) -> None:
    assert moved(work, tree["outer"], tree["space"]).status_code == 200
    for to in (tree["outer"], tree["inner"]):
        error(moved(work, tree["outer"], to), 400, "NRC_INVALID_PROFILE")
    error(moved(work, tree["space"], tree["outer"]), 400, "NRC_INVALID_PROFILE")
    error(moved(work, tree["outer"], "ACTIVE!999999"), 404, "NRC_NO_RECORD")
    error(work.request("POST", f"folders/{tree['outer']}/move", json={}), 400, "NRC_INVALID_PROFILE")
    assert names(work, tree["space"]) == ["Outer", "At space"]


# ---------------------------------------------------------------- removing


def test_a_folder_is_removed_and_its_documents_are_in_the_trash(work: Worker, tree: dict[str, str]) -> None:
    assert work.request("DELETE", f"folders/{tree['outer']}").status_code == 204
    for path in (
        f"folders/{tree['outer']}",
        f"folders/{tree['inner']}/children",
        f"documents/{tree['at inner']}",
    ):
        error(work.request("GET", path), 404, "NRC_NO_RECORD")
    error(work.request("DELETE", f"folders/{tree['outer']}"), 404, "NRC_NO_RECORD")
    assert names(work, tree["space"]) == ["At space"]
    assert tree["at inner"] not in [item["id"] for item in work.items("documents", name="at inner")]
    trash = {item["id"]: item for item in work.items("trash-bin/documents")}
    gone = [tree[name] for name in ("at outer", "at inner", "open", "own")]
    assert set(gone) <= set(trash)
    path = f"trash-bin/documents/{tree['at inner']}/restore"
    assert work.request("POST", path, json={"folder_ids": [tree["space"]]}).status_code == 200
    assert work.history(tree["at inner"])[:2] == ["RESTORE", "DELETE"]
    assert names(work, tree["space"]) == ["At inner", "At space"]


def test_what_is_not_ones_own_keeps_a_folder(work: Worker, other: Worker, tree: dict[str, str]) -> None:
    # It contains another user's private document.
    error(other.request("DELETE", f"folders/{tree['outer']}"), 403, "NRC_ACCESS_DENIED")
    work.request("DELETE", f"documents/{tree['own']}").raise_for_status()
    work.request("POST", f"documents/{tree['at inner']}/lock").raise_for_status()
    error(other.request("DELETE", f"folders/{tree['outer']}"), 409, "NRC_CHECKED_OUT")
    work.request("DELETE", f"documents/{tree['at inner']}/lock").raise_for_status()
    # Only its owner may remove a whole workspace.
    error(other.request("DELETE", f"workspaces/{tree['space']}"), 403, "NRC_ACCESS_DENIED")
    error(other.request("DELETE", f"folders/{tree['space']}"), 403, "NRC_ACCESS_DENIED")
    assert other.request("DELETE", f"folders/{tree['outer']}").status_code == 204
    assert work.request("DELETE", f"workspaces/{tree['space']}").status_code == 204
    assert tree["space"] not in [w["id"] for w in work.items("workspaces")]
    assert tree["space"] not in [w["id"] for w in work.items("recent-workspaces")]


def test_shortcuts_to_what_is_removed_stay(work: Worker, kept: None) -> None:
    space = work.workspace("Short-lived")
    folder = work.folder(space, "F")
    body = {"target_id": folder, "name": "To F"}
    made = work.request("POST", "my-favorites/children", json=body).json()["data"]
    work.request("DELETE", f"folders/{folder}").raise_for_status()
    left = next(f for f in work.items("my-favorites/children") if f["id"] == made["id"])
    assert (left["name"], left["target"]["id"]) == ("To F", folder)


def test_the_secure_sent_links_folder_is_no_place_to_change(fresh_server: ServerProcess) -> None:
    with Sender(fresh_server) as sender, Worker(fresh_server) as work:
        sent = sender.send("Offer.pdf", b"x")
        folder = sender.get("/folder")["folder"]["work_id"]
        space = work.workspace("W")
        inner = work.folder(space, "F")
        paper = work.upload(space, "P")
        for method, path, body in (
            ("PATCH", f"folders/{folder}", {"name": "x"}),
            ("PATCH", f"folders/{folder}", {"default_security": "public"}),
            ("DELETE", f"folders/{folder}", {}),
            ("POST", f"folders/{folder}/move", {"destination_id": space}),
            ("POST", f"folders/{inner}/move", {"destination_id": folder}),
            ("POST", f"folders/{space}/documents/{paper['id']}/move", {"destination_id": folder}),
            ("PATCH", f"documents/{sent['work_id']}", {"name": "x"}),
            ("DELETE", f"documents/{sent['work_id']}", {}),
            ("POST", f"folders/{folder}/documents/{sent['work_id']}/move", {"destination_id": space}),
        ):
            error(work.request(method, path, json=body), 403, "NRC_ACCESS_DENIED")
        assert sender.document(sent["id"])["published"] is True
    check_kept(fresh_server)
