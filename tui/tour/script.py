"""The file of a tour: its steps in TOML, each with a caption and what is done after it has been read.

::

    title = "Sending two documents"

    [[step]]
    caption = "s opens the send dialog."
    press = "s"                       # or several keys: "tab tab space"
    until = "Downloads permitted"     # waits for this text on the screen; or a list of texts

Pure: no I/O. Raises :class:`InvalidValue` with the line of what is wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from ..rules.errors import InvalidValue
from ..rules.similar import did_you_mean
from ..rules.text import printable

#: What a recipient does.
OPEN, DOWNLOAD = "open", "download"
_RECIPIENT = (OPEN, DOWNLOAD)
_HEAD = re.compile(r"\s*\[\[\s*step\s*\]\]")
_FIELDS = (
    "caption", "press", "type", "recipient", "document", "password", "until", "gone", "look", "picture"
)  # fmt: skip
_PICTURE = re.compile(r"[a-z][a-z0-9-]*")
#: More than this many characters can't be read on a small terminal.
MOST_CAPTION = 160
_MOST_LOOK = 60
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Visit:
    """What a recipient does with the link of the newest document of that name: ``open`` its page, or ``download`` it
    with ``password``."""

    act: str
    document: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class TourStep:
    """A step; ``line`` is that of the file. The keys are pressed, or the visit is made, after the caption was read; the
    step ends as soon as all texts of ``until`` are on the screen, and none of ``gone``, and ``look`` seconds later. An
    empty caption leaves the one before; ``picture`` names a picture that is taken at the end."""

    line: int
    caption: str = ""
    keys: tuple[str, ...] = ()
    typed: bool = False
    visit: Visit | None = None
    until: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    look: float = 0.0
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of a tour, at least one. ``origin`` is the file's name, for sentences."""

    origin: str
    title: str
    steps: tuple[TourStep, ...]

    @property
    def captions(self) -> int:
        """How many captions there are: a step without one belongs to that of the step before."""
        return sum(bool(step.caption) for step in self.steps)


