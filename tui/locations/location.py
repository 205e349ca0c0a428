"""A location: something that can be opened and browsed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Location:
    """``kind`` names its kind; ``id`` is what its server or file system knows it by.

    The kinds, and what is true of each of them, are in :mod:`tui.locations.kinds`.
    """

    kind: str
    name: str
    id: str = ""
    #: The id of the shortcut in My Favorites that led here, if one did.
    shortcut: str = ""
    #: Whether it can contain other locations.
    opens: bool = field(default=True, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """What it is, regardless of how the user got there."""
        return self.kind, self.id

    def is_a(self, kind: str) -> bool:
        """Return whether it is of the kind with that name."""
        return self.kind == kind
