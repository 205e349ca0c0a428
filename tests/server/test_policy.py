"""The administrator's policy: set by an administrator, enforced by the server for every client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender, at_once, later, problem
from tui.rules import policy_breaches
from tui.rules.common_passwords import common_passwords
from tui.rules.link_settings import LinkSettings
from tui.rules.policy import KEYS, Policy
from tui.server.share.link_settings import check


@pytest.fixture
def me(server: ServerProcess) -> Iterator[Sender]:
    """An administrator, with no policy set."""
    with Sender(server) as sender:
        assert sender.request("PATCH", "/policy", json=dict.fromkeys(KEYS)).status_code == 200
        yield sender


def set_policy(me: Sender, **values: Any) -> dict[str, Any]:
    response = me.request("PATCH", "/policy", json=values)
    assert response.status_code == 200, response.text
    policy: dict[str, Any] = response.json()
    return policy


def refused(me: Sender, code: str, **settings: Any) -> dict[str, Any]:
    """The refusal of a send with those settings."""
    response = me.request("POST", "/sends", json={"folder": me.folder, **settings})
    return problem(response, 422, f"policy.{code}")


# ---------------------------------------------------------------- setting it


def test_the_common_passwords_are_not_loaded_without_a_password() -> None:
    common_passwords.cache_clear()
    check(LinkSettings(password=None), Policy(), datetime.now(UTC))
    assert not common_passwords.cache_info().currsize
    check(LinkSettings(password="Blue-Heron-48"), Policy(), datetime.now(UTC))
    assert common_passwords.cache_info().currsize


def test_all_keys_are_shown(me: Sender) -> None:
    """P1: one flat object of all keys, null where unset."""
    assert me.get("/policy") == dict.fromkeys(KEYS)


@few(6)
@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("password_required", True, True),
        ("password_required", "true", True),
        ("password_min_length", 12, 12),
        ("password_min_length", "12", 12),
        ("password_classes", 3, 3),
        ("expires_required", False, False),
        ("expires_default", "7d", "7d"),
        ("expires_max", "2w", "2w"),
        ("downloads_required", "false", False),
        ("downloads_default", 5, 5),
        ("downloads_max", "10", 10),
        ("folder_name", "Deal Room", "Deal Room"),
        ("grant_seconds", 600, 600),
        ("password_refused", ["Firm2026", "Halyard1"], ["Firm2026", "Halyard1"]),
        ("password_refused", "Firm2026\nHalyard1\n", ["Firm2026", "Halyard1"]),
        ("presets", ["client: expires=7d"], ["client: expires=7d"]),
        ("presets", "a: expires=7d\n\nb: password=yes", ["a: expires=7d", "b: password=yes"]),
    ],
)
def test_each_key(me: Sender, key: str, given: Any, kept: Any) -> None:
    """P1: each is set as typed or in its own type, leaves the others alone (S19), and is unset by an empty text."""
    others = {"downloads_max": 500} if key != "downloads_max" else {"expires_max": "4w"}
    set_policy(me, **others)
    expected = {**dict.fromkeys(KEYS), **others, key: kept}
    assert set_policy(me, **{key: given}) == expected == me.get("/policy")
    assert set_policy(me, **{key: ""}) == {**expected, key: None}


WRONG: list[tuple[Any, str]] = [
    ({"password_required": "yes"}, "policy.value"),
    ({"password_classes": 5}, "policy.value"),
    ({"password_min_length": True}, "policy.value"),
    ({"password_min_length": 0}, "policy.value"),
    ({"expires_max": "soon"}, "policy.value"),
    ({"expires_max": "0d"}, "policy.value"),
    ({"downloads_max": "1.5"}, "policy.value"),
    ({"downloads_max": ["5"]}, "policy.value"),
    ({"grant_seconds": 1}, "policy.value"),
    ({"downloads_max": 5, "downloads_default": 6}, "policy.value"),
    ({"expires_max": "1d", "expires_default": "2d"}, "policy.value"),
    ({"folder_name": "a/b"}, "name.forbidden_character"),
    ({"no_such_key": "x"}, "policy.unknown_key"),
    ({"presets": ["--x: expires=7d"]}, "preset.form"),
    ({"presets": ["a: expires=7d", "A: expires=7d"]}, "preset.form"),
    ({"presets": [f"p{number}: expires=7d" for number in range(10_000)]}, "preset.form"),
    ({"presets": ["a: expiry=7d"]}, "preset.unknown_key"),
    ({"presets": ["a: password=hunter2"]}, "preset.value"),
    ({"presets": ["a: downloads=8"]}, "policy.downloads_too_many"),
    ({"presets": ["a: expires=2020-01-01"]}, "expires.past"),
    ({"downloads_max": 1.5}, "request.invalid"),
    ({"password_refused": [1]}, "request.invalid"),
    ({"downloads_max": -1}, "request.invalid"),
    ([], "request.invalid"),
]


def test_wrong_values(me: Sender) -> None:
    """P1: a wrong value is refused as a whole and changes nothing."""
    before = set_policy(me, downloads_max=7)
    for values, code in WRONG:
        problem(me.request("PATCH", "/policy", json=values), 422, code)
        assert me.get("/policy") == before, values


def test_for_administrators(me: Sender) -> None:
    """P1, P2: every user can read it, since it is checked while they type; only an administrator can set it."""
    set_policy(me, downloads_max=3)
    with me.add_user("READER") as reader:
        assert reader.get("/policy")["downloads_max"] == 3
        problem(reader.request("PATCH", "/policy", json={"downloads_max": ""}), 403, "admin.only")
    with me.server.guest() as guest:
        problem(guest.patch("/share/v1/policy", json={}), 401, "token.invalid")
    assert me.get("/policy")["downloads_max"] == 3


def test_changes_at_once(me: Sender) -> None:
    """P1: keys that are set at the same moment are all set."""
    keys = {"downloads_max": 9, "password_classes": 2, "grant_seconds": 120, "folder_name": "Deals"}
    at_once(4, lambda n: set_policy(me, **dict([list(keys.items())[n]])))
    assert {key: value for key, value in me.get("/policy").items() if value is not None} == keys


# ---------------------------------------------------------------- checking sends against it


def test_passwords(me: Sender) -> None:
    """P1, P2: required, minimum length, kinds of characters, refused ones."""
    set_policy(me, password_required=True, password_min_length=8, password_classes=3)
    refused(me, "password_required")
    refused(me, "password_required", password=None)
    assert "at least 8" in refused(me, "password_too_short", password="Aa1-")["detail"]
    refused(me, "password_too_plain", password="lowercase8")
    set_policy(me, password_refused=["Blue-Heron-1"])
    body = refused(me, "password_refused", password="blue-heron-1")
    assert body["field"] == "password"
    me.open(password="Blue-Heron-2")


@few(2)
@pytest.mark.parametrize("password", ["123456", "PASSWORD", "iloveyou", "qwerty123"])
def test_common_passwords(me: Sender, password: str) -> None:
    """P1: the shipped list always applies."""
    refused(me, "password_refused", password=password)


def test_expiry(me: Sender) -> None:
    """P1, P2: required, default, maximum, with a minute of grace."""
    set_policy(me, expires_required=True, expires_max="7d")
    assert refused(me, "expires_required")["field"] == "expires"
    refused(me, "expires_required", expires_at=None)
    refused(me, "expires_too_far", expires_at=later(days=9))
    me.open(expires_at=later(days=7, seconds=30))
    set_policy(me, expires_default="2d")
    moment = datetime.fromisoformat(me.open()["expires_at"])
    assert abs(moment - datetime.now(UTC) - timedelta(days=2)) < timedelta(minutes=1)
    refused(me, "expires_required", expires_at=None)


@pytest.mark.parametrize("offset", [0, 840, -720, 330])
def test_the_last_permitted_day(me: Sender, offset: int) -> None:
    """P1: a date that falls on the last permitted day in the user's time zone is accepted."""
    set_policy(me, expires_max="7d")
    local = datetime.now(UTC) + timedelta(minutes=offset, days=7)
    end = local.replace(hour=23, minute=59, second=59) - timedelta(minutes=offset)
    me.open(expires_at=end.isoformat(), zone_offset=offset)
    refused(me, "expires_too_far", expires_at=(end + timedelta(minutes=2)).isoformat(), zone_offset=offset)


