"""Work's history of a document, with all its versions; or of one version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..rules.errors import Problem
from ..wire.work import Activity
from .work import WorkClient, pages


@dataclass(frozen=True, slots=True)
class Noted:
    """An activity. ``source`` is the version that it is about, ``number`` its place among those, the latest first;
    ``older`` is the number of the version, unless it is the newest."""

    activity: Activity
    source: str
    number: int
    older: int | None

    @property
    def details(self) -> dict[str, Any]:
        """What is known of it besides who did what, and when."""
        return details_of(self.activity, self.older)


@dataclass(frozen=True, slots=True)
class WorkHistory:
    """What could be read of it, the latest first, and the problem that kept the rest back."""

    noted: list[Noted]
    problem: Problem | None = None


def details_of(activity: Activity, older: int | None) -> dict[str, Any]:
    """The details of an activity as those of an event."""
    details = {"application": activity.application_name, "comments": activity.comments, "version": older}
    return {key: value for key, value in details.items() if value}


async def read_history(work: WorkClient, source: str, *, all_versions: bool) -> WorkHistory:
    """The history of the version ``source``, or of its document with all versions."""
    found: list[Activity] = []
    problem = None
    try:
        async for page in pages(partial(work.history, source, all_versions=all_versions)):
            found += page.items
    except Problem as error:
        problem = error
    if not all_versions:
        return WorkHistory([Noted(each, source, i, None) for i, each in enumerate(found)], problem)
    noted, numbers = [], Counter[str]()
    document, _, own = source.rpartition(".")
    for each, older in zip(found, older_versions(found, int(own)), strict=True):
        # A server that doesn't name it has told of the one that was asked for.
        of = source if each.version is None else f"{document}.{each.version}"
        noted.append(Noted(each, of, numbers[of], older))
        numbers[of] += 1
    return WorkHistory(noted, problem)


def older_versions(activities: Sequence[Activity], known: int | None) -> list[int | None]:
    """The version of each activity; ``None`` for the newest, which is ``known`` or that of one of them."""
    versions = [each.version for each in activities]
    newest = max([known or 0, *(version for version in versions if version is not None)])
    return [None if version == newest else version for version in versions]
