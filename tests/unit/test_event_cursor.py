"""Where an event stream is resumed: before what could still be missing, and without telling anything twice."""

from __future__ import annotations

from tui.clients.event_cursor import SETTLING, Cursor


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_event_is_new_once_and_settles_later() -> None:
    clock = Clock()
    cursor = Cursor("5", clock=clock)
    assert [cursor.receive(ident) for ident in ("7", "6", "7", "6")] == [True, True, False, False]
    assert (cursor.last, cursor.settled, cursor.received) == ("7", "5", ["7", "6"])
    clock.now += SETTLING + 1
    # The higher one, although the lower one came after it.
    assert (cursor.settled, cursor.received) == ("7", [])


def test_it_goes_on_as_an_earlier_one_was() -> None:
    clock = Clock()
    earlier = Cursor("5", clock=clock)
    earlier.receive("8")
    clock.now += SETTLING / 2
    earlier.receive("7")
    later = Cursor(earlier.settled, earlier.received, clock=Clock())
    assert later.settled == "5"
    assert [later.receive(ident) for ident in ("6", "7", "8", "9")] == [True, False, False, True]


def test_numbers_are_no_texts() -> None:
    cursor = Cursor("9")
    cursor.receive("10")
    cursor.skip("8")
    assert (cursor.last, cursor.settled) == ("10", "9")


def test_the_first_event_is_where_it_goes_on() -> None:
    """Of a server that doesn't say before where the stream begins."""
    cursor = Cursor(clock=Clock())
    assert cursor.receive("7")
    assert cursor.settled == "7"


def test_other_ids_are_sent_back_as_they_are() -> None:
    cursor = Cursor("5", clock=Clock())
    assert [cursor.receive("a"), cursor.receive("b"), cursor.receive("b")] == [True, True, True]
    assert (cursor.last, cursor.settled) == ("b", "b")


def test_what_is_not_numbered_is_always_new() -> None:
    cursor = Cursor()
    assert [cursor.receive(""), cursor.receive("")] == [True, True]
    assert cursor.last is None


def test_where_numbers_begin_anew_nothing_is_known() -> None:
    cursor = Cursor("50")
    cursor.receive("60")
    cursor.begin("3")
    assert (cursor.last, cursor.settled, cursor.receive("60")) == ("3", "3", True)


def test_its_memory_is_bounded() -> None:
    cursor = Cursor("0", clock=Clock())
    for number in range(1, 20_001):
        cursor.receive(str(number))
    assert len(cursor.received) < 10_000
    assert int(cursor.settled or "") + len(cursor.received) == 20_000
