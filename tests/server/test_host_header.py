"""No answer repeats the ``Host`` that its request has, which anyone can choose (S46)."""

from __future__ import annotations

import pytest

from tests.support.checks.long import telling
from tests.support.checks.routes import every_route
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, path_of, take
from tests.support.users.work import Worker

EVIL = "evil.example"
#: With the header of proxies, which no one trusted has set.
HEADERS = {"Host": f"{EVIL}:8443", "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"}


def repeats(server: ServerProcess, method: str, path: str, token: str, **headers: str) -> bool:
    """Whether an answer has the ``Host`` in it."""
    with (
        server.guest() as client,
        client.stream(method, path, headers={**HEADERS, **headers, "X-Auth-Token": token}) as answer,
    ):
        # Events go on for ever.
        is_endless = answer.headers.get("content-type", "").startswith("text/event-stream")
        body = b"" if is_endless else answer.read()
        return EVIL in str(answer.headers.multi_items()) + body.decode("utf-8", "replace")


@pytest.mark.parametrize("end", telling(["", "/", "//", "?x=1"], "", "/"))
def test_no_route_repeats_it(server: ServerProcess, end: str) -> None:
    """Nor do the addresses next to one, to which a framework may add or take a slash, with the address in full."""
    routes = list(every_route())
    assert len(routes) > 100
    for token in ("", server.token):
        found = [route for route in routes if repeats(server, route[0], route[1] + end, token)]
        assert found == []


def test_pages_and_files_do_not(server: ServerProcess) -> None:
    document = publish(server, b"content", "Offer.pdf")
    guarded = publish(server, b"content", "Offer.pdf", password="Blue-Heron-42")
    with server.guest() as guest:
        file = take(guest, document)
    page = file.rpartition("/")[0]
    for path in (
        path_of(document),
        path_of(guarded),
        page,
        file,
        "/",
        "/logo/",
        "/s",
        "/g/",
        "/work/",
        "/share",
    ):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            assert not repeats(server, method, path, "", **HTML), (method, path)
            assert not repeats(server, method, path, ""), (method, path)


def test_work_names_where_the_request_arrived(server: ServerProcess) -> None:
    """Without a public address, clients are led to the address that they have connected to."""
    with Worker(server) as worker:
        paper = worker.upload(worker.workspace("M"), "Paper")["id"]
    with server.client() as client:
        discovered = client.get("/api", headers=HEADERS).json()["data"]
        profile = client.get(f"/work/api/v2/customers/1/libraries/ACTIVE/documents/{paper}", headers=HEADERS)
    assert discovered["versions"][0]["url"] == f"{server.url}/work/api/v2"
    assert profile.json()["data"]["iwl"].startswith("iwl:dms=127.0.0.1&&")
