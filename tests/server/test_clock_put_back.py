"""The clock is set back a day: no one waits until it has caught up, and nothing that is over comes back to life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from tests.support.checks.intruder import tamper
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, events, names_of, path_of, press, seen
from tests.support.users.share import BASE, PASSWORD, Sender

DAY = 86_400
RIGHT = "Blue-Heron-42"


def sign_in(server: ServerProcess, name: str, password: str) -> httpx.Response:
    with server.guest() as guest:
        return guest.post(f"{BASE}/login", json={"user": name, "password": password})


def test_wrong_passwords_of_a_name_are_forgotten(restored_server: ServerProcess) -> None:
    """An hour is enough."""
    with Sender(restored_server) as admin, admin.add_user("ANNA"):
        for _ in range(9):
            last = sign_in(restored_server, "ANNA", "wrong")
        assert last.status_code == 429
        assert sign_in(restored_server, "ANNA", PASSWORD).status_code == 429
        restored_server.turn_clock(-3_600)
        assert [sign_in(restored_server, "ANNA", "wrong").status_code for _ in range(5)] == [401] * 5
        assert sign_in(restored_server, "ANNA", PASSWORD).status_code == 200


def test_so_are_those_of_a_network_on_all_names(restored_server: ServerProcess) -> None:
    with Sender(restored_server) as admin, admin.add_user("ANNA"):
        for number in range(33):
            sign_in(restored_server, f"NOBODY{number}", "wrong")
        assert sign_in(restored_server, "ANNA", PASSWORD).status_code == 429
        restored_server.turn_clock(-DAY)
        assert sign_in(restored_server, "NOBODY", "wrong").status_code == 401
        assert sign_in(restored_server, "ANNA", PASSWORD).status_code == 200


def test_so_are_those_of_a_link(restored_server: ServerProcess) -> None:
    document = publish(restored_server, b"content", "guarded.pdf", password=RIGHT)
    with restored_server.guest() as guest:
        assert [press(guest, document, "wrong").status_code for _ in range(7)][-1] == 429
        assert press(guest, document, RIGHT).status_code == 429
        restored_server.turn_clock(-DAY)
        assert press(guest, document, RIGHT).status_code == 303


def test_a_lock_of_a_time_to_come_is_none(restored_server: ServerProcess) -> None:
    document = publish(restored_server, b"content", "guarded.pdf", password=RIGHT)
    later = int((datetime.now(UTC) + timedelta(days=1)).timestamp() * 1_000_000)
    tamper(restored_server, ("UPDATE sent_documents SET locked_at = ?", later))
    assert seen(restored_server, document)["locked"] is False
    with restored_server.guest() as guest:
        for _ in range(2):
            assert press(guest, document, "wrong").status_code == 403


def test_what_has_expired_stays_so(restored_server: ServerProcess) -> None:
    with Sender(restored_server) as sender:
        expires = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        document = sender.send(expires_at=expires)
        restored_server.turn_clock(7_200)
        assert seen(restored_server, document)["reason"] == "expired"
        restored_server.turn_clock(-DAY)
        assert seen(restored_server, document)["published"] is False
        with restored_server.guest() as guest:
            assert guest.get(path_of(document)).status_code == 404
        assert sender.get("/audit/verify")["broken"] is None
        names = [row["event"] for row in sender.get(f"/documents/{document['id']}/audit")["events"]]
        assert names == ["expired", "published", "sent"]


def test_openings_are_recorded_again(restored_server: ServerProcess) -> None:
    """Not only once the clock has reached the moment of the last one again."""
    document = publish(restored_server, b"content", "seen.pdf")
    with restored_server.guest() as guest:
        for back in (0, DAY, 2 * DAY):
            restored_server.turn_clock(-back)
            guest.get(path_of(document), headers=HTML).raise_for_status()
    assert names_of(events(restored_server, document["id"])).count("viewed") == 3


def test_so_are_refused_sign_ins(restored_server: ServerProcess) -> None:
    with Sender(restored_server) as admin, admin.add_user("ANNA") as anna:
        for back in (0, DAY):
            restored_server.turn_clock(-back)
            assert [sign_in(restored_server, "ANNA", "wrong").status_code for _ in range(3)] == [401] * 3
        rows = [row for row in anna.get("/audit/account")["events"] if row["event"] == "sign-in refused"]
    # The first three are summed up, since their hour counts as over.
    assert [row["details"]["tries"] for row in reversed(rows)] == [1, 3, 1]


def test_so_is_the_use_of_a_sign_in(restored_server: ServerProcess) -> None:
    with Sender(restored_server) as admin, admin.add_user("ANNA") as anna:
        anna.get("/me")
        restored_server.turn_clock(-DAY)
        anna.get("/me")
        (used_at,) = {session["used_at"] for session in anna.get("/sessions")["sessions"]}
    assert datetime.fromisoformat(used_at) < datetime.now(UTC) - timedelta(hours=23)