def test_an_offset_that_is_nowhere(me: Sender, restored_server: ServerProcess) -> None:
    """P2: a client gains nothing from an offset from UTC that exists nowhere."""
    now = datetime.now(UTC)
    morning = (now + timedelta(days=1)).replace(hour=6, minute=0)
    restored_server.turn_clock((morning - now).total_seconds())
    set_policy(me, expires_max="1d")
    # At six in the morning it is still the day before, twelve hours west of Greenwich.
    end = morning.replace(hour=23, minute=59) + timedelta(hours=12)
    me.open(expires_at=end.isoformat(), zone_offset=-1440)
    late = (end + timedelta(minutes=2)).isoformat()
    refused(me, "expires_too_far", expires_at=late, zone_offset=-1440)
    response = me.request("POST", "/sends", json={"folder": me.folder, "zone_offset": 1441})
    problem(response, 422, "request.invalid")


def test_downloads(me: Sender) -> None:
    """P1, P2: required, default, maximum; `null` means none in spite of a default."""
    set_policy(me, downloads_default=5, downloads_max=10)
    assert me.open()["downloads_permitted"] == 5
    assert me.open(downloads_permitted=None)["downloads_permitted"] is None
    assert refused(me, "downloads_too_many", downloads_permitted=11)["field"] == "downloads"
    set_policy(me, downloads_required=True, downloads_default="")
    refused(me, "downloads_required")
    refused(me, "downloads_required", downloads_permitted=None)
    assert me.open(downloads_permitted=10)["downloads_permitted"] == 10


