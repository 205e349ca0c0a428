"""What was done to sent documents and can be undone, and those that come back from the trash."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sends.journals import NOW, sent
from tui.ui.actions.undo import DeleteUndo, Undo, UnpublishUndo
from tui.ui.actions.undo_order import ComingBack, UndoOrder
from tui.wire.share import Document


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def unpublished(at: float, *names: str) -> UnpublishUndo:
    """Documents that were unpublished then, and the server has said so."""
    undo = UnpublishUndo([sent(name) for name in names])
    for name in names:
        off = {"published": False, "unpublished_at": after(at)}
        undo.answered(sent(name).model_copy(update=off), after(at))
    return undo


def deleted(at: float, *names: str, took: float = 0) -> DeleteUndo:
    """Documents that were deleted then, in a request that took so many seconds."""
    undo = DeleteUndo([sent(name) for name in names])
    for name in names:
        gone = {"published": False, "unpublished_at": after(at), "deleted_at": after(at)}
        undo.answered(sent(name).model_copy(update=gone), after(at), timedelta(seconds=took))
    return undo


class Ground:
    """An order with these undos, and those that were withdrawn from it."""

    def __init__(self, *undos: Undo) -> None:
        self.withdrawn: list[Undo] = []
        self.order = UndoOrder(self.withdrawn.append)
        for undo in undos:
            self.order.begin(undo)


def back(name: str, **more: object) -> Document:
    return sent(name).model_copy(update=more)


def test_the_last_is_undone_first() -> None:
    first, second = unpublished(0, "a"), deleted(1, "b")
    on = Ground(first, second)
    assert list(on.order) == [first, second]
    taken = on.order.take()
    assert taken is not None
    assert taken.undo is second
    assert [each.id for each in on.order.documents(taken)] == ["b"]
    on.order.brought_back(taken, back("b"))
    assert not on.order.put_back(taken)
    assert list(on.order) == [first]
    assert on.withdrawn == []


def test_what_failed_is_tried_again_below_what_was_done_since() -> None:
    first, second, third = unpublished(0, "a"), deleted(1, "b"), unpublished(2, "c")
    on = Ground(first, second)
    taken = on.order.take()
    assert taken is not None
    on.order.begin(third)
    on.order.coming_back(taken, ["b"])
    on.order.not_brought_back(taken, ["b"], for_good=False)
    assert on.order.put_back(taken)
    assert list(on.order) == [first, second, third]


def test_what_the_server_refuses_is_gone_from_all() -> None:
    first, second = unpublished(0, "a", "b"), deleted(1, "a")
    on = Ground(first, second)
    taken = on.order.take()
    assert taken is not None
    on.order.coming_back(taken, ["a"])
    on.order.not_brought_back(taken, ["a"], for_good=True)
    assert not on.order.put_back(taken)
    assert first.ids == {"b"}
    assert on.order.happened_to("a", "deleted", after(1)), "it is in the trash: its deletion is news"


def test_a_document_of_a_later_act_waits() -> None:
    first = unpublished(0, "a", "b")
    on = Ground(first)
    taken = on.order.take()
    assert taken is not None
    on.order.begin(deleted(1, "a"))
    assert [each.id for each in on.order.documents(taken)] == ["b"]


def test_what_cannot_be_undone_gives_up_all() -> None:
    first, second = unpublished(0, "a"), deleted(1, "b")
    on = Ground(first, second)
    on.order.give_up()
    assert on.withdrawn == [second, first]
    assert list(on.order) == []
    given_up = [on.order.is_given_up]
    second.is_over = True
    assert [*given_up, on.order.is_given_up] == [True, False]
    on.order.forget()
    assert not on.order.is_given_up
    assert on.order.take() is None


def test_a_withdrawn_one_takes_its_documents_from_those_before() -> None:
    first, second = unpublished(0, "a", "b"), deleted(1, "a")
    on = Ground(first, second)
    on.order.withdraw(second)
    on.order.withdraw(second)
    assert on.withdrawn == [second]
    assert first.ids == {"b"}
    assert on.order.happened_to("b", "purged", after(3))
    assert on.withdrawn == [second, first]


@pytest.mark.parametrize("report", [None, "restored", "published"])
@pytest.mark.parametrize(
    ("at", "is_news"),
    [(0.0, False), (1.0, False), (1.5, False), (1.500001, True), (99.0, True), (None, False)],
)
def test_a_deletion_by_someone_else_after_the_return(
    report: str | None, at: float | None, is_news: bool
) -> None:
    """Also if the report that the document has come back was lost with the connection. The deletion that is undone was
    noted within its request."""
    on = Ground(deleted(1, "a", took=0.5))
    taken = on.order.take()
    assert taken is not None
    on.order.coming_back(taken, ["a"])
    on.order.brought_back(taken, back("a"))
    if report is not None:
        assert on.order.happened_to("a", report, after(2))
        is_news = True
    assert on.order.happened_to("a", "deleted", None if at is None else after(at)) is is_news
    assert on.order.happened_to("a", "deleted", after(100))
    assert on.order.happened_to("a", "deleted", after(0)), "it isn't coming back any more"
    assert on.order.happened_to("b", "deleted", after(0)), "another one never was"


def test_a_publication_before_the_deletion_is_not_the_return() -> None:
    on = Ground(deleted(5, "a"))
    taken = on.order.take()
    assert taken is not None
    on.order.coming_back(taken, ["a"])
    assert on.order.happened_to("a", "published", after(1))
    assert not on.order.happened_to("a", "deleted", after(5))


_events = st.sampled_from(["published", "restored", "deleted", "purged", "viewed", "unpublished"])


@given(st.floats(0, 50), st.lists(st.tuples(_events, st.floats(0, 100))))
def test_no_deletion_after_the_one_that_is_undone_is_passed_over(
    at: float, reports: list[tuple[str, float]]
) -> None:
    coming = ComingBack()
    coming.begin(deleted(at, "a"), ["a"])
    for event, moment in reports:
        if coming.is_past("a", event, after(moment)):
            assert event == "deleted"
            assert after(moment) <= after(at)
