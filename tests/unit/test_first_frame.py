"""Who is responsible for the terminal that the first frame is shown on."""

from __future__ import annotations

from tui.terminal.frame import Frame


def test_a_terminal_is_taken_over_with_its_modes() -> None:
    frame = Frame()
    frame.attributes = modes = [1, 2, 3]
    assert frame.shown
    assert frame.take_over() is modes
    assert frame.taken
    assert not frame.shown


def test_without_a_frame_there_is_nothing_to_take_over_or_to_read() -> None:
    frame = Frame()
    frame.show({"TERM": "dumb"})
    assert not frame.shown
    assert frame.look() == frame.take_input() == b""
    assert frame.take_over() is None
    assert not frame.taken
