"""What writes sealed contents: into files that grow (:mod:`.pieces`), or as objects that are stored at once
(:mod:`.objects`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from ....rules.errors import Conflict
from ...base.clock import Clock
from ...base.keys import Keys
from ...database import Database
from ..base import Bytes
from ..reserved_keys import ReservedKeys
from .contents import SealedContent
from .known import KnownContents


class Records(NamedTuple):
    """What writers keep their rows with, and take names from."""

    database: Database
    keys: Keys
    reserved: ReservedKeys
    clock: Clock
    known: KnownContents


class ContentWriter(Protocol):
    """Writes the pieces of contents, each with another salt."""

    async def append(
        self,
        key: str,
        content: SealedContent | None,
        offset: int,
        data: AsyncIterator[Bytes],
        *,
        exact: bool,
        digest: bool,
    ) -> int:
        """As :meth:`Blobs.append`, to a content as it was a moment ago (``None``: there is none yet), with its rows."""

    async def whole(
        self, content: SealedContent, data: AsyncIterator[Bytes], name: str | None = None
    ) -> SealedContent:
        """A new content with all of ``data``, without rows. Where it may be one piece, that gets the ``name``, else the
        content's. If this fails, what was stored under it is the caller's to delete."""


def check_offset(content: SealedContent | None, offset: int, *, exact: bool) -> None:
    """Raise ``Conflict("upload.offset")`` unless a content that is to be appended to may go on there."""
    length = content.size if content is not None else 0
    if length < offset or (exact and length != offset):
        raise Conflict("upload.offset", f"{length:,} bytes have arrived; continue from there.")
