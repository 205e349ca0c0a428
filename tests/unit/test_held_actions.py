"""What keys ask for while the rows that it is meant for are still to come."""

from __future__ import annotations

from tui.ui.widgets.held import HeldActions


class Rows:
    """A cursor that is late for a jump."""

    def __init__(self) -> None:
        self.late = False
        self.done: list[str] = []
        self.held = HeldActions(lambda: self.late)
        self.move = self.held.of(self._move)
        self.jump = self.held.of(self._jump)

    def _move(self, where: str, times: int = 1) -> None:
        self.done.append(where * times)

    def _jump(self) -> None:
        self.done.append("jump")
        self.late = True


def test_what_is_kept_is_done_in_order_up_to_what_makes_it_wait_again() -> None:
    rows = Rows()
    rows.move("at once")
    rows.jump()
    rows.move("j", times=3)
    rows.jump()
    rows.move("k")
    assert rows.done == ["at once", "jump"]
    while rows.held.do_next():
        pass
    assert rows.done == ["at once", "jump"], "it still waits"
    rows.late = False
    while rows.held.do_next():
        pass
    assert rows.done[2:] == ["jjj", "jump"]
    rows.late = False
    # What comes between must not overtake.
    rows.move("l")
    assert rows.done[2:] == ["jjj", "jump"]
    while rows.held.do_next():
        pass
    assert rows.done[4:] == ["k", "l"]


def test_what_is_dropped_is_not_done() -> None:
    rows = Rows()
    rows.jump()
    rows.move("j")
    rows.held.drop()
    rows.late = False
    while rows.held.do_next():
        pass
    rows.move("k")
    assert rows.done == ["jump", "k"]
