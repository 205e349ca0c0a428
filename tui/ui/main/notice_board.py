"""Shows notices, on whichever screen is on top, and in the terminal's title."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from ...session.notices import Notices
from ..base.app_screen import AppScreen
from ..textual_patches.driver import ring, set_title

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.timer import Timer

    from ...clients.events import DocumentEvent
    from ...session.notices import DocumentNotice
    from ..base.host import Host

#: Seconds during which events are gathered, and between two changes of the screen: a thousand of them change it a few
#: times, and those that go on coming once a second.
_GATHER, _BETWEEN = 0.25, 1.0
_TITLE, _MOST_COUNTED = "Secure Sent Links", 99


class NoticeBoard:
    """Gives :class:`Notices` the time, and shows what comes of it."""

    def __init__(self, main: Host, changed: Callable[[], None]) -> None:
        """``changed`` is called when there are other notices, or some aren't new any more."""
        self.notices = Notices()
        self._main = main
        self._changed = changed
        #: Until what happens next is shown, or what is shown is over.
        self._timer: Timer | None = None
        self._is_gathering = False
        #: When the screen has changed last.
        self._shown_at = -_BETWEEN

    def take(self, event: DocumentEvent) -> None:
        """Tell the user of an event, if it is news."""
        now = monotonic()
        if self.notices.happened(event, self._main.session.user, now) and not self._is_gathering:
            self._is_gathering = True
            self._wait(max(_GATHER, self._shown_at + _BETWEEN - now))

    def renumbered(self) -> None:
        """The server begins to number its events from the start."""
        self.notices.renumbered()

    def take_up(self, notices: Sequence[DocumentNotice], unseen: int) -> None:
        """Begin with the notices of an earlier session: they aren't shown again, but listed and counted."""
        self.notices.take_up(notices, unseen)
        self._show()

    def looked_at(self) -> None:
        """The user looks at the list."""
        self.notices.looked_at()
        self._show()

    def folder_seen(self, folder: str) -> None:
        """The user looks at a folder."""
        if self.notices.folder_seen(folder):
            self._show()

    def forget(self) -> None:
        """Forget everything: another user has signed in."""
        self.notices.forget()
        self._show()

    def _show(self) -> None:
        app, now = self._main.screen.app, monotonic()
        self._is_gathering, self._shown_at = False, now
        self._show_new()
        self._changed()
        line = self.notices.line(now)
        if line != app.notice:
            app.notice = line
            for screen in app.screen_stack:
                if isinstance(screen, AppScreen):
                    screen.show_notice(line)
        unseen = self.notices.unseen
        count = f"{_MOST_COUNTED}+" if unseen > _MOST_COUNTED else str(unseen)
        set_title(app, f"({count}) {_TITLE}" if unseen else _TITLE, begin=unseen > 0)
        if alert := self.notices.alert(now):
            ring(app, alert.full_text, app.preferences.alerts, app.terminal.multiplexer)
        waits = (self.notices.seconds_left(now), self.notices.seconds_to_alert(now) or 0.0)
        if wait := min(filter(None, waits), default=0.0):
            self._wait(wait)

    def _show_new(self) -> None:
        """Show beside folders how much is new in them; nothing is in the one that the user looks at."""
        main = self._main
        if not main.screen.query("#tree"):
            # The program is ending.
            return
        shown = main.browser.location
        if shown is not None and main.browser.kind.is_share_folder and main.screen.app.screen is main.screen:
            self.notices.folder_seen(shown.id)
        main.places.show_new(self.notices.new_by_folder())

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._main.screen.set_timer(seconds, self._show)
