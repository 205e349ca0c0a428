"""Sending one row: uploading and publishing it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

from ...clients import tus, uploads
from ...clients.chunk_sizer import ChunkSizer
from ...clients.retries import RetryPolicy, with_retries
from ...clients.share import ShareClient
from ...rules.errors import (
    Conflict,
    Failed,
    NotFound,
    NotSignedIn,
    Problem,
    Throttled,
    Unreachable,
)
from ...wire.share import Document, Publish, PublishVersion, Send
from ...wire.share import Source as SourceLabel
from ..journal.journal_contents import Upload
from ..sources import SendSource, WorkSource, check_content, no_version
from .rows import JobRow


class SendGone(Exception):
    """The server no longer knows the send, or its folder was deleted: it must be reopened."""


def is_send_lost(problem: Problem) -> bool:
    """Whether the problem means that the server no longer has the send or its folder."""
    return problem.code.startswith("send.") or problem.code == "folder.gone"


def lost_again() -> Failed:
    """What is raised if the send that was opened in place of a lost one is lost, too."""
    return Failed("send.gone", "The server keeps losing this send; start it again.")


def is_on_share_server(row: JobRow) -> bool:
    """Whether the row is a version on the publishing server, with a digest to verify it by."""
    source = row.source
    return isinstance(source, WorkSource) and source.with_share and source.sha256 is not None


async def retry_if_changed(send: Callable[[], Awaitable[None]]) -> None:
    """Call ``send``, and again from the beginning if the source changed: its writer may have finished by then."""
    try:
        await send()
    except Failed as problem:
        if problem.code not in ("file.changed", "source.short", "source.long"):
            raise
        await send()


def is_published(result: object) -> bool:
    """Whether ``result`` is a refusal because the document was published already, perhaps with other content."""
    codes = ("idempotency.reused", "name.taken", "upload.published")
    return isinstance(result, Problem) and result.code in codes


def source_label(source: SendSource) -> SourceLabel:
    """What Share records as the source of a document."""
    known = {"name": source.work_name, "matter": source.matter}
    return SourceLabel(label=source.label, **{key: value for key, value in known.items() if value})


@dataclass(slots=True)
class Transfer:
    """The progress of one row, kept across retries. It is always published under the same idempotency ``key``.

    The upload ``upload_id`` may be incomplete; ``sha256`` is set when it is complete. ``on_begin`` is called with each
    upload before the server is asked to create it.
    """

    row: JobRow
    on_begin: Callable[[Upload], None] = lambda upload: None
    key: str = field(default_factory=lambda: uuid4().hex)
    upload_id: str | None = None
    #: Whether the server has yet to confirm that it created the upload.
    arriving: bool = False
    sha256: str | None = None
    #: The source's size and version when the upload was begun.
    begun_as: tuple[int, object] | None = None
    #: The most bytes that were acknowledged, so that bytes sent again aren't counted twice.
    highest: int = 0
    #: Whether a publish request is pending.
    publishing: bool = False

    async def upload(
        self,
        share: ShareClient,
        send: Send,
        chunk_sizer: ChunkSizer,
        patience: RetryPolicy,
        on_moved: Callable[[int], None],
    ) -> None:
        """Upload what the server doesn't have yet. Raises :class:`Problem`, :class:`SendGone`.

        ``on_moved`` is called with the number of newly acknowledged bytes.
        """
        if self.sha256 is not None:
            return
        row = self.row
        await with_retries(row.source.check, patience)
        if (row.source.size, row.source.version) != self.begun_as:
            # The source has changed, so the partial upload can't be resumed.
            await self.discard(share)
            self.begun_as = (row.source.size, row.source.version)
            row.acknowledged = 0
        row.size = row.source.size

        def acknowledged(received: int) -> None:
            row.acknowledged = received
            newly, self.highest = max(0, received - self.highest), max(received, self.highest)
            on_moved(newly)

        def begin(upload_id: str) -> None:
            self.upload_id, self.arriving = upload_id, True
            self.on_begin(Upload(upload_id, row.size, row.source.version))

        def created(upload_id: str) -> None:
            self.upload_id, self.arriving = upload_id, False

        resumed_id = self.upload_id
        self.highest = row.acknowledged if resumed_id else 0
        try:
            uploaded = await uploads.upload(
                share.http,
                send.id,
                row.link_name,
                row.size,
                row.source.read,
                acknowledged,
                upload_id=resumed_id,
                begun=resumed_id is not None,
                on_begin=begin,
                on_created=created,
                chunk_sizer=chunk_sizer,
                patience=patience,
            )
        except NotFound as problem:
            self._forget()
            if is_send_lost(problem):
                raise SendGone from problem
            raise
        except (Unreachable, Throttled):
            raise
        except Problem:
            self._forget()
            raise
        try:
            check_content(row.source, uploaded.sha256)
        except Failed:
            await self.discard(share)
            raise
        self.upload_id, self.sha256 = uploaded.upload_id, uploaded.sha256

    async def publish(self, share: ShareClient, send: Send, patience: RetryPolicy) -> Document:
        """Publish the upload, once. Raises :class:`Problem`, :class:`SendGone`.

        After a permanent problem, the next attempt uploads again.
        """
        assert self.upload_id is not None
        assert self.sha256 is not None
        request = Publish(
            upload=self.upload_id,
            name=self.row.link_name,
            sha256=self.sha256,
            source=source_label(self.row.source),
            order=self.row.order,
            carries=self.row.carries,
        )
        try:
            document = await with_retries(
                lambda: share.sends.publish(send.id, request, self.key, self.row.size), patience
            )
        except (NotFound, Conflict) as problem:
            await self.discard(share)
            if is_send_lost(problem):
                raise SendGone from problem
            raise
        except (Unreachable, Throttled, NotSignedIn):
            raise
        except Problem as problem:
            if problem.code not in ("server.error", "disk_full", "answer.not_understood"):
                await self.discard(share)
            raise
        self._forget()
        return document

    async def publish_version(self, share: ShareClient, send: Send, patience: RetryPolicy) -> Document:
        """Publish a version that is stored on the server, once. Raises :class:`Problem`, :class:`SendGone`."""
        row = self.row
        assert row.source.sha256 is not None
        request = PublishVersion(
            version=row.source.label,
            name=row.link_name,
            sha256=row.source.sha256,
            order=row.order,
            carries=row.carries,
        )
        try:
            document = await with_retries(
                lambda: share.sends.publish_version(send.id, request, self.key), patience
            )
        except (NotFound, Conflict) as problem:
            if is_send_lost(problem):
                self._forget()
                raise SendGone from problem
            if problem.code == "version.unknown":
                raise no_version(row.source, problem.code) from problem
            raise
        row.acknowledged = row.size
        self._forget()
        return document

    async def discard(self, share: ShareClient) -> None:
        """Remove the upload from the server, so that no partial upload is left behind."""
        upload_id, arriving = self.upload_id, self.arriving
        self._forget()
        if upload_id is not None:
            await tus.terminate(share.http, upload_id, arriving=arriving)

    def begun_before(self, upload: Upload) -> None:
        """Resume an earlier upload, unless :meth:`upload` finds that the source has changed."""
        self.upload_id, self.arriving = upload.id, True
        self.begun_as = (upload.size, upload.version)

    def _forget(self) -> None:
        self.upload_id = self.sha256 = None
        self.arriving = False
        self.highest = 0
