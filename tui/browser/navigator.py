"""Where one is, where one is about to be, and the ways back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..locations.location import Location
    from ..locations.page_window import PageWindow

    Path = list[Location]

#: Of so many locations it is known where the cursor was.
MOST_SAVED = 200
#: So many locations can be gone back to.
MOST_BACK = 100


class SavedPosition:
    """How a location was when it was left: the key of the row under the cursor, in which line it stood, the pages."""

    # No dataclass: making one takes a millisecond of the start.
    __slots__ = ("key", "line", "window")

    def __init__(self, key: str, line: int, window: PageWindow) -> None:
        self.key = key
        self.line = line
        self.window = window


class Pending:
    """A location that is under way: the path to it, and whether it is gone back to. Each is another one."""

    __slots__ = ("back", "path")

    def __init__(self, path: Path, back: bool) -> None:
        self.path = path
        self.back = back


class Navigator:
    """The path to the location that is shown, which is its last one; the pending one; and where one came from."""

    def __init__(self) -> None:
        self.path: Path = []
        self.pending: Pending | None = None
        self.back_stack: list[Path] = []
        self._saved: dict[tuple[str, str], SavedPosition] = {}

    @property
    def location(self) -> Location | None:
        """The location that the list shows."""
        return self.path[-1] if self.path else None

    @property
    def pending_location(self) -> Location | None:
        """The one that is under way, while the list shows another one still."""
        return self.pending.path[-1] if self.pending is not None else None

    @property
    def way(self) -> Path:
        """The path to where somebody takes himself to be."""
        return self.pending.path if self.pending is not None else self.path

    @property
    def is_leaving(self) -> bool:
        """Whether a location is shown until the one that is under way is there."""
        return self.pending is not None and bool(self.path)

    # ------------------------------------------------------------ going

    def begin(self, path: Path, back: bool) -> None:
        """Another location is under way; ``back``: one that was shown before."""
        self.pending = Pending(path, back)

    def stay(self) -> None:
        """The location that is shown is not left, after all."""
        self.pending = None

    def arrive(self, path: Path, position: SavedPosition | None, *, back: bool) -> None:
        """The location at the end of ``path`` is shown; ``position`` is how the one before is left."""
        left = self.location
        if left is not None and path[-1] != left:
            if position is not None:
                self._saved.pop(left.key, None)
                self._saved[left.key] = position
                if len(self._saved) > MOST_SAVED:
                    self._saved.pop(next(iter(self._saved)))
            if not back:
                self.remember()
        self.path = path

    def remember(self) -> None:
        """The location that is left is one to come back to."""
        self.back_stack = [*self.back_stack, self.path][-MOST_BACK:]

    def saved(self, location: Location) -> SavedPosition | None:
        """How a location was when it was left."""
        return self._saved.get(location.key)

    # ------------------------------------------------------------ ways back

    @property
    def can_go_up(self) -> bool:
        return len(self.way) > 1 or bool(self.back_stack) or self.is_leaving

    def up(self) -> Path | None:
        """The path to the location that this one is in; from a root of the tree, to where one came from."""
        if len(self.way) > 1:
            above = self.way[:-1]
            if self.back_stack and self.back_stack[-1] == above:
                self.back_stack.pop()
            return above
        if self.is_leaving:
            return self.path
        return self.back_stack.pop() if self.back_stack else None

    def complete(self, way_to: Callable[[Location], Path]) -> bool:
        """The path to the location that is shown, as far as more is known of it by now; whether it was looked for."""
        if len(self.path) != 1:
            return False
        self.path = way_to(self.path[0])
        return True

    def forget(self) -> None:
        """All of it was another person's."""
        self.path, self.pending, self.back_stack, self._saved = [], None, [], {}
