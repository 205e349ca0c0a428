"""Keys that are joined into sequences, by when they were pressed and where."""

from __future__ import annotations

from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.timer import Timer
from textual.widget import Widget

from tui.override import override
from tui.ui.textual_patches.sequences import LATE_SECONDS, SECONDS, KeySequences, single_keys


class Place(Widget):
    """Something with bindings; it takes the keys of ``text`` as text."""

    def __init__(self, *keys: str, text: str = "") -> None:
        super().__init__()
        self._bindings = BindingsMap([Binding(key, "nothing") for key in keys])
        self.text = text

    @override
    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key in self.text


class Seat(App[None]):
    """An app without a screen, in which something has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.has_focus: Widget | None = None

    @property
    @override
    def focused(self) -> Widget | None:
        return self.has_focus

    @override
    def set_timer(self, *args: Any, **kwargs: Any) -> Timer:
        return Timer(self, 1)


class Desk:
    """Presses keys, a tenth of a second after one another. ``ctrl+q`` works at once."""

    def __init__(self) -> None:
        self.time = 100.0
        self.app = Seat()
        self.sequences = KeySequences(self.app, lambda key: key == "ctrl+q")

    def press(self, place: Place, *keys: str, after: float = 0.1) -> list[str]:
        """The keys that are delivered then, all of which wait for the first."""
        self.app.has_focus = place
        waiting: deque[events.Key | events.Paste] = deque()
        for key in keys:
            event = events.Key(key, key if len(key) == 1 else None)
            self.time += after
            event.time = self.time
            waiting.append(event)
        delivered = []
        while waiting:
            joined = self.sequences.next_key(waiting.popleft(), waiting)
            if joined is not None:
                assert isinstance(joined, events.Key)
                delivered.append(joined.key)
        return delivered


def test_two_keys_are_one() -> None:
    desk, place = Desk(), Place("g l", "g s", "j")
    assert desk.press(place, "j", "g") == ["j"]
    assert desk.sequences.begun == "g"
    assert desk.press(place, "l", "l") == ["g l", "l"]
    assert desk.sequences.begun == ""


def test_what_does_not_follow_is_delivered_as_a_sequence_that_does_nothing() -> None:
    desk, place = Desk(), Place("g l", "d", "delete")
    assert desk.press(place, "g", "d", "d") == ["g d", "d"]
    assert desk.press(place, "g", "delete") == ["g delete"]
    assert desk.press(place, "g", "g", "l") == ["g g", "l"]


def test_three_keys() -> None:
    desk, place = Desk(), Place("y u v", "y w")
    assert desk.press(place, "y", "u") == []
    assert desk.sequences.begun == "y u"
    assert desk.press(place, "v", "y", "w") == ["y u v", "y w"]
    assert desk.press(place, "y", "u", "w") == ["y u w"]


def test_half_a_sequence_ends_by_time_by_escape_and_by_another_focus() -> None:
    desk, place = Desk(), Place("g l", "l")
    assert desk.press(place, "g") == []
    assert desk.press(place, "l", after=LATE_SECONDS + 0.01) == ["l"]
    assert desk.press(place, "g", "l", after=SECONDS) == ["g l"]
    assert desk.press(place, "g", "escape", "escape", "l") == ["escape", "l"]
    other = Place("g l")
    assert desk.press(place, "g") == []
    assert desk.press(other, "l") == ["l"]
    assert desk.press(other, "g") == []
    desk.sequences.end()
    assert desk.press(other, "l") == ["l"]


def test_a_late_key_begins_a_sequence_of_its_own() -> None:
    desk, place = Desk(), Place("g g", "g l")
    assert desk.press(place, "g") == []
    assert desk.press(place, "g", after=5) == []
    assert desk.press(place, "l") == ["g l"]


def test_a_late_key_that_may_follow_does_nothing_the_first_time() -> None:
    desk, place = Desk(), Place("g l", "g s x", "l", "j")
    for late in (SECONDS + 0.01, LATE_SECONDS):
        assert desk.press(place, "g") == []
        assert desk.press(place, "l", after=late) == ["g l late"]
        assert desk.press(place, "l") == ["l"]
    assert desk.press(place, "g") == []
    assert desk.press(place, "s", after=2) == ["g s late"]
    # What couldn't have followed does what it does alone, and so does everything after it.
    for other in ("j", "escape"):
        assert desk.press(place, "g") == []
        assert desk.press(place, other, after=2) == [other]
        assert desk.press(place, "l") == ["l"]


def test_begun_by_the_mouse_it_waits() -> None:
    desk, place = Desk(), Place("g l")
    desk.app.has_focus = place
    desk.sequences.begin("g")
    assert desk.press(place, "l", after=60) == ["g l"]


def test_what_works_at_once_and_what_is_pasted_end_it() -> None:
    desk, place = Desk(), Place("g l")
    assert desk.press(place, "g", "ctrl+q", "l") == ["ctrl+q", "l"]
    assert desk.press(place, "g") == []
    paste = events.Paste("l")
    assert desk.sequences.next_key(paste, deque()) is paste
    assert desk.press(place, "l") == ["l"]


def test_text_begins_nothing() -> None:
    desk = Desk()
    field = Place("g l", "ctrl+x s", text="gsl")
    assert desk.press(field, "g", "l") == ["g", "l"]
    assert desk.press(field, "ctrl+x", "s") == ["ctrl+x s"], "after a key that is no text, it isn't either"


def test_its_keys_are_shown_one_by_one() -> None:
    assert [each.key for each in single_keys(Binding("ctrl+x s", "nothing"))] == ["ctrl+x", "s"]
