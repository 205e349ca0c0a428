"""The filters of lists and searches: of those that the protocol has, those that this library serves.

A filter is two things: conditions that the database can look up, and a test of each row for what it cannot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, cast, or_, select

from ...rules import names
from ..database.tables import containers, documents, versions
from .errors import not_indexed
from .ids import container_of
from .pages import Test
from .parameters import Parameters
from .words import Whole, Words

_CUSTOM = {f"custom{n}{tail}" for n in range(1, 32) for tail in ("", "_from", "_to", "_description")}
#: Known, and not served: they are answered with an error, never with everything.
_NOT_SERVED = frozenset(
    {"body", "subject", "sender", "recipient", "from", "to", "cc", "bcc", "language", "file_target"}
    | {"subclass", "has_attachment", "personalized", "email", "in_use_by_description"}
    | {f"{date}{tail}" for date in ("sent_date", "received_date") for tail in ("", "_from", "_to")}
    | _CUSTOM
)
_EMAILS = ("eml", "msg")
#: Filters that only documents have: where one of them picks some, no folders are given.
_OF_DOCUMENTS = frozenset(
    {"author", "operator", "last_user", "class", "type", "document_number", "document_version"}
    | {"in_use_by", "comments", "comment"}
    | {f"{date}{tail}" for date in ("create_date", "edit_date") for tail in ("_from", "_to")}
)
_NUMBERS = re.compile(r"([0-9]{1,18})\s*(?:-\s*([0-9]{1,18}))?")
_BOUND = re.compile(r"(<=|>=|<|>)\s*([0-9]{1,18})")


@dataclass
class Filter:
    """``conditions`` on documents and versions, ``tests`` of rows; empty ones take everything."""

    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    latest: bool = True

    @property
    def test(self) -> Test | None:
        if not self.tests:
            return None
        tests = self.tests
        return lambda row: all(test(row) for test in tests)

    @property
    def takes_all(self) -> bool:
        return not self.conditions and not self.tests


def for_documents(asked: Parameters, people: dict[str, str], *, children: bool = False) -> Filter:
    """The filters of a document search, or of a container's ``children``. ``people``: full names by id.

    Raises :class:`BadRequest` for a filter that is known and not served.
    """
    _refuse_unserved(asked)
    found = Filter(latest=children or asked.flag("latest") is not False)
    _by_words(found, asked, people)
    _by_number(found, asked)
    _by_columns(found, asked)
    _by_checkout(found, asked)
    _by_dates(found, asked)
    if not children:
        _by_container(found, asked)
    return found


def for_containers(asked: Parameters) -> Filter:
    """The filters of searches for workspaces and folders, and of a container's folders."""
    _refuse_unserved(asked)
    found = Filter()
    for name, columns in (("name", ("name",)), ("anywhere", ("name", "description", "owner"))):
        if text := asked.text(name):
            words = Words(text, beginnings=False)
            found.tests.append(_found(words, columns))
            if name == "name":
                found.conditions += [
                    containers.c.name_key.contains(w, autoescape=True) for w in words.literals
                ]
    if text := asked.text("name_or_description"):
        found.tests.append(_found(Whole(text), ("name", "description")))
    if text := asked.text("description"):
        found.tests.append(_found(Words(text, beginnings=False), ("description",)))
    if text := asked.text("owner"):
        found.conditions.append(containers.c.owner == text.upper())
    return found


def leaves_folders_out(asked: Parameters) -> bool:
    """Whether a filter is asked for that folders cannot meet."""
    flags = (asked.flag(name) for name in ("checked_out", "in_use", "email_only"))
    return bool(asked.present(_OF_DOCUMENTS)) or any(flags)


def _refuse_unserved(asked: Parameters) -> None:
    for name in asked.present(_NOT_SERVED):
        raise not_indexed(name)


def _found(words: Words | Whole, columns: tuple[str, ...]) -> Test:
    return lambda row: words.found_in(row._mapping[column] for column in columns)


