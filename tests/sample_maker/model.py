"""What a sample document is before it is a file: a text, and what each later version changes in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Revision:
    """One version: who saved it, when, and the replacements that turn the version before into it."""

    operator: str
    days_ago: float
    comment: str
    changes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Out:
    """The last version is checked out."""

    by: str
    days_ago: float
    comment: str


@dataclass(frozen=True)
class Paper:
    """A document: its text, and its versions, oldest first."""

    name: str
    extension: str
    kind: str
    author: str
    slug: str
    text: str
    revisions: tuple[Revision, ...]
    attachments: tuple[tuple[str, str], ...] = ()
    out: Out | None = None
    #: What its last version carries besides its text: kinds of ``tui.rules.carried``.
    carries: tuple[str, ...] = ()

    def texts(self) -> list[str]:
        """The text of each version, oldest first."""
        texts: list[str] = []
        text = self.text.strip("\n")
        for revision in self.revisions:
            for old, new in revision.changes:
                if text.count(old) != 1:
                    raise ValueError(f"{self.name}: {text.count(old)} places say {old!r}")
                text = text.replace(old, new)
            texts.append(text)
        return texts


@dataclass(frozen=True)
class Shelf:
    """A folder."""

    name: str
    shelves: tuple[Shelf, ...] = ()
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True)
class Matter:
    """A workspace. Its ``slug`` is the folder of its files."""

    name: str
    slug: str
    description: str
    owner: str
    shelves: tuple[Shelf, ...]
    papers: tuple[Paper, ...] = ()
