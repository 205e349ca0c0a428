"""The filters of lists and searches: the ones in the protocol that this library supports.

A filter has two parts: conditions that the database can look up, and tests of each row for what it can't.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, String, cast, func, or_

from ...rules import names
from ..database.octets import octet_length
from ..database.tables import containers, documents, versions
from ..library.name_match import WholeMatch, Words, terms_of
from ..library.problems import not_indexed
from .pages import Test
from .parameters import Parameters

Word = TypeVar("Word")

_CUSTOM = {
    f"custom{n}{tail}" for n in range(1, 32) for tail in ("", "_from", "_to", "_relative", "_description")
}
#: Known but not supported: they give an error, since ignoring them would return everything.
_UNSUPPORTED = frozenset(
    {"body", "subject", "sender", "recipient", "from", "to", "cc", "bcc", "language", "file_target"}
    | {"subclass", "has_attachment", "personalized", "email", "in_use_by_description", "workspace_name"}
    | {f"{date}{tail}" for date in ("sent_date", "received_date") for tail in ("", "_from", "_to")}
    # Date ranges in words, whose syntax isn't publicly documented.
    | {f"{what}_date{tail}" for what in ("create", "edit") for tail in ("", "_relative")}
    | _CUSTOM
)
#: The same for document searches.
_UNSUPPORTED_FOR_DOCUMENTS = _UNSUPPORTED | {"owner", "user"}
_EMAILS = ("eml", "msg")
#: Filters that only documents have: if one of them is used, folders are left out.
_DOCUMENT_FILTERS = frozenset(
    {"author", "operator", "last_user", "class", "type", "document_number", "document_version"}
    | {"in_use_by", "comments", "comment", "name_comments", "extension"}
    | {f"{date}{tail}" for date in ("create_date", "edit_date") for tail in ("_from", "_to")}
)
#: Filters that may narrow a search to a few documents by themselves, so that the index isn't queried.
_NARROWING = frozenset({"document_number", "in_use_by", "checked_out", "in_use"})
_NUMBERS = re.compile(r"([0-9]{1,18})\s*(?:-\s*([0-9]{1,18}))?")
_BOUND = re.compile(r"(<=|>=|<|>)\s*([0-9]{1,18})")
# The most words of a filter that the database looks for: SQLite allows conditions a depth of a thousand.
_MOST_CONDITIONS = 20
# Up to this many documents are sorted faster than they are found by going through a million in order.
_FEW = 10_000


@dataclass
class Filter:
    """``conditions`` on documents and versions, and ``tests`` of rows; without any, everything matches.

    ``terms``: what the full text index has for every match; ``fallback_tests``: the same if the index isn't queried.
    ``narrow``: the conditions alone find only a few; ``scans``: without an index, all texts have to be gone through.
    ``latest``: only latest versions are searched.
    """

    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    fallback_tests: list[Test] = field(default_factory=list)
    latest: bool = True
    narrow: bool = False
    scans: bool = False
    before: datetime | None = None

    @property
    def test(self) -> Test | None:
        """All tests as one; ``None`` if there are none."""
        if not self.tests:
            return None
        tests = self.tests
        return lambda row: all(test(row) for test in tests)

    @property
    def takes_all(self) -> bool:
        """Whether it leaves nothing out."""
        return not (self.conditions or self.tests or self.terms or self.fallback_tests)


def wants_people(parameters: Parameters) -> bool:
    """Whether :func:`for_documents` needs people's full names; for most searches the index has them."""
    text = parameters.text("anywhere")
    if text is None:
        return False
    indexed = _of_latest(parameters) and not parameters.present(_NARROWING)
    return not (indexed and Words(text, beginnings=True).exact)


def _of_latest(parameters: Parameters) -> bool:
    return parameters.flag("latest") is not False


