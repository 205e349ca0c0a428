"""Whether all buttons of a screen are seen."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from textual.app import App
from textual.widgets import Button


def buttons_cut_off(app: App[Any]) -> list[str]:
    """The buttons of the top screen whose labels are cut off, and where they are."""
    found = []
    for button in app.screen.query(Button):
        if not button.display or not button.visible:
            continue
        place = app.screen.find_widget(button)
        label = str(button.label)
        words = cell_len(label) + 2 * button.styles.line_pad
        if place.visible_region != place.region or button.content_size.width < words:
            found.append(f"{label} is cut off: {place.visible_region} of {place.region}, {words} cells")
    return found
