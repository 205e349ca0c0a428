"""A button that ignores typing: letters pressed on it do nothing, and it says so."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Button as PlainButton

from ...commands.lookup import commands_of, keys_of
from ...override import override
from ..textual_patches.keys import sign_of
from .keyed import Keyed

#: Keys that produce no character, but are used while typing.
_TYPED = ("delete", "backspace", "space")


class Button(PlainButton):
    """A button pressed with ``enter`` or a click. While it has the focus, letters and signs that belong to other
    commands do nothing, except for the commands of the screen's ``BUTTON_PLACES``."""

    class Ignored(Message):
        """A key was pressed on a button that does nothing there."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def set_label(self, label: str) -> None:
        """Change the label. Textual itself wouldn't give the button more room for a longer one."""
        if str(self.label) != label:
            self.label = label
            self.refresh(layout=True)

    @override
    def render(self) -> Content:
        """Draw the words alone, and those of the usual answer in brackets."""
        label = self.label
        assert isinstance(label, Content)
        return Content.assemble("[", label, "]") if self.variant == "primary" else label

    @override
    def get_content_width(self, container: Size, viewport: Size) -> int:
        return super().get_content_width(container, viewport) + (2 if self.variant == "primary" else 0)

    @override
    def check_consume_key(self, key: str, character: str | None) -> bool:
        written = character or sign_of(key)
        typed = key in _TYPED or (written is not None and written.isprintable())
        return typed and key not in self._commands

    @property
    def _commands(self) -> set[str]:
        """The keys of the commands that also work on a button."""
        places = self.screen.BUTTON_PLACES if isinstance(self.screen, Keyed) else ()
        return {key for command in commands_of(*places) for key in keys_of(command.name, self.app)}

    def on_key(self, event: events.Key) -> None:
        """Stop the keys of other commands here, before the screen sees them."""
        if self.check_consume_key(event.key, event.character):
            event.stop()
            event.prevent_default()
            self.post_message(self.Ignored(event.key))
