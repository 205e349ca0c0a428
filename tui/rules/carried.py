"""What a document carries besides its text: the kinds that are looked for, how much each matters, and how it is said.

A *finding* is one kind that was found in a document; a *report* is all that is known of one. What couldn't be looked
into is never reported as containing nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .display import counted
from .text import printable, shortened


class CarriedLevel(StrEnum):
    """How much a kind matters: a warning, shown among the details, or only in what programs read."""

    WARN = "warn"
    INFO = "info"
    JSON = "json"


class Looked(StrEnum):
    """How much of a document was looked into."""

    WHOLE = "whole"
    PART = "part"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class CarriedKind:
    """One kind of thing that documents carry; ``one`` and ``many`` name it after a number."""

    name: str
    level: CarriedLevel
    one: str
    many: str
    about: str


def _kinds(level: CarriedLevel, *rows: tuple[str, str, str, str]) -> list[CarriedKind]:
    return [CarriedKind(name, level, one, many or f"{one}s", about) for name, one, many, about in rows]


_ALL = [
    *_kinds(
        CarriedLevel.WARN,
        ("tracked_changes", "tracked change", "", "what was inserted, deleted, moved or formatted, with its author"),
        ("comments", "comment", "", "also those that are resolved, and the annotations of a PDF"),
        ("hidden_text", "hidden text", "", "text formatted as hidden, directly or by a style"),
        ("hidden_sheets", "hidden sheet", "", "sheets of a workbook that aren't shown"),
        ("hidden_rows", "hidden row", "", "rows with content that aren't shown"),
        ("hidden_columns", "hidden column", "", "columns with content that aren't shown"),
        ("hidden_cells", "hidden cell", "", "cells whose number format shows nothing"),
        ("pivot_source_rows", "row behind a pivot table", "rows behind pivot tables", "data kept for pivot tables"),
        ("connections", "data connection", "", "databases and files that a workbook reads"),
        ("queries", "query", "queries", "how data was fetched, with its sources"),
        ("external_links", "link to another workbook", "links to other workbooks", "with the values last read there"),
        ("data_model", "data model", "", "tables loaded into a workbook"),
        ("notes", "slide with notes", "slides with notes", "what the speaker sees"),
        ("hidden_slides", "hidden slide", "", "slides that aren't shown"),
        ("off_slide", "object off the slide", "objects off the slides", "what lies wholly outside a slide"),
        ("hidden_shapes", "hidden object", "", "shapes and pictures that are switched off"),
        ("macros", "macro project", "", "programs, also the older macro sheets"),
        ("active_content", "active control", "", "controls that run when a document is opened"),
        ("embedded", "embedded document", "", "whole files within it; a chart may carry its workbook"),
        ("revision_authors", "author of changes", "authors of changes", "who changed a .doc with changes tracked"),
        ("earlier_authors", "earlier save", "", "who saved a .doc before, and where"),
        ("attachments", "attached file", "", "files attached to a PDF"),
        ("javascript", "script", "", "programs in a PDF"),
        ("actions", "action", "", "a PDF that starts programs or sends forms"),
        ("earlier_text", "word of an earlier revision", "words of earlier revisions", "removed, and still in the PDF"),
        ("hidden_layers", "hidden layer", "", "layers of a PDF that are switched off"),
        ("covered_text", "covered text", "", "text under a box: black on black isn't a redaction"),
        ("under_image", "text under a picture", "texts under pictures", "text that a picture covers"),
        ("unapplied_redactions", "redaction not applied", "redactions not applied", "marked, but not removed"),
        ("invisible_text", "invisible text", "", "text of a PDF that isn't drawn"),
        ("picture_gps", "picture with its place", "pictures with their places", "where a photograph was taken"),
        ("bcc", "blind copy", "blind copies", "recipients in Bcc of an e-mail"),
        ("nested_messages", "message within it", "messages within it", "whole e-mails that were forwarded"),
    ),
    *_kinds(
        CarriedLevel.INFO,
        ("people", "person named", "people named", "names and addresses of who took part"),
        ("white_text", "white text", "", "white on a page that may be white"),
        ("tiny_text", "tiny text", "", "text of two points or less"),
        ("filtered_rows", "row hidden by a filter", "rows hidden by filters", "a click shows them again"),
        ("hidden_names", "hidden name", "", "names of cells that a workbook doesn't list"),
        ("author", "author", "", "who made it"),
        ("last_modified_by", "last editor", "", "who saved it last"),
        ("company", "company", "companies", "the firm of its author"),
        ("manager", "manager", "", "the manager of its author"),
        ("template", "template", "", "what it was made from"),
        ("keywords", "keyword entry", "keyword entries", "keywords of its properties"),
        ("description", "description", "", "subject, comments and category of its properties"),
        ("paths", "path", "", "names of folders and servers"),
        ("attached_template", "attached template", "", "a warning if it is on a file server"),
        ("linked_fields", "linked field", "", "fields that read other files; a warning if they are on a file server"),
        ("remote_content", "linked content", "linked contents", "pictures and objects that are read from elsewhere"),
        ("custom_properties", "custom property", "custom properties", "as document management systems add them"),
        ("doc_variables", "document variable", "", "values that add-ins keep"),
        ("custom_xml", "custom XML part", "", "data that add-ins keep"),
        ("cropped_pictures", "cropped picture", "", "the rest of the picture is still there"),
        ("fast_saved", "fast save", "", "a .doc that may still hold deleted text"),
        ("revisions", "earlier revision", "", "a PDF that was saved onto, as signing does"),
        ("serial_number", "serial number", "", "of a camera or lens"),
        ("iptc", "caption record", "", "caption, place and credit of a press picture"),
        ("mail_attachments", "attachment", "", "the visible attachments of an e-mail"),
        ("mail_route", "mail server", "", "through which an e-mail went"),
        ("originating_address", "sender's address on the network", "senders' addresses on the network", "of an e-mail"),
    ),
    *_kinds(
        CarriedLevel.JSON,
        ("rsids", "editing session", "", "identifiers of editing sessions"),
        ("thumbnail", "thumbnail", "", "a small picture of an earlier state"),
        ("printer_settings", "printer setting", "", "which printer was used"),
        ("formulas", "formula", "", "cells that are computed"),
        ("form_fields", "form field", "", "fields to fill in"),
        ("software", "program", "", "what wrote it"),
        ("xmp", "XMP record", "", "properties in XMP"),
        ("ocr_layer", "page of recognised text", "pages of recognised text", "text under a scan"),
    ),
]  # fmt: skip
#: All kinds by their names: warnings first, then information, then what only programs read.
KINDS: dict[str, CarriedKind] = {kind.name: kind for kind in _ALL}
#: The names of those that warn, and of all that a person is shown.
WARNINGS = tuple(kind.name for kind in _ALL if kind.level is CarriedLevel.WARN)
SHOWN = tuple(kind.name for kind in _ALL if kind.level is not CarriedLevel.JSON)

#: Why a document, or a part of one, wasn't looked into: what is said of it.
REASONS = {
    "encrypted": "It is encrypted.",
    "kind": "Files of this kind aren't looked into.",
    "damaged": "It is damaged, or not what its name says.",
    "limits": "It holds more than is looked into.",
    "time": "Looking into it took too long.",
    "crashed": "A part of it can't be read.",
    "unreadable": "It couldn't be read.",
    "worker": "The process that looks into documents couldn't be started.",
    "off": "It wasn't looked into.",
}
#: At most so many values, names and places of a finding are kept, each of at most so many characters.
MOST_VALUES = 20
MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind that was found. ``who`` has how often each name occurs; ``certain`` is false for what only may be so."""

    kind: CarriedKind
    count: int = 1
    level: CarriedLevel = CarriedLevel.INFO
    certain: bool = True
    who: Mapping[str, int] = field(default_factory=dict)
    where: Mapping[str, int] = field(default_factory=dict)
    values: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """``3 comments``; ``maybe 2 covered texts``."""
        said = counted(self.count, self.kind.one, self.kind.many)
        return said if self.certain else f"maybe {said}"

    @property
    def more(self) -> str:
        """Who, where and what, for people; printable."""
        who = ", ".join(f"{name} {n}" if self.count > 1 else name for name, n in self.who.items())
        where = ", ".join(self.where)
        values = " · ".join(self.values)
        return printable(shortened("; ".join(part for part in (who, values, where) if part), MOST_CHARACTERS))

    def fields(self) -> dict[str, Any]:
        """The finding as it is printed for programs, and sent by the worker."""
        found: dict[str, Any] = {
            "kind": self.kind.name,
            "class": str(self.level),
            "count": self.count,
            "certain": self.certain,
        }
        more = (("who", list(self.who)), ("where", list(self.where)), ("values", list(self.values)))
        return found | {name: value for name, value in more if value}


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of one document. ``reason``, a key of :data:`REASONS`, says why it wasn't looked into as a whole;
    ``not_looked_at`` which of its parts were not."""

    looked: Looked
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    not_looked_at: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that warn."""
        return tuple(finding for finding in self.findings if finding.level is CarriedLevel.WARN)

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings that people are shown, warnings first."""
        info = tuple(finding for finding in self.findings if finding.level is CarriedLevel.INFO)
        return self.warnings + info

    @property
    def why(self) -> str:
        """The sentence for why not all of it was looked into; empty if it was."""
        if self.looked is Looked.WHOLE:
            return ""
        if self.looked is Looked.PART and self.not_looked_at:
            return printable(f"Not looked at: {', '.join(self.not_looked_at)}.")
        return REASONS.get(self.reason, REASONS["crashed"])

    @property
    def mark(self) -> str:
        """A few words, the most important first; ``nothing found`` only if all of it was looked into, and there is
        nothing that people are shown."""
        if self.looked is Looked.NOT:
            return "not looked into"
        if self.warnings:
            return ", ".join(finding.text for finding in self.warnings)
        if self.looked is Looked.PART:
            return "partly looked into"
        return "only details" if self.shown else "nothing found"

    def has(self, kinds: Iterable[str]) -> tuple[Finding, ...]:
        """The findings of the given kinds; those that only may be so count as well."""
        wanted = set(kinds)
        return tuple(finding for finding in self.findings if finding.kind.name in wanted)

    def fields(self) -> dict[str, Any]:
        """The report as it is printed for programs."""
        return {
            "looked": str(self.looked),
            "reason": self.reason or None,
            "findings": [finding.fields() for finding in self.findings],
            "not_looked_at": list(self.not_looked_at),
        }


def not_looked_into(reason: str) -> Report:
    """The report on a document that couldn't be looked into."""
    return Report(Looked.NOT, reason=reason)


