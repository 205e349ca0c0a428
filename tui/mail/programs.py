"""Which mail program a person has, and how it opens a draft.

A draft is always given as a file: what stands in a command line can be read by everybody on the machine.
"""

from __future__ import annotations

import re
import secrets
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tui.terminal.capabilities import has_desktop

from .draft import Draft
from .message import to_eml, to_text, write_private


class Form(Enum):
    """What kind of file a program takes a draft from; the value is the end of its name."""

    MESSAGE = ".eml"
    #: Headers as they are read, and the text. Unlike a message it has no ``X-Unsent``, which mutt would send on.
    TEXT = ".txt"
    MAILBOX = ".mbox"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that opens drafts.

    ``command`` is its beginning; ``{}`` in it stands for the file, which is its last word otherwise.
    ``in_terminal``: it needs the terminal for itself, and is done when it ends. ``edits_file``: it is an
    editor, so that the draft is read back from the file. ``hint``: what the person has to do there, if anything.
    """

    name: str
    command: tuple[str, ...]
    form: Form
    in_terminal: bool = True
    edits_file: bool = False
    hint: str = ""

    def argv(self, file: Path) -> list[str]:
        """The command that opens ``file``."""
        path = str(file.absolute())
        if any("{}" in word for word in self.command):
            return [word.replace("{}", path) for word in self.command]
        return [*self.command, path]

    def content(self, draft: Draft) -> bytes:
        """The draft as a file for this program."""
        if self.form is Form.MESSAGE:
            return to_eml(draft)
        if self.form is Form.TEXT:
            return to_text(draft).encode("utf-8")
        message = to_eml(draft).replace(b"\r\n", b"\n").replace(b"X-Unsent: 1\n", b"", 1)
        quoted = re.sub(rb"^(>*From )", rb">\1", message, flags=re.MULTILINE)
        return b"From sentlinks Thu Jan  1 00:00:00 1970\n" + quoted + b"\n"


def prepare(program: Program, draft: Draft, folder: Path) -> Path:
    """Writes ``draft`` for ``program`` into a new file of ``folder``, mode 0600, under a name that cannot be
    guessed. Who asks for it deletes it. Raises :class:`tui.rules.errors.Problem`."""
    file = folder / f"draft-{secrets.token_hex(8)}{program.form.value}"
    return write_private(file, program.content(draft))


def programs(
    environ: Mapping[str, str], which: Callable[[str], str | None], platform: str = sys.platform
) -> list[Program]:
    """The programs that open drafts here, the one to prefer first.

    Mail programs of the terminal come first, then the desktop's (not over SSH: it would open on the screen of
    another machine), then the editor of ``VISUAL`` or ``EDITOR``.
    """
    found = [Program(name, (name, "-H"), Form.TEXT) for name in ("neomutt", "mutt") if which(name)]
    if which("aerc"):
        hint = "Type :recall -f in aerc to edit the draft."
        found.append(Program("aerc", ("aerc", "mbox:{}"), Form.MAILBOX, hint=hint))
    if desktop := _desktop(environ, which, platform):
        found.append(desktop)
    for variable in ("VISUAL", "EDITOR"):
        words = _words(environ.get(variable, ""))
        if words and which(words[0]):
            name = Path(words[0]).name
            found.append(Program(name, tuple(words), Form.TEXT, edits_file=True))
            break
    return found


def find(
    environ: Mapping[str, str], which: Callable[[str], str | None], platform: str = sys.platform
) -> Program | None:
    """The program to open a draft with, ``None`` where there is none."""
    return next(iter(programs(environ, which, platform)), None)


def _desktop(environ: Mapping[str, str], which: Callable[[str], str | None], platform: str) -> Program | None:
    opener = "open" if platform == "darwin" else "xdg-open"
    if not has_desktop(environ, platform) or not which(opener):
        return None
    return Program("the desktop's mail program", (opener,), Form.MESSAGE, in_terminal=False)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []
