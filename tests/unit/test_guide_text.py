"""A guide in a terminal: every width, with styles and without."""

from __future__ import annotations

import re

import pytest

from tui import guides
from tui.cli.guide_text import rendered

WIDTHS = (40, 60, 80, 120, 200)


def code_of(text: str) -> set[str]:
    """The lines of code in a guide, which are never wrapped."""
    return {line.strip() for line in text.splitlines() if re.match(r" {4,}", line)}


@pytest.mark.parametrize("topic", guides.TOPICS)
def test_every_line_fits_and_no_word_is_lost(topic: str) -> None:
    text = guides.read(topic)
    words = re.findall(r"\w+", re.sub(r"\]\([^)]*\)", "", text))
    for width in WIDTHS:
        lines = rendered(text, width, styled=False).splitlines()
        assert [line for line in lines if len(line) > width and line.strip() not in code_of(text)] == []
        # A word that is wider than its column is in pieces.
        shown = re.sub(r"\W|_", "", "".join(lines))
        assert len(shown) >= sum(len(re.sub("_", "", word)) for word in words if not word.isdigit()) * 0.98


def test_a_path_in_a_table_is_whole_if_it_has_room() -> None:
    lines = rendered(guides.read("install"), 80, styled=False).splitlines()
    row = next(line for line in lines if line.startswith("configuration"))
    assert row.split("  ")[-1].strip() == "~/Library/Application Support/sentlinks"
    assert any("~/.local/share/sentlinks " in line for line in lines)


def test_styles_take_no_room() -> None:
    for topic in guides.TOPICS:
        text = guides.read(topic)
        for width in WIDTHS:
            styled = rendered(text, width, styled=True)
            plain = re.sub(r"\x1b\[\d*m", "", styled)
            underlined = rendered(text, width, styled=False)
            assert plain.split("\n") == [
                line for line in underlined.split("\n") if not re.fullmatch("[-=]{2,}", line)
            ]


def test_headings_can_be_told_without_styles() -> None:
    assert rendered("# One\n\nText.\n\n## Two\n\nMore.\n", 80, styled=False) == (
        "One\n===\n\nText.\n\nTwo\n---\n\nMore.\n"
    )


def test_a_word_wider_than_its_column_does_not_run_into_the_next() -> None:
    text = "| key | means |\n| --- | --- |\n| `a_very_long_name_of_a_key`, `b` | what it is |\n"
    assert rendered(text, 24, styled=False) == (
        "key           means\na_very_long_  what it is\nname_of_a_ke\ny, b\n"
    )
