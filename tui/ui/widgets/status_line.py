"""A line for messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from ...override import override
from ...rules.text import printable
from .fit import cut_to_lines, shorten, wrapped_to_cells

if TYPE_CHECKING:
    from ...session.notices import NoticeLine

#: Seconds after which a message has been read, unless something is wrong.
READ_SECONDS = 10.0
#: Tones of a message that stays to be read.
TO_BE_READ = ("warn", "bad")
_MARKS = {"good": "✓ ", "bad": "✗ ", "warn": "! "}
#: The id of the line of a box whose dialog has none for messages.
IN_FRAME = "in_frame"
#: What is between a message and what follows it.
_BETWEEN = " · "


def mark_of(tone: str) -> str:
    """What precedes a message, so that its tone can be told without colour; empty for a tone without a mark."""
    return _MARKS.get(tone, "")


def say_on(screen: Screen[Any], text: str, tone: str) -> None:
    """Show a message in the line of a screen that is for that, or else in the frame of its box."""
    for line in (screen.query("#said") or screen.query(f"#{IN_FRAME}")).results(StatusLine):
        line.say(text, tone)


def unsay(screen: Screen[Any], text: str) -> None:
    """Clear the lines of a screen that still show a message."""
    for line in screen.query(StatusLine):
        if line.lasting_text == text:
            line.say_below("")


class StatusLine(Static):
    """A one-line message in a tone (``good``, ``bad``, ``warn``, ``dim`` or none)."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; }
    StatusLine.-bad { color: $bad; text-style: $bad-style; }
    StatusLine.-warn { color: $warn; text-style: $warn-style; }
    StatusLine.-dim { color: $quiet; text-style: $quiet-style; }
    """
    TONES: ClassVar[tuple[str, ...]] = ("good", "bad", "warn", "dim")

    class Warned(Message):
        """The line has a message that warns, or has got another size with it."""

        def __init__(self, line: StatusLine) -> None:
            super().__init__()
            self.line = line

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,
        tone: str = "",
        lines: int = 1,
        marked: bool = False,
    ) -> None:
        """``lines``: how many lines it may use if the text doesn't fit into one; ``marked``: show a mark for the
        tone."""
        super().__init__("", id=id, markup=False)
        self._text_and_tone = ("", "")
        #: The message that another one is shown instead of for a while, its tone and its shorter forms.
        self._covered: tuple[str, str, tuple[str, ...]] | None = None
        #: When it was said, by a clock that never jumps.
        self._said_at = 0.0
        self._shorter: tuple[str, ...] = ()
        #: The notice that is shown besides, and the key that lists all of them.
        self._notice: NoticeLine | None = None
        self._notice_hint = ""
        self._lines = lines
        #: Called when it says something else.
        self.followed_by: Callable[[], None] | None = None
        self._marked = marked
        self._line_count = 1
        if text or tone:
            self._set_text(text, tone)

    def say(self, text: str, tone: str = "", *, shorter: Sequence[str] = ()) -> None:
        """Show another message; nothing is repainted if it is the same. If the text doesn't fit into one line, show the
        first of the ``shorter`` texts that does."""
        self._covered = None
        if (text, tone, tuple(shorter)) != (*self._text_and_tone, self._shorter):
            self._shorter = tuple(shorter)
            self._set_text(text, tone)

    def _set_text(self, text: str, tone: str) -> None:
        self._text_and_tone = (text, tone)
        self._said_at = monotonic()
        self._set_classes()
        self._draw()

    def show_notice(self, notice: NoticeLine | None, hint: str = "") -> None:
        """Show a notice: alone if there is no message that has to be read, else behind it,
        as far as there is room. ``hint`` is the key that shows all of it."""
        if (notice, hint) != (self._notice, self._notice_hint):
            if notice is not None:
                self.forget_read()
            self._notice, self._notice_hint = notice, hint
            self._set_classes()
            self.refresh()

    @property
    def _yields(self) -> bool:
        """Whether the message may be covered for a while: a hint, that something is under way, or what was done some
        time ago."""
        text, tone = self._text_and_tone
        return not text or tone == "dim" or self._is_read

    @property
    def _is_read(self) -> bool:
        """Whether it says what was done some time ago."""
        is_over = self.tone != "dim" and self.tone not in TO_BE_READ
        return is_over and monotonic() - self._said_at > READ_SECONDS

    def forget_read(self) -> None:
        """Clear a message of some time ago, now that the user goes on: later, it would seem to be about that."""
        if self._is_read and self._covered is None:
            self.say("")

    def _set_classes(self) -> None:
        shown = self._text_and_tone[1]
        if self._notice is not None and self._yields:
            shown = self._notice.notice.tone
        for name in self.TONES:
            self.set_class(name == shown, f"-{name}")

    def limit(self, lines: int) -> None:
        """Set how many lines it may use from now on; it always gets at least one."""
        self._lines = max(lines, 1)
        self._draw()

    def on_resize(self) -> None:
        """Give a message as many lines as it needs in this width, up to its limit."""
        self._grow()
        self._warn()

    def _draw(self) -> None:
        self._grow()
        self.refresh()
        if self.followed_by is not None:
            self.followed_by()
        self._warn()

    def _warn(self) -> None:
        # What has a shorter form stands beside a field, whose dialog says all of it elsewhere.
        if self.is_attached and self.text and not self._shorter and self.tone in TO_BE_READ:
            self.post_message(self.Warned(self))

    def _grow(self) -> None:
        """Use as many lines as the text needs, up to the limit."""
        room = self.content_size.width
        if room:
            needed = 1
            if self._lines > 1 and self._shown:
                shown = self._shown
                # What counts may grow by some digits, and what is wrong is said once.
                more = 0 if self.tone in TO_BE_READ else 8
                needed = max(-(-(cell_len(shown) + more) // room), len(wrapped_to_cells(shown, room)))
            wanted = min(self._lines, needed)
            if wanted != self._line_count:
                self._line_count = wanted
                self.styles.height = wanted

    @property
    def _shown(self) -> str:
        return self._with_mark(self._text_and_tone[0])

    def _with_mark(self, text: str) -> str:
        shown = printable(text)
        return mark_of(self._text_and_tone[1]) + shown if self._marked and shown else shown

    @override
    def render(self) -> Content:
        shown, room = self._shown, self.content_size.width
        if self._lines == 1 and room:
            # The available width isn't known earlier.
            fitting = self.fitting_text or (self._shorter or (self.text,))[-1]
            shown = shorten(self._with_mark(fitting), room)
        elif room:
            lines = wrapped_to_cells(shown, room)
            shown = "\n".join(
                lines if len(lines) <= self._line_count else cut_to_lines(shown, room, self._line_count)
            )
        return Content(
            shown if self._notice is None or not room else self._with_notice(shown, room, self._notice)
        )

    def _with_notice(self, shown: str, room: int, notice: NoticeLine) -> str:
        """The message with the notice, in no more lines than it has without."""
        # Imported late: there may be none.
        from .notice_text import notice_text

        mark = mark_of(notice.notice.tone)
        if self._yields:
            return notice_text(notice, mark, room, self._notice_hint)
        *before, last = wrapped_to_cells(shown, room)
        # The message stays to be read.
        if follows := notice_text(notice, mark, room - cell_len(last + _BETWEEN), self._notice_hint):
            last += _BETWEEN + follows
        return "\n".join((*before, last))

    def cover(self, text: str) -> None:
        """Show a message for a while, after which the present one comes back."""
        below = self.lasting
        self.say(text, "dim")
        self._covered = below

    def uncover(self) -> None:
        """Show again what is covered, if anything is."""
        if self._covered is not None:
            text, tone, shorter = self._covered
            self.say(text, tone, shorter=shorter)

    @property
    def lasting(self) -> tuple[str, str, tuple[str, ...]]:
        """What it says, its tone and its shorter forms, or those of what it covers for a while."""
        return self._covered or (*self._text_and_tone, self._shorter)

    def stand_for(self, lasting: tuple[str, str, tuple[str, ...]]) -> None:
        """Take the present message as one that covers another for a while."""
        self._covered = lasting

    @property
    def lasting_text(self) -> str:
        """The message, or what it covers for a while."""
        return self.text if self._covered is None else self._covered[0]

    @property
    def lasting_tone(self) -> str:
        """How that is said, as in ``TONES``."""
        return self.tone if self._covered is None else self._covered[1]

    def say_below(self, text: str, tone: str = "") -> None:
        """Show another message instead of the lasting one; what covers that stays."""
        if self._covered is None:
            self.say(text, tone)
        else:
            self._covered = text, tone, ()

    @property
    def is_cut(self) -> bool:
        """Whether there isn't room for all of the message."""
        room = self.content_size.width
        return len(wrapped_to_cells(self._shown, room)) > self._line_count if room else bool(self._shown)

    @property
    def most_lines(self) -> int:
        """How many lines it may have."""
        return self._lines

    @property
    def line_count(self) -> int:
        """How many lines it has."""
        return self._line_count

    @property
    def text(self) -> str:
        """The full message, even if it doesn't fit."""
        return self._text_and_tone[0]

    @property
    def fitting_text(self) -> str:
        """The message, or the first of its shorter forms that there is room for; empty if there is room for none, or
        none yet."""
        room = self.content_size.width * self._line_count
        texts = (self.text, *self._shorter)
        return next((text for text in texts if cell_len(self._with_mark(text)) <= room), "")

    @property
    def tone(self) -> str:
        """The tone of the message."""
        return self._text_and_tone[1]
