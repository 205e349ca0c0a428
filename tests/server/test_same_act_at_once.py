"""The same act, asked for several times at the same moment: once done, never *internal error*. With SQLite one
transaction comes after the other, with PostgreSQL they are under way together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender, at_once

DATABASE = "postgres"
TIMES, ROUNDS = 12, 2
_numbers = count()

#: A request of the folder ``F``, the document ``D`` or the person ``P``, with its body.
ACTS: tuple[tuple[str, str, dict[str, object] | None], ...] = (
    ("POST", "/users", {"name": "NEW", "password": PASSWORD}),
    ("POST", "/folders/F/members", {"name": "P"}),
    ("DELETE", "/folders/F/members/P", None),
    ("POST", "/trash/empty", None),
    ("PATCH", "/policy", {"password_required": False}),
    ("POST", "/documents/D/unpublish", None),
    ("POST", "/documents/D/resend", {}),
    ("POST", "/documents/D/unlock", None),
    ("DELETE", "/documents/D", None),
    ("POST", "/trash/D/restore", None),
    ("DELETE", "/users/P", None),
    ("DELETE", "/folders/F", None),
)


@pytest.fixture
def me(server: ServerProcess) -> Iterator[Sender]:
    with Sender(server) as sender:
        yield sender


@pytest.fixture
def person(me: Sender) -> Callable[[], str]:
    """Adds somebody whom nobody has named yet."""

    def add() -> str:
        name = f"PERSON{next(_numbers)}"
        me.post("/users", {"name": name, "password": PASSWORD}, 201)
        return name

    return add


@few(4)
@pytest.mark.parametrize(("method", "path", "body"), ACTS, ids=lambda value: str(value).replace("/", " "))
def test_no_internal_error(
    me: Sender, person: Callable[[], str], method: str, path: str, body: dict[str, object] | None
) -> None:
    for _ in range(ROUNDS):
        document, name = me.send("Offer.pdf", b"content"), person()
        values = {"F": document["folder"]["id"], "D": document["id"], "P": name}
        if "restore" in path or path.startswith("/trash"):
            me.delete(f"/documents/{document['id']}")
        if method == "DELETE" and "members" in path:
            me.post(f"/folders/{values['F']}/members", {"name": name})
        place = "/".join(values.get(part, part) for part in path.split("/"))
        sent = body and {
            key: f"{name}NEW" if value == "NEW" else name if value == "P" else value
            for key, value in body.items()
        }

        def ask(_: int, place: str = place, sent: dict[str, object] | None = sent) -> int:
            return me.request(method, place, json=sent).status_code

        statuses = at_once(TIMES, ask)
        assert all(status < 500 for status in statuses), statuses
        assert any(status < 300 for status in statuses), statuses


def test_one_member_is_added_once(me: Sender, person: Callable[[], str]) -> None:
    folder, name = me.folder, person()
    before = me.events(f"/folders/{folder}/audit").count("member added")
    at_once(TIMES, lambda _: me.request("POST", f"/folders/{folder}/members", json={"name": name}))
    names = [each["name"] for each in me.get(f"/folders/{folder}/members")["members"]]
    assert names.count(name) == 1
    assert me.events(f"/folders/{folder}/audit").count("member added") == before + 1
