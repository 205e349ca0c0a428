"""The line of a notice in little room: it becomes shorter by whole parts, and no word is cut."""

from __future__ import annotations

import pytest

from tests.support.checks.notices import HOSTILE, happening, told
from tui.clients.events import DocumentEvent
from tui.ui.widgets.notice_text import notice_text as fitted


@pytest.mark.parametrize("room", [0, 1, 10, 30, 40, 60, 76, 200])
@pytest.mark.parametrize(
    "name", ["Offer.pdf", "Share Purchase Agreement of " + "x" * 200 + ".docx", "契約書" * 40, HOSTILE]
)
def test_a_line_fits(room: int, name: str) -> None:
    from rich.cells import cell_len

    notices = told(
        *(happening(name=name, counts={"downloads": 1, "downloads_permitted": 2}) for _ in range(3))
    )
    line = notices.line(0.0)
    assert line is not None
    text = fitted(line, "✓ ", room, "g n lists")
    assert cell_len(text) <= room
    assert not set(text) & {"\x1b", "\x07", "\n", "\u202e"}
    if room >= 76:
        assert ", 1 of 2 · 2 more deliveries" in text
        assert text.startswith("✓ ")


_COUNTS = {"downloads": 1, "downloads_permitted": 2}


_NAME = "Data Room Index and Register.csv"


def _wrong(name: str = _NAME) -> DocumentEvent:
    return happening("wrong password", name=name)


def _forms_of(*events: DocumentEvent) -> list[str]:
    """How the line about events becomes shorter and shorter as there is less room."""
    line = told(*events).line(0.0)
    assert line is not None
    shown = [fitted(line, "! ", room) for room in range(200, -1, -1)]
    # How much of the name is left is not a form of its own.
    forms = [form if "…" not in form or form.endswith("…") else "…" for form in shown]
    return list(dict.fromkeys(forms))


def test_a_line_becomes_shorter_by_whole_parts() -> None:
    other = happening(document="d2", name="Plan.pdf", counts=_COUNTS)
    wrong = f"! 3 wrong passwords for {_NAME}"
    assert _forms_of(_wrong(), _wrong(), _wrong(), other) == [
        f"{wrong}, last from 203.0.113.7 · Plan.pdf delivered to 203.0.113.7, 1 of 2",
        f"{wrong}, last from 203.0.113.7 · 1 delivery",
        f"{wrong} · 1 delivery",
        "…",
        "! 3 wrong passwords · 1 delivery",
        "! 4 events",
        "",
    ]
    assert _forms_of(happening(counts=_COUNTS), happening(document="d2", counts=_COUNTS)) == [
        "! Offer.pdf delivered to 203.0.113.7, 1 of 2 · 1 more delivery",
        "! Offer.pdf delivered, 1 of 2 · 1 more delivery",
        "! 2 deliveries",
        "",
    ]
    assert _forms_of(_wrong("Data.csv"))[-3:] == ["! Wrong password for Data.csv", "! 1 wrong password", ""]


@pytest.mark.parametrize("room", range(90))
def test_the_most_that_fits_is_shown_and_no_word_is_cut(room: int) -> None:
    """The key that lists all of them is there as well, or not at all; instead of them if nothing else has room."""
    line = told(_wrong(), _wrong(), happening()).line(0.0)
    assert line is not None
    text = fitted(line, "! ", room, "g n lists")
    whole = "! 2 wrong passwords for {}"
    if room >= len(whole.format(_NAME) + " · 1 delivery"):
        assert text.startswith(whole.format(_NAME))
    elif room >= len(whole.format("x" * 16) + " · 1 delivery"):
        shown = text.removesuffix("  g n lists").removesuffix(" · 1 delivery")
        assert shown.startswith(whole.format("Data Ro"))
        assert shown.endswith(".csv")
        assert room - 1 <= len(shown + " · 1 delivery") <= room
    elif room >= len("! 2 wrong passwords · 1 delivery"):
        assert text.removesuffix("  g n lists") == "! 2 wrong passwords · 1 delivery"
    elif room >= len("! 3 events"):
        assert text.removesuffix("  g n lists") == "! 3 events"
    else:
        assert text == ("g n lists" if room >= len("g n lists") else "")
    assert len(text) <= room
    assert text.endswith("g n lists") or room < len(fitted(line, "! ", room) + "  g n lists")
