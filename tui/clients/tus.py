"""The requests of tus 1.0.0, and what their responses mean. An upload consists of them: see ``uploads.py``."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NamedTuple

import httpx

from ..rules.errors import Busy, Failed, Problem, Throttled
from .connection import ask, problem_of, reaching, where
from .share_paths import is_id, share_path

_UPLOADS = share_path("uploads")
_TYPE = "application/offset+octet-stream"
_TUS = {"Tus-Resumable": "1.0.0"}
_DIGEST = "Upload-Prefix-Digest"
_LOCKED = 423
_ARRIVING_TRIES = 4
# Temporary failures, and 460: the checksum doesn't match.
_TEMPORARY = (408, _LOCKED, 460, 500, 502, 503, 504)


def new_id() -> str:
    """A random id for an upload."""
    return secrets.token_hex(16)


class Retry(Exception):
    """The request failed, but a retry may succeed. ``wait``: the delay in seconds that the server asked for."""

    def __init__(self, problem: Problem, wait: float | None = None) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.wait = wait


class UploadGone(Exception):
    """The server doesn't know the upload (any more)."""


class IdTaken(Exception):
    """The id can't be used: it belonged to an upload that has expired."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Received(NamedTuple):
    """What the server has of an upload: so many bytes, with this SHA-256 in base64, which only newer servers send."""

    offset: int
    digest: str | None


class TusClient:
    """The requests for one upload of ``size`` bytes. ``answer`` is how many seconds a response is waited for.

    Each raises :class:`Retry`, :class:`UploadGone`, :class:`IdTaken`, or a :class:`Problem` that a retry won't solve.
    ``body`` yields ``length`` bytes.
    """

    def __init__(self, http: httpx.AsyncClient, size: int, answer: float) -> None:
        self._http = http
        self._size = size
        self._answer = answer

    @property
    def server(self) -> str:
        """The server's address as shown in messages."""
        return where(self._http)

    async def create(
        self, upload_id: str, send_id: str, name: str, length: int, body: AsyncIterator[bytes]
    ) -> tuple[str, Received]:
        """Create an upload together with its first bytes. Returns its id, which a server of an earlier version
        chooses itself, and what the server has."""
        metadata = {"send": send_id, "filename": name, "upload": upload_id}
        headers = {
            **_body_headers(length),
            "Upload-Length": str(self._size),
            "Upload-Metadata": ",".join(f"{key} {_b64(value)}" for key, value in metadata.items()),
        }
        response = await self._request("POST", _UPLOADS, headers, body)
        created = str(response.headers.get("location", "")).rpartition("/")[2]
        if not is_id(created):
            raise self._not_understood()
        # A server that accepts no bytes with the creation sends no offset.
        if not response.headers.get("upload-offset"):
            return created, Received(0, None)
        return created, self._received(response, 0, length)

    async def append(
        self, upload_id: str, offset: int, length: int, body: AsyncIterator[bytes], *, truncate: bool = False
    ) -> Received:
        """Send bytes from ``offset`` on; ``truncate`` discards those that the server has from there."""
        headers = {**_body_headers(length), "Upload-Offset": str(offset)}
        if truncate:
            headers["Upload-Truncate"] = "1"
        response = await self._request("PATCH", f"{_UPLOADS}/{upload_id}", headers, body)
        return self._received(response, offset, offset + length)

    async def offset(self, upload_id: str) -> int:
        """How many bytes the server has."""
        response = await self._request("HEAD", f"{_UPLOADS}/{upload_id}", {})
        return self._received(response, 0, self._size).offset

    async def check_unlocked(self, upload_id: str, offset: int) -> None:
        """Find out whether an aborted request may still be writing, without sending a long body in vain."""
        headers = {"Content-Type": _TYPE, "Upload-Offset": str(offset), "Content-Length": "0"}
        await self._request("PATCH", f"{_UPLOADS}/{upload_id}", headers)

    async def _request(
        self, method: str, path: str, headers: dict[str, str], body: AsyncIterator[bytes] | None = None
    ) -> httpx.Response:
        timeout = httpx.Timeout(connect=10, read=self._answer, write=60, pool=120)
        with reaching(self._http):
            response = await ask(
                self._http, method, path, headers=_TUS | headers, content=body, timeout=timeout
            )
        if response.is_success:
            return response
        problem = problem_of(response)
        if isinstance(problem, Throttled | Busy):
            raise Retry(problem, problem.retry_after)
        if response.status_code in _TEMPORARY or (response.status_code == 409 and method == "PATCH"):
            raise Retry(problem)
        if response.status_code in (404, 410) and method != "POST":
            raise UploadGone
        if problem.code == "upload.id_taken":
            raise IdTaken(problem)
        raise problem

    def _received(self, response: httpx.Response, least: int, most: int) -> Received:
        text = str(response.headers.get("upload-offset", ""))
        if not (text.isascii() and text.isdigit()) or not least <= int(text[:20]) <= most:
            raise self._not_understood()
        algorithm, _, digest = str(response.headers.get(_DIGEST, "")).partition(" ")
        return Received(int(text), digest if algorithm == "sha256" else None)

    def _not_understood(self) -> Failed:
        return Failed(
            "answer.not_understood",
            f"The server {self.server} does not answer uploads as tus 1.0.0 requires; check the address.",
        )


async def terminate(
    http: httpx.AsyncClient, upload_id: str, seconds: float = 5.0, *, arriving: bool = False
) -> None:
    """Remove an upload from the server. If that fails, the server removes it when it expires.

    ``arriving``: the server was asked to create the upload and hasn't responded, so it may be creating it right now.
    """
    tries = _ARRIVING_TRIES if arriving else 1
    with suppress(Problem, TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                with reaching(http):
                    response = await ask(http, "DELETE", f"{_UPLOADS}/{upload_id}", headers=_TUS)
                if response.status_code == 404:
                    tries -= 1
                if response.status_code not in (404, _LOCKED) or not tries:
                    return
                # The server is still writing a piece whose request was aborted.
                await asyncio.sleep(0.2)


def _body_headers(length: int) -> dict[str, str]:
    return {"Content-Type": _TYPE, "Content-Length": str(length), _DIGEST: "sha256"}


def _b64(text: str) -> str:
    return b64encode(text.encode("utf-8", "replace")).decode()
