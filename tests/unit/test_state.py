"""The states of a sent document, and what each act does to it (L3 to L7, F5 to F10, P3)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules.state import Act, Effect, Event, Reason, State, effect, external

PUBLISHED, UNPUBLISHED, TRASHED, PURGED = State.PUBLISHED, State.UNPUBLISHED, State.TRASHED, State.PURGED

# Written out from the rules: state, act → new state, audit event, reason set, reason cleared, counter to
# zero, grants ended.
TABLE: dict[tuple[State, Act], tuple[State, str, str | None, bool, bool, bool]] = {
    (PUBLISHED, Act.DOWNLOAD): (PUBLISHED, "downloaded", None, False, False, False),
    (PUBLISHED, Act.LIMIT): (UNPUBLISHED, "limit reached", "limit", False, False, False),
    (PUBLISHED, Act.EXPIRE): (UNPUBLISHED, "expired", "expired", False, False, True),
    (PUBLISHED, Act.UNPUBLISH): (UNPUBLISHED, "unpublished", "by hand", False, False, True),
    (UNPUBLISHED, Act.CUT_OFF): (UNPUBLISHED, "unpublished", "by hand", False, False, True),
    (UNPUBLISHED, Act.LET_GO_ON): (UNPUBLISHED, "limit reached", "limit", False, False, False),
    (UNPUBLISHED, Act.UNDO): (PUBLISHED, "published", None, True, False, False),
    (PUBLISHED, Act.RESEND): (PUBLISHED, "resent", None, True, True, True),
    (UNPUBLISHED, Act.RESEND): (PUBLISHED, "resent", None, True, True, True),
    (PUBLISHED, Act.DELETE): (TRASHED, "deleted", "by hand", False, False, True),
    (UNPUBLISHED, Act.DELETE): (TRASHED, "deleted", None, False, False, True),
    (TRASHED, Act.RESTORE): (UNPUBLISHED, "restored", None, False, False, False),
    (TRASHED, Act.UNDELETE): (PUBLISHED, "published", None, True, False, False),
    (TRASHED, Act.PUT_BACK): (UNPUBLISHED, "restored", None, False, False, False),
    (TRASHED, Act.PURGE): (PURGED, "purged", None, False, False, False),
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("act", list(Act))
def test_every_act_in_every_state(state: State, act: Act) -> None:
    """The whole table: an act that is not in it does nothing, so repeating an act is safe."""
    found = effect(state, act)
    if (state, act) not in TABLE:
        assert found is None
        return
    to, event, reason, clears, resets, ends = TABLE[state, act]
    restores = act in (Act.UNDO, Act.LET_GO_ON, Act.UNDELETE, Act.PUT_BACK)
    assert found == Effect(
        to, Event(event), Reason(reason) if reason else None, clears, resets, ends, restores
    )


def test_external_is_on_exactly_while_published() -> None:
    """F5, F6: it is off whenever the link allows no new downloads."""
    assert [state for state in State if external(state)] == [State.PUBLISHED]


def test_reaching_the_limit_leaves_given_grants_alone() -> None:
    """F6: of all that stops a link, only the limit spares the grants of downloads under way."""
    ending = {act for (state, act) in TABLE if (e := effect(state, act)) and e.ends_grants}
    assert ending == {Act.EXPIRE, Act.UNPUBLISH, Act.CUT_OFF, Act.RESEND, Act.DELETE}


def test_the_words_that_others_hold_on_to() -> None:
    assert {r.value for r in Reason} == {"by hand", "expired", "limit"}
    assert {e.value for e in Event} == {
        "sent", "published", "viewed", "scanned", "downloaded", "delivered", "broken off",
        "taken elsewhere", "fetched", "previewed", "wrong password",
        "locked", "unlocked",
        "expired", "limit reached", "unpublished", "resent", "deleted", "restored", "purged", "member added",
        "member removed", "unavailable", "signed in", "sign-in refused", "password set", "person added", "person named",
        "person removed", "policy changed", "installed", "recorded", "recipients set",
        "data folder added", "audit accepted", "link stopped", "key changed",
        "store changed",
    }  # fmt: skip


@dataclass
class Model:
    state: State = State.PUBLISHED
    reason: Reason | None = None
    counter: int = 0

    def apply(self, act: Act) -> Effect | None:
        found = effect(self.state, act)
        if found is None:
            return None
        self.state = found.state
        self.reason = None if found.clears_reason else found.reason or self.reason
        self.counter = 0 if found.resets_counter else self.counter + (act is Act.DOWNLOAD)
        return found


@given(st.lists(st.sampled_from(list(Act)), max_size=40))
def test_whatever_happens_the_facts_agree(acts: list[Act]) -> None:
    model = Model()
    for act in acts:
        before = Model(model.state, model.reason, model.counter)
        found = model.apply(act)
        if found is None:
            assert model == before
        # A document has a reason if, and only if, it is not published.
        assert (model.reason is None) == (model.state is State.PUBLISHED)
        # F8, L7: sending again resets the counter; nothing else lowers it.
        assert model.counter >= before.counter or act is Act.RESEND
        # F9, F10: a purge is permanent, and what leaves the trash is unpublished, unless its deletion is undone.
        if before.state is State.PURGED:
            assert model.state is State.PURGED
        if before.state is State.TRASHED and model.state is State.PUBLISHED:
            assert act is Act.UNDELETE
        # Only sending again and undoing publish.
        if before.state is not State.PUBLISHED and model.state is State.PUBLISHED:
            assert act in (Act.RESEND, Act.UNDO, Act.UNDELETE)
        # L3: a download counts once, and only while published.
        assert (model.counter == before.counter + 1) == (
            act is Act.DOWNLOAD and before.state is State.PUBLISHED
        )


@pytest.mark.parametrize(
    "act", [Act.UNPUBLISH, Act.DELETE, Act.RESTORE, Act.UNDELETE, Act.PUT_BACK, Act.PURGE]
)
def test_an_act_done_twice_is_done_once(act: Act) -> None:
    for state in State:
        first = effect(state, act)
        if first:
            assert effect(first.state, act) is None
