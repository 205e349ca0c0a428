"""A user of Share over HTTP, for tests: signs in, sends documents, fetches through links."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from tests.support.servers.rows import Telling
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import SMALL, publish_together

BASE = "/share/v1"
TUS = {"Tus-Resumable": "1.0.0"}
CONTENT = {**TUS, "Content-Type": "application/offset+octet-stream"}
PASSWORD = "Blue-Heron-48"
#: An id that nothing has.
NOBODY = "0" * 32


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of an error, after checking it closely."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


class Sender:
    """One user's client. ``folder`` is the id of their current folder, made if there is none."""

    def __init__(self, server: ServerProcess, token: str | None = None) -> None:
        self.server = server
        self.http = server.client(token)

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.http.request(method, BASE + path, **more)

    def get(self, path: str, **params: Any) -> Any:
        response = self.request("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.request("POST", path, json=body, headers=named)
        assert response.status_code == status, response.text
        return response.json()

    def delete(self, path: str) -> Any:
        response = self.request("DELETE", path)
        assert response.status_code == 200, response.text
        return response.json()

    # ------------------------------------------------------------ folder and sending

    def ensure(self, *, shortcut: bool | None = None, zone_offset: int = 0) -> dict[str, Any]:
        """Follows the folder rules as a client does: without a shortcut at first, with one later."""
        known = self.get("/folder")
        seen = known["confirmed"] if shortcut is None else shortcut
        body = {"generation": known["generation"], "shortcut": seen, "zone_offset": zone_offset}
        answer: dict[str, Any] = self.post("/folder", body)
        if not answer["confirmed"]:
            confirm = {"folder": answer["folder"]["id"], "generation": answer["generation"]}
            answer = self.post("/folder/confirm", confirm)
        return answer

    @property
    def folder(self) -> str:
        known = self.get("/folder")
        if known["folder"] is None or not known["confirmed"]:
            known = self.ensure()
        return str(known["folder"]["id"])

    def open(self, folder: str | None = None, **settings: Any) -> dict[str, Any]:
        sent: dict[str, Any] = self.post("/sends", {"folder": folder or self.folder, **settings}, 201)
        return sent

    def create(
        self, send_id: str, size: int, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> httpx.Response:
        fields = {**TUS, "Upload-Length": str(size), "Upload-Metadata": f"send {b64(send_id)}"}
        if content is not None:
            fields["Content-Type"] = CONTENT["Content-Type"]
        return self.request("POST", "/uploads", headers={**fields, **(headers or {})}, content=content)

    def begin(self, send_id: str, size: int) -> str:
        """The address of a new, empty upload."""
        response = self.create(send_id, size)
        assert response.status_code == 201, response.text
        return urlsplit(urljoin(str(response.url), response.headers["location"])).path

    def patch(
        self, location: str, offset: int, data: Any, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        fields = {**CONTENT, "Upload-Offset": str(offset), **(headers or {})}
        return self.http.patch(location, headers=fields, content=data)

    def offset(self, location: str) -> int:
        response = self.http.head(location, headers=TUS)
        assert response.status_code == 200
        return int(response.headers["upload-offset"])

    def upload(self, send_id: str, data: bytes) -> str:
        """The id of a complete upload."""
        response = self.create(send_id, len(data), content=data)
        assert response.status_code == 201, response.text
        return response.headers["location"].rpartition("/")[2]

    def publish(
        self,
        send_id: str,
        upload: str,
        name: str,
        data: bytes,
        *,
        key: str | None = None,
        source: str = "file:x",
    ) -> httpx.Response:
        body = {
            "upload": upload,
            "name": name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "source": {"label": source},
        }
        headers = {"Idempotency-Key": key} if key else {}
        return self.request("POST", f"/sends/{send_id}/documents", json=body, headers=headers)

    def publish_together(
        self, send_id: str, names: Sequence[str], data: bytes = b"x"
    ) -> list[dict[str, Any]]:
        """Publishes a small document under each of the names, all with one request; returns the documents."""
        return publish_together(self.http, send_id, names, data)

    def send(self, name: str = "Offer.pdf", data: bytes = b"content", **settings: Any) -> dict[str, Any]:
        """Sends one document and returns it."""
        sent = self.open(**settings)
        if len(data) <= SMALL:
            return self.publish_together(sent["id"], [name], data)[0]
        response = self.publish(sent["id"], self.upload(sent["id"], data), name, data)
        assert response.status_code == 201, response.text
        document: dict[str, Any] = response.json()
        return document

    def resend(self, document: dict[str, Any], **settings: Any) -> Any:
        return self.post(f"/documents/{document['id']}/resend", settings)

    def document(self, ident: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/documents/{ident}")
        return found

    def events(self, path: str) -> list[str]:
        """The names of the events at an address of the audit, oldest first."""
        return [event["event"] for event in reversed(self.get(path)["events"])]

    # ------------------------------------------------------------ people

    def add_user(self, name: str, *, admin: bool = False) -> Sender:
        """A new user, signed in."""
        self.post("/users", {"name": name, "password": PASSWORD, "admin": admin}, 201)
        return Sender(self.server, self.sign_in(name)["token"])

    def sign_in(self, name: str, password: str = PASSWORD) -> dict[str, Any]:
        with self.server.guest() as guest:
            response = guest.post(f"{BASE}/login", json={"user": name, "password": password})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


def fetch(server: ServerProcess, url: str, password: str | None = None) -> bytes | None:
    """What a recipient gets through a link; ``None`` if it is *Not Found*."""
    with server.guest() as guest:
        form = {} if password is None else {"password": password}
        response = guest.post(url, data=form)
        if response.status_code == 404:
            return None
        assert response.status_code == 303, response.text
        grant = guest.get(response.headers["location"])
        assert grant.status_code == 200
        return grant.content


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """The results of ``work(0)`` … ``work(count - 1)``, started at the same moment."""
    barrier = threading.Barrier(count)

    def begin(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def later(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Waits for what another process is about to do."""
    end, pause = time.monotonic() + seconds, 0.01
    while not true():
        assert time.monotonic() < end, "it did not come true"
        # Asking takes the time of what is waited for.
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def stored(server: ServerProcess) -> list[Path]:
    return [path for path in (server.data / "blobs").rglob("*") if path.is_file()]


@contextmanager
def database(server: ServerProcess) -> Iterator[sqlite3.Connection | Telling]:
    """The server's own database, to read and to tamper with."""
    if server.database_url is not None:
        yield Telling(server.database_url)
        return
    connection = sqlite3.connect(server.data / "sentlinks.db")
    try:
        with connection:
            yield connection
    finally:
        connection.close()
