"""Changes to people and to the policy are recorded, and shown to those they concern (P3, S33)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.support.servers.databases import both
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import from_network
from tests.support.users.share import BASE, PASSWORD, Sender, problem, until
from tests.support.users.work import Worker
from tui.server.accounts import refused_sign_ins
from tui.server.installation.installation import open_context

NEW = "New-Heron-49"


def login(server: ServerProcess, name: str, password: str, number: int = 1) -> httpx.Response:
    with from_network(server, number) as guest:
        return guest.post(f"{BASE}/login", json={"user": name, "password": password})


def told(sender: Sender, whose: str, *events: str) -> list[dict[str, Any]]:
    """The rows for those events, oldest first."""
    found = list(reversed(sender.get(f"/audit/{whose}")["events"]))
    return [row for row in found if not events or row["event"] in events]


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["event"] for row in rows]


def test_what_an_administrator_does_in_a_users_name_leaves_a_trace(restored: Sender) -> None:
    with restored.add_user("ALICE") as alice:
        document = alice.send(data=b"secret")
    restored.request("PUT", "/users/ALICE/password", json={"password": NEW}).raise_for_status()
    with Sender(restored.server, restored.sign_in("ALICE", NEW)["token"]) as posing:
        assert posing.request("GET", f"/documents/{document['id']}/content").content == b"secret"
    with Sender(restored.server, restored.sign_in("ALICE", NEW)["token"]) as alice:
        rows = told(alice, "account")
        assert names(rows) == ["person added", "signed in", "password set", "signed in", "signed in"]
        assert [row["actor"] for row in rows] == ["DJONES", "ALICE", "DJONES", "ALICE", "ALICE"]
        assert {(row["person"], row["name"], row["address"]) for row in rows} == {
            ("ALICE", "ALICE", "127.0.0.1")
        }
        assert rows[1]["details"] == {"kind": "access token"}
        assert alice.events(f"/documents/{document['id']}/audit")[-1] == "fetched"
        verdict = alice.get("/audit/verify")
        assert (verdict["broken"], verdict["rows"]) == (None, 8)
    rows = told(restored, "installation", "person added", "password set")
    assert [(row["event"], row["actor"], row["details"].get("person")) for row in rows[-2:]] == [
        ("person added", "DJONES", "ALICE"),
        ("password set", "DJONES", "ALICE"),
    ]
    assert PASSWORD not in str(rows)
    assert NEW not in str(rows)


def test_ones_own_password_is_ones_own_matter(restored: Sender) -> None:
    with restored.add_user("BERT") as bert:
        own = {"password": NEW, "present": PASSWORD}
        bert.request("PUT", "/users/BERT/password", json=own).raise_for_status()
        assert [row["actor"] for row in told(bert, "account", "password set")] == ["BERT"]
    assert told(restored, "installation", "password set") == []


def test_who_was_added_and_removed(restored: Sender) -> None:
    """A removed user's chain stays; a later user with the same name doesn't see it."""
    with restored.add_user("CARLA", admin=True) as carla:
        carla.send()
        restored.delete("/users/CARLA")
    rows = told(restored, "installation", "person added", "person removed")
    assert [(row["event"], row["actor"], row["details"]) for row in rows] == [
        ("person added", None, {"person": "DJONES", "admin": True}),
        ("person added", "DJONES", {"person": "CARLA", "admin": True}),
        ("person removed", "DJONES", {"person": "CARLA", "unpublished": 1}),
    ]
    with restored.add_user("CARLA") as carla:
        assert names(told(carla, "account")) == ["person added", "signed in"]
        problem(carla.request("GET", "/audit/installation"), 403, "admin.only")
    kept = look(
        restored.server,
        "SELECT event FROM audit JOIN users ON subject = 'person:' || users.id"
        " WHERE removed_at IS NOT NULL ORDER BY sequence",
    )
    assert [event for (event,) in kept] == ["person added", "signed in", "person removed"]
    assert restored.get("/audit/verify")["broken"] is None


def test_what_became_of_the_policy(restored: Sender) -> None:
    def change(**values: Any) -> None:
        assert restored.request("PATCH", "/policy", json=values).status_code == 200

    change(downloads_max=5, expires_max="30d", password_refused=["Halyard-1", "Halyard-2"])
    change(downloads_max=7, expires_max="30d")
    change(downloads_max=None)
    rows = told(restored, "installation", "policy changed")
    assert [(row["details"]["key"], row["details"]["from"], row["details"]["to"]) for row in rows] == [
        ("expires_max", None, "30d"),
        ("downloads_max", None, 5),
        ("password_refused", None, 2),
        ("downloads_max", 5, 7),
        ("downloads_max", 7, None),
    ]
    assert {(row["actor"], row["document"], row["person"]) for row in rows} == {("DJONES", None, None)}


def test_every_way_to_sign_in(restored: Sender) -> None:
    server = restored.server
    restored.post("/users", {"name": "DORA", "password": PASSWORD}, 201)
    form = {"grant_type": "password", "username": "dora", "client_id": "x"}
    with server.guest() as guest:
        for password in ("wrong", PASSWORD):
            guest.post("/auth/oauth2/token", data={**form, "password": password})
        body = {"user_id": "dora", "password": PASSWORD, "persona": "user", "application_name": "x"}
        assert guest.put("/api/v1/session/login", json=body).status_code == 200
    token = restored.sign_in("DORA")["token"]
    with Sender(server, token) as dora, Worker(server, token):
        rows = told(dora, "account")
    assert [(row["event"], row["details"].get("kind")) for row in rows] == [
        ("person added", None),
        ("sign-in refused", None),
        ("signed in", "work"),
        ("signed in", "work"),
        ("signed in", "access token"),
    ]
    assert rows[1]["actor"] is None


def test_a_strangers_guessing_does_not_fill_the_audit(restored: Sender) -> None:
    """However many networks and names are tried, the rows stay few; an unknown name is never written down."""
    server = restored.server
    with restored.add_user("GRETA") as greta:
        for number in range(1, refused_sign_ins.MOST_NETWORKS + 4):
            assert login(server, "GRETA", "wrong", number).status_code == 401
        rows = told(greta, "account", "sign-in refused")
        assert len(rows) == refused_sign_ins.MOST_NETWORKS + 1
        assert (rows[-1]["address"], rows[-1]["details"]) == (None, {"tries": 1, "networks": "others"})
    for number in range(3):
        assert login(server, f"Nobody-{number}", "wrong").status_code == 401
    rows = told(restored, "installation", "sign-in refused")
    assert [(row["actor"], row["address"], row["details"]) for row in rows] == [
        (None, "127.0.1.1", {"tries": 1})
    ]
    assert "Nobody" not in str(restored.get("/audit/installation"))
    until(lambda: restored.get("/audit/verify")["broken"] is None)


@both
def test_refused_sign_ins_are_one_row_a_network_and_hour(alone: Sender) -> None:
    server, start = alone.server, datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    server.stop_clock(start)
    with alone.add_user("EMIL") as emil:
        for number in (1, 2):
            assert [login(server, "EMIL", "wrong", number).status_code for _ in range(6)] == [401] * 6
        rows = told(emil, "account", "sign-in refused")
        assert [(row["address"], row["details"]) for row in rows] == [
            ("127.0.1.1", {"tries": 1}),
            ("127.0.1.2", {"tries": 1}),
        ]
        server.stop_clock(start + timedelta(minutes=61))
        assert login(server, "EMIL", "wrong", 1).status_code == 401
        rows = told(emil, "account", "sign-in refused")
        assert [(row["address"], row["details"]) for row in rows[2:]] == [
            ("127.0.1.1", {"tries": 6, "since": start.isoformat()}),
            ("127.0.1.1", {"tries": 1}),
        ]
        assert emil.get("/audit/verify")["broken"] is None


@both
async def test_the_number_is_recorded_when_the_hour_is_over(alone: Sender) -> None:
    """The number of tries is recorded when the hour is over, even if no further sign-in is attempted."""
    server = alone.server
    with alone.add_user("FINN") as finn:
        for _ in range(3):
            login(server, "FINN", "wrong")
        context = await open_context(server.settings, lambda: datetime.now(UTC) + timedelta(minutes=61))
        try:
            await refused_sign_ins.close_hours(context)
            await refused_sign_ins.close_hours(context)
        finally:
            await context.close()
        rows = told(finn, "account", "sign-in refused")
        assert [row["details"]["tries"] for row in rows] == [1, 3]
    assert look(server, "SELECT count(*) FROM refused_sign_ins") == [(0,)]
