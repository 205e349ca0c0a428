"""The footer: the keys that work here, in a single line that is drawn in one go."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode
from textual.widget import Widget

from ...commands.declared import COMMANDS
from ...commands.lookup import command_of, keys_of
from ...override import override
from ..textual_patches.keys import KeysInOrder
from ..textual_patches.sequences import BETWEEN, begins
from .keyed import called_on

_SEPARATION = "  "
#: These are at the right end; the second one from this width on, below which what works here needs the room.
_AT_THE_RIGHT = ("everywhere.help", "everywhere.command_palette")
_WITH_BOTH = 60
#: What is shown before others get room, at its own place: how one leaves.
_FIRST_SERVED = "dialogs.close"
#: Commands that are shown as one, with both keys and the label of the second.
_PAIRS = {
    "send_rows.move_up": "send_rows.move_down",
    "versions.earlier_version": "versions.later_version",
    "settings.previous_value": "settings.next_value",
}
#: The place of a command that its first key isn't good for, such as a letter in a field: something else is meant there.
_OTHER_KEY = 1.5
#: What the keys that begin a sequence are called, and others that do; clicking them begins it.
_BEGIN = "begin_sequence"
_LABELS = {"g": "Go"}
_OTHER_LABEL = "…"
#: The command that is followed by those keys.
_BEFORE_SEQUENCES = "main.filter"


#: The commands in the order in which they are declared.
_DECLARED = {command.name: number for number, command in enumerate(COMMANDS)}
#: What is shown together: the keys of these, with the label of the last one.
_Entry = list[ActiveBinding]


class Footer(Widget):
    """Shows as many keys as fit into the width, those needed most first; clicking one does what the key does. While a
    sequence of keys is begun, it shows those that may follow."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key"}
    DEFAULT_CSS = """
    Footer { dock: bottom; height: 1; background: $ground; color: $quiet; text-style: $quiet-style; }
    Footer > .footer--key { color: $key; text-style: $key-style; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._key_spans: list[tuple[int, int, DOMNode, Binding]] = []
        #: Those on which the button of the mouse was pressed: that ends a sequence, and so changes what is shown.
        self._pressed_spans = self._key_spans
        self._shown = ""

    def on_mount(self) -> None:
        """Draw the keys again whenever the commands of the screen have changed."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._changed())

    def _changed(self) -> None:
        # Before the first layout, there is nothing to compare.
        if self.size.width and self.is_attached and self.screen is self.app.screen:
            before = self._shown
            text = self._line()
            if text.plain != before:
                self.refresh()

    def _offered_keys(self) -> tuple[list[ActiveBinding], list[ActiveBinding]]:
        """Return what is shown from the left, in order, and what is shown at the right end."""
        found: dict[str, ActiveBinding] = {}
        sequences: list[ActiveBinding] = []
        for active in self.screen.active_bindings.values():
            command = command_of(active.binding)
            if command is None or not active.enabled:
                continue
            if BETWEEN in active.binding.key:
                sequences.append(active)
            elif command.name not in found or self._comes_first(command.name, active, found[command.name]):
                found[command.name] = active
        at_the_right = [found.pop(name) for name in _AT_THE_RIGHT if name in found]
        right = at_the_right if self.size.width >= _WITH_BOTH else at_the_right[:1]
        shown = [active for active in found.values() if active.binding.show]
        shown.sort(key=self._place)
        ids = [active.binding.id for active in shown]
        at = ids.index(_BEFORE_SEQUENCES) + 1 if _BEFORE_SEQUENCES in ids else len(shown)
        shown[at:at] = _beginnings(sequences)
        return shown, right

    def _comes_first(self, name: str, active: ActiveBinding, other: ActiveBinding) -> bool:
        """Whether the key of ``active`` is declared before that of ``other``, for the same command."""
        keys = keys_of(name, self.app)
        places = [
            keys.index(each.binding.key) if each.binding.key in keys else len(keys)
            for each in (active, other)
        ]
        return places[0] < places[1]

    def _place(self, active: ActiveBinding) -> tuple[float, int]:
        """Where a command is shown: by its rank, and then as declared."""
        command = command_of(active.binding)
        if command is None:
            return 0, 0
        is_first = active.binding.key == keys_of(command.name, self.app)[0]
        rank = command.footer_rank if is_first else max(command.footer_rank, _OTHER_KEY)
        return rank, _DECLARED[command.name]

    def _keys_to_follow(self, keys: str) -> list[ActiveBinding]:
        """Return what may follow the ``keys`` of a sequence that was begun, without them."""
        found: list[tuple[int, ActiveBinding]] = []
        for active in self.screen.active_bindings.values():
            command = command_of(active.binding)
            if command is not None and active.enabled and begins(keys, active.binding.key):
                rest = active.binding.key.removeprefix(f"{keys}{BETWEEN}")
                found.append((command.rank, active._replace(binding=replace(active.binding, key=rest))))
        found.sort(key=lambda entry: entry[0])
        return [active for _, active in found]

    def _line(self) -> Text:
        key_style: Style = self.get_component_rich_style("footer--key", partial=True)
        text = Text(" ", no_wrap=True)
        self._key_spans = []
        app = self.app
        if isinstance(app, KeysInOrder) and (begun := app.sequences.begun):
            left, right = self._keys_to_follow(begun), list[ActiveBinding]()
            text.append(f"{app.get_key_display(Binding(begun, ''))}…", key_style)
            text.append(_SEPARATION)
        else:
            left, right = self._offered_keys()
        room = self.size.width - 1 - sum(self._width_of(active) + len(_SEPARATION) for active in right)
        for entry in self._fitting(_entries(left), room - text.cell_len):
            self._add(text, entry, key_style)
        text.append(" " * (room - text.cell_len + len(_SEPARATION)))
        for active in right:
            if text.cell_len + self._width_of(active) <= self.size.width:
                self._add(text, [active], key_style)
        self._shown = text.plain
        return text

    def _fitting(self, entries: list[_Entry], room: int) -> list[_Entry]:
        """Return the entries that have room, in their order. One that is too long leaves it to those after it."""
        found: list[_Entry] = []
        for entry in sorted(entries, key=lambda entry: entry[0].binding.id != _FIRST_SERVED):
            width = self._width_of(*entry)
            if width <= room:
                found.append(entry)
                room -= width + len(_SEPARATION)
        return [entry for entry in entries if entry in found]

    def _width_of(self, *entry: ActiveBinding) -> int:
        keys = sum(cell_len(self.app.get_key_display(active.binding)) + 1 for active in entry)
        return keys + cell_len(_label(entry[-1]))

    def _add(self, text: Text, entry: _Entry, key_style: Style) -> None:
        for active in entry:
            start = text.cell_len
            text.append(self.app.get_key_display(active.binding), key_style)
            text.append(f" {_label(active)}" if active is entry[-1] else " ")
            self._key_spans.append((start, text.cell_len, active.node, active.binding))
        text.append(_SEPARATION)

    @override
    def render(self) -> Text:
        return self._line()

    def on_mouse_down(self) -> None:
        """Note what the mouse points at."""
        self._pressed_spans = self._key_spans

    async def on_click(self, event: events.Click) -> None:
        """Do what the clicked key does, where the focus is."""
        app = self.app
        for start, end, node, binding in self._pressed_spans:
            if start <= event.x < end:
                if binding.action == _BEGIN and isinstance(app, KeysInOrder):
                    app.sequences.begin(binding.key)
                else:
                    if isinstance(app, KeysInOrder):
                        app.sequences.end()
                    await app.run_action(binding.action, node)
                return


def _beginnings(sequences: list[ActiveBinding]) -> list[ActiveBinding]:
    """Return the keys with which several sequences begin, each once."""
    keys = [active.binding.key.partition(BETWEEN)[0] for active in sequences]
    return [
        sequences[keys.index(key)]._replace(binding=Binding(key, _BEGIN, _LABELS.get(key, _OTHER_LABEL)))
        for key in dict.fromkeys(keys)
        if keys.count(key) > 1
    ]


def _entries(shown: list[ActiveBinding]) -> list[_Entry]:
    """Return what is shown together: each command alone, except pairs."""
    by_id = {active.binding.id: active for active in shown}
    seconds = {second for first, second in _PAIRS.items() if first in by_id}
    entries = []
    for active in shown:
        if active.binding.id not in seconds:
            second = by_id.get(_PAIRS.get(active.binding.id or "", ""))
            entries.append([active] if second is None else [active, second])
    return entries


def _label(active: ActiveBinding) -> str:
    command = command_of(active.binding)
    return active.binding.description if command is None else called_on(active.node, command).label
