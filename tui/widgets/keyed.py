"""What the screens and widgets with keys have in common: their commands, and whether each can be done now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from ..commands import Command, bindings, commands_of
from ..textual_patches.keys import rebind

if TYPE_CHECKING:
    from textual.dom import DOMNode


class Keyed:
    """A screen or widget. ``PLACES`` are the places of ``commands.py`` that it adds to those of its base classes."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "PLACES" in cls.__dict__:
            cls.BINDINGS = bindings(*cls.PLACES)  # type: ignore[attr-defined]
        super().__init_subclass__(**kwargs)

    def on_mount(self) -> None:
        # The user's own keys; an app of a test may have none.
        node = cast("DOMNode", self)
        rebind(node, getattr(node.app, "keys", {}))

    def disabled_reason(self, action: str) -> str | None:
        """Why a command of these places cannot be done now, in a sentence; ``HIDDEN`` where it does not
        belong to what is shown; ``None``: it can."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done is not offered."""
        return self.disabled_reason(action) is None

    def commands(self) -> Iterator[Command]:
        """All commands of its places, also those that cannot be done now."""
        places = dict.fromkeys(p for cls in type(self).__mro__ for p in cls.__dict__.get("PLACES", ()))
        yield from commands_of(*places)
