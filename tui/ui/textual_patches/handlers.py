"""Which methods handle a message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

#: A class, and the method that it defines for a message.
_Handler = tuple[type, Any]

_find_handlers: Callable[[MessagePump, str, Message], Iterable[_Handler]] = MessagePump._get_dispatch_methods


def find_handlers_once() -> None:
    """Have Textual look only once for the methods of a class that handle a kind of message. It goes through all base
    classes for each message, and for the idle event after each: a tenth of what a key takes."""
    MessagePump._get_dispatch_methods = _handlers  # type: ignore[assignment,method-assign]


def _handlers(pump: MessagePump, name: str, message: Message) -> Iterable[_Handler]:
    message_type: type = type(message)
    known = _known_handlers(type(pump), name, message_type)
    if known is None:
        return _find_handlers(pump, name, message)
    return _bound(known, pump, message) if known else ()


def _bound(handlers: tuple[_Handler, ...], pump: MessagePump, message: Message) -> Iterator[_Handler]:
    for cls, method in handlers:
        # An earlier handler may have asked that no other be called.
        if message._no_default_action:
            return
        yield cls, method.__get__(pump, cls)


@cache
def _known_handlers(pump_type: type, name: str, message_type: type) -> tuple[_Handler, ...] | None:
    """Return the handlers in the order in which they are called; ``None`` if that also depends on which widget a
    message is about, as with ``@on``."""
    found = []
    for cls in pump_type.__mro__:
        own = vars(cls)
        if any(kind in own.get("_decorated_handlers", ()) for kind in message_type.__mro__):
            return None
        method = own.get(f"_{name}") or own.get(name)
        if method is not None and not getattr(method, "_textual_on", None):
            found.append((cls, method))
    return tuple(found)
