"""Asking on a plain terminal: a line for each thing that is said, and nothing is ever painted over."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from typing import Self, TypeVar

from ...rules.errors import Failed, InvalidValue
from ...rules.text import printable, shortened
from ..base.output import note

T = TypeVar("T")

#: Choices that are read out at a time.
PAGE = 20
_YES, _NO = ("y", "yes"), ("n", "no")
_NUMBERS = re.compile(r"[\d\s,-]+", re.ASCII)
_RANGE = re.compile(r"(\d{1,9})(?:\s*-\s*(\d{1,9}))?", re.ASCII)
#: How much of an answer is repeated in a message.
_SHOWN = 60


class Questions:
    """Questions before something is done; ``undone`` says that it wasn't, if their answers end early.

    That is so at the end of the input, which raises :class:`Failed`, and after ctrl+c: within the context of the
    questions, the :class:`KeyboardInterrupt` says it, too.
    """

    def __init__(self, undone: str) -> None:
        self._undone = undone

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            raise KeyboardInterrupt(f"Interrupted. {self._undone}") from None

    def line(self, question: str) -> str:
        """Ask for a line; returns it without blanks around it."""
        return self.checked(question, lambda text: text)

    def checked(self, question: str, read: Callable[[str], T]) -> T:
        """Ask until ``read`` takes the answer; its :class:`InvalidValue` is told before it is asked again."""
        while True:
            try:
                return read(self._asked(question).strip())
            except InvalidValue as problem:
                note(problem.message)

    def _asked(self, question: str) -> str:
        note(question, ends=False)
        try:
            text = sys.stdin.readline()
        except UnicodeDecodeError:
            raise InvalidValue("answer.encoding", "That is not in UTF-8.") from None
        if not text.endswith("\n"):
            # The cursor is still behind the question.
            note("")
            raise Failed("input.ended", f"There is no more input. {self._undone}")
        return text

    def hidden(self, question: str, read: Callable[[str], T]) -> T:
        """The same for what isn't shown as it is typed, blanks included."""
        import getpass

        while True:
            try:
                return read(getpass.getpass(f"{question} ", stream=sys.stderr))
            except EOFError:
                note("")
                raise Failed("input.ended", f"There is no more input. {self._undone}") from None
            except InvalidValue as problem:
                note(problem.message)

    def agreed(self, question: str) -> None:
        """Ask for a yes. Raises :class:`Failed` if the answer is no."""

        def read(text: str) -> bool:
            if text.lower() in _YES + _NO:
                return text.lower() in _YES
            raise InvalidValue("answer.unknown", "Type y for yes, or n for no.")

        if not self.checked(f"{question} y or n:", read):
            raise Failed("declined", self._undone)

    def choice(self, title: str, choices: Sequence[str]) -> int:
        """Read out numbered choices and ask for one, by default the first. Returns its index."""
        _read_out(title, list(enumerate(choices, 1)))

        def read(text: str) -> int:
            return _number(text, len(choices)) - 1 if text else 0

        return self.checked("Number, or Enter for 1:" if len(choices) > 1 else "Enter for 1:", read)

    def some(self, title: str, choices: Sequence[str], *, nothing: str = "") -> list[int]:
        """Read out numbered choices, a page at a time, and ask for some of them. Returns their indexes in the order
        given; none for an empty answer at the end, where ``nothing`` says what that means."""
        return _Chosen(self, title, choices, nothing).ask()


class _Chosen:
    """Choosing from choices that may be too many to be read out at once: a text narrows them down."""

    def __init__(self, questions: Questions, title: str, choices: Sequence[str], nothing: str) -> None:
        self._questions = questions
        self._choices = choices
        self._nothing = nothing
        self._title = title
        self._left = list(enumerate(choices, 1))

    def ask(self) -> list[int]:
        """Ask until some are chosen."""
        self._page(self._title)
        while True:
            found = self._questions.checked(self._question, self._read)
            if found is not None:
                return found

    @property
    def _question(self) -> str:
        then = "Enter for more" if self._left else self._nothing
        ways = ["Numbers with commas", "a part of a name", *filter(None, [then])]
        return f"{', '.join(ways[:-1])}, or {ways[-1]}:"

    def _page(self, title: str) -> None:
        page, self._left = self._left[:PAGE], self._left[PAGE:]
        _read_out(title, page)
        if self._left:
            note(f"{len(self._left):,} more.")

    def _read(self, text: str) -> list[int] | None:
        if not text:
            if self._left:
                self._page("")
                return None
            if self._nothing:
                return []
            raise InvalidValue("answer.missing", "Type a number, or a part of a name.")
        if _NUMBERS.fullmatch(text):
            return list(dict.fromkeys(number - 1 for number in _numbers(text, len(self._choices))))
        words = text.casefold().split()
        fitting = [
            (number, each)
            for number, each in enumerate(self._choices, 1)
            if all(word in each.casefold() for word in words)
        ]
        if not fitting:
            raise InvalidValue("answer.unknown", f"None has “{_told(text)}” in its name.")
        self._left = fitting
        self._page(f"With “{_told(text)}”:")
        return None


def _read_out(title: str, choices: Sequence[tuple[int, str]]) -> None:
    if title:
        note(title)
    for number, each in choices:
        note(f"{number}. {each}")


def _numbers(text: str, most: int) -> list[int]:
    """The numbers in an answer such as ``1, 3-5``. Raises :class:`InvalidValue`."""
    found: list[int] = []
    for part in text.replace(",", " , ").split(","):
        if not part.strip():
            continue
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            if all(word.isdecimal() for word in part.split()):
                found += [_number(word, most) for word in part.split()]
                continue
            raise InvalidValue(
                "answer.unknown", f"Can't read “{_told(part.strip())}” as numbers. Try 1, 3 or 5-7."
            )
        first, last = _number(match[1], most), _number(match[2] or match[1], most)
        found += range(first, last + 1)
    if not found:
        raise InvalidValue("answer.missing", f"Type a number from 1 to {most:,}.")
    return found


def _number(text: str, most: int) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not 1 <= number <= most:
        numbers = f"a number from 1 to {most:,}" if most > 1 else "1"
        raise InvalidValue("answer.unknown", f"There is no “{_told(text)}” here. Type {numbers}.")
    return number


def _told(text: str) -> str:
    return printable(shortened(text, _SHOWN))
