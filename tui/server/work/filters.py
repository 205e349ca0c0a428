"""The filters of lists and searches: of those that the protocol has, those that this library serves.

A filter is two things: conditions that the database can look up, and a test of each row for what it cannot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, String, cast, or_

from ...rules import names
from ..database.tables import containers, documents, versions
from ..library.name_match import Whole, Words, terms_of
from ..library.problems import not_indexed
from .pages import Test
from .parameters import Parameters

_CUSTOM = {
    f"custom{n}{tail}" for n in range(1, 32) for tail in ("", "_from", "_to", "_relative", "_description")
}
#: Known, and not served: they are answered with an error, never with everything.
_NOT_SERVED = frozenset(
    {"body", "subject", "sender", "recipient", "from", "to", "cc", "bcc", "language", "file_target"}
    | {"subclass", "has_attachment", "personalized", "email", "in_use_by_description", "workspace_name"}
    | {f"{date}{tail}" for date in ("sent_date", "received_date") for tail in ("", "_from", "_to")}
    # Ranges of dates in words, of which nothing public says how they are written.
    | {f"{what}_date{tail}" for what in ("create", "edit") for tail in ("", "_relative")}
    | _CUSTOM
)
#: The same, of searches for documents.
_NOT_SERVED_OF_DOCUMENTS = _NOT_SERVED | {"owner", "user"}
_EMAILS = ("eml", "msg")
#: Filters that only documents have: where one of them picks some, no folders are given.
_OF_DOCUMENTS = frozenset(
    {"author", "operator", "last_user", "class", "type", "document_number", "document_version"}
    | {"in_use_by", "comments", "comment", "name_comments", "extension"}
    | {f"{date}{tail}" for date in ("create_date", "edit_date") for tail in ("_from", "_to")}
)
#: Filters that may find few by themselves, so that the index is not asked.
_NARROWING = frozenset({"document_number", "in_use_by", "checked_out", "in_use"})
_NUMBERS = re.compile(r"([0-9]{1,18})\s*(?:-\s*([0-9]{1,18}))?")
_BOUND = re.compile(r"(<=|>=|<|>)\s*([0-9]{1,18})")
# So many documents are put in order faster than they are found among a million in order.
_FEW = 10_000


@dataclass
class Filter:
    """``conditions`` on documents and versions, ``tests`` of rows; empty ones take everything.

    ``terms`` are what the full text index has of whatever is picked; ``instead`` tests the same where it is not
    asked. ``narrow`` says that the conditions find few by themselves. Where ``latest``, last versions are meant.
    """

    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    instead: list[Test] = field(default_factory=list)
    latest: bool = True
    narrow: bool = False
    before: datetime | None = None

    @property
    def test(self) -> Test | None:
        if not self.tests:
            return None
        tests = self.tests
        return lambda row: all(test(row) for test in tests)

    @property
    def takes_all(self) -> bool:
        return not (self.conditions or self.tests or self.terms or self.instead)


def wants_people(asked: Parameters) -> bool:
    """Whether :func:`for_documents` looks at people's full names itself; for most searches the index does."""
    text = asked.text("anywhere")
    if text is None:
        return False
    indexed = _of_latest(asked) and not asked.present(_NARROWING)
    return not (indexed and Words(text, beginnings=True).exact)


def _of_latest(asked: Parameters) -> bool:
    return asked.flag("latest") is not False


def for_documents(asked: Parameters, people: dict[str, str], *, children: bool = False) -> Filter:
    """The filters of a document search, or of a container's ``children``. ``people``: full names by id, where
    :func:`wants_people` says so.

    Raises :class:`BadRequest` for a filter that is known and not served.
    """
    _refuse(asked, _NOT_SERVED if children else _NOT_SERVED_OF_DOCUMENTS)
    found = Filter(latest=children or _of_latest(asked))
    _by_words(found, asked, people, indexed=found.latest and not children)
    _by_number(found, asked)
    _by_columns(found, asked)
    _by_checkout(found, asked)
    _by_dates(found, asked)
    return found


def for_containers(asked: Parameters) -> Filter:
    """The filters of searches for workspaces and folders, and of a container's folders."""
    _refuse(asked, _NOT_SERVED)
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


def _refuse(asked: Parameters, names: frozenset[str]) -> None:
    for name in asked.present(names):
        raise not_indexed(name)


