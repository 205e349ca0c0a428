"""Publishes a document through the server's real API, for tests that need a link."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.support.servers.server import ServerProcess
from tui.wire.batch import MEDIA_TYPE, MOST_DOCUMENTS

#: httpx copies all that is left of a piece whenever a part of it has been sent.
_PIECE = 256 * 1024
#: Such documents are published with one request, as clients do; larger ones are uploaded first.
SMALL = 256 * 1024


def in_pieces(content: bytes) -> Iterator[bytes]:
    """``content`` as the body of a request that needs the header ``Content-Length``, too."""
    view = memoryview(content)
    return (bytes(view[start : start + _PIECE]) for start in range(0, len(content), _PIECE))


def ensure_folder(client: httpx.Client) -> str:
    """The id of the caller's Secure Sent Links folder, made and confirmed if there is none."""
    current = client.get("/share/v1/folder").raise_for_status().json()
    if current["folder"] is None or not current["confirmed"]:
        made = client.post("/share/v1/folder", json={"generation": current["generation"], "shortcut": False})
        current = made.raise_for_status().json()
        if not current["confirmed"]:
            client.post(
                "/share/v1/folder/confirm",
                json={"folder": current["folder"]["id"], "generation": current["generation"]},
            ).raise_for_status()
    return str(current["folder"]["id"])


def upload(client: httpx.Client, send: str, content: bytes, name: str) -> str:
    """Uploads ``content`` for an open send and returns the upload's id."""
    fields = {"send": send, "filename": name}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in fields.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    created = client.post("/share/v1/uploads", headers=headers).raise_for_status()
    place = urljoin(str(created.url), created.headers["location"])
    client.patch(
        place,
        content=in_pieces(content),
        headers={
            "Content-Length": str(len(content)),
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        },
    ).raise_for_status()
    return place.rstrip("/").rpartition("/")[2]


def publish(
    server: ServerProcess, content: bytes, name: str, *, token: str | None = None, **settings: Any
) -> dict[str, Any]:
    """Publishes a document; returns it as the server describes it, with its ``url`` and ``id``.

    ``settings`` are the fields of a send: ``password``, ``expires_at``, ``downloads_permitted``.
    """
    with server.client(token) as client:
        opening = {"folder": ensure_folder(client), **settings}
        send = client.post("/share/v1/sends", json=opening).raise_for_status().json()
        if len(content) <= SMALL:
            return publish_together(client, send["id"], [name], content)[0]
        document = client.post(
            f"/share/v1/sends/{send['id']}/documents",
            json={
                "upload": upload(client, send["id"], content, name),
                "name": name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "source": {"label": f"file:{name}"},
            },
            headers={"Idempotency-Key": uuid.uuid4().hex},
        )
        described: dict[str, Any] = document.raise_for_status().json()
        return described


def together(names: Sequence[str], content: bytes) -> bytes:
    """The body of a request that publishes a small document with this content under each of the names."""
    each = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    head = [
        {"name": name, "key": uuid.uuid4().hex, "source": {"label": f"file:{name}"}, **each} for name in names
    ]
    return json.dumps({"documents": head}).encode() + b"\n" + content * len(head)


def publish_together(
    client: httpx.Client, send: str, names: Sequence[str], content: bytes
) -> list[dict[str, Any]]:
    """Publishes a small document with this content under each of the names, all with one request; returns the
    documents."""
    answer = client.post(
        f"/share/v1/sends/{send}/batch",
        content=together(names, content),
        headers={"Content-Type": MEDIA_TYPE},
    )
    results = answer.raise_for_status().json()["results"]
    assert all(result.get("document") for result in results), results
    return [result["document"] for result in results]


def publish_all(
    server: ServerProcess, names: Sequence[str], *, content: bytes = b"content", token: str | None = None
) -> None:
    """Publishes documents of these names, all with one send and as many at once as the server takes: for tests that
    only need them to be there."""
    with server.client(token) as client:
        send = (
            client.post("/share/v1/sends", json={"folder": ensure_folder(client)}).raise_for_status().json()
        )
        for start in range(0, len(names), MOST_DOCUMENTS):
            publish_together(client, send["id"], names[start : start + MOST_DOCUMENTS], content)
