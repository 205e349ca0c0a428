"""Rights come from who a user is, never from a name or a field; and changing access requires the right to do so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.checks.derived_data import check_kept
from tests.support.checks.intruder import tamper
from tests.support.servers.databases import both
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker, add_person, error, kind


@pytest.fixture(scope="module")
def alice(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server, add_person(server, "ALICE")) as worker:
        yield worker
    check_kept(server)


@pytest.fixture(scope="module")
def bob(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server, add_person(server, "BOB")) as worker:
        yield worker


@pytest.fixture(scope="module")
def matter(alice: Worker) -> str:
    return alice.workspace("Matter")


def patch(worker: Worker, path: str, **body: Any) -> httpx.Response:
    return worker.request("PATCH", path, json=body)


def moved(worker: Worker, folder: str, to: str) -> httpx.Response:
    return worker.request("POST", f"folders/{folder}/move", json={"destination_folder_id": to})


def filed(worker: Worker, folder: str, document: str, to: str) -> httpx.Response:
    body = {"destination_folder_id": to}
    return worker.request("POST", f"folders/{folder}/documents/{document}/move", json=body)


def denied(answer: httpx.Response) -> str:
    """The message of a refusal."""
    return str(error(answer, 403, "NRC_ACCESS_DENIED")["message"])


# ---------------------------------------------------------------- ownership


def test_an_author_is_no_owner(alice: Worker, bob: Worker, matter: str) -> None:
    """A user who may write a document can become its author, but can't shut everyone else out of it."""
    paper = alice.upload(matter, "Taken over")["id"]
    assert patch(bob, f"documents/{paper}", author="BOB").status_code == 200
    assert bob.data(f"documents/{paper}")["author"] == "BOB"
    assert bob.data(f"documents/{paper}/operations")["set_security"] is False
    denied(patch(bob, f"documents/{paper}", default_security="private"))
    denied(patch(bob, f"documents/{paper}", author="BOB", default_security="private"))
    assert alice.data(f"documents/{paper}/operations")["set_security"] is True
    assert patch(alice, f"documents/{paper}", default_security="private").status_code == 200
    error(bob.request("GET", f"documents/{paper}"), 404, "NRC_NO_RECORD")
    version = alice.upload(matter, "With a version")["id"]
    newer = bob.new_version(version, "With a version", author="BOB")["id"]
    denied(patch(bob, f"documents/{newer}", default_security="private"))


def test_a_document_is_whose_who_put_it_in(alice: Worker, bob: Worker, matter: str) -> None:
    """Being named as the author gives no access: being a trustee does."""
    paper = alice.upload(matter, "For Bob", author="BOB", default_security="private")["id"]
    error(bob.request("GET", f"documents/{paper}"), 404, "NRC_NO_RECORD")
    assert [person["id"] for person in alice.data(f"documents/{paper}/security")] == ["ALICE"]
    trustee = [{"id": "BOB", "access_level": "full_access"}]
    shared = alice.upload(matter, "Also", author="BOB", default_security="private", user_trustees=trustee)
    assert patch(bob, f"documents/{shared['id']}", user_trustees=[]).status_code == 204
    assert alice.data(f"documents/{shared['id']}")["access"] == "full_access"


@both
def test_a_name_that_is_given_again_gives_no_rights(server: ServerProcess) -> None:
    with Worker(server, add_person(server, "CARL")) as carl, Worker(server) as work:
        space = carl.workspace("Of the first Carl")
        folder = carl.folder(space, "Folder")
        paper = carl.upload(folder, "Paper")["id"]
        secret = carl.upload(folder, "Secret", default_security="private")["id"]
        trash = carl.upload(folder, "In the trash")["id"]
        carl.request("DELETE", f"documents/{trash}").raise_for_status()
        with Sender(server) as admin:
            admin.delete("/users/CARL")
    with Worker(server, add_person(server, "CARL")) as again, Worker(server) as work:
        for path in (f"workspaces/{space}", f"folders/{folder}", f"documents/{paper}"):
            denied(patch(again, path, default_security="private"))
            assert again.data(f"{path}/operations")["set_security"] is False
        denied(again.request("DELETE", f"workspaces/{space}"))
        denied(again.request("DELETE", f"trash-bin/documents/{trash}"))
        error(again.request("GET", f"documents/{secret}"), 404, "NRC_NO_RECORD")
        assert work.data(f"documents/{paper}")["access"] == "read_write"
        assert again.data(f"folders/{folder}")["owner"] == "CARL"
    check_kept(server)


