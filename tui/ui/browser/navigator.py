"""The current location, the pending one, and the ways back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...locations.location import Location
    from ...locations.page_window import PageWindow
    from ...locations.rows import Row

    Path = list[Location]

#: For how many locations the cursor's position is remembered.
MOST_SAVED = 200
#: How many locations can be gone back to.
MOST_BACK = 100


class SavedPosition:
    """How a location was left: the key of the row under the cursor, the line it was on, and the pages."""

    # Not a dataclass: defining one takes a millisecond of the start-up time.
    __slots__ = ("key", "line", "window")

    def __init__(self, key: str, line: int, window: PageWindow) -> None:
        self.key = key
        self.line = line
        self.window = window


class Pending:
    """A location that is being loaded: the path to it, whether the user goes back to it, the key of the row that the
    cursor goes to, if one is wanted, and the rows to select. Compared by identity."""

    __slots__ = ("back", "path", "row", "selected")

    def __init__(self, path: Path, back: bool, row: str) -> None:
        self.path = path
        self.back = back
        self.row = row
        self.selected: Sequence[Row] = ()


class Navigator:
    """The path to the location that is shown (its last element), the pending location, and where the user came
    from."""

    def __init__(self) -> None:
        self.path: Path = []
        self.pending: Pending | None = None
        self.back_stack: list[Path] = []
        self._saved: dict[tuple[str, str], SavedPosition] = {}

    @property
    def location(self) -> Location | None:
        """The location shown in the list."""
        return self.path[-1] if self.path else None

    @property
    def pending_location(self) -> Location | None:
        """The location being loaded, while the list still shows another one."""
        return self.pending.path[-1] if self.pending is not None else None

    @property
    def way(self) -> Path:
        """The path to where the user expects to be: to the pending location if there is one."""
        return self.pending.path if self.pending is not None else self.path

    @property
    def is_leaving(self) -> bool:
        """Whether a location is still shown until the pending one is loaded."""
        return self.pending is not None and bool(self.path)

    # ------------------------------------------------------------ navigating

    def begin(self, path: Path, back: bool, row: str = "") -> None:
        """Make another location the pending one; ``back``: it was shown before. The cursor goes to the row with the key
        ``row``."""
        self.pending = Pending(path, back, row)

    def stay(self) -> None:
        """Forget the pending location."""
        self.pending = None

    def return_here(self) -> None:
        """Forget the pending location, and that the one that is shown was being left."""
        self.pending = None
        if self.back_stack and self.back_stack[-1] is self.path:
            self.back_stack.pop()

    def arrive(self, path: Path, position: SavedPosition | None, *, back: bool) -> None:
        """Make the location at the end of ``path`` the current one; ``position`` is where the one before is left."""
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
        """Put the location being left on the back stack."""
        self.back_stack = [*self.back_stack, self.path][-MOST_BACK:]

    def saved(self, location: Location) -> SavedPosition | None:
        """Return the position at which a location was left."""
        return self._saved.get(location.key)

    # ------------------------------------------------------------ ways back

    @property
    def can_go_up(self) -> bool:
        """Whether there is a parent, a way back, or a location that is being left."""
        return len(self.way) > 1 or bool(self.back_stack) or self.is_leaving

    def up(self) -> Path | None:
        """Return the path to the parent location, or, from a root of the tree, to where the user came from."""
        if len(self.way) > 1:
            above = self.way[:-1]
            if self.back_stack and self.back_stack[-1] == above:
                self.back_stack.pop()
            return above
        if self.is_leaving:
            return self.path
        return self.back_stack.pop() if self.back_stack else None

    def complete(self, way_to: Callable[[Location], Path]) -> bool:
        """Complete the path to the location that is shown, if only its end is known; return whether this was tried."""
        if len(self.path) != 1:
            return False
        self.path = way_to(self.path[0])
        return True

    def forget(self) -> None:
        """Forget everything: it belonged to another user."""
        self.path, self.pending, self.back_stack, self._saved = [], None, [], {}
