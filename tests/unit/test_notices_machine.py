"""Events, looks and time in any order, as notices take them."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.support.checks.notices import ME, happening
from tui.clients.events import DocumentEvent
from tui.rules.notices import KINDS, is_told
from tui.session.notices import (
    SHOWN_SECONDS,
    Notices,
)


class NoticesMachine(RuleBasedStateMachine):
    """Events in any order, some of them repeated, a clock that goes on, and a user who looks now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.notices = Notices()
        self.now = 1000.0
        self.number = 0
        #: Sent by the server, and worth telling.
        self.sent: list[DocumentEvent] = []
        #: News since the user looked, with how many times each has happened.
        self.news = 0
        #: What was told, by event and document, and whether the user hasn't looked since: the oldest first.
        self.listed: list[tuple[str, str, bool]] = []
        self.told_at = -1000.0

    @rule(
        kind=st.sampled_from([*KINDS, "viewed", "sent"]),
        document=st.sampled_from("abc"),
        actor=st.sampled_from([None, None, ME, "ADMIN"]),
        owned=st.booleans(),
        counts=st.sampled_from([{}, {"delivered": 0}, {"delivered": 1}]),
    )
    def happens(
        self, kind: str, document: str, actor: str | None, owned: bool, counts: Mapping[str, int]
    ) -> None:
        self.number += 1
        event = happening(
            kind,
            ident=str(self.number),
            document=document,
            actor=actor,
            name=f"{document}.pdf" if owned else None,
            counts=counts,
        )
        is_news = is_told(kind, counts) and owned and actor != ME
        assert self.notices.happened(event, ME, self.now) is is_news
        self.sent.append(event)
        if is_news:
            kinds = KINDS[kind]
            begun = [each for each in self.listed if each[0] in kinds.settles_one and each[1] == document]
            over = [each for each in self.listed if each[0] in kinds.settles and each[1] == document]
            for each in (*begun[:1], *over):
                self.listed.remove(each)
                self.news -= each[2]
            self.listed.append((kind, document, True))
            self.news += 1
            self.told_at = self.now

    @rule(back=st.integers(1, 20))
    def repeats(self, back: int) -> None:
        """The connection was lost, and the server sends again what it isn't sure of."""
        for event in self.sent[-back:]:
            assert not self.notices.happened(event, ME, self.now)

    @rule(seconds=st.floats(0.0, 30.0))
    def passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def looks(self) -> None:
        self.notices.looked_at()
        self.news, self.told_at = 0, -1000.0
        self.listed = [(kind, document, False) for kind, document, _ in self.listed]

    @rule()
    def alerts(self) -> None:
        waits = self.notices.seconds_to_alert(self.now)
        found = self.notices.alert(self.now)
        assert (found is not None) is (waits == 0.0)

    @invariant()
    def every_news_is_in_the_list(self) -> None:
        """As an entry of its own, or counted by one."""
        unseen = list(self.notices.kept)[: self.notices.unseen]
        assert sum(notice.times for notice in unseen) == self.news
        assert all(KINDS[notice.event].again or notice.times == 1 for notice in self.notices.kept)

    @invariant()
    def the_line_is_shown_as_long_as_it_should_be(self) -> None:
        line = self.notices.line(self.now)
        assert (line is not None) is (self.now < self.told_at + SHOWN_SECONDS)
        assert (self.notices.seconds_left(self.now) > 0) is (line is not None)
        if line is not None:
            assert line.notice in self.notices.kept
            assert line.text().isprintable()


TestNoticesMachine = NoticesMachine.TestCase
TestNoticesMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
