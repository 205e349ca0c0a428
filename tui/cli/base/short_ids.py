"""Ids of documents and folders, given whole or as their first digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...rules.ids import is_short, whole
from .common import CommandSession

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...wire.share import IdsFound


def whole_documents(session: CommandSession, ids: Sequence[str]) -> tuple[str, ...]:
    """The whole ids of documents, each once, however often and in whatever way it is given; one that fits none of one's
    own stays as it is.

    Raises :class:`InvalidValue` ``id.ambiguous`` if one fits several.
    """
    found = _found(session, ids)
    return tuple(dict.fromkeys(_whole_documents(ids, found)))


async def whole_documents_on(share: ShareClient, ids: Sequence[str]) -> tuple[str, ...]:
    """:func:`whole_documents` over a connection that is open: one for each of ``ids``, also if some are the same."""
    return _whole_documents(ids, await _asked(share, ids))


def _whole_documents(ids: Sequence[str], found: Mapping[str, IdsFound]) -> tuple[str, ...]:
    return tuple(whole(i, _named(found[i], documents=True)) if i in found else i for i in ids)


def whole_document(session: CommandSession, ident: str) -> str:
    """:func:`whole_documents` for one."""
    return whole_documents(session, [ident])[0]


def whole_folder(session: CommandSession, ident: str) -> str:
    """The whole id of a folder, as :func:`whole_documents` finds those of documents."""
    found = _found(session, [ident])
    return whole(ident, _named(found[ident], documents=False)) if ident in found else ident


def _named(found: IdsFound, *, documents: bool) -> list[tuple[str, str]]:
    return [(each.id, each.name) for each in (found.documents if documents else found.folders)]


def _found(session: CommandSession, ids: Sequence[str]) -> dict[str, IdsFound]:
    """What begins with each of the short ``ids``. With none of them, no request is made."""
    return session.share(lambda share: _asked(share, ids)) if any(map(is_short, ids)) else {}


async def _asked(share: ShareClient, ids: Sequence[str]) -> dict[str, IdsFound]:
    return {each: await share.ids(each.lower()) for each in dict.fromkeys(ids) if is_short(each)}
