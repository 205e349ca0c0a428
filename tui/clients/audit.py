"""The client for the audit: its events, and whether they are unchanged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Literal

import httpx

from ..rules.errors import Failed
from ..rules.heads import ChainHead, Head, SignedHeads
from ..wire.audit import AuditEvent, AuditEvents, AuditHeads, AuditVerdict, ChainPart, ChainsKept, LookUpHeads
from .bounded import LONG_ANSWER, PageCount
from .connection import call, model_of
from .share_paths import share_id, share_path

# The server reads all chains of the installation.
_VERIFY_SECONDS = 3600.0
_HEADS_AT_ONCE = 1000


class AuditClient:
    """The audit; a part of :class:`~tui.clients.share.ShareClient`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    def events(self, document_id: str | None = None) -> AsyncIterator[AuditEvent]:
        """The audit events of a document, or of everything that the caller owns; the latest first."""
        return self._events(_path(document_id))

    async def has_events(self) -> bool:
        """Whether the caller has ever sent anything: what was deleted since stays in the audit."""
        async for _ in self.events():
            return True
        return False

    def events_of(self, whose: Literal["account", "installation"]) -> AsyncIterator[AuditEvent]:
        """The audit events of the caller's own account, or of the installation; the latest first.

        Raises :class:`NotAllowed` for the installation's unless the caller is an administrator.
        """
        return self._events(share_path("audit", whose))

    async def _events(self, path: str) -> AsyncIterator[AuditEvent]:
        cursor, count = None, PageCount()
        while True:
            found = model_of(await call(self.http, "GET", path, params={"cursor": cursor}), AuditEvents)
            count.add(len(found.events))
            for event in found.events:
                yield event
            if not found.cursor or found.cursor == cursor:
                return
            cursor = found.cursor

    async def verify(self, document_id: str | None = None) -> AuditVerdict:
        """Verify that the audit of a document, or of everything that the caller owns, is unchanged."""
        response = await call(self.http, "GET", f"{_path(document_id)}/verify", patience=_VERIFY_SECONDS)
        return model_of(response, AuditVerdict)

    async def heads(self) -> SignedHeads:
        """The signed heads of the chains of everything that the caller owns; for administrators, of all chains."""
        response = await call(
            self.http, "GET", share_path("audit", "heads"), patience=_VERIFY_SECONDS, bounds=LONG_ANSWER
        )
        found = model_of(response, AuditHeads)
        heads = [Head(head.subject, head.sequence, head.digest) for head in found.heads]
        return SignedHeads(found.at, heads, found.public_key, found.signature)

    async def kept_of(self, heads: Sequence[Head]) -> tuple[list[ChainHead], str]:
        """The current state of the chains of ``heads`` (one or more), in the same order, and the key that the server
        itself signs with (hexadecimal)."""
        found: list[ChainHead] = []
        public_key = ""
        for start in range(0, len(heads), _HEADS_AT_ONCE):
            part = heads[start : start + _HEADS_AT_ONCE]
            body = LookUpHeads(chains=[ChainPart(subject=h.subject, sequence=h.sequence) for h in part])
            response = await call(
                self.http,
                "POST",
                share_path("audit", "heads", "check"),
                body=body.model_dump(mode="json"),
                patience=_VERIFY_SECONDS,
                again=True,
            )
            answer = model_of(response, ChainsKept)
            chains, public_key = answer.chains, answer.public_key
            if len(chains) != len(part):
                raise Failed("answer.not_understood", "The server's response is missing some chains.")
            found += [ChainHead(chain.rows, chain.digest) for chain in chains]
        return found, public_key


def _path(document_id: str | None) -> str:
    """Of the audit of a document, or of everything that the caller owns."""
    return (
        share_path("audit")
        if document_id is None
        else share_path("documents", share_id(document_id), "audit")
    )
