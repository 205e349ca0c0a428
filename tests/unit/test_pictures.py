"""The saved pictures show every look in every theme, although most are taken in a few themes only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.support.pictures.picture import Picture
from tests.support.pictures.pictures import TELLING
from tui.ui.theme import THEMES

Look = tuple[str, ...]
_KEPT = Path(__file__).parents[1] / "tui" / "__snapshots__"


def kept(themes: tuple[str, ...]) -> Iterator[tuple[str, set[Look]]]:
    """The names of the pictures in these themes, with the looks in each."""
    for path in sorted(_KEPT.rglob("*.txt")):
        picture = Picture.read(path.read_text())
        if picture.themes == themes:
            yield path.name, set(_looks(picture))


def _looks(picture: Picture) -> Iterator[Look]:
    """The looks of all characters. Those of spaces also depend on what is before them."""
    for line, row in zip(picture.text, picture.looks, strict=True):
        yield from (look for character, look in zip(line, row, strict=True) if character != " ")


def test_what_looks_the_same_in_few_themes_does_so_in_all() -> None:
    shown: dict[Look, set[Look]] = defaultdict(set)
    telling = [tuple(THEMES).index(theme) for theme in TELLING]
    for _, looks in kept(tuple(THEMES)):
        for look in looks:
            shown[tuple(look[index] for index in telling)].add(look)
    others = dict(kept(TELLING))
    assert shown
    assert others
    unclear = {name for name, looks in others.items() if any(len(shown[look]) != 1 for look in looks)}
    assert not unclear, f"these scenes belong into IN_EVERY_THEME: {sorted(unclear)}"
