"""The first page of documents, asked for while Textual is still being imported.

It is spoken with the standard library alone, and only to see the documents sooner: whatever is unusual (https, an
answer of another form, no documents) gives ``None``, and the app asks again in its own way.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from .clients.target import Target, is_loopback

_SECONDS = 5
_PAGE = 200


@dataclass(frozen=True, slots=True)
class FirstDocument:
    """A document as its row shows it."""

    id: str
    file_name: str
    version: int | None
    size: int | None
    checked_out_by: str | None
    author: str | None
    edit_date: datetime | None
    document_class: str | None


@dataclass(frozen=True, slots=True)
class FirstPage:
    """``kind``, ``name`` and ``id`` are those of the place that the documents are in."""

    kind: str
    name: str
    id: str
    documents: list[FirstDocument]


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(str(self._path))


class _Asker:
    """GET requests on one connection."""

    def __init__(self, target: Target) -> None:
        parts = urlsplit(target.url)
        if target.socket is not None:
            self._connection: HTTPConnection = _UnixConnection(target.socket)
        elif parts.scheme == "http" and is_loopback(parts.hostname or ""):
            self._connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_SECONDS)
        else:
            raise ValueError("only this machine is asked so")
        self._headers = {"X-Auth-Token": target.token or ""}

    def get(self, path: str) -> Any:
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        return json.loads(body)

    def close(self) -> None:
        self._connection.close()


def first_page(target: Target, demo: bool) -> FirstPage | None:
    """What the first screen shows first: in the demo a folder, else the Document Worklist."""
    try:
        asker = _Asker(target)
    except ValueError:
        return None
    try:
        data = asker.get("/api")["data"]
        base = urlsplit(next(v["url"] for v in data["versions"] if v["name"] == "v2")).path
        library = f"{base}/customers/{data['user']['customer_id']}/libraries/{quote(data['work']['preferred_library'])}"
        return _folder(asker, library) if demo else _worklist(asker, library)
    except (OSError, HTTPException, ValueError, LookupError, TypeError, StopIteration):
        return None
    finally:
        asker.close()


def _folder(asker: _Asker, library: str) -> FirstPage | None:
    """The first folder or workspace among the favourites."""
    for shortcut in asker.get(f"{library}/my-favorites/children?limit=500")["data"]:
        target = shortcut.get("target") or {}
        if target.get("wstype") in ("folder", "workspace"):
            path = f"{library}/folders/{quote(target['id'], safe='!')}/children"
            found = asker.get(f"{path}?limit={_PAGE}&paging_mode=standard_cursor")["data"]
            return _page(target["wstype"], shortcut["name"], target["id"], found)
    return None


def _worklist(asker: _Asker, library: str) -> FirstPage | None:
    found = asker.get(f"{library}/recent-documents?limit={_PAGE}&offset=0")["data"]["results"]
    return _page("worklist", "Document Worklist", "", found)


def _page(kind: str, name: str, place: str, found: list[Any]) -> FirstPage | None:
    if not found or any(item.get("wstype") != "document" for item in found):
        return None
    return FirstPage(kind, name, place, [_document(item) for item in found])


def _document(item: Mapping[str, Any]) -> FirstDocument:
    name, extension = str(item["name"]), str(item.get("extension") or "").lower()
    if extension and not name.lower().endswith(f".{extension}"):
        name = f"{name}.{extension}"
    out = item.get("is_checked_out")
    edited = item.get("edit_date")
    return FirstDocument(
        id=item["id"],
        file_name=name,
        version=item.get("version"),
        size=item.get("size"),
        checked_out_by=(item.get("in_use_by") or "") if out else None,
        author=item.get("author"),
        edit_date=datetime.fromisoformat(edited) if edited else None,
        document_class=item.get("class"),
    )
