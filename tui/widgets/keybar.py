"""The footer: the keys that work here, in one line that is drawn at once."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widget import Widget

_SEPARATION = 2


class KeyBar(Widget):
    """As many keys as the width has room for; a click on one does what the key does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keybar--key"}
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $panel; color: $text-muted; }
    KeyBar > .keybar--key { color: $text-accent; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, DOMNode, Binding]] = []
        self._shown = ""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._changed())

    def _changed(self) -> None:
        if self.is_attached and self.screen is self.app.screen:
            before = self._shown
            text = self._line()
            if text.plain != before:
                self.refresh()

    def _line(self) -> Text:
        key_style: Style = self.get_component_rich_style("keybar--key", partial=True)
        text = Text(" ", no_wrap=True)
        self._places = []
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or binding.action in seen or not active.enabled:
                continue
            seen.add(binding.action)
            key = self.app.get_key_display(binding)
            wide = cell_len(key) + 1 + cell_len(binding.description)
            start = text.cell_len
            if start + wide > self.size.width:
                continue
            text.append(key, key_style)
            text.append(" " + binding.description + " " * _SEPARATION)
            self._places.append((start, start + wide, active.node, binding))
        self._shown = text.plain
        return text

    def render(self) -> Text:
        return self._line()

    async def on_click(self, event: events.Click) -> None:
        for start, end, node, binding in self._places:
            if start <= event.x < end:
                await self.app.run_action(binding.action, node)
                return
