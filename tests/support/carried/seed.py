"""A document that carries what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.carried.office import (
    paragraph,
    run,
)


@dataclass(frozen=True)
class Seed:
    """A document, the counts of what it carries, and those of what it may carry."""

    name: str
    content: bytes
    counts: dict[str, int] = field(default_factory=dict)
    looked: str = "whole"
    reason: str = ""


TEXT = paragraph(run("An agreement between two firms."))
