"""The commands available on a screen right now, and the context menu that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from textual import events
from textual.dom import DOMNode
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList, Tree
from textual.widgets.option_list import Option

from ...commands.command import Command
from ...commands.lookup import command_of, keys_of
from ...override import override
from ...rules.text import printable
from ..textual_patches.keys import bind_sequence
from ..textual_patches.sequences import BETWEEN
from ..widgets.choice_list import ChoiceList
from ..widgets.fit import cells, shorten_name
from ..widgets.keyed import called_on, keyed_nodes
from ..widgets.table.rows_view import RowsView
from .app_screen import AppScreen
from .dialog import Dialog
from .workers import worker_action

#: The cells of the name of what commands act on, within a menu.
_MOST_TITLE = 30


class Offer(NamedTuple):
    """An available command, the node whose action it is, its keys as displayed, and as Textual names them."""

    command: Command
    node: DOMNode
    shown: list[str]
    keys: list[str]


def offered(screen: Screen[Any], menu_only: bool = False) -> list[Offer]:
    """Return the commands available on a screen now, in the order of their bindings."""
    found: dict[str, Offer] = {}
    for active in screen.active_bindings.values():
        command = command_of(active.binding)
        if command is None or not active.enabled or (menu_only and not command.menu):
            continue
        shown = called_on(active.node, command)
        offer = found.setdefault(command.id, Offer(shown, active.node, [], []))
        if active.binding.key not in offer.keys:
            offer.keys.append(active.binding.key)
            offer.shown.append(screen.app.get_key_display(active.binding))
    return list(found.values())


def refused(screen: Screen[Any]) -> list[tuple[Command, str]]:
    """Return the commands of a screen that are disabled now, each with the reason."""
    can = {offer.command.id for offer in offered(screen)}
    found: dict[str, tuple[Command, str]] = {}
    for node in keyed_nodes(screen):
        for command in node.commands():
            why = node.disabled_reason(command.id)
            if why and command.id not in can:
                found.setdefault(command.id, (command, why))
    return list(found.values())


@worker_action(group="menu", opens=True)
async def open_menu(screen: AppScreen, heading: str) -> None:
    """Show the commands for the row under the cursor or those selected, and run the chosen one, unless it would act
    on another row by then. What is typed until it is there is for the menu."""
    snapshot = screen.target_snapshot()
    chosen = await screen.show_dialog(Menu(heading, offered(screen, menu_only=True), row_of(screen)))
    if chosen:
        await run_if_unchanged(screen, chosen, snapshot)


async def run_if_unchanged(
    screen: AppScreen, action: str, snapshot: object, node: DOMNode | None = None
) -> None:
    """Run a command, unless it would no longer act on what it was chosen for, of which ``snapshot`` was taken."""
    if snapshot == screen.target_snapshot():
        await screen.app.run_action(action, node or screen)
    else:
        screen.say("The list changed, so nothing was done. Try again.", "warn")


def row_of(screen: Screen[Any]) -> Offset | None:
    """Return where the row is that has the cursor and the focus; ``None`` if there is none."""
    focused = screen.focused
    if isinstance(focused, RowsView):
        return focused.region.offset + Offset(2, focused.cursor_line + 1)
    if isinstance(focused, Tree):
        return focused.region.offset + Offset(2, focused.cursor_line - focused.scroll_offset.y)
    return None


class Menu(Dialog[str]):
    """Returns the action of the chosen command. It opens below the row that it is for, or above where there is no
    room."""

    DEFAULT_CSS = """
    Menu > .box { width: auto; max-width: 100%; height: auto; }
    Menu.-at-row > .box { constrain: inside inflect; margin: 1 0; }
    Menu ChoiceList { max-height: 18; }
    Menu Footer { display: none; }
    """
    ABOUT = "{choices.choose} runs the command under the cursor. The keys next to the commands work here too."
    opened_by = ("lists.menu", "tree.menu")

    def __init__(
        self, heading: str, commands: list[Offer], row: Offset | None = None, titles: Sequence[str] = ()
    ) -> None:
        """``titles``: where others are selected than the row under the cursor, its name, and what the commands for a
        folder or a shortcut act on."""
        super().__init__()
        self._row = row
        self.heading = heading
        self._titles = ["", *map(printable, titles)]
        # First the commands for the row, then those for its folder.
        self._commands = sorted(
            commands,
            key=lambda offer: (self._group(offer), offer.command.place == "places", offer.command.rank),
        )
        self._keys = {key: offer.command.action for offer in commands for key in offer.keys}
        self._actions = {offer.command.id: offer.command.action for offer in commands}

    def _group(self, offer: Offer) -> int:
        """The place of its title."""
        _, *titles = self._titles
        if offer.command.place == "places":
            return 1 if titles and titles[0] == titles[1] else 2
        return 1 if offer.command.of_cursor and titles else 0

    @override
    def body(self) -> list[Widget]:
        width = max((len(offer.shown[0]) for offer in self._commands), default=1)
        lines: list[str] = []
        options: list[Option | None] = []
        for before, offer in zip([None, *self._commands], self._commands, strict=False):
            group = self._group(offer)
            if before is None or self._group(before) != group:
                # Below are the commands for something else.
                options += [None] if before is not None else []
                title = self._titles[group] if self._titles[1:] else ""
                if title:
                    lines.append(shorten_name(title, _MOST_TITLE))
                    options.append(Option(lines[-1], disabled=True))
            lines.append(f"{offer.shown[0].rjust(width)}  {offer.command.title}")
            options.append(Option(lines[-1], id=offer.command.id))
        if not options:
            options = [Option("No commands here.", disabled=True)]
        found = ChoiceList(*options, markup=False)
        # Set explicitly: the box takes its width from the list, so the list can't take it from the box.
        found.styles.width = max(map(cells, [*lines, "No commands here."])) + 4
        return [found]

    @override
    def on_mount(self) -> None:
        for key in self._keys:
            if BETWEEN in key:
                bind_sequence(self, key)
        self.query_one(ChoiceList).focus()
        if self._row is not None:
            self.add_class("-at-row")
            self.query_one(".box").absolute_offset = self._row

    def on_key(self, event: events.Key) -> None:
        """Run a command by one of its keys, unless it is the one that chooses: that acts on what is under the
        cursor."""
        if event.key in self._keys and event.key not in keys_of("choices.choose", self.app):
            event.stop()
            self.dismiss(self._keys[event.key])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Close, with the action of the chosen command."""
        self.dismiss(self._actions[event.option_id or ""])
