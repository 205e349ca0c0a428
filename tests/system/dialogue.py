"""``sentlinks`` on a plain terminal, as a person who listens to it uses it."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from tests.support.terminal.terminal import SECONDS, Sentlinks
from tests.system.command import Client

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ASKED = re.compile(r"\d+\. |.*[:?]( |$)")


class Dialogue(Sentlinks):
    """``sentlinks`` on a plain terminal. What it writes is read once, from the top to the bottom."""

    def __init__(self, client: Client, arguments: Sequence[str], **environ: str) -> None:
        given = {**client.environ, "ACCESSIBLE": "1", "LANG": "C.UTF-8", **environ}
        super().__init__(list(arguments), given, 120, 50, cwd=client.cwd)
        self._read_until = 0
        #: What was typed: the terminal writes it where it is, which may be before the end of a question.
        self._typed_answers: set[str] = set()

    def hear(self, words: str) -> str:
        """Reads on until after some words; returns what was before them."""
        end = time.monotonic() + SECONDS
        while words.encode() not in self.written[self._read_until :]:
            going = self._take(1.0) or self.process.poll() is None
            assert going, f"it ended without {words!r}: {self.said}"
            assert time.monotonic() < end, f"{words!r} isn't said: {self.said}"
        before, _, _ = self.written[self._read_until :].partition(words.encode())
        self._read_until += len(before) + len(words.encode())
        return before.decode()

    def answer(self, question: str, text: str) -> str:
        """Answers a question; returns what was said before it."""
        before = self.hear(question)
        self._typed_answers.add(text)
        self.type(f"{text}\n")
        return before

    @property
    def said(self) -> str:
        return self.written.decode()

    def ended(self) -> int:
        """Its exit status; all that was written can be read aloud, once."""
        status = self.wait()
        said = self.said.replace("\r\n", "\n")
        assert _CONTROL.search(said) is None, said
        # A question that is asked again, and its choices, are said again.
        lines = [
            line
            for line in said.splitlines()
            if line not in {"", *self._typed_answers} and _ASKED.match(line) is None
        ]
        assert [line for line in lines if lines.count(line) > 1] == []
        return status
