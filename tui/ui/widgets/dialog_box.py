"""The box of a dialog: its frame has the heading and what is said, as far as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.errors import NoWidget
from textual.geometry import Size
from textual.widget import Widget

from ...rules.text import printable
from .fit import cells, wrapped_to_cells
from .status_line import IN_FRAME, TO_BE_READ, StatusLine, mark_of

if TYPE_CHECKING:
    from ...session.notices import NoticeLine

#: Cells of a side of the frame that have no text.
_CORNERS = 6
#: How many lines of the screen a text may take inside the box: its share, and at least so many.
_SHARE, _FEWEST = 3, 3


class DialogBox(Vertical):
    """The heading is in the upper side of the frame, and what is said in the lower one. What is too long for that gets
    lines of its own inside: no text is cut as long as there is room for it on the screen."""

    DEFAULT_CSS = """
    DialogBox > .in-box { display: none; }
    DialogBox > .in-box.-shown { display: block; }
    DialogBox > #heading_line { dock: top; text-style: bold; }
    DialogBox > #in_frame { dock: bottom; margin-bottom: 1; }
    """

    def __init__(self, *children: Widget, heading: str, footer: Widget, classes: str) -> None:
        self._heading_line = StatusLine(id="heading_line", lines=_FEWEST)
        self._said_line = StatusLine(id=IN_FRAME, lines=_FEWEST, marked=True)
        for line in (self._heading_line, self._said_line):
            line.add_class("in-box")
        self._said_line.followed_by = self.fit_said
        # Behind the contents, as they are docked: who asks for a line or a text gets one of those first.
        super().__init__(*children, self._heading_line, self._said_line, footer, classes=classes)
        self._heading = ""
        self._notice: NoticeLine | None = None
        #: The line whose message is said a second time, if any.
        self._repeated: StatusLine | None = None
        #: That of the screen for which it was found out whether it has to be.
        self._screen_size = Size()
        self.head(heading)

    def on_mount(self) -> None:
        """Make a box that takes its width from its contents as wide as its heading."""
        if self._heading and self.styles.is_auto_width:
            self.styles.min_width = cells(self._heading) + _CORNERS

    def head(self, text: str) -> None:
        """Show another text in the upper side."""
        self._heading = printable(text)
        self._fit_heading()

    def show_notice(self, notice: NoticeLine | None) -> None:
        """Show a notice in the frame, or none any more. A message that warns stays there instead."""
        if notice != self._notice:
            self._notice = notice
            self.call_after_refresh(self.fit_said)

    @on(StatusLine.Warned)
    def _warned(self, event: StatusLine.Warned) -> None:
        event.stop()
        if event.line is self._said_line:
            # It has its lines now.
            self.call_after_refresh(self._keep_focused_in_sight)
        else:
            self.call_after_refresh(self._repeat_unseen, event.line, event.line.text)

    def _repeat_unseen(self, line: StatusLine, text: str) -> None:
        """Say as well what a line in the box says that can't be read whole: it is scrolled out of sight, or too short.
        That ends when the line says something else."""
        same = [each for each in self.query(StatusLine) if each.text == text and each is not self._said_line]
        if line not in same or any(map(self._is_seen, same)) or not self._has_lines_for(text):
            return

        def follow() -> None:
            if line.text != text:
                self._say_once(text)

        if self._repeated is not None:
            self._repeated.followed_by = None
        self._repeated, line.followed_by = line, follow
        self._said_line.say(text, line.tone)

    def _say_once(self, text: str) -> None:
        """Say no longer what was repeated."""
        if self._repeated is not None:
            self._repeated.followed_by = None
            self._repeated = None
            if self._said_line.text == text:
                self._said_line.say("")

    def _look_again(self) -> None:
        """Repeat a message on a screen of another size only if it can't be read there either."""
        line = self._repeated
        if line is not None and self.app.size != self._screen_size:
            self._say_once(line.text)
            self.call_after_refresh(self._repeat_unseen, line, line.text)
        self._screen_size = self.app.size

    def _keep_focused_in_sight(self) -> None:
        """Scroll to what one types into, which what is said would cover."""
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors and self._said_line.display:
            covered = focused.region.bottom - self._said_line.region.y
            if covered > 0:
                self.scroll_relative(y=covered, animate=False)

    def _has_lines_for(self, text: str) -> bool:
        """Whether all of a message has room in lines of its own."""
        return (
            len(wrapped_to_cells(f"{mark_of('warn')}{printable(text)}", self._line_width)) <= self._most_lines
        )

    def _is_seen(self, line: StatusLine) -> bool:
        """Whether all of a message can be read."""
        try:
            place = self.screen.find_widget(line)
        except NoWidget:
            # It is in something that isn't shown.
            return False
        # What scrolls goes on below what is docked.
        docked = [each for each in self.children if each.display and each.styles.dock == "bottom"]
        covered = not set(docked) & set(line.ancestors_with_self) and any(
            each.region.overlaps(place.region) for each in docked
        )
        return place.visible_region == place.region and not covered and not line.is_cut

    def on_resize(self) -> None:
        """Put each text where it has room in this width."""
        self._fit_heading()
        self.fit_said()
        self._look_again()

    @property
    def _room(self) -> int:
        """The cells for text in a side of the frame; 0 if there is none, or its size isn't known yet."""
        return max(self.outer_size.width - _CORNERS, 0) if self.styles.border_bottom[0] else 0

    def _fit_heading(self) -> None:
        in_frame = not self._room or cells(self._heading) <= self._room
        self._write_side("border_title", self._heading if in_frame else "")
        self._heading_line.set_class(not in_frame, "-shown")
        if not in_frame:
            self._give_lines(self._heading_line)
            self._heading_line.say(self._heading)

    def fit_said(self) -> None:
        """Show what is said in the frame, or in lines of its own if it has no room there."""
        text, tone = printable(self._said_line.text), self._said_line.tone
        in_frame = cells(text) <= self._room
        self._said_line.set_class(not in_frame, "-shown")
        if not in_frame:
            self._give_lines(self._said_line)
        notice, room = self._notice, self._room
        side = text if in_frame else ""
        if notice is not None and room > 0 and not (side and tone in TO_BE_READ):
            # Imported late: there may be none.
            from .notice_text import notice_text

            side = notice_text(notice, mark_of(notice.notice.tone), room)
        self._write_side("border_subtitle", side)

    def _write_side(self, side: str, text: str) -> None:
        # Only a change repaints the box.
        if text or getattr(self, side):
            # Literal text: a name may contain what looks like markup.
            label: Any = Content(text) if text else None
            setattr(self, side, label)

    @property
    def _line_width(self) -> int:
        # As wide as the box is now: one that takes its width from its contents would get that of the screen.
        return max(self.content_size.width - self.styles.scrollbar_size_vertical, 1)

    @property
    def _most_lines(self) -> int:
        return max(self.app.size.height // _SHARE, _FEWEST)

    def _give_lines(self, line: StatusLine) -> None:
        line.styles.width = self._line_width
        if line.most_lines != self._most_lines:
            line.limit(self._most_lines)
