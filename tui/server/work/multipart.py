"""Uploads as iManage's clients send them: a JSON profile and a file, in any order and notation.

Part names may be bare or quoted, the file may have no name, and the profile may be sent as a file or be named only by
``Content-Type: application/json; name="profile"``. The file is streamed to the blob store, so that memory use doesn't
depend on its size.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from ...rules.errors import TooLarge, Unavailable
from ..blobs import Blobs
from ..blobs.base import Discard
from ..http.bodies import share_of
from ..library.problems import BadRequest, invalid, invalid_profile
from ..limits.buffers import Share

MAX_PROFILE = 1024 * 1024
_MAX_PARTS = 50


@dataclass(frozen=True, slots=True)
class MultipartUpload:
    """An upload: the profile's JSON object, and where the file's bytes are. ``file_name`` may be empty."""

    profile: Mapping[str, Any]
    file_name: str
    key: str
    size: int
    sha256: str


class _Kind(Enum):
    PROFILE = 1
    FILE = 2
    OTHER = 3


class _MultipartReader:
    """Sorts the parts of a body: keeps the profile, passes the file on and skips anything else."""

    def __init__(self, boundary: bytes, max_size: int, share: Share) -> None:
        self._share = share
        self.profile = bytearray()
        self.file_name = ""
        self.has_file = False
        self.ended = False
        self.size = 0
        self._max_size = max_size
        self._parts = 0
        self._kind = _Kind.OTHER
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = bytearray(), bytearray()
        self._out: list[bytes] = []
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_end": self._all_ends,
            },
        )

    def take(self, data: bytes) -> list[bytes]:
        """Parse ``data`` and return the file's bytes in it. Raises :class:`BadRequest`, :class:`TooLarge`."""
        try:
            self._parser.write(data)
        except FormParserError:
            raise invalid("body", "The body isn't a multipart form.") from None
        out, self._out = self._out, []
        return out

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise invalid("body", f"The body has more than {_MAX_PARTS} parts.")
        self._headers.clear()

    def _header_ends(self) -> None:
        self._headers[bytes(self._name).strip().lower()] = bytes(self._value).strip()
        self._name.clear()
        self._value.clear()

    def _headers_end(self) -> None:
        _, disposition = parse_options_header(
            self._headers.get(b"content-disposition", b"").decode("latin-1")
        )
        media, type_options = parse_options_header(self._headers.get(b"content-type", b"").decode("latin-1"))
        name = (
            (disposition.get(b"name") or type_options.get(b"name") or b"").decode("latin-1").strip().lower()
        )
        if name == "profile" or (not name and media == b"application/json"):
            self._kind = _Kind.PROFILE
        elif self.has_file or not (name in ("", "file") or b"filename" in disposition):
            self._kind = _Kind.OTHER
        else:
            self._kind, self.has_file = _Kind.FILE, True
            self.file_name = _decoded(disposition.get(b"filename", b""))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._kind is _Kind.FILE:
            self.size += end - start
            if self.size > self._max_size:
                raise TooLarge(
                    "NRC_TOO_LARGE", f"The file is over {self._max_size:,} bytes, the maximum here."
                )
            self._out.append(data[start:end])
        elif self._kind is _Kind.PROFILE:
            self._share.take(end - start)
            self.profile += data[start:end]
            if len(self.profile) > MAX_PROFILE:
                raise TooLarge("NRC_TOO_LARGE", f"The profile is over {MAX_PROFILE:,} bytes.")

    def _all_ends(self) -> None:
        self.ended = True


def _decoded(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")


class _Broken(Discard):
    """Carries an error out of writing the file, which is then discarded."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


async def receive(request: Request, blobs: Blobs, max_size: int) -> MultipartUpload:
    """Receive an upload whose file has at most ``max_size`` bytes; these are durable, and the caller's to delete.

    Raises :class:`BadRequest` if the body isn't such a form, has no file or was cut off, :class:`TooLarge`, and
    ``Failed("disk_full")``.
    """
    media, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if media != b"multipart/form-data" or not boundary:
        raise invalid(
            "Content-Type", "An upload must be multipart/form-data with the parts profile and file."
        )
    try:
        reader = _MultipartReader(boundary, max_size, share_of(request))
    except (FormParserError, ValueError):
        raise invalid("Content-Type", "The boundary isn't valid.") from None
    digest = hashlib.sha256()
    key = blobs.new_key()
    try:
        size = await blobs.write(key, _file_of(request, reader, digest))
        found = _profile(bytes(reader.profile))
    except BaseException as error:
        with suppress(OSError):
            await blobs.delete(key)
        if isinstance(error, _Broken):
            raise error.error from None
        raise
    return MultipartUpload(found, reader.file_name, key, size, digest.hexdigest())


async def _file_of(request: Request, reader: _MultipartReader, digest: Any) -> AsyncIterator[bytes]:
    try:
        async for data in request.stream():
            for piece in reader.take(data) if data else ():
                digest.update(piece)
                yield piece
        if not reader.ended:
            raise _cut_off()
        if not reader.has_file:
            raise invalid_profile("file", "The body has no part called file.")
    except ClientDisconnect:
        raise _Broken(_cut_off()) from None
    except (BadRequest, TooLarge, Unavailable) as error:
        raise _Broken(error) from None


def _cut_off() -> BadRequest:
    return invalid("body", "The body was cut off before its end.")


def _profile(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, Mapping):
        raise invalid_profile("profile", "The part profile must be a JSON object.")
    return found