def for_documents(parameters: Parameters, people: dict[str, str], *, children: bool = False) -> Filter:
    """The filters of a document search, or of a container's ``children``. ``people``: full names by user name, if
    :func:`wants_people` says so.

    Raises :class:`BadRequest` for a filter that is known but not supported.
    """
    _refuse(parameters, _UNSUPPORTED if children else _UNSUPPORTED_FOR_DOCUMENTS)
    found = Filter(latest=children or _of_latest(parameters))
    _by_words(found, parameters, people, indexed=found.latest and not children)
    _by_number(found, parameters)
    _by_columns(found, parameters)
    _by_checkout(found, parameters)
    _by_dates(found, parameters)
    return found


def for_containers(parameters: Parameters) -> Filter:
    """The filters of a search for workspaces or folders, or of a container's folders."""
    _refuse(parameters, _UNSUPPORTED)
    found = Filter()
    for name, columns in (("name", ("name",)), ("anywhere", ("name", "description", "owner"))):
        if text := parameters.text(name):
            words = Words(text, beginnings=False)
            found.tests.append(_found(words, columns))
            if name == "name":
                found.conditions += [
                    _contains(containers.c.name_key, pieces) for pieces in _few(words.pieces)
                ]
    if text := parameters.text("name_or_description"):
        found.tests.append(_found(WholeMatch(text), ("name", "description")))
    if text := parameters.text("description"):
        found.tests.append(_found(Words(text, beginnings=False), ("description",)))
    if text := parameters.text("owner"):
        found.conditions.append(containers.c.owner == text.upper())
    return found


def leaves_folders_out(parameters: Parameters) -> bool:
    """Whether there is a filter that folders can't match."""
    flags = (parameters.flag(name) for name in ("checked_out", "in_use", "email_only"))
    return bool(parameters.present(_DOCUMENT_FILTERS)) or any(flags)


def _refuse(parameters: Parameters, names: frozenset[str]) -> None:
    for name in parameters.present(names):
        raise not_indexed(name)


def _found(words: Words | WholeMatch, columns: tuple[str, ...]) -> Test:
    return lambda row: words.found_in(row._mapping[column] for column in columns)


def _by_words(found: Filter, parameters: Parameters, people: dict[str, str], *, indexed: bool) -> None:
    if text := parameters.text("name"):
        words = Words(text, beginnings=True)
        found.terms += words.terms
        # The index has a document's other words as well.
        found.tests.append(_found(words, ("name",)))
        if found.latest:
            found.conditions += [_contains(documents.c.name_key, pieces) for pieces in _few(words.pieces)]
        found.scans = not words.terms
    if text := parameters.text("comments") or parameters.text("comment"):
        words = Words(text, beginnings=True)
        found.tests.append(_found(words, ("comment",)))
        found.conditions += [_may_contain(versions.c.comment, pieces) for pieces in _few(words.pieces)]
        found.scans = True
    if text := parameters.text("name_comments"):
        words = Words(text, beginnings=True)
        found.terms += words.terms
        found.tests.append(_found(words, ("name", "comment")))
    if text := parameters.text("anywhere"):
        words = Words(text, beginnings=True)
        found.terms += words.terms
        (found.fallback_tests if indexed and words.exact else found.tests).append(_anywhere_in(words, people))
        if not (indexed and words.terms):
            found.conditions += [
                _anywhere(pieces, people) for pieces in _few(words.pieces) if all(map(str.isascii, pieces))
            ]


def _few(words: Sequence[Word]) -> Sequence[Word]:
    """Those that the database looks for: each is a condition, and there may be thousands of them."""
    return words[:_MOST_CONDITIONS]


def _pattern(pieces: Sequence[str]) -> str:
    """The pattern of ``LIKE`` for a text with these pieces in this order."""
    escaped = (re.sub(r"([%_/])", r"/\1", piece) for piece in pieces)
    return f"%{'%'.join(escaped)}%"


def _contains(column: ColumnElement[str], pieces: Sequence[str]) -> ColumnElement[bool]:
    """A condition: that a text of keys contains the pieces in this order."""
    return column.like(_pattern(pieces), escape="/")


