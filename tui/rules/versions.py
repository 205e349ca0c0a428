"""Which version of a document to send, and the questions to ask before that."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .display import distinguished


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, with what the questions before a send need. ``author`` and ``comment`` are empty if
    there is none."""

    id: str
    number: int
    version: int
    name: str
    checked_out_by: str | None = None
    checked_out_at: datetime | None = None
    edited_at: datetime | None = None
    author: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class WhichVersion:
    """The question which version of a selected document to send; ``versions`` are newest first. ``by_hand``: the user
    chose the selected version explicitly."""

    selected: Version
    versions: tuple[Version, ...]
    by_hand: bool = False

    @property
    def latest(self) -> Version:
        """The newest version of the document."""
        return self.versions[0]

    @property
    def own(self) -> Version | None:
        """The selected version in ``versions``; ``None`` if it was deleted."""
        return next((version for version in self.versions if version.id == self.selected.id), None)

    @property
    def preset(self) -> Version:
        """The version that the user chose explicitly, if it still exists; else the latest."""
        return (self.own if self.by_hand else None) or self.latest


def questions(
    selected: Iterable[tuple[Version, Iterable[Version]]], by_hand: Container[str] = ()
) -> list[WhichVersion]:
    """The questions to ask: one for each selected version that isn't the latest, or was deleted while other versions
    of its document still exist. ``by_hand`` are the ids of those that the user chose explicitly."""
    result = []
    for chosen, versions in selected:
        newest_first = tuple(sorted(versions, key=lambda v: -v.version))
        question = WhichVersion(chosen, newest_first, chosen.id in by_hand)
        if newest_first and (newest_first[0].version > chosen.version or question.own is None):
            result.append(question)
    return result


def checked_out(versions: Iterable[Version]) -> list[Version]:
    """Those of the versions to be sent that are checked out."""
    return [v for v in versions if v.checked_out_by]


def names_of(versions: Sequence[Version]) -> list[str]:
    """The names of versions of different documents, with their ids where the names are the same."""
    return distinguished([v.name for v in versions], [v.id for v in versions])
