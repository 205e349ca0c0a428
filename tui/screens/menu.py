"""What can be done on a screen, here and now; and the context menu that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from textual import events
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ..commands import Command, command_of
from ..rules.text import printable
from ..textual_patches.options import SteadyList
from ..widgets.fit import shorten
from ..widgets.keyed import Keyed
from .dialog import Dialog

_WIDEST = 60


class Offer(NamedTuple):
    """A command that can be had, the node whose action it is, its keys as they are shown, and as they arrive."""

    command: Command
    node: DOMNode
    shown: list[str]
    keys: list[str]


def offered(screen: Screen[Any], menu_only: bool = False) -> list[Offer]:
    """The commands that can be had on a screen now, in the order of their bindings."""
    found: dict[str, Offer] = {}
    for active in screen.active_bindings.values():
        command = command_of(active.binding)
        if command is None or not active.enabled or (menu_only and not command.menu):
            continue
        offer = found.setdefault(command.id, Offer(command, active.node, [], []))
        if active.binding.key not in offer.keys:
            offer.keys.append(active.binding.key)
            offer.shown.append(screen.app.get_key_display(active.binding))
    return list(found.values())


def refused(screen: Screen[Any]) -> list[tuple[Command, str]]:
    """The commands that belong to a screen and cannot be had now, each with the reason."""
    can = {offer.command.id for offer in offered(screen)}
    found: dict[str, tuple[Command, str]] = {}
    for node in _nodes(screen):
        for command in node.commands():
            why = node.disabled_reason(command.id)
            if why and command.id not in can:
                found.setdefault(command.id, (command, why))
    return list(found.values())


def _nodes(screen: Screen[Any]) -> Iterator[Keyed]:
    focused = screen.focused
    for node in (*(focused.ancestors_with_self if focused is not None else ()), screen):
        if isinstance(node, Keyed):
            yield node


async def use_menu(screen: Any, heading: str) -> None:
    """Shows what can be done with the row under the cursor, and does what is chosen, unless it would be for another
    one by then. To be called by workers."""
    meant = screen.target_snapshot()
    chosen = await screen.show_dialog(Menu(heading, offered(screen, menu_only=True)))
    if chosen:
        await run_if_unchanged(screen, chosen, meant)


async def run_if_unchanged(screen: Any, action: str, meant: object, node: DOMNode | None = None) -> None:
    """Runs a command, unless it would be for something else by now than ``meant``, for which it was chosen."""
    if meant == screen.target_snapshot():
        await screen.app.run_action(action, node or screen)
    else:
        screen.say("The list has changed meanwhile: nothing was done.", "warn")


class Menu(Dialog[str]):
    """Answers the action of the command that was chosen."""

    DEFAULT_CSS = """
    Menu > .box { width: auto; max-width: 100%; height: auto; }
    Menu OptionList { height: auto; max-height: 18; border: none; background: $surface; padding: 0; }
    Menu OptionList:focus { border: none; }
    Menu Footer { display: none; }
    """
    ABOUT = "The keys beside the commands work here too."

    def __init__(self, heading: str, commands: list[Offer]) -> None:
        super().__init__()
        self.heading = shorten(printable(heading), _WIDEST)
        # What is done with the row, then with the folder that it is in.
        self._commands = sorted(
            commands, key=lambda offer: (offer.command.place == "places", offer.command.rank)
        )
        self._keys = {key: offer.command.action for offer in commands for key in offer.keys}
        self._actions = {offer.command.id: offer.command.action for offer in commands}

    def body(self) -> list[Widget]:
        width = max((len(offer.shown[0]) for offer in self._commands), default=1)
        lines: list[str] = []
        options: list[Option | None] = []
        for before, offer in zip([None, *self._commands], self._commands, strict=False):
            if before is not None and (before.command.place == "places") != (offer.command.place == "places"):
                # Below are the commands for the whole folder.
                options.append(None)
            lines.append(f"{offer.shown[0].rjust(width)}  {offer.command.title}")
            options.append(Option(lines[-1], id=offer.command.id))
        if not options:
            options = [Option("Nothing can be done here.", disabled=True)]
        found = SteadyList(*options, markup=False)
        # Its width is told: one that depends on the box, whose own depends on it, is none.
        found.styles.width = max(map(len, [*lines, "Nothing can be done here."])) + 4
        return [found]

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_key(self, event: events.Key) -> None:
        """The keys that stand beside the commands."""
        if event.key in self._keys:
            event.stop()
            self.dismiss(self._keys[event.key])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._actions[event.option_id or ""])