def test_sending_again_is_held_against_todays_policy(me: Sender) -> None:
    """P2, F8: a kept password only has to exist, a kept expiry and limit are checked; defaults don't apply."""
    document = me.send(password="short", downloads_permitted=50, expires_at=later(days=20))
    bare = me.send("bare.txt")

    def again(ident: dict[str, Any], **body: Any) -> Any:
        return me.request("POST", f"/documents/{ident['id']}/resend", json=body)

    set_policy(me, password_min_length=12)
    assert again(document).status_code == 200
    problem(again(document, password="Short-1"), 422, "policy.password_too_short")
    set_policy(me, password_required=True)
    problem(again(document, password=None), 422, "policy.password_required")
    problem(again(bare), 422, "policy.password_required")
    set_policy(me, password_required="", downloads_max=20, downloads_default=10)
    problem(again(document), 422, "policy.downloads_too_many")
    assert again(document, downloads_permitted=20).status_code == 200
    assert again(bare).json()["downloads_permitted"] is None
    set_policy(me, expires_max="10d", expires_default="5d")
    problem(again(document), 422, "policy.expires_too_far")
    assert again(document, expires_at=later(days=9)).status_code == 200
    assert again(bare).json()["expires_at"] is None


def test_a_policy_that_changes_meanwhile(me: Sender) -> None:
    """P2: a user who saw an older policy gets the same message from the server as in the dialog."""
    known = me.get("/policy")
    assert known["downloads_max"] is None
    set_policy(me, downloads_max=3)
    detail = refused(me, "downloads_too_many", downloads_permitted=4)["detail"]
    breach = policy_breaches.check_downloads(Policy(downloads_max=3), 4)
    assert breach is not None
    assert detail == breach.message
    with Sender(me.server) as other:
        other.open(password=PASSWORD, downloads_permitted=3)
