"""What screens and widgets with keys have in common: their commands, and whether each is available now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from ..commands import Command, bindings, commands_of
from ..textual_patches.keys import rebind

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen


class Keyed:
    """Mixin for screens and widgets. ``PLACES`` are the places of ``commands.py`` that a class adds to its bases'."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "PLACES" in cls.__dict__:
            cls.BINDINGS = bindings(*cls.PLACES)  # type: ignore[attr-defined]
        super().__init_subclass__(**kwargs)

    def on_mount(self) -> None:
        # The user's own keys; the app of a test may have none.
        node = cast("DOMNode", self)
        rebind(node, getattr(node.app, "keys", {}))

    def disabled_reason(self, action: str) -> str | None:
        """Return why a command isn't available now, as a sentence; ``HIDDEN`` if it doesn't belong to what is shown;
        ``None`` if it is available."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only commands that are available."""
        return self.disabled_reason(action) is None

    def commands(self) -> Iterator[Command]:
        """Yield all commands of its places, including those that aren't available now."""
        places = dict.fromkeys(p for cls in type(self).__mro__ for p in cls.__dict__.get("PLACES", ()))
        yield from commands_of(*places)


def called_on(node: DOMNode, command: Command) -> Command:
    """Return ``command`` with the title and label that it has on a screen, if they aren't those declared."""
    known = getattr(node, "register", {}).get(command.id)
    label: str = getattr(known, "label", "")
    return replace(command, title=label, label=label) if label else command


def keyed_nodes(screen: Screen[Any]) -> Iterator[Keyed]:
    """Yield what has commands on a screen now: the focused widget, what it is in, and the screen."""
    focused = screen.focused
    for node in (*(focused.ancestors_with_self if focused is not None else ()), screen):
        if isinstance(node, Keyed):
            yield node
