"""One row of a send: its upload, its publishing, and the note in Work's history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

from ..clients import uploads
from ..clients.patience import Patience, patiently
from ..clients.share import ShareClient
from ..clients.uploads import Pace
from ..rules.errors import Conflict, Failed, NotFound, NotSignedIn, Problem, Throttled, Unreachable
from ..wire.share import Document, Publish, PublishVersion, Send
from ..wire.share import Source as SourceLabel
from .journal import Upload
from .plan import WorkSource, check_content, no_version
from .rows import JobRow
from .together import Ready


class SendGone(Exception):
    """The server no longer knows the send, or its folder was deleted: it must be opened anew."""


def gone(problem: Problem) -> bool:
    """Whether it says that the server no longer has the send or its folder."""
    return problem.code.startswith("send.") or problem.code == "folder.gone"


def lies_with_share(row: JobRow) -> bool:
    """Whether it is a version on the server that publishes, with a digest to prove it by."""
    source = row.source
    return isinstance(source, WorkSource) and source.with_share and source.sha256 is not None


async def once_more(send: Callable[[], Awaitable[None]]) -> None:
    """Sends, and once more from the beginning where the source was changed meanwhile: whoever writes it may be done."""
    try:
        await send()
    except Failed as problem:
        if problem.code not in ("file.changed", "source.short", "source.long"):
            raise
        await send()


def is_published(result: object) -> bool:
    """Whether it is a refusal that says that the document was published before, with other content perhaps."""
    codes = ("idempotency.reused", "name.taken", "upload.published")
    return isinstance(result, Problem) and result.code in codes


@dataclass(slots=True)
class Transfer:
    """How far one row has come, kept over retries. It is published under the idempotency ``key``, whatever happens.

    ``upload_id`` may be half sent; ``sha256`` is set once all of it is there. ``on_begin`` is called with each upload
    before the server is asked to begin it.
    """

    row: JobRow
    on_begin: Callable[[Upload], None] = lambda upload: None
    key: str = field(default_factory=lambda: uuid4().hex)
    upload_id: str | None = None
    #: The server has not said yet that it has begun it.
    arriving: bool = False
    sha256: str | None = None
    #: Size and version of the source that the upload was begun with.
    begun_as: tuple[int, object] | None = None
    #: The most bytes that were acknowledged, so that what is sent again is not counted twice.
    highest: int = 0
    #: Publishing was asked for, and the answer is not known.
    publishing: bool = False
    #: Of a small document: what is sent.
    ready: Ready | None = None

    async def upload(
        self,
        share: ShareClient,
        send: Send,
        pace: Pace,
        patience: Patience,
        on_moved: Callable[[int], None],
    ) -> None:
        """Sends what is not there yet. Raises :class:`Problem`, :class:`SendGone`.

        ``on_moved`` is called with the bytes that came to be acknowledged.
        """
        if self.sha256 is not None:
            return
        row = self.row
        await patiently(row.source.check, patience)
        if (row.source.size, row.source.version) != self.begun_as:
            # What is half sent is not the beginning of what is there now.
            await self.discard(share)
            self.begun_as = (row.source.size, row.source.version)
            row.acknowledged = 0
        row.size = row.source.size

        def acknowledged(received: int) -> None:
            row.acknowledged = received
            moved, self.highest = max(0, received - self.highest), max(received, self.highest)
            on_moved(moved)

        def begin(upload_id: str) -> None:
            self.upload_id, self.arriving = upload_id, True
            self.on_begin(Upload(upload_id, row.size, row.source.version))

        def created(upload_id: str) -> None:
            self.upload_id, self.arriving = upload_id, False

        resumed = self.upload_id
        self.highest = row.acknowledged if resumed else 0
        try:
            done = await uploads.upload(
                share.http,
                send.id,
                row.link_name,
                row.size,
                row.source.read,
                acknowledged,
                upload_id=resumed,
                begun=resumed is not None,
                on_begin=begin,
                on_created=created,
                pace=pace,
                patience=patience,
            )
        except NotFound as problem:
            self._forget()
            if gone(problem):
                raise SendGone from problem
            raise
        except (Unreachable, Throttled):
            raise
        except Problem:
            self._forget()
            raise
        try:
            check_content(row.source, done.sha256)
        except Failed:
            await self.discard(share)
            raise
        self.upload_id, self.sha256 = done.upload_id, done.sha256

    async def publish(self, share: ShareClient, send: Send, patience: Patience) -> Document:
        """Publishes the upload, once. Raises :class:`Problem`, :class:`SendGone`.

        After a problem that does not pass, the next try uploads anew.
        """
        assert self.upload_id is not None
        assert self.sha256 is not None
        request = Publish(
            upload=self.upload_id,
            name=self.row.link_name,
            sha256=self.sha256,
            source=SourceLabel(label=self.row.source.label),
        )
        try:
            document = await patiently(
                lambda: share.publish(send.id, request, self.key, self.row.size), patience
            )
        except (NotFound, Conflict) as problem:
            await self.discard(share)
            if gone(problem):
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

    async def publish_version(self, share: ShareClient, send: Send, patience: Patience) -> Document:
        """Publishes a version that lies on the server, once. Raises :class:`Problem`, :class:`SendGone`."""
        row = self.row
        assert row.source.sha256 is not None
        request = PublishVersion(version=row.source.label, name=row.link_name, sha256=row.source.sha256)
        try:
            document = await patiently(lambda: share.publish_version(send.id, request, self.key), patience)
        except (NotFound, Conflict) as problem:
            if gone(problem):
                self._forget()
                raise SendGone from problem
            if problem.code == "version.unknown":
                raise no_version(row.source, problem.code) from problem
            raise
        row.acknowledged = row.size
        self._forget()
        return document

    async def discard(self, share: ShareClient) -> None:
        """Removes the upload from the server, so that nothing half sent stays there."""
        upload_id, arriving = self.upload_id, self.arriving
        self._forget()
        if upload_id is not None:
            await uploads.terminate(share.http, upload_id, arriving=arriving)

    def begun_before(self, upload: Upload) -> None:
        """Goes on with an upload of before, if its source is the same still."""
        self.upload_id, self.arriving = upload.id, True
        self.begun_as = (upload.size, upload.version)

    def _forget(self) -> None:
        self.upload_id = self.sha256 = None
        self.arriving = False
        self.highest = 0