def _by_words(found: Filter, asked: Parameters, people: dict[str, str]) -> None:
    if text := asked.text("name"):
        words = Words(text, beginnings=True)
        found.tests.append(_found(words, ("name",)))
        if found.latest:
            found.conditions += [documents.c.name_key.contains(w, autoescape=True) for w in words.literals]
    if text := asked.text("comments") or asked.text("comment"):
        found.tests.append(_found(Words(text, beginnings=True), ("comment",)))
    if text := asked.text("anywhere"):
        anywhere = Words(text, beginnings=True)

        def test(row: Row[Any]) -> bool:
            values = row._mapping
            return anywhere.found_in(
                (
                    row.name,
                    row.extension,
                    str(row.number),
                    row.author,
                    people.get(row.author),
                    values["class"],
                    row.comment,
                )
            )

        found.tests.append(test)
        found.conditions += [_anywhere(word, people) for word in anywhere.literals if word.isascii()]


def _anywhere(word: str, people: dict[str, str]) -> ColumnElement[bool]:
    """What has ``word`` somewhere, so that only that is looked at word by word; for ASCII, where the database
    knows that letters differ in case only."""
    texts = (
        versions.c.name,
        versions.c.extension,
        versions.c.author,
        versions.c["class"],
        versions.c.comment,
    )
    authors = [name for name, full in people.items() if word in names.key(full)]
    number = cast(documents.c.number, String)
    return or_(
        *(column.icontains(word, autoescape=True) for column in texts),
        number.contains(word, autoescape=True),
        versions.c.author.in_(authors),
    )


def _by_number(found: Filter, asked: Parameters) -> None:
    if text := asked.text("document_number"):
        ranges: list[ColumnElement[bool]] = []
        for part in text.split(","):
            if bound := _BOUND.match(part.strip()):
                number = int(bound[2])
                ranges.append(
                    {
                        "<=": documents.c.number <= number,
                        ">=": documents.c.number >= number,
                        "<": documents.c.number < number,
                        ">": documents.c.number > number,
                    }[bound[1]]
                )
            elif match := _NUMBERS.match(part.strip()):
                ranges.append(documents.c.number.between(int(match[1]), int(match[2] or match[1])))
        # What is no number at all finds nothing.
        found.conditions.append(or_(*ranges) if ranges else documents.c.number < 0)
    if (version := asked.whole("document_version")) is not None:
        found.conditions.append(versions.c.version == version)


def _by_columns(found: Filter, asked: Parameters) -> None:
    for name in ("author", "operator", "last_user", "class", "type"):
        if text := asked.text(name):
            values = [part.strip().upper() for part in text.split(",") if part.strip()]
            found.conditions.append(versions.c[name].in_(values))
    if asked.flag("email_only"):
        found.conditions.append(versions.c.extension.in_(_EMAILS))
    if asked.flag("exclude_emails"):
        found.conditions.append(versions.c.extension.not_in(_EMAILS))


def _by_checkout(found: Filter, asked: Parameters) -> None:
    for name in ("checked_out", "in_use"):
        state = asked.flag(name)
        if state is not None:
            holder = versions.c.checked_out_by
            found.conditions.append(holder.is_not(None) if state else holder.is_(None))
    if text := asked.text("in_use_by"):
        found.conditions.append(versions.c.checked_out_by == text.upper())


def _by_dates(found: Filter, asked: Parameters) -> None:
    for name, column in (("create_date", versions.c.created_at), ("edit_date", versions.c.edited_at)):
        if (start := asked.moment(f"{name}_from")) is not None:
            found.conditions.append(column >= start)
        if (end := asked.moment(f"{name}_to")) is not None:
            found.conditions.append(column <= end)


def _by_container(found: Filter, asked: Parameters) -> None:
    if text := asked.text("container_id"):
        number = container_of(text)
        if asked.flag("include_subtree"):
            found.conditions.append(documents.c.parent.in_(subtree(number)))
        else:
            found.conditions.append(documents.c.parent == number)


def subtree(number: int) -> Select[Any]:
    """The numbers of a container and of all that are in it."""
    tree = select(containers.c.number).where(containers.c.number == number).cte("tree", recursive=True)
    inner = select(containers.c.number).join(tree, containers.c.parent == tree.c.number)
    return select(tree.union(inner).c.number)
