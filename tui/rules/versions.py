"""Which version of a document is sent, and what the user is asked or told first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, as far as the questions before a send need it."""

    id: str
    number: int
    version: int
    name: str
    checked_out_by: str | None = None
    checked_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """For one selected document: its versions, newest first, of which one is to be chosen."""

    selected: Version
    versions: tuple[Version, ...]

    @property
    def latest(self) -> Version:
        return self.versions[0]


def questions(selected: Iterable[tuple[Version, Iterable[Version]]]) -> list[Question]:
    """The questions to ask: one for each selected version that has a later one."""
    result = []
    for chosen, versions in selected:
        newest_first = tuple(sorted(versions, key=lambda v: -v.version))
        if newest_first and newest_first[0].version > chosen.version:
            result.append(Question(chosen, newest_first))
    return result


def checked_out(versions: Iterable[Version]) -> list[Version]:
    """Those of the versions to be sent that somebody has checked out."""
    return [v for v in versions if v.checked_out_by]