def finding_of(record: Mapping[str, Any]) -> Finding | None:
    """A finding as the worker sent it; ``None`` if it can't be one. The worker has read hostile bytes, so nothing it
    says is taken as it is."""
    kind = KINDS.get(str(record.get("kind")))
    count = record.get("count")
    level = record.get("class")
    if (
        kind is None
        or not isinstance(count, int)
        or not 0 < count < 2**31
        or level not in tuple(CarriedLevel)
    ):
        return None
    values = record.get("values")
    return Finding(
        kind,
        count,
        CarriedLevel(level),
        record.get("certain") is not False,
        _counts(record.get("who")),
        _counts(record.get("where")),
        tuple(_clean(value) for value in values[:MOST_VALUES]) if isinstance(values, list) else (),
    )


def _counts(given: object) -> dict[str, int]:
    if not isinstance(given, dict):
        return {}
    numbers = ((name, n) for name, n in given.items() if isinstance(n, int) and 0 < n < 2**31)
    return {_clean(name): n for name, n in list(numbers)[:MOST_VALUES]}


def _clean(value: object) -> str:
    return printable(str(value)[:MOST_CHARACTERS])


def summary(reports: Iterable[Report]) -> str:
    """One line on several documents: how many carry more than their text, and how many weren't looked into."""
    reports = list(reports)
    carrying = sum(1 for report in reports if report.warnings)
    unknown = sum(1 for report in reports if report.looked is Looked.NOT)
    parts = []
    if carrying:
        verb = "carries" if carrying == 1 else "carry"
        parts.append(f"{counted(carrying, 'document', 'documents')} {verb} more than {_its(carrying)} text")
    if unknown:
        were = "was" if unknown == 1 else "were"
        parts.append(
            f"{unknown if carrying else counted(unknown, 'document', 'documents')} {were} not looked into"
        )
    return f"{'; '.join(parts)}." if parts else ""


def _its(count: int) -> str:
    return "its" if count == 1 else "their"
