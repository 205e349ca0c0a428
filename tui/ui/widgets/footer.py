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

from ...commands.declared import command_of, keys_of
from ...override import override
from ..textual_patches.keys import KeysInOrder
from ..textual_patches.sequences import BETWEEN, begins
from .keyed import called_on

_SEPARATION = "  "
#: These are always shown, at the right end.
_ALWAYS = ("everywhere.help", "everywhere.command_palette")
#: What the keys that begin a sequence are called, and others that do; clicking them begins it.
_BEGIN = "begin_sequence"
_LABELS = {"g": "Go"}
_OTHER_LABEL = "…"
#: The command that is followed by those keys.
_BEFORE_SEQUENCES = "main.filter"


class Footer(Widget):
    """Shows as many keys as fit into the width; clicking one does what the key does. While a sequence of keys is begun,
    it shows those that may follow."""

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
            elif command.name not in found:
                found[command.name] = active
            elif self._comes_first(command.name, active, found[command.name]):
                # Its place is that of the key: another may have that of a key that every dialog has.
                del found[command.name]
                found[command.name] = active
        right = [found.pop(name) for name in _ALWAYS if name in found]
        shown = [active for active in found.values() if active.binding.show]
        shown.sort(key=_rank)
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
        for active in left:
            if text.cell_len + self._width_of(active) > room:
                break
            self._add(text, active, key_style)
        text.append(" " * (room - text.cell_len + len(_SEPARATION)))
        for active in right:
            if text.cell_len + self._width_of(active) <= self.size.width:
                self._add(text, active, key_style)
        self._shown = text.plain
        return text

    def _width_of(self, active: ActiveBinding) -> int:
        key = self.app.get_key_display(active.binding)
        return cell_len(key) + 1 + cell_len(_label(active))

    def _add(self, text: Text, active: ActiveBinding, key_style: Style) -> None:
        start = text.cell_len
        text.append(self.app.get_key_display(active.binding), key_style)
        text.append(f" {_label(active)}{_SEPARATION}")
        self._key_spans.append((start, text.cell_len - len(_SEPARATION), active.node, active.binding))

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


def _rank(active: ActiveBinding) -> int:
    command = command_of(active.binding)
    return 0 if command is None else command.rank


def _label(active: ActiveBinding) -> str:
    command = command_of(active.binding)
    return active.binding.description if command is None else called_on(active.node, command).label
