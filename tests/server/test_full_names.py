"""Users' full names: on recipients' pages, in lists, in the library's search and the audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.derived_data import check_kept
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of
from tests.support.users.share import PASSWORD, Sender, problem


def called(server: ServerProcess, document: dict[str, Any]) -> str:
    """The sender's name as a recipient sees it."""
    with server.guest() as guest:
        lines = guest.get(path_of(document)).text.splitlines()
    (line,) = [line for line in lines if line.startswith("Sender: ")]
    return line.removeprefix("Sender: ")


def test_a_full_name_is_what_recipients_see(restored: Sender) -> None:
    """Given when the user is added or later; an empty one removes it, and omitting it changes nothing."""
    added = restored.post(
        "/users", {"name": "carla", "password": PASSWORD, "full_name": "  Carla   Müller-Lüdenscheidt "}, 201
    )
    assert (added["name"], added["full_name"]) == ("CARLA", "Carla Müller-Lüdenscheidt")
    document = publish(restored.server, b"x", "a.pdf", token=restored.sign_in("CARLA")["token"])
    assert called(restored.server, document) == "Carla Müller-Lüdenscheidt"
    for body, full_name in (
        ({"full_name": "Carla M."}, "Carla M."),
        ({}, "Carla M."),
        ({"full_name": "Carla M."}, "Carla M."),
        ({"full_name": " "}, None),
    ):
        changed = restored.request("PATCH", "/users/carla", json=body).raise_for_status().json()
        assert changed["full_name"] == full_name
        assert called(restored.server, document) == (full_name or "CARLA")
        with Sender(restored.server, restored.sign_in("CARLA")["token"]) as carla:
            assert carla.get("/me")["full_name"] == full_name
    renamings = [e for e in restored.get("/audit/installation")["events"] if e["event"] == "person named"]
    assert [e["details"] for e in reversed(renamings)] == [
        {"person": "CARLA", "full_name": "Carla M."},
        {"person": "CARLA", "full_name": None},
    ]
    assert [user["full_name"] for user in restored.get("/users")["users"]] == [None, None]


@pytest.mark.parametrize("full_name", ["a\nb", "a\x1b[2J", "‮moc", "x" * 256, "a\0"])
def test_what_is_no_full_name(me: Sender, full_name: str) -> None:
    body = {"name": "DORA", "password": PASSWORD, "full_name": full_name}
    for answer in (
        me.request("POST", "/users", json=body),
        me.request("PATCH", "/users/DJONES", json={"full_name": full_name}),
    ):
        assert answer.status_code == 422
    assert [user["name"] for user in me.get("/users")["users"] if user["name"] == "DORA"] == []


def test_no_one_else_is_named(me: Sender) -> None:
    problem(me.request("PATCH", "/users/NOBODY", json={"full_name": "X"}), 404, "user.unknown")
    me.post("/users", {"name": "EMIL", "password": PASSWORD}, 201)
    with Sender(me.server, me.sign_in("EMIL")["token"]) as emil:
        assert emil.request("PATCH", "/users/EMIL", json={"full_name": "Emil"}).status_code == 403


def test_documents_are_found_by_the_new_name(tmp_path: Path) -> None:
    """Even if there is more than one batch of them; the index is then as if it were newly written."""
    with ServerProcess(tmp_path / "data", sample=True) as server, Sender(server) as me:

        def found(words: str) -> int:
            path = "/work/api/v2/customers/1/libraries/ACTIVE/documents/search"
            with server.client() as client:
                answer = client.get(path, params={"anywhere": words, "limit": 500}).raise_for_status()
            return len(answer.json()["data"])

        before = found("keller")
        assert before
        me.request("PATCH", "/users/MKELLER", json={"full_name": "Martina Zwetschge"}).raise_for_status()
        assert found("zwetschge") == before
        assert found("martin keller") == 0
        check_kept(server)


def test_the_first_administrator_may_have_one(tmp_path: Path) -> None:
    arguments = ("--full-name", "Dana Jones")
    with ServerProcess(tmp_path / "data", arguments=arguments) as server:
        assert called(server, publish(server, b"x", "a.pdf")) == "Dana Jones"
