"""The context menu: what can be done with a row, here and now."""

from __future__ import annotations

from typing import Any, NamedTuple

from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ..commands import Command, command_of
from .base import Dialog


class Offer(NamedTuple):
    """A command that can be had, the node whose action it is, and how its keys are shown."""

    command: Command
    node: DOMNode
    keys: list[str]


def offered(screen: Screen[Any], menu_only: bool = False) -> list[Offer]:
    """The commands that can be had on a screen now, in the order of their bindings."""
    found: dict[str, Offer] = {}
    for active in screen.active_bindings.values():
        command = command_of(active.binding)
        if command is None or not active.enabled or (menu_only and not command.menu):
            continue
        key = screen.app.get_key_display(active.binding)
        offer = found.setdefault(command.id, Offer(command, active.node, []))
        if key not in offer.keys:
            offer.keys.append(key)
    return list(found.values())


class Menu(Dialog[str]):
    """Answers the id of the command that was chosen."""

    DEFAULT_CSS = """
    Menu > .box { width: auto; max-width: 100%; height: auto; }
    Menu OptionList { height: auto; max-height: 16; border: none; background: $surface; padding: 0; }
    Menu OptionList:focus { border: none; }
    Menu KeyBar { display: none; }
    """

    def __init__(self, heading: str, commands: list[Offer]) -> None:
        super().__init__()
        self.heading = heading
        self._commands = commands

    def body(self) -> list[Widget]:
        width = max((len(offer.keys[0]) for offer in self._commands), default=1)
        lines = [f"{offer.keys[0].rjust(width)}  {offer.command.title}" for offer in self._commands]
        options = [
            Option(line, id=offer.command.id) for line, offer in zip(lines, self._commands, strict=True)
        ]
        found = OptionList(*options, markup=False)
        # Its width is told: one that depends on the box, whose own depends on it, is none.
        found.styles.width = max(map(len, [*lines, "Nothing can be done here."])) + 4
        return [found]

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
