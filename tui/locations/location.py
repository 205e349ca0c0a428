"""A location: something that one can open and look into."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Location:
    """What ``kind`` of location it is, the ``id`` that its server or file system knows it by, its name.

    The kinds by their names are in :mod:`tui.locations.kinds`, and what is true of each of them.
    """

    kind: str
    name: str
    id: str = ""
    #: The shortcut in My Favorites that led here, where one did.
    shortcut: str = ""
    #: Whether it can hold locations below it.
    opens: bool = field(default=True, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """What it is, by whichever way one came to it."""
        return self.kind, self.id

    def is_a(self, kind: str) -> bool:
        """Whether it is of the kind of that name."""
        return self.kind == kind
