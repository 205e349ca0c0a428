"""Which version of a document is sent, and what the user is asked or told first."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, as far as the questions before a send need it. ``author`` and ``comment`` are empty
    where there is none."""

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
class Question:
    """For one selected document: its versions, newest first, of which one is to be chosen. ``by_hand``: the user has
    chosen the selected one."""

    selected: Version
    versions: tuple[Version, ...]
    by_hand: bool = False

    @property
    def latest(self) -> Version:
        return self.versions[0]

    @property
    def own(self) -> Version | None:
        """The selected version as one of the versions; ``None`` where it was deleted."""
        return next((version for version in self.versions if version.id == self.selected.id), None)

    @property
    def preset(self) -> Version:
        """What the user chose by hand, where it is still there; else the latest."""
        return (self.own if self.by_hand else None) or self.latest


def questions(
    selected: Iterable[tuple[Version, Iterable[Version]]], by_hand: Container[str] = ()
) -> list[Question]:
    """The questions to ask: one for each selected version that has a later one, or was deleted while others of its
    document are still there. ``by_hand`` are the ids of those that the user chose."""
    result = []
    for chosen, versions in selected:
        newest_first = tuple(sorted(versions, key=lambda v: -v.version))
        question = Question(chosen, newest_first, chosen.id in by_hand)
        if newest_first and (newest_first[0].version > chosen.version or question.own is None):
            result.append(question)
    return result


def checked_out(versions: Iterable[Version]) -> list[Version]:
    """Those of the versions to be sent that somebody has checked out."""
    return [v for v in versions if v.checked_out_by]