def _found(words: Words | Whole, columns: tuple[str, ...]) -> Test:
    return lambda row: words.found_in(row._mapping[column] for column in columns)


def _by_words(found: Filter, asked: Parameters, people: dict[str, str], *, indexed: bool) -> None:
    if text := asked.text("name"):
        words = Words(text, beginnings=True)
        found.terms += words.terms
        # The index has other words of a document as well.
        found.tests.append(_found(words, ("name",)))
        if found.latest:
            found.conditions += [documents.c.name_key.contains(w, autoescape=True) for w in words.literals]
    if text := asked.text("comments") or asked.text("comment"):
        found.tests.append(_found(Words(text, beginnings=True), ("comment",)))
    if text := asked.text("name_comments"):
        words = Words(text, beginnings=True)
        found.terms += words.terms
        found.tests.append(_found(words, ("name", "comment")))
    if text := asked.text("anywhere"):
        words = Words(text, beginnings=True)
        found.terms += words.terms
        (found.instead if indexed and words.exact else found.tests).append(_anywhere_in(words, people))
        if not (indexed and words.terms):
            found.conditions += [_anywhere(word, people) for word in words.literals if word.isascii()]


def _anywhere_in(words: Words, people: dict[str, str]) -> Test:
    def test(row: Row[Any]) -> bool:
        fields = (row.name, row.extension, str(row.number), row.author, people.get(row.author), row.comment)
        return words.found_in((*fields, row._mapping["class"]))

    return test


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
        ranges = [_range(part.strip()) for part in text.split(",")]
        chosen = [condition for condition, _ in ranges if condition is not None]
        # What is no number at all finds nothing.
        found.conditions.append(or_(*chosen) if chosen else documents.c.number < 0)
        found.narrow = sum(size for _, size in ranges) <= _FEW
    if (version := asked.whole("document_version")) is not None:
        found.conditions.append(versions.c.version == version)


def _range(text: str) -> tuple[ColumnElement[bool] | None, int]:
    """The condition that a number, a range (``5-9``) or a bound (``<=9``) is, and how many numbers it takes."""
    column = documents.c.number
    if bound := _BOUND.match(text):
        number = int(bound[2])
        below = {"<=": column <= number, "<": column < number}
        if bound[1] in below:
            return below[bound[1]], number
        return (column >= number if bound[1] == ">=" else column > number), _FEW + 1
    match = _NUMBERS.match(text)
    if match is None:
        return None, 0
    first, last = int(match[1]), int(match[2] or match[1])
    return (column == first if first == last else column.between(first, last)), max(last - first + 1, 0)


def _by_columns(found: Filter, asked: Parameters) -> None:
    for name in ("author", "operator", "last_user", "class", "type"):
        if text := asked.text(name):
            values = [part.strip().upper() for part in text.split(",") if part.strip()]
            found.conditions.append(versions.c[name].in_(values))
            if name in ("author", "class") and len(values) == 1:
                found.terms += terms_of(values)
    if text := asked.text("extension"):
        endings = [part.strip(". ").lower() for part in text.split(",")]
        found.conditions.append(versions.c.extension.in_(endings))
        if len(endings) == 1:
            found.terms += terms_of(endings)
    if asked.flag("email_only"):
        found.conditions.append(versions.c.extension.in_(_EMAILS))
    if asked.flag("exclude_emails"):
        found.conditions.append(versions.c.extension.not_in(_EMAILS))


def _by_checkout(found: Filter, asked: Parameters) -> None:
    holder = versions.c.checked_out_by
    for name in ("checked_out", "in_use"):
        state = asked.flag(name)
        if state is not None:
            found.conditions.append(holder.is_not(None) if state else holder.is_(None))
            found.narrow = found.narrow or state
    if text := asked.text("in_use_by"):
        found.conditions.append(holder == text.upper())
        found.narrow = True


def _by_dates(found: Filter, asked: Parameters) -> None:
    # Of a latest version it is in the indexes of documents.
    edited = documents.c.edited_at if found.latest else versions.c.edited_at
    for name, column in (("create_date", versions.c.created_at), ("edit_date", edited)):
        if (start := asked.moment(f"{name}_from")) is not None:
            found.conditions.append(column >= start)
        if (end := asked.moment(f"{name}_to")) is not None:
            found.conditions.append(column <= end)
            if name == "edit_date":
                found.before = end
