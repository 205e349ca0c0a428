"""What presets have filled in, so that the next one replaces it and it can be undone. No Textual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

#: What a setting holds: the text of its field, and whether its checkbox is checked.
Held = tuple[str, bool]


class _Act(NamedTuple):
    """A preset that was filled in: what it asked for, and what the settings that it changed held before and after;
    ``others`` is how many other changes there had been."""

    name: str
    others: int
    filled: Mapping[str, Held]
    changed: Mapping[str, tuple[Held, Held]]


class PresetHistory:
    """Settings are identified by their names; what the user has typed since is never taken back."""

    def __init__(self) -> None:
        self._acts: list[_Act] = []

    @property
    def last(self) -> str:
        """The name of the preset that was filled in last; empty if there is none."""
        return self._acts[-1].name if self._acts else ""

    def comes_after(self, others: int) -> bool:
        """Whether a preset was filled in when all of the ``others`` that can still be undone had been done already."""
        return bool(self._acts) and self._acts[-1].others >= others

    def fill(
        self,
        name: str,
        wanted: Mapping[str, Held],
        held: Mapping[str, Held],
        first: Mapping[str, Held],
        others: int = 0,
    ) -> dict[str, Held]:
        """Note a preset that is filled in, after ``others`` other changes. Returns what the settings shall hold that
        change.

        What an earlier preset has filled in, and nobody has changed since, goes back to what was there at ``first``.
        """
        before = self._acts[-1].filled if self._acts else {}
        over = {key: first[key] for key, value in before.items() if held[key] == value}
        new = {**over, **wanted}
        changed = {key: value for key, value in new.items() if held[key] != value}
        kept = {key: (held[key], value) for key, value in changed.items()}
        self._acts.append(_Act(name, others, wanted, kept))
        return changed

    def undo(self, held: Mapping[str, Held]) -> dict[str, Held]:
        """Take back the last preset. Returns what the settings shall hold that change."""
        changed = self._acts.pop().changed
        return {key: before for key, (before, after) in changed.items() if held[key] == after}

    def clear(self) -> None:
        """Forget all presets, when the settings are in use."""
        self._acts.clear()
