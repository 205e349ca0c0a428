"""What recipients do, and what their senders see of it afterwards."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
#: The header by which a browser differs from other programs.
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

#: What the audit says about a download after its last byte.
RECEIPTS = ("delivered", "broken off")


def path_of(document: dict[str, Any]) -> str:
    return urlsplit(document["url"]).path


def press(guest: httpx.Client, document: dict[str, Any], password: str | None = None) -> httpx.Response:
    return guest.post(path_of(document), data={"password": password} if password is not None else None)


def guess(server: ServerProcess, guest: httpx.Client, document: dict[str, Any], times: int) -> None:
    """Tries this many wrong passwords, each as soon as it will be checked."""
    clock = 0.0
    for _ in range(times):
        while (answer := press(guest, document, "wrong")).status_code == 429:
            clock += int(answer.headers["retry-after"]) + 0.5
            server.turn_clock(clock)
        assert answer.status_code == 403


def take(guest: httpx.Client, document: dict[str, Any], password: str | None = None) -> str:
    """Counts a download and returns the address of its grant."""
    answer = press(guest, document, password)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def press_of(page: httpx.Response) -> str:
    """The id for a press of the button that a page carries."""
    (ident,) = re.findall(r'<input type="hidden" name="press" value="([^"]*)"', page.text)
    return str(ident)


def from_network(server: ServerProcess, number: int) -> httpx.Client:
    """A client with an address of its own: all of 127.0.0.0/8 is this machine."""
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{number}")
    return httpx.Client(base_url=server.url, transport=transport, timeout=30)


def seen(server: ServerProcess, document: dict[str, Any]) -> dict[str, Any]:
    """The document as its sender sees it now."""
    with server.client() as client:
        answer: dict[str, Any] = client.get(f"/share/v1/documents/{document['id']}").raise_for_status().json()
        return answer


def act(server: ServerProcess, document: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    with server.client() as client:
        place = f"/share/v1/documents/{document['id']}"
        if what == "delete":
            answer = client.delete(place)
        elif what == "restore":
            answer = client.post(f"/share/v1/trash/{document['id']}/restore")
        else:
            answer = client.post(f"{place}/{what}", json=body if what == "resend" else None)
        described: dict[str, Any] = answer.raise_for_status().json()
        return described


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def volley(
    servers: list[ServerProcess], path: str, count: int, body: bytes | list[bytes] = b"go=1"
) -> list[Answer]:
    """Sends ``count`` POSTs at the same moment: each up to its last byte, then all the last bytes.

    ``body`` is for all of them, or a list with one for each.
    """
    bodies = [body] * count if isinstance(body, bytes) else body
    with ExitStack() as stack:
        sockets = []
        for number, own in enumerate(bodies):
            place = urlsplit(servers[number % len(servers)].url)
            sock = stack.enter_context(
                closing(socket.create_connection((place.hostname, place.port), timeout=60))
            )
            head = (
                f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: {FORM['Content-Type']}\r\n"
                f"Content-Length: {len(own)}\r\n\r\n"
            )
            sock.sendall(head.encode() + own[:-1])
            sockets.append(sock)
        for sock, own in zip(sockets, bodies, strict=True):
            sock.sendall(own[-1:])
        return [_answer(sock) for sock in sockets]


def _answer(sock: socket.socket) -> Answer:
    response = http.client.HTTPResponse(sock)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def events(server: ServerProcess, document_id: str) -> list[dict[str, Any]]:
    """The rows of the audit about a document, oldest first, as the database keeps them."""
    if server.process.poll() is None:
        # An opening is recorded after its response. Whoever asks for the audit waits for it, even for that of no one.
        with server.client() as client:
            client.get(f"/share/v1/documents/{'0' * 32}/audit")
    names = ("at", "event", "actor", "address", "agent", "details")
    rows = look(
        server,
        f"SELECT {', '.join(names)} FROM audit WHERE subject = ? ORDER BY sequence",
        f"document:{document_id}",
    )
    return [
        {
            **row,
            "at": datetime.fromtimestamp(row["at"] / 1_000_000, UTC),
            "details": json.loads(row["details"]),
        }
        for row in (dict(zip(names, values, strict=True)) for values in rows)
    ]


def names_of(rows: list[dict[str, Any]]) -> list[str]:
    """The events of ``rows`` in their order, without those of sending and the receipts (:func:`receipts`)."""
    return [
        row["event"] for row in rows if row["event"] not in ("sent", "published", "delivered", "broken off")
    ]


def receipts(server: ServerProcess, document: dict[str, Any], count: int = 1) -> list[tuple[str, int | None]]:
    """What became of the downloads of a document, as soon as there are ``count`` rows about it: they are written after
    the last byte."""
    deadline = time.monotonic() + 20
    while True:
        rows = [row for row in events(server, document["id"]) if row["event"] in RECEIPTS]
        if len(rows) >= count or time.monotonic() > deadline:
            return [(row["event"], row["details"].get("percent")) for row in rows]
        time.sleep(0.02)
