"""Which methods handle a message: the same as Textual itself finds, but looked for once."""

from __future__ import annotations

import pytest
from textual import events, on
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Button

from tui.ui.textual_patches import handlers
from tui.ui.textual_patches.handlers import find_handlers_once


class Said(Message):
    """Something is said."""


class Shouted(Said):
    """Something is said loudly."""


class Listener(Widget):
    """Notes which of its handlers are called; as does each class derived from it."""

    def __init__(self) -> None:
        super().__init__()
        self.called: list[str] = []

    def on_said(self) -> None:
        self.called.append("said")

    def on_shouted(self) -> None:
        self.called.append("shouted")


class Private(Listener):
    def _on_said(self) -> None:
        self.called.append("private")

    def on_said(self) -> None:
        self.called.append("never: it has a private one")


class Decorated(Private):
    @on(Said)
    def hear(self) -> None:
        self.called.append("decorated")


class Misnamed(Listener):
    @on(events.Paste)
    def on_shouted(self) -> None:
        self.called.append("never: it is for another message")


class Choosy(Listener):
    @on(Button.Pressed, "#right")
    def right(self) -> None:
        self.called.append("right")

    @on(Button.Pressed, "#left")
    def left(self) -> None:
        self.called.append("left")


class Last(Listener):
    def on_said(self, message: Said) -> None:  # type: ignore[override]
        self.called.append("the last")
        message.prevent_default()


@pytest.mark.parametrize("mended", [False, True], ids=["textual", "mended"])
async def test_the_same_handlers_are_called(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MessagePump, "_get_dispatch_methods", handlers._find_handlers)
    if mended:
        find_handlers_once()
    pressed = [Button.Pressed(Button(id=side)) for side in ("left", "right")]
    # Each twice: found, and then known.
    for kind, message, called in (
        (Private, Said(), ["private", "said"]),
        (Private, Said(), ["private", "said"]),
        (Private, Shouted(), ["shouted"]),
        (Decorated, Said(), ["decorated", "private", "said"]),
        (Decorated, Shouted(), ["decorated", "shouted"]),
        (Misnamed, Shouted(), ["shouted"]),
        (Choosy, pressed[0], ["left"]),
        (Choosy, pressed[1], ["right"]),
        (Last, Said(), ["the last"]),
        (Last, Said(), ["the last"]),
        (Last, events.Hide(), []),
    ):
        async with App[None]().run_test() as pilot:
            listener = kind()
            await pilot.app.mount(listener)
            message.set_sender(pilot.app)
            listener.post_message(message)
            await pilot.pause()
        assert listener.called == called, (kind, message)


@pytest.mark.parametrize("mended", [False, True], ids=["textual", "mended"])
async def test_handlers_are_looked_for_once(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[type] = []

    class Watched(type(Widget)):
        """Notes when the base classes of a class are gone through."""

        @property
        def __mro__(cls) -> tuple[type, ...]:
            looked.append(cls)
            return cls.mro()

    class Ear(Listener, metaclass=Watched):
        pass

    monkeypatch.setattr(MessagePump, "_get_dispatch_methods", handlers._find_handlers)
    if mended:
        find_handlers_once()
    ear, heard = Ear(), 0
    for _ in range(3):
        looked.clear()
        heard += len(list(ear._get_dispatch_methods("on_said", Said())))
    assert heard == 3
    assert bool(looked) is not mended