def _may_contain(column: ColumnElement[str], pieces: Sequence[str]) -> ColumnElement[bool]:
    """The same for any text: only where everything is ASCII can the database ignore case, so that others remain."""
    if not all(piece.isascii() for piece in pieces):
        return _not_ascii(column)
    return or_(column.ilike(_pattern(pieces), escape="/"), _not_ascii(column))


def _not_ascii(column: ColumnElement[str]) -> ColumnElement[bool]:
    return octet_length(column) > func.length(column)


def _anywhere_in(words: Words, people: dict[str, str]) -> Test:
    def test(row: Row[Any]) -> bool:
        fields = (row.name, row.extension, str(row.number), row.author, people.get(row.author), row.comment)
        return words.found_in((*fields, row._mapping["class"]))

    return test


def _anywhere(pieces: Sequence[str], people: dict[str, str]) -> ColumnElement[bool]:
    """A condition: that a word's ``pieces`` occur in some field, so that only those rows are tested word by word. For
    ASCII only, where the database can ignore case."""
    texts = (
        versions.c.name,
        versions.c.extension,
        versions.c.author,
        versions.c["class"],
        versions.c.comment,
    )
    authors = [name for name, full in people.items() if all(piece in names.key(full) for piece in pieces)]
    number = cast(documents.c.number, String)
    return or_(
        *(column.ilike(_pattern(pieces), escape="/") for column in texts),
        _contains(number, pieces),
        versions.c.author.in_(authors),
    )


def _by_number(found: Filter, parameters: Parameters) -> None:
    if text := parameters.text("document_number"):
        ranges = [_range(part.strip()) for part in text.split(",")]
        conditions = [condition for condition, _ in ranges if condition is not None]
        # Text that isn't a number at all matches nothing.
        found.conditions.append(or_(*conditions) if conditions else documents.c.number < 0)
        found.narrow = sum(size for _, size in ranges) <= _FEW
    if (version := parameters.whole("document_version")) is not None:
        found.conditions.append(versions.c.version == version)


def _range(text: str) -> tuple[ColumnElement[bool] | None, int]:
    """The condition for a number, a range (``5-9``) or a bound (``<=9``), and how many numbers it covers."""
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


def _by_columns(found: Filter, parameters: Parameters) -> None:
    for name in ("author", "operator", "last_user", "class", "type"):
        if text := parameters.text(name):
            values = [part.strip().upper() for part in text.split(",") if part.strip()]
            found.conditions.append(versions.c[name].in_(values))
            if name in ("author", "class") and len(values) == 1:
                found.terms += terms_of(values)
    if text := parameters.text("extension"):
        endings = [part.strip(". ").lower() for part in text.split(",")]
        found.conditions.append(versions.c.extension.in_(endings))
        if len(endings) == 1:
            found.terms += terms_of(endings)
    if parameters.flag("email_only"):
        found.conditions.append(versions.c.extension.in_(_EMAILS))
    if parameters.flag("exclude_emails"):
        found.conditions.append(versions.c.extension.not_in(_EMAILS))


def _by_checkout(found: Filter, parameters: Parameters) -> None:
    holder = versions.c.checked_out_by
    for name in ("checked_out", "in_use"):
        state = parameters.flag(name)
        if state is not None:
            found.conditions.append(holder.is_not(None) if state else holder.is_(None))
            found.narrow = found.narrow or state
    if text := parameters.text("in_use_by"):
        found.conditions.append(holder == text.upper())
        found.narrow = True


def _by_dates(found: Filter, parameters: Parameters) -> None:
    # For latest versions it is in an index of ``documents``.
    edited = documents.c.edited_at if found.latest else versions.c.edited_at
    for name, column in (("create_date", versions.c.created_at), ("edit_date", edited)):
        if (start := parameters.moment(f"{name}_from")) is not None:
            found.conditions.append(column >= start)
        if (end := parameters.moment(f"{name}_to")) is not None:
            found.conditions.append(column <= end)
            if name == "edit_date":
                found.before = end
