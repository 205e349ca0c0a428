"""Changes that a dialog has requested, and when the dialog may be closed."""

from __future__ import annotations

import pytest

from tui.ui.base.pending_changes import CHANGE_PENDING, PendingChanges


def test_a_dialog_without_changes_is_closed_at_once() -> None:
    changes = PendingChanges()
    assert not changes.close_later()
    assert not changes.take_close()


def test_it_is_closed_once_all_are_answered() -> None:
    held: list[bool] = []
    changes = PendingChanges(lambda: held.append(changes.under_way))
    with changes.change():
        reason = changes.disabled_reason
        with changes.change():
            assert changes.close_later()
        assert not changes.take_close(), "one is still under way"
    assert (reason, changes.disabled_reason) == (CHANGE_PENDING, None)
    assert changes.take_close()
    assert not changes.take_close(), "once"
    assert held == [True, True, True, False]


def test_one_that_fails_keeps_it_open() -> None:
    changes = PendingChanges()

    def change() -> None:
        with changes.change():
            changes.close_later()
            raise OSError("away")

    with pytest.raises(OSError, match="away"):
        change()
    assert not changes.take_close()
    assert not changes.under_way


def test_closing_that_was_not_wanted_after_all_is_forgotten() -> None:
    changes = PendingChanges()
    with changes.change():
        changes.close_later()
    assert changes.take_close()
    with changes.change():
        pass
    assert not changes.take_close()
