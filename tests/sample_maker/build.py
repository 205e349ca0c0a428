"""Makes the files and the manifest from the texts."""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.sample_maker import carry, excel, mail, open_document, pdf, picture, powerpoint, word
from tests.sample_maker.load import Sample, load
from tests.sample_maker.model import Matter, Paper, Shelf

# The documents are set in the autumn of 2026. The files contain dates; the manifest counts in days.
TODAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def write(target: Path) -> int:
    """Write ``files/`` and ``matters.json`` below ``target``; return how many files there are now."""
    sample = load()
    people = {person["id"]: person["name"] for person in sample.people}
    files = target / "files"
    shutil.rmtree(files, ignore_errors=True)
    count = 0
    for matter in sample.matters:
        folder = files / matter.slug
        folder.mkdir(parents=True)
        for paper in papers(matter):
            for number, data in enumerate(_versions(paper, people), 1):
                with (folder / _file_name(paper, number)).open("xb") as file:
                    file.write(data)
                count += 1
    text = json.dumps(_manifest(sample), ensure_ascii=False, indent=1)
    (target / "matters.json").write_text(_visible(text) + "\n", encoding="utf-8", newline="\n")
    return count


def _visible(text: str) -> str:
    """Escape direction marks and combining characters: editors show them wrongly, or change them."""
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in ("Cf", "Mn") else char for char in text
    )


def papers(place: Matter | Shelf) -> Iterator[Paper]:
    yield from place.papers
    for shelf in place.shelves:
        yield from papers(shelf)


def _file_name(paper: Paper, number: int) -> str:
    return f"{paper.slug}-{number}.{paper.extension}"


def _versions(paper: Paper, people: dict[str, str]) -> list[bytes]:
    last = len(paper.revisions)
    return [
        _file(
            paper,
            text,
            people[revision.operator],
            TODAY - timedelta(days=revision.days_ago),
            paper.carries if number == last else (),
        )
        for number, (text, revision) in enumerate(zip(paper.texts(), paper.revisions, strict=True), 1)
    ]


def _file(paper: Paper, text: str, author: str, moment: datetime, carries: tuple[str, ...]) -> bytes:
    if paper.extension == "eml":
        parts = [
            (name, _bytes(name.rpartition(".")[2], name, body, author, moment))
            for name, body in paper.attachments
        ]
        return mail.make(text, paper.slug, parts)
    if paper.extension == "pdf":
        return pdf.make(paper.name, text.strip("\n"), moment, covers="covered_text" in carries)
    made = _bytes(paper.extension, paper.name, text, author, moment)
    return carry.add(paper.extension, made, carries, author)


def _bytes(extension: str, title: str, text: str, author: str, moment: datetime) -> bytes:
    text = text.strip("\n")
    if extension == "pdf":
        return pdf.make(title, text, moment)
    if extension == "docx":
        return word.make(title, text, author, moment)
    if extension == "odt":
        return open_document.make(text, author, moment)
    if extension == "pptx":
        return powerpoint.make(title, text, author, moment)
    if extension == "xlsx":
        return excel.make(title, text, author, moment)
    if extension == "csv":
        return excel.make_csv(text)
    if extension == "png":
        return picture.make(text)
    return f"{text}\n".encode() if text else b""


def _manifest(sample: Sample) -> dict[str, Any]:
    return {
        "people": sample.people,
        "workspaces": [
            {
                "name": matter.name,
                "description": matter.description,
                "owner": matter.owner,
                "folders": [_folder(shelf, matter.slug) for shelf in matter.shelves],
                "documents": [_document(paper, matter.slug) for paper in matter.papers],
            }
            for matter in sample.matters
        ],
        "recent": sample.recent,
        "favorites": sample.favorites,
    }


def _folder(shelf: Shelf, slug: str) -> dict[str, Any]:
    return {
        "name": shelf.name,
        "folders": [_folder(inner, slug) for inner in shelf.shelves],
        "documents": [_document(paper, slug) for paper in shelf.papers],
    }


def _document(paper: Paper, slug: str) -> dict[str, Any]:
    return {
        "name": paper.name,
        "extension": paper.extension,
        "class": paper.kind,
        "author": paper.author,
        "versions": [
            {
                "file": f"{slug}/{_file_name(paper, number)}",
                "operator": revision.operator,
                "days_ago": revision.days_ago,
                "comment": revision.comment,
            }
            for number, revision in enumerate(paper.revisions, 1)
        ],
        "checked_out": paper.out
        and {
            "by": paper.out.by,
            "days_ago": paper.out.days_ago,
            "version": len(paper.revisions),
            "comment": paper.out.comment,
        },
    }
