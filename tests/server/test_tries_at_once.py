"""Passwords that are tried at the same moment, and hashed as slowly as in production (S15, S18)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.effort import Effort
from tests.support.servers.serve import COMPARED
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import act, events, names_of, path_of, press, volley
from tests.support.users.share import BASE, Sender, at_once, database, until

PASSWORDS = "dear"
RIGHT = "Blue-Heron-42"
WRONG = "password123"


@pytest.fixture
def fresh_server(restored_server: ServerProcess) -> ServerProcess:
    """As it was before the first test."""
    return restored_server


@pytest.fixture
def guarded(fresh_server: ServerProcess) -> dict[str, Any]:
    """The server's clock stands, so that no wait is over only because the machine is busy."""
    fresh_server.stop_clock(datetime.now(UTC))
    return publish(fresh_server, b"content", "guarded.pdf", password=RIGHT)


def login(server: ServerProcess, user: str, password: str) -> httpx.Response:
    with server.guest() as guest:
        return guest.post(f"{BASE}/login", json={"user": user, "password": password})


def test_many_at_once_get_no_more_tries(fresh_server: ServerProcess, guarded: dict[str, Any]) -> None:
    """Of tries that arrive together, no more are checked than if they came in turn; over two processes too."""
    body = f"password={WRONG}".encode()
    with ServerProcess(fresh_server.data) as second:
        answers = volley([fresh_server, second], path_of(guarded), 16, body)
    assert sorted(a.status for a in answers) == [403] * 5 + [429] * 11
    assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status == 429)
    rows = names_of(events(fresh_server, guarded["id"]))
    assert rows.count("wrong password") == 6


def test_many_of_one_press_at_once(fresh_server: ServerProcess, guarded: dict[str, Any]) -> None:
    body = f"press={'a' * 32}&password={WRONG}".encode()
    with ServerProcess(fresh_server.data) as second:
        answers = volley([fresh_server, second], path_of(guarded), 8, body)
    assert {answer.status for answer in answers} <= {403, 429}
    assert names_of(events(fresh_server, guarded["id"])) == ["wrong password"]


def test_while_others_try(fresh_server: ServerProcess, guarded: dict[str, Any]) -> None:
    """Over two processes: each try is answered, and so is each unlock."""
    with ServerProcess(fresh_server.data) as second, Sender(second) as me:

        def one(number: int) -> set[int]:
            if number % 2:
                return {me.request("POST", f"/documents/{guarded['id']}/unlock").status_code}
            return {a.status for a in volley([fresh_server, second], path_of(guarded), 4, b"password=wrong")}

        found = set().union(*at_once(8, one))
    assert found <= {200, 403, 429}
    act(fresh_server, guarded, "unlock")
    with fresh_server.guest() as guest:
        assert press(guest, guarded, RIGHT).status_code == 303
    with Sender(fresh_server) as owner:
        assert owner.get(f"/documents/{guarded['id']}/audit/verify")["broken"] is None


def test_tries_at_once(restored: Sender) -> None:
    """S15: tries at the same moment get no more answers than consecutive ones."""
    restored.add_user("EMIL").http.close()
    statuses = [r.status_code for r in at_once(12, lambda n: login(restored.server, "EMIL", f"wrong {n}"))]
    assert statuses.count(401) == 6
    assert statuses.count(429) == 6


def test_what_changes_while_a_password_is_compared(tmp_path: Path) -> None:
    """S15, S18: a link that ends meanwhile is not found, as any other that is dead; and a try against settings that are
    no longer the link's doesn't count."""
    work = tmp_path / "work"
    effort = Effort(work)
    changes = {404: "state = 'unpublished', reason = 'by hand'", 403: "settings = settings + 1"}
    with (
        ServerProcess(tmp_path / "data", arguments=effort.arguments) as server,
        server.guest() as guest,
        ThreadPoolExecutor(1) as pool,
    ):
        for number, (status, change) in enumerate(changes.items(), 1):
            document = publish(server, b"content", f"{status}.pdf", password=RIGHT)
            with database(server) as connection:
                # Until the end of this transaction, no try can be counted.
                connection.execute("BEGIN IMMEDIATE")
                answer = pool.submit(press, guest, document, WRONG)
                until(lambda: work.read_text().count(COMPARED) == number)  # noqa: B023 - called before the next
                connection.execute(f"UPDATE sent_documents SET {change} WHERE id = ?", (document["id"],))
            assert answer.result().status_code == status
            assert "wrong password" not in names_of(events(server, document["id"]))


def test_unknown_names(tmp_path: Path) -> None:
    """S18: an unknown name is answered like a wrong password, after a comparison with a hash as slow to compute."""
    effort = Effort(tmp_path / "work")
    with ServerProcess(tmp_path / "data", arguments=effort.arguments) as server, Sender(server) as me:
        me.add_user("GRETA").http.close()
        answers: list[tuple[int, str]] = []

        def tried(user: str) -> None:
            answer = login(server, user, "wrong")
            answers.append((answer.status_code, answer.text))

        known = effort.compared(lambda: tried("GRETA"))
        assert effort.compared(lambda: tried("NOBODY")) == known
        assert len(known) == 1
        assert answers[0] == answers[1]
        assert answers[0][0] == 401
        for user in ("DJONES", "a\x00b", "*", "x" * 255):
            assert login(server, user, "x").status_code == 401
