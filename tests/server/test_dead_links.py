"""Links and grants that aren't valid, or no longer: one answer for all (L5, S18), and what ends a grant (S21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import FORM, HTML, act, path_of, press, take

CONTENT = b"content of a document" * 100


GUARDED = "Open-sesame-7"


@pytest.fixture
def dead(fresh_server: ServerProcess) -> dict[str, str]:
    return dead_paths(fresh_server)


def dead_paths(fresh_server: ServerProcess) -> dict[str, str]:
    """A path of each kind, for one document with a password and for one without."""
    paths = {"unknown": "/s/" + "0" * 48, "wrong shape": "/s/x%00%F0/../y", "nothing": "/s/"}
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    deleted = []
    for password in (None, GUARDED):
        kinds: dict[str, dict[str, Any]] = {
            "expired": {"expires_at": soon},
            "unpublished": {},
            "deleted": {},
            "purged": {},
            "used up": {"downloads_permitted": 1},
            "old address": {},
        }
        made = {
            name: publish(fresh_server, CONTENT, f"{name}.pdf", password=password, **settings)
            for name, settings in kinds.items()
        }
        act(fresh_server, made["unpublished"], "unpublish")
        act(fresh_server, made["purged"], "delete")
        with fresh_server.client() as client:
            client.post("/share/v1/trash/empty").raise_for_status()
        deleted.append(made["deleted"])
        act(fresh_server, made["old address"], "resend", new_address=True)
        with fresh_server.guest() as guest:
            take(guest, made["used up"], password)
        paths.update({f"{name} {password}": path_of(document) for name, document in made.items()})
    for document in deleted:
        act(fresh_server, document, "delete")
    fresh_server.turn_clock(3600)
    return paths


def test_all_kinds_answer_alike(fresh_server: ServerProcess, dead: dict[str, str]) -> None:
    """L5, S18: the same status, headers and body, for every method; the text is that of L5."""
    with fresh_server.guest() as guest:
        answer_alike(guest, dead)


def answer_alike(guest: httpx.Client, dead: dict[str, str]) -> None:
    def ask(method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        data = {"password": GUARDED} if method == "POST" else None
        answer = guest.request(method, path, data=data, headers=wanted)
        headers = {k: v for k, v in answer.headers.items() if k != "date"}
        return answer.status_code, headers, answer.content

    for method, wanted in (
        ("GET", HTML), ("GET", {}), ("GET", {"Accept-Language": "ja"}), ("HEAD", HTML), ("POST", {}), ("POST", HTML),
    ):  # fmt: skip
        answers = {kind: ask(method, path) for kind, path in dead.items()}
        answers["grant"] = ask(method, "/g/" + "0" * 48)
        status, headers, body = answers["unknown"]
        assert status == 404
        for kind, answer in answers.items():
            assert answer == (status, headers, body), kind
        if method == "GET":
            text = (
                "Could not find the item you are looking for. It may have been deleted, "
                "or you may no longer have access to it."
            )
            assert ("<h1>Not Found</h1>" in body.decode()) == (wanted is HTML)
            assert (text in body.decode()) == ("Accept-Language" not in wanted)
            assert wanted is HTML or body.count(b"\n") == 1
    # Whether a link is live is decided before password, throttle, size and site: never 403, 413, 429 or 200.
    for kind, path in dead.items():
        # With a password, the seventh would have to wait.
        times = 7 if kind.endswith(GUARDED) else 1
        statuses = {guest.post(path, data={"password": "wrong"}).status_code for _ in range(times)}
        assert statuses == {404}, kind
        assert guest.post(path, content=b"x" * 200_000, headers=FORM).status_code == 404
        cross = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        assert guest.post(path, headers=cross).status_code == 404


def test_all_kinds_cost_the_same(tmp_path: Path) -> None:
    """S18: the same statements for all of them, so that timing doesn't tell them apart; a live link takes more."""
    written = tmp_path / "statements"

    def cost(path: str) -> list[str]:
        before = len(_statements(written))
        guest.post(path, data={"password": GUARDED})
        return _statements(written)[before:]

    with (
        ServerProcess(tmp_path / "data", arguments=("--statements", str(written))) as server,
        server.guest() as guest,
    ):
        costs = {kind: cost(path) for kind, path in dead_paths(server).items()}
        living = cost(path_of(publish(server, CONTENT, "living.pdf")))
    for kind, statements in costs.items():
        assert statements == costs["unknown"], kind
    assert len(costs["unknown"]) == 1
    assert len(living) > 1


def _statements(written: Path) -> list[str]:
    """Those about links; the server's own work may run in between."""
    return [line for line in written.read_text().splitlines() if "address_hash" in line]


def test_grants_of_dead_links(restored_server: ServerProcess) -> None:
    """L5, S21: unpublishing by hand, deleting, expiry and new settings end grants at once."""
    soon = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    endings: dict[str, dict[str, Any]] = {
        "unpublish": {},
        "delete": {},
        "resend": {},
        "expiry": {"expires_at": soon},
    }
    with restored_server.guest() as guest:
        unknown = guest.get("/g/" + "1" * 48)
        for ending, settings in endings.items():
            document = publish(restored_server, CONTENT, f"{ending}.bin", **settings)
            grant = take(guest, document)
            assert guest.head(grant).status_code == 200
            if ending == "expiry":
                restored_server.turn_clock(600)
            else:
                act(restored_server, document, ending)
            for answer in (guest.get(grant), guest.get(grant, headers={"Range": "bytes=0-0"})):
                assert (answer.status_code, answer.content) == (404, unknown.content), ending
            assert guest.head(grant).status_code == 404


def test_a_restored_document_revives_no_grant(server: ServerProcess) -> None:
    """F10, S21: nor does its link come back by itself."""
    document = publish(server, CONTENT, "back.bin", downloads_permitted=1)
    with server.guest() as guest:
        grant = take(guest, document)
        assert guest.head(grant).status_code == 200
        act(server, document, "delete")
        assert guest.head(grant).status_code == 404
        act(server, document, "restore")
        assert guest.head(grant).status_code == 404
        assert press(guest, document).status_code == 404


def test_unpublishing_what_is_used_up_ends_its_grants(server: ServerProcess) -> None:
    """F7: unpublishing by hand is meant to stop the remaining downloads as well."""
    document = publish(server, CONTENT, "used.bin", downloads_permitted=1)
    with server.guest() as guest:
        grant = take(guest, document)
        act(server, document, "unpublish")
        assert guest.head(grant).status_code == 404
