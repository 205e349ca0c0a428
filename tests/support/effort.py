"""What an answer costs a server, counted and not timed: other work on the machine changes nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.serve import COMPARED, STEPS

_TURNS = 3


class Effort:
    """Of a server that is started with ``arguments``; what it does is written to ``file``."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.arguments = ("--work", str(file))

    def steps(self, act: Callable[[], object]) -> int:
        """How many steps SQLite takes for ``act``: the fewest of some turns, as the server does something by itself."""
        taken = []
        for _ in range(_TURNS):
            before = len(self._lines())
            act()
            taken.append(sum(not line.startswith(COMPARED) for line in self._lines()[before:]) * STEPS)
        return min(taken)

    def compared(self, act: Callable[[], object]) -> list[str]:
        """How the hashes are made that passwords are compared with meanwhile."""
        before = len(self._lines())
        act()
        return [line for line in self._lines()[before:] if line.startswith(COMPARED)]

    def _lines(self) -> list[str]:
        return self._file.read_text().splitlines()
