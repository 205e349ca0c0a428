"""Whether what a dialog says can be read whole, and whether tab goes through it as one reads."""

from __future__ import annotations

import re
from typing import Any

from textual.app import App
from textual.widget import Widget
from textual.widgets import Input

from tests.support.pictures.picture import rows_of
from tui.ui.widgets.fit import ELLIPSIS, cells
from tui.ui.widgets.status_line import StatusLine

#: What is said of keys that do nothing, as long as it gets.
LONG_MESSAGE = "“ctrl+shift+pagedown” does nothing here; f1 shows the keys that work."
#: Frames, scroll bars and what fills lines: they stand between the lines of a message.
_BETWEEN = re.compile(r"[\s│┃▌▐█▁-▇╭╮╰╯─|+\-]+")


def words_shown(app: App[Any]) -> str:
    """The text of the top screen, line after line, with a blank for whatever is between words."""
    region = next((box.region for box in app.screen.query(".box")), app.screen.region)
    rows = rows_of(app)[max(region.y, 0) : region.bottom]
    lines = ("".join(character for character, _ in row[max(region.x, 0) : region.right]) for row in rows)
    return _spaced(" ".join(lines))


def is_shown_whole(app: App[Any], text: str) -> bool:
    """Whether the whole of a text can be read on the top screen, in one line or several. A word that is longer than a
    line may go on in the next one."""
    return _spaced(text).replace(" ", "") in words_shown(app).replace(" ", "")


def _spaced(text: str) -> str:
    return _BETWEEN.sub(" ", text)


def tab_order(app: App[Any]) -> list[Widget]:
    """The widgets that ``tab`` goes through on the top screen, from the one that stands first."""
    chain: list[Widget] = list(app.screen.focus_chain)
    if not chain:
        return []
    first = chain.index(min(chain, key=_place))
    return [*chain[first:], *chain[:first]]


def tab_faults(app: App[Any]) -> list[str]:
    """Where ``tab`` doesn't go row by row, and in each from left to right. What removes a setting comes behind the
    fields, in that order, too: a blank typed for the next field must not check it."""
    faults = []
    for removes in (False, True):
        order = [each for each in tab_order(app) if (each.id or "").startswith("no_") == removes]
        read = sorted(order, key=_place)
        if order != read:
            faults.append(f"tab goes to {_ids(order)}, but one reads {_ids(read)}")
    return faults


def _place(widget: Widget) -> tuple[int, int]:
    return widget.region.y, widget.region.x


def _ids(widgets: list[Widget]) -> list[str]:
    return [widget.id or type(widget).__name__ for widget in widgets]


def cut_texts(app: App[Any]) -> list[str]:
    """What is said on the top screen, or is a hint in an empty field, and can't be read to its end there."""
    lines = [line for line in app.screen.query(StatusLine) if line.region]
    shown = [(line.text, str(line.render())) for line in lines]
    cut = {text: seen for text, seen in shown if seen.endswith(ELLIPSIS) > text.endswith(ELLIPSIS)}
    fields = [field for field in app.screen.query(Input) if field.region and not field.value]
    hints = [
        field.placeholder
        for field in fields
        if cells(field.placeholder) > field.scrollable_content_region.width
    ]
    whole = {text for text, seen in shown if seen != cut.get(text)}
    return [f"{text} is cut" for text in (*(cut[text] for text in cut if text not in whole), *hints)]
