"""The first page of documents, requested while Textual is still being imported.

The requests go over a bare socket, and only to show the documents sooner: for anything unusual (https, another form of
response, no documents) the result is ``None``, and the app makes the requests again in its own way.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from .target import Target, is_loopback

#: For everything, not for each of the pieces that a server may send.
_SECONDS = 5
_MOST_HEAD, _MOST = 1 << 16, 1 << 22
#: As many brackets and commas: in memory, a value is larger than in the response.
_MOST_VALUES = 1 << 18
_PAGE = 200


class FirstDocument(NamedTuple):
    """A document as its row shows it."""

    id: str
    file_name: str
    version: int | None
    size: int | None
    checked_out_by: str | None
    author: str | None
    edit_date: datetime | None
    document_class: str | None
    workspace_name: str | None


class FirstPage(NamedTuple):
    """``kind``, ``name`` and ``id`` are those of the location that the documents are in."""

    kind: str
    name: str
    id: str
    documents: list[FirstDocument]


class _FirstConnection:
    """GET requests on one connection. Importing even the standard library's client takes longer than the responses."""

    def __init__(self, target: Target) -> None:
        parts = urlsplit(target.url)
        host, port = parts.hostname or "", parts.port or 80
        if target.socket is None and not (parts.scheme == "http" and is_loopback(host)):
            raise ValueError("only this machine is asked so")
        if not (target.token or "").isprintable():
            raise ValueError("no token")
        self._rest = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Auth-Token: {target.token or ''}\r\n\r\n"
        self._until = monotonic() + _SECONDS
        if target.socket is not None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.settimeout(_SECONDS)
            self._socket.connect(str(target.socket))
        else:
            # A ``str`` would be encoded as an international domain name, and the codec takes longer than to connect.
            self._socket = socket.create_connection((host.encode("ascii"), port), _SECONDS)  # type: ignore[arg-type]
        self._buffer = b""

    def get(self, path: str) -> Any:
        """Return the JSON at ``path``. Raises :class:`OSError` or :class:`ValueError`."""
        if not path.isascii() or not path.isprintable() or " " in path:
            raise ValueError("no path")
        self._socket.sendall(f"GET {path}{self._rest}".encode())
        while b"\r\n\r\n" not in self._buffer:
            self._receive(_MOST_HEAD)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = {
            name.strip().lower(): value.strip() for name, _, value in (li.partition(":") for li in lines)
        }
        if first.split(" ")[:2] != ["HTTP/1.1", "200"] or "transfer-encoding" in fields:
            raise ValueError(first)
        size = int(fields["content-length"])
        if not 0 <= size <= _MOST:
            raise ValueError(size)
        while len(self._buffer) < size:
            self._receive(_MOST)
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        if sum(map(body.count, (b",", b"[", b"{"))) > _MOST_VALUES:
            raise ValueError("too many values")
        return json.loads(body)

    def _receive(self, most: int) -> None:
        # Not 0, which would mean not to wait, and to fail otherwise than late.
        self._socket.settimeout(max(0.001, self._until - monotonic()))
        data = self._socket.recv(1 << 16)
        if not data or len(self._buffer) > most:
            raise ValueError("no whole answer")
        self._buffer += data

    def close(self) -> None:
        self._socket.close()


def first_page(target: Target, demo: bool) -> FirstPage | None:
    """Return what the first screen shows first: in the demo a folder, else the Document Worklist."""
    try:
        connection = _FirstConnection(target)
    except (OSError, ValueError):
        return None
    try:
        data = connection.get("/api")["data"]
        base = urlsplit(next(v["url"] for v in data["versions"] if v["name"] == "v2")).path
        library = f"{base}/customers/{data['user']['customer_id']}/libraries/{quote(data['work']['preferred_library'])}"
        return _folder(connection, library) if demo else _worklist(connection, library)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration, RecursionError):
        return None
    finally:
        connection.close()


def _folder(connection: _FirstConnection, library: str) -> FirstPage | None:
    """Return the first folder or workspace among the favorites."""
    for shortcut in connection.get(f"{library}/my-favorites/children?limit=500")["data"]:
        target = shortcut.get("target") or {}
        if target.get("wstype") in ("folder", "workspace"):
            path = f"{library}/folders/{quote(target['id'], safe='!')}/children"
            items = connection.get(f"{path}?limit={_PAGE}&paging_mode=standard_cursor")["data"]
            return _page(target["wstype"], shortcut["name"], target["id"], items)
    return None


def _worklist(connection: _FirstConnection, library: str) -> FirstPage | None:
    items = connection.get(f"{library}/recent-documents?limit={_PAGE}&offset=0")["data"]["results"]
    return _page("worklist", "Document Worklist", "", items)


def _page(kind: str, name: str, location_id: str, items: list[Any]) -> FirstPage | None:
    if not items or any(item.get("wstype") != "document" for item in items):
        return None
    return FirstPage(kind, str(name), str(location_id), [_document(item) for item in items])


def _document(item: Mapping[str, Any]) -> FirstDocument:
    name, extension = str(item["name"]), str(item.get("extension") or "").lower()
    if extension and not name.lower().endswith(f".{extension}"):
        name = f"{name}.{extension}"
    checked_out = item.get("is_checked_out")
    edit_date_text = item.get("edit_date")
    return FirstDocument(
        id=str(item["id"]),
        file_name=name,
        version=_number(item.get("version")),
        size=_number(item.get("size")),
        checked_out_by=(_text(item.get("in_use_by")) or "") if checked_out else None,
        author=_text(item.get("author")),
        edit_date=datetime.fromisoformat(edit_date_text) if edit_date_text else None,
        document_class=_text(item.get("class")),
        workspace_name=_text(item.get("workspace_name")),
    )


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError("no text")


def _number(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    raise TypeError("no number")
