"""Reads ``content/``: ``sample.toml``, and a folder for each matter with ``matter.toml`` and the texts."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sample_maker.model import Matter, Out, Paper, Revision, Shelf

CONTENT = Path(__file__).with_name("content")
#: What is written in the markup of ``markup.py``; the texts of other types have their own forms.
_PAGES = ("pdf", "docx", "odt", "md")


@dataclass(frozen=True)
class Sample:
    """All there is. A path in ``recent`` or ``favorites`` starts with the name of a matter."""

    people: list[dict[str, str]]
    matters: tuple[Matter, ...]
    recent: list[list[str]]
    favorites: list[dict[str, Any]]


def load() -> Sample:
    """Read everything. Raises :class:`OSError` if a text is missing, :class:`KeyError` for an incomplete entry."""
    top = _toml(CONTENT / "sample.toml")
    people = [
        {"id": number, "name": name, "email": f"{number.lower()}@harlow-finch.example"}
        for number, name in top["people"].items()
    ]
    return Sample(people, tuple(_matter(slug) for slug in top["matters"]), top["recent"], top["favorites"])


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _matter(slug: str) -> Matter:
    values = _toml(CONTENT / slug / "matter.toml")
    papers: dict[tuple[str, ...], list[Paper]] = {(): []}
    papers |= {tuple(path): [] for path in values["folders"]}
    for entry in values["documents"]:
        papers[tuple(entry["folder"])].append(_paper(entry, slug))
    return Matter(
        values["name"],
        slug,
        values["description"],
        values["owner"],
        shelves=_shelves((), papers),
        papers=tuple(papers[()]),
    )


def _shelves(above: tuple[str, ...], papers: dict[tuple[str, ...], list[Paper]]) -> tuple[Shelf, ...]:
    return tuple(
        Shelf(path[-1], _shelves(path, papers), tuple(here))
        for path, here in papers.items()
        if path and path[:-1] == above
    )


def _paper(entry: dict[str, Any], matter: str) -> Paper:
    name, _, extension = entry["name"].rpartition(".")
    slug = entry.get("slug") or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    attachments = [
        (attached, _text(matter, f"{slug}.attached-{number}", attached.rpartition(".")[2]))
        for number, attached in enumerate(entry.get("attachments", ()), 1)
    ]
    out = entry.get("checked_out")
    return Paper(
        name,
        extension,
        entry["class"],
        entry["author"],
        slug,
        _text(matter, slug, extension),
        tuple(_revision(version) for version in entry["versions"]),
        tuple(attachments),
        Out(**out) if out else None,
        tuple(entry.get("carries", ())),
    )


def _revision(version: dict[str, Any]) -> Revision:
    changes = tuple((old, new) for old, new in version.get("changes", ()))
    return Revision(version["operator"], version["days_ago"], version["comment"], changes)


def _text(matter: str, name: str, extension: str) -> str:
    return (CONTENT / matter / f"{name}.{'md' if extension in _PAGES else 'txt'}").read_text("utf-8")
