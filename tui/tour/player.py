"""What is done next in a tour, by what the screen shows and what the time is.

Plain state, without Textual and without ``await``: the caller looks at the screen, says what the time is by a clock
that never jumps, and does what is returned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from .script import Script, TourStep, Visit

#: Seconds for reading a caption: to look up, and for each of its words.
_LOOK_UP, _A_WORD = 0.8, 0.19
#: Seconds for looking at what the recipient sees.
_PAGE = 2.5
#: Seconds between two keys, and between two typed characters, so that they can be followed.
_BETWEEN_KEYS, _BETWEEN_LETTERS = 0.3, 0.06
#: After this many seconds, a text that is waited for won't come any more.
PATIENCE = 60.0
#: The least columns and rows of a terminal in which a tour can be followed.
LEAST = (60, 20)


@dataclass(frozen=True, slots=True)
class Press:
    """A key is pressed; ``is_typed``: it is a character."""

    key: str
    is_typed: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of this name is taken of what is on the screen."""

    name: str


@dataclass(frozen=True, slots=True)
class TourEnded:
    """The tour is over. ``why`` is the sentence that says why it couldn't go on; empty at its end."""

    why: str = ""


Act = Press | Picture | Visit | TourEnded


def reading_seconds(caption: str) -> float:
    """How long a caption is left to be read."""
    return _LOOK_UP + _A_WORD * len(caption.split()) if caption else 0.0


def playing_seconds(script: Script) -> float:
    """How long a tour takes at least, if nobody hurries it."""
    keys = sum(len(step.keys) * (_BETWEEN_LETTERS if step.typed else _BETWEEN_KEYS) for step in script.steps)
    looks = sum(step.look + (_PAGE if step.visit is not None else 0.0) for step in script.steps)
    return keys + looks + sum(reading_seconds(step.caption) for step in script.steps)


class Player:
    """Plays a script: :meth:`next` says what is to be done now."""

    def __init__(self, script: Script, *, hurried: bool = False) -> None:
        """``hurried``: it never pauses."""
        self.script = script
        #: What is shown beside the app.
        self.caption = script.steps[0].caption
        #: What the recipient sees, if one has done something: lines.
        self.visited: tuple[str, ...] = ()
        self._always_hurried = self._hurried = hurried
        self._index = -1
        #: What is left to be done in the step.
        self._keys: deque[str] = deque()
        self._visit: Visit | None = None
        self._picture = ""
        self._look = 0.0
        #: When the next thing may be done, and when it is too late for what is waited for; 0: it has just begun.
        self._not_before = self._deadline = 0.0
        self._visiting = False
        #: Whether the recipient sees something that the viewer hasn't had time to look at.
        self._has_page = False
        self._failure = ""

    @property
    def number(self) -> int:
        """The number of the step that is played, from 1."""
        return max(self._index, 0) + 1

    @property
    def caption_number(self) -> int:
        """The number of the caption that is shown, from 1: what viewers count."""
        return sum(bool(step.caption) for step in self.script.steps[: self.number])

    @property
    def _step(self) -> TourStep:
        return self.script.steps[self._index]

    def hurry(self) -> None:
        """Go on: the viewer has read the caption. What the screen doesn't show yet is still waited for."""
        self._hurried = True

    def next_key(self) -> Press | None:
        """The next key of the step, at once: those of a sequence must not come too late. ``None`` if there is none."""
        return Press(self._keys.popleft(), self._step.typed) if self._keys else None

    def answered(self, lines: Sequence[str]) -> None:
        """The recipient's visit was made; ``lines`` is what they see."""
        self._visiting, self._has_page, self.visited = False, True, tuple(lines)

    def failed(self, why: str) -> None:
        """The recipient's visit has failed; ``why`` is a clause."""
        self._failure = why

    def next(self, seen: Sequence[str], now: float) -> Act | None:
        """What is to be done; ``None`` for nothing yet. ``seen`` are the rows of the app's screen, as text."""
        if self._index < 0:
            self._begin(now)
        if self._failure:
            return self._stopped(self._failure)
        if self._visiting:
            return self._wait(now, "the recipient got no answer")
        if self._has_page:
            self._has_page, self._not_before = False, now + _PAGE
        if now < self._not_before and not self._hurried:
            return None
        step = self._step
        if self._visit is not None:
            visit, self._visit, self._visiting, self._deadline = self._visit, None, True, 0.0
            return visit
        if self._keys:
            pause = _BETWEEN_LETTERS if step.typed else _BETWEEN_KEYS
            # By when it was due: looks at the screen are seldom exactly in time.
            self._not_before, self._deadline = max(self._not_before, now - pause) + pause, 0.0
            return self.next_key()
        if missing := _missing(step, seen):
            return self._wait(now, missing)
        if self._picture:
            name, self._picture = self._picture, ""
            return Picture(name)
        if self._look:
            self._not_before, self._look = now + self._look, 0.0
        elif self._index + 1 == len(self.script.steps):
            return TourEnded()
        else:
            self._begin(now)
        return None

    def _begin(self, now: float) -> None:
        self._index += 1
        step = self._step
        self.caption = step.caption or self.caption
        self._keys, self._visit, self._picture = deque(step.keys), step.visit, step.picture
        self._look = step.look
        if step.caption:
            self.visited = ()
        self._hurried = self._always_hurried
        self._not_before, self._deadline = now + reading_seconds(step.caption), 0.0

    def _wait(self, now: float, what: str) -> TourEnded | None:
        self._deadline = self._deadline or now + PATIENCE
        return self._stopped(what) if now >= self._deadline else None

    def _stopped(self, why: str) -> TourEnded:
        line = f", line {self._step.line} of {self.script.origin}" if self._step.line else ""
        return TourEnded(f"The tour stopped at step {self.number}{line}: {why}.")


def _missing(step: TourStep, seen: Sequence[str]) -> str:
    """What of a step isn't so on the screen, as a clause; empty if all of it is."""
    rows = [" ".join(row.split()) for row in seen]
    for text in step.until:
        if not any(text in row for row in rows):
            return f"the screen never showed “{text}”"
    for text in step.gone:
        if any(text in row for row in rows):
            return f"“{text}” never left the screen"
    return ""
