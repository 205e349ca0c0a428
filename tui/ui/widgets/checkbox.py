"""A checkbox drawn in characters, so that its state is visible without colour."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from ...override import override


class Checkbox(Widget, can_focus=True):
    """``[x] remove``; space, enter or a click toggles it."""

    DEFAULT_CSS = """
    Checkbox { height: 1; width: auto; margin-right: 1; }
    Checkbox:focus { background: $cursor; text-style: $cursor-style; }
    """
    checked: reactive[bool] = reactive(False, init=False)

    class Changed(Message):
        """The box was checked or unchecked."""

        def __init__(self, tick: Checkbox) -> None:
            super().__init__()
            self.tick = tick

    def __init__(self, label: str, *, id: str, checked: bool = False, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(Checkbox.checked, checked)
        self._label = label

    @override
    def get_content_width(self, container: object, viewport: object) -> int:
        return len(self._label) + 4

    @override
    def render(self) -> str:
        return f"\\[{'x' if self.checked else ' '}] {self._label}"

    def watch_checked(self) -> None:
        """Post the change, whatever has made it."""
        self.post_message(self.Changed(self))

    def on_key(self, event: events.Key) -> None:
        """Toggle it with space or enter; every other key goes on to the screen."""
        if event.key in ("space", "enter"):
            event.stop()
            self.checked = not self.checked

    def on_click(self) -> None:
        """Toggle it with any button."""
        self.checked = not self.checked