@both
def test_a_check_out_ends_with_the_person(server: ServerProcess) -> None:
    with Worker(server, add_person(server, "DORA")) as dora, Worker(server) as work:
        space = work.workspace("W")
        paper = work.upload(space, "Held")["id"]
        dora.request("POST", f"documents/{paper}/lock").raise_for_status()
        error(patch(work, f"documents/{paper}", name="x"), 409, "NRC_CHECKED_OUT")
        with Sender(server) as admin:
            admin.delete("/users/DORA")
        assert "in_use_by" not in work.data(f"documents/{paper}")
        assert work.history(paper)[0] == "RELEASE"
        assert patch(work, f"documents/{paper}", name="Free").status_code == 200


@both
def test_a_check_out_is_not_of_who_has_the_name(server: ServerProcess) -> None:
    """S28: one that was left behind, as in a database of before, isn't that of the next person of that name."""
    with Worker(server, add_person(server, "EDDA")) as edda, Worker(server) as work:
        paper = work.upload(work.workspace("W"), "Held")
        edda.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
        (before,) = look(server, "SELECT id FROM users WHERE name = 'EDDA'")[0]
        with Sender(server) as admin:
            admin.delete("/users/EDDA")
    held = "UPDATE versions SET checked_out_id = ?, checked_out_by = ?, checked_out_at = ? WHERE number = ?"
    tamper(server, (held, before, "EDDA", 1, paper["document_number"]))
    with Worker(server, add_person(server, "EDDA")) as again:
        error(patch(again, f"documents/{paper['id']}", name="x"), 409, "NRC_CHECKED_OUT")
        error(again.request("DELETE", f"documents/{paper['id']}/lock"), 409, "NRC_CHECKED_OUT")
    tamper(server, (held, None, None, None, paper["document_number"]))


@both
def test_an_owner_is_written_once(server: ServerProcess, alice: Worker, bob: Worker, matter: str) -> None:
    """No mistake in our own code can make it another user's: the database itself refuses."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from tui.server.installation.installation import open_context

    paper = alice.upload(matter, "Once")
    number = paper["document_number"]
    other = look(server, "SELECT id FROM users WHERE name = 'BOB'")[0][0]

    async def write(table: str, number: int) -> None:
        context = await open_context(server.settings)
        try:
            async with context.database.write() as connection:
                query = f"UPDATE {table} SET owner_id = :id WHERE number = :n"
                await connection.execute(text(query), {"id": other, "n": number})
        finally:
            await context.close()

    import asyncio

    for table, of in (("documents", number), ("containers", int(matter.partition("!")[2]))):
        with pytest.raises(DBAPIError, match="once"):
            asyncio.run(write(table, of))


# ---------------------------------------------------------------- moving and restoring


@pytest.fixture
def own(bob: Worker) -> dict[str, str]:
    """Two workspaces of Bob's: a private one and a public one."""
    return {
        "private": bob.workspace("Bob's own", default_security="private"),
        "public": bob.workspace("Bob's open"),
    }


def test_what_is_everyones_is_not_moved_out_of_sight(
    alice: Worker, bob: Worker, matter: str, own: dict[str, str]
) -> None:
    """Otherwise a user with write access could take it into their own workspace and delete it permanently."""
    folder = alice.folder(matter, "Open folder")
    paper = alice.upload(folder, "Open paper")["id"]
    denied(filed(bob, folder, paper, own["private"]))
    denied(moved(bob, folder, own["private"]))
    assert alice.data(f"documents/{paper}")["access"] == "read_write"
    assert alice.data(f"documents/{paper}")["parent_id"] == folder
    # A document with its own security keeps it wherever it is.
    fixed = alice.upload(folder, "Fixed", default_security="public")["id"]
    assert filed(bob, folder, fixed, own["private"]).status_code == 200
    assert alice.data(f"documents/{fixed}")["access"] == "read_write"


def test_what_is_private_is_not_moved_into_the_open(alice: Worker, bob: Worker, own: dict[str, str]) -> None:
    trustee = [{"id": "BOB", "access_level": "read_write"}]
    walled = alice.workspace("Walled", default_security="private", user_trustees=trustee)
    folder = alice.folder(walled, "Folder")
    paper = alice.upload(folder, "Paper")["id"]
    for place in own.values():
        denied(filed(bob, folder, paper, place))
        denied(moved(bob, folder, place))
    assert bob.data(f"documents/{paper}")["parent_id"] == folder
    inner = bob.folder(walled, "Within")
    assert filed(bob, folder, paper, inner).status_code == 200


