"""What an answer costs a server, counted rather than timed, so that other work on the machine makes no difference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.servers.serve import COMPARED, STEPS

_TURNS, _MOST_TURNS = 3, 20


class Effort:
    """The effort of a server that is started with ``arguments``; it logs its work to ``file``."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.arguments = ("--work", str(file))

    def steps(self, act: Callable[[], object]) -> int:
        """The steps that SQLite takes for ``act``: the fewest of several runs, since the server also does some work by
        itself. It is run until the fewest have come twice: some of that work takes longer than a few runs."""
        taken: list[int] = []
        while len(taken) < _TURNS or (taken.count(min(taken)) < 2 and len(taken) < _MOST_TURNS):
            before = len(self._lines())
            act()
            taken.append(sum(not line.startswith(COMPARED) for line in self._lines()[before:]) * STEPS)
        return min(taken)

    def compared(self, act: Callable[[], object]) -> list[str]:
        """A line for each password that is compared during ``act``, with the parameters of its hash."""
        before = len(self._lines())
        act()
        return [line for line in self._lines()[before:] if line.startswith(COMPARED)]

    def _lines(self) -> list[str]:
        return self._file.read_text().splitlines()
