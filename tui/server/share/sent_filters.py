"""The filter of sent documents (``rules/sent_filter.py``) as conditions for the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from sqlalchemy import ColumnElement, CompoundSelect, and_, false, or_, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Integer

from ...rules.names import key
from ...rules.sent_filter import LinkState, SentFilter, parse
from ...rules.state import Reason, State
from ..base.clock import recent
from ..database.tables import sent_documents, wrong_passwords
from ..limits.backoff import FORGOTTEN, FREE
from . import links

_COLUMNS = sent_documents.c
#: No name has it.
_NOWHERE = "/"


async def _wanted(
    filter_: Annotated[
        str | None,
        Query(
            alias="filter",
            description="Words that all have to fit, separated by spaces: part of the name, `to:` part of a recipient, "
            "`from:` part of the source, its name there or its matter, `is:` a state. Quotation marks hold a text "
            "together.",
        ),
    ] = None,
    name: Annotated[
        str | None, Query(max_length=255, description="Text that the name contains, ignoring case.")
    ] = None,
) -> SentFilter:
    wanted = parse(filter_ or "")
    if not name:
        return wanted
    # Text that can't occur in a name isn't passed on: the database may not accept it.
    return replace(wanted, names=(*wanted.names, key(name) if name.isprintable() else _NOWHERE))


#: The parameters of lists that can be filtered.
Wanted = Annotated[SentFilter, Depends(_wanted)]


class _position_of(GenericFunction[int]):  # noqa: N801
    """Where a text begins in another one, from 1; 0 if it isn't in it. Both engines take letters as they are, without
    patterns, and find nothing faster."""

    type = Integer()
    inherit_cache = True


@compiles(_position_of)
def _sqlite_position(element: _position_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(_position_of, "postgresql")
def _postgresql_position(element: _position_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"


def _contains(column: ColumnElement[str], texts: Sequence[str]) -> list[ColumnElement[bool]]:
    return [_position_of(column, text) > 0 for text in texts]


def conditions(wanted: SentFilter, now: datetime, *, owner: bool) -> list[ColumnElement[bool]]:
    """What a row of ``sent_documents`` has to meet. To whom a document was sent only its ``owner`` may ask: for others,
    nothing meets it.

    They name only columns of the index ``ix_sent_documents_filters``.
    """
    # In this order they are evaluated: what is compared fastest comes first.
    found: list[ColumnElement[bool]] = [
        or_(*(_state(state, now) for state in sorted(states))) for states in wanted.states
    ]
    found += _contains(_COLUMNS.name_key, wanted.names)
    found += _contains(_COLUMNS.source_key, wanted.sources)
    return found + [_is_for(text) if owner else false() for text in wanted.recipients]


def _is_for(text: str) -> ColumnElement[bool]:
    rest = sent_documents.alias()
    many = select(rest.c.id).where(
        rest.c.recipients_rest.is_not(None), _position_of(rest.c.recipients_rest, text) > 0
    )
    # Whether there are any is asked once, and not for each row.
    return or_(_position_of(_COLUMNS.recipients_key, text) > 0, and_(many.exists(), _COLUMNS.id.in_(many)))


def _state(state: LinkState, now: datetime) -> ColumnElement[bool]:
    on, off = _COLUMNS.state == State.PUBLISHED, _COLUMNS.state == State.UNPUBLISHED
    match state:
        case LinkState.ON:
            return on
        case LinkState.OFF:
            return off
        case LinkState.WAITING:
            return on & ~_COLUMNS.collected
        case LinkState.TAKEN:
            return _COLUMNS.collected
        case LinkState.UNTAKEN:
            return ~_COLUMNS.collected
        case LinkState.EXPIRED:
            return off & (_COLUMNS.reason == Reason.EXPIRED)
        case LinkState.LIMIT:
            return off & (_COLUMNS.reason == Reason.LIMIT)
        case LinkState.UNPUBLISHED:
            return off & (_COLUMNS.reason == Reason.BY_HAND)
        case LinkState.ATTACKED:
            return _COLUMNS.id.in_(_attacked(now))


def _attacked(now: datetime) -> CompoundSelect[Any]:
    """The ids of documents that ``links.locked`` or ``links.throttled`` is true of."""
    others, tries = sent_documents.alias(), wrong_passwords.c
    locked = select(others.c.id).where(
        others.c.locked_at.is_not(None), recent(others.c.locked_at, now, links.LOCK)
    )
    slowed = (
        select(tries.document_id)
        .join(others, (others.c.id == tries.document_id) & (others.c.settings == tries.settings))
        .where(tries.tries > FREE, recent(tries.last_at, now, FORGOTTEN))
    )
    return union_all(locked, slowed)