def test_a_move_that_changes_access_takes_the_right_at_both_ends(alice: Worker, bob: Worker) -> None:
    """The right to set who sees a document doesn't include moving it to where another user decides that."""
    mine = alice.workspace("Mine", default_security="private")
    paper = alice.upload(mine, "Paper")["id"]
    folder = alice.folder(mine, "Folder")
    trustee = [{"id": "ALICE", "access_level": "read_write"}]
    bobs = bob.workspace("Bob's", default_security="private", user_trustees=trustee)
    said = denied(filed(alice, mine, paper, bobs))
    assert "who can see it" in said
    denied(moved(alice, folder, bobs))
    assert patch(bob, f"workspaces/{bobs}", user_trustees=[{"id": "ALICE", "access_level": "full_access"}])
    assert filed(alice, mine, paper, bobs).status_code == 200
    assert moved(alice, folder, bobs).status_code == 200


def test_a_move_gives_no_one_rights(alice: Worker, bob: Worker, matter: str, own: dict[str, str]) -> None:
    """Between two public places access doesn't change at once, but the owner of the new one could restrict it."""
    folder = alice.folder(matter, "Re-filed")
    paper = alice.upload(folder, "Re-filed paper")["id"]
    for place in (own["public"], bob.folder(own["public"], "Below")):
        denied(filed(bob, folder, paper, place))
        denied(moved(bob, folder, place))
    # Bob can file into his own folder in the same matter, but can't restrict that folder any more.
    within = bob.folder(matter, "Bob's folder in Alice's matter")
    assert filed(bob, folder, paper, within).status_code == 200
    for security in ("private", "view", "public"):
        denied(bob.request("PATCH", f"folders/{within}", json={"default_security": security}))
    assert filed(bob, within, paper, folder).status_code == 200
    # Between other users' places filing works as ever, and Bob's own documents are his to move.
    shelf = alice.folder(matter, "Shelf")
    assert filed(bob, folder, paper, shelf).status_code == 200
    assert moved(bob, folder, shelf).status_code == 200
    mine = bob.upload(matter, "Bob's paper")["id"]
    assert filed(bob, matter, mine, own["public"]).status_code == 200
    assert filed(bob, own["public"], mine, own["private"]).status_code == 200
    # The owner of the place it is in could restrict it anyway.
    lent = alice.upload(own["public"], "Lent")["id"]
    assert filed(bob, own["public"], lent, within).status_code == 200


@both
def test_restoring_into_another_place_is_a_move(
    alice: Worker, bob: Worker, matter: str, own: dict[str, str]
) -> None:
    paper = alice.upload(matter, "Back")["id"]
    alice.request("DELETE", f"documents/{paper}").raise_for_status()
    path = f"trash-bin/documents/{paper}/restore"
    for place in own.values():
        denied(bob.request("POST", path, json={"folder_ids": [place]}))
    error(alice.request("GET", f"documents/{paper}"), 404, "NRC_NO_RECORD")
    assert bob.request("POST", path).status_code == 200
    assert alice.data(f"documents/{paper}")["parent_id"] == matter


# ---------------------------------------------------------------- what is revealed


@both
def test_classes_are_those_of_what_one_sees(alice: Worker, bob: Worker, matter: str) -> None:
    def classes(worker: Worker) -> set[str]:
        return {kind["id"] for kind in worker.items("classes")}

    secret = alice.upload(matter, "Hidden", default_security="private", **kind("PROJECT_FALCON"))["id"]
    assert "PROJECT_FALCON" in classes(alice)
    assert "PROJECT_FALCON" not in classes(bob)
    error(bob.request("GET", "classes/PROJECT_FALCON/subclasses"), 404, "NRC_NO_RECORD")
    shown = alice.upload(matter, "Shown", **kind("PROJECT_HERON"))["id"]
    assert {"PROJECT_HERON"} == classes(bob) & {"PROJECT_FALCON", "PROJECT_HERON"}
    assert patch(alice, f"documents/{shown}", default_security="private").status_code == 200
    assert "PROJECT_HERON" not in classes(bob)
    trustee = [{"id": "BOB", "access_level": "read"}]
    assert patch(alice, f"documents/{secret}", user_trustees=trustee).status_code == 200
    assert "PROJECT_FALCON" in classes(bob)
    walled = alice.workspace("Walled", default_security="view")
    alice.upload(walled, "In view", **kind("PROJECT_EGRET"))
    assert "PROJECT_EGRET" in classes(bob)
    assert patch(alice, f"workspaces/{walled}", default_security="private").status_code == 200
    assert "PROJECT_EGRET" not in classes(bob)