def read_script(content: bytes, origin: str, is_key: Callable[[str], bool]) -> Script:
    """Read the file of a tour. ``is_key`` tells which names of keys there are. Raises :class:`InvalidValue`."""
    if len(content) > _MOST_BYTES:
        raise _wrong(origin, 0, "it has more than a megabyte, so it isn't a tour")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(origin, content.count(b"\n", 0, error.start) + 1, "it isn't text in UTF-8") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = re.fullmatch(r"(.*?) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL)
        reason = (said[1] if said else str(error)).rstrip(".")
        line = int(said[2]) if said and said[2] else text.count("\n") + 1
        raise _wrong(origin, line, f"it isn't valid TOML: {reason[:1].lower()}{reason[1:]}") from error
    return _TourReader(origin, text, is_key).script(data)


def _wrong(origin: str, line: int, why: str, question: str = "") -> InvalidValue:
    where = f", line {line}" if line else ""
    sentence = f"The tour {printable(origin)}{where}: {printable(why)}. {question}"
    return InvalidValue("tour.wrong", sentence.rstrip(), "tour")


class _TourReader:
    """Checks what was read; knows the lines of the steps, which the parser doesn't tell."""

    def __init__(self, origin: str, text: str, is_key: Callable[[str], bool]) -> None:
        self._origin = origin
        self._lines = text.splitlines()
        self._heads = [number for number, line in enumerate(self._lines, 1) if _HEAD.match(line)]
        self._is_key = is_key

    def script(self, data: Mapping[str, object]) -> Script:
        for name in data:
            if name not in ("title", "step"):
                why = f"there is nothing called {name}"
                self._fail(self._line_of(name, 1), why, did_you_mean(name, ("title", "step")))
        title = data.get("title", "Secure Sent Links")
        if not isinstance(title, str):
            self._fail(self._line_of("title", 1), "the title must be text in quotes")
        steps = data.get("step")
        if not isinstance(steps, list) or not steps:
            self._fail(0, "it has no step; each begins with the line [[step]]")
        if len(self._heads) != len(steps):
            # Written in another way: nothing is known of the lines.
            self._heads = [0] * len(steps)
        found = tuple(self._step(step, head) for step, head in zip(steps, self._heads, strict=True))
        if not found[0].caption:
            self._fail(found[0].line, "the first step needs a caption")
        return Script(self._origin, title, found)

    def _step(self, step: object, head: int) -> TourStep:
        if not isinstance(step, dict):
            self._fail(head, "a step must be a table: the line [[step]], and below it its fields")
        for name in step:
            if name not in _FIELDS:
                why = f"a step has no field {name}"
                self._fail(self._line_of(name, head), why, did_you_mean(name, _FIELDS))
        acts = [name for name in ("press", "type", "recipient") if name in step]
        if len(acts) > 1:
            why = f"a step has either {acts[0]} or {acts[1]}; make two steps of it"
            self._fail(self._line_of(acts[1], head), why)
        caption = self._text(step, "caption", head)
        if len(caption) > MOST_CAPTION:
            why = f"the caption has {len(caption)} characters; {MOST_CAPTION} are the most"
            self._fail(self._line_of("caption", head), why)
        picture = self._text(step, "picture", head)
        if picture and not _PICTURE.fullmatch(picture):
            why = "a picture's name has only small letters, digits and hyphens"
            self._fail(self._line_of("picture", head), why)
        if not step:
            self._fail(head, "the step is empty; give it a caption, or something to press or to wait for")
        return TourStep(
            line=head,
            caption=caption,
            keys=self._keys(step, head),
            typed="type" in step,
            visit=self._visit(step, head),
            until=self._texts(step, "until", head),
            gone=self._texts(step, "gone", head),
            look=self._seconds(step, "look", head),
            picture=picture,
        )

    def _keys(self, step: Mapping[str, object], head: int) -> tuple[str, ...]:
        if "type" in step:
            typed = self._text(step, "type", head)
            if not typed or not typed.isprintable():
                why = "what is typed must be characters; other keys are pressed"
                self._fail(self._line_of("type", head), why)
            return tuple(typed)
        keys = tuple(key for each in self._texts(step, "press", head) for key in each.split())
        for key in keys:
            if not self._is_key(key):
                why = f"{key} is not a key; use one like s, G, space, enter, ctrl+s or f1"
                self._fail(self._line_of("press", head), why)
        return keys

    def _visit(self, step: Mapping[str, object], head: int) -> Visit | None:
        if "recipient" not in step:
            for name in ("document", "password"):
                if name in step:
                    self._fail(self._line_of(name, head), f"{name} belongs to a step with recipient")
            return None
        act = self._text(step, "recipient", head)
        if act not in _RECIPIENT:
            why = f"a recipient can {OPEN} or {DOWNLOAD}, not {act or 'nothing'}"
            self._fail(self._line_of("recipient", head), why)
        document = self._text(step, "document", head)
        if not document:
            why = "a step with recipient needs the name of a document, too"
            self._fail(self._line_of("recipient", head), why)
        return Visit(act, document, self._text(step, "password", head))

    def _text(self, step: Mapping[str, object], name: str, head: int) -> str:
        value = step.get(name, "")
        if not isinstance(value, str):
            self._fail(self._line_of(name, head), f"{name} must be text in quotes")
        return " ".join(value.split()) if name != "type" else value

    def _texts(self, step: Mapping[str, object], name: str, head: int) -> tuple[str, ...]:
        value = step.get(name, [])
        listed = value if isinstance(value, list) else [value]
        texts = [" ".join(each.split()) for each in listed if isinstance(each, str)]
        if len(texts) < len(listed) or not all(texts):
            self._fail(self._line_of(name, head), f"{name} must be text in quotes, or a list of texts")
        return tuple(texts)

    def _seconds(self, step: Mapping[str, object], name: str, head: int) -> float:
        value = step.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_LOOK:
            self._fail(self._line_of(name, head), f"{name} must be a number of seconds, at most {_MOST_LOOK}")
        return float(value)

    def _line_of(self, name: str, head: int) -> int:
        """The line of a field: the first one with its name, from that of its step on."""
        field = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*[.=]""")
        for number, line in enumerate(self._lines[max(head - 1, 0) :], max(head, 1)):
            if field.match(line):
                return number
        return head

    def _fail(self, line: int, why: str, question: str = "") -> NoReturn:
        raise _wrong(self._origin, line, why, question)
