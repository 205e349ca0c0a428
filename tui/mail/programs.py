"""Which mail programs the user has, and how they open a draft.

The links are always passed in a file: everyone on the machine can read command lines.
"""

from __future__ import annotations

import re
import secrets
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from urllib.parse import quote

from tui.rules.addresses import parse_addresses
from tui.rules.sent_text import recipients_text
from tui.rules.text import printable
from tui.terminal.capabilities import has_desktop

from .draft import Draft
from .message import DraftText, to_eml, to_text, write_private

_HTML = ".html"
AERC_HINT = "Type :recall -f in aerc to edit the draft."


class DraftForm(Enum):
    """The kind of file that a program opens; the value is its extension."""

    MESSAGE = ".eml"
    #: A message with this system's line ends and without ``X-Unsent``, which mutt would send along.
    UNSENT = ".msg"
    #: Unencoded ``To`` and ``Subject``, and the text.
    TEXT = ".txt"
    MAILBOX = ".mbox"
    #: The text alone, in HTML if the draft has it; the rest is in the command.
    BODY = ".body.txt"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that opens drafts. ``id`` is its name in the configuration (``mail_program``).

    ``command`` starts its command line; ``{}`` in it stands for the file, which is otherwise appended. ``in_terminal``:
    it needs the terminal for itself, and is done when it ends. ``edits_file``: it is an editor, so the draft is read
    back from the file. ``unsent_status``: the exit status with which it says that the user left without sending.
    ``hint``: what the user has to do there, if anything. ``handler``: the program that the desktop will start, if
    known.
    """

    id: str
    name: str
    command: tuple[str, ...]
    form: DraftForm
    in_terminal: bool = True
    edits_file: bool = False
    unsent_status: int | None = None
    hint: str = ""
    handler: str = ""

    def argv(self, file: Path, text: DraftText | None = None, from_address: str = "") -> list[str]:
        """The command that opens ``file``. ``text`` is the draft, for a program that takes only its body from there;
        ``from_address`` is its sender's."""
        path = str(file.absolute())
        if self.form is DraftForm.BODY:
            return [*self.command, _composed(path, text, from_address)]
        if any("{}" in word for word in self.command):
            return [word.replace("{}", path) for word in self.command]
        return [*self.command, path]

    def extension(self, draft: Draft) -> str:
        """The extension of the file with ``draft``."""
        return _HTML if self.form is DraftForm.BODY and draft.html else self.form.value

    def content(self, draft: Draft) -> bytes:
        """The draft as a file for this program; not for an editor."""
        if self.form is DraftForm.MESSAGE:
            return to_eml(draft)
        if self.form is DraftForm.BODY:
            return (draft.html or draft.body).encode("utf-8", "replace")
        # Text only: it is edited there, and the HTML would stay as it was (mutt drops it anyway).
        message = to_eml(replace(draft, html_template=""), unsent=False).replace(b"\r\n", b"\n")
        if self.form is DraftForm.UNSENT:
            return message
        quoted = re.sub(rb"^(>*From )", rb">\1", message, flags=re.MULTILINE)
        return b"From sentlinks Thu Jan  1 00:00:00 1970\n" + quoted + b"\n"


def _composed(path: str, text: DraftText | None, from_address: str) -> str:
    """What Thunderbird's ``-compose`` takes. It decodes values that aren't in quotation marks, so none of them can end
    early or become another field. It finds the user's identity by the sender's address."""
    values = {}
    if text is not None:
        # Read here: another program may split the line elsewhere.
        values = {"to": recipients_text(parse_addresses(text.to)), "subject": text.subject}
    # Said in any case: in an HTML e-mail it would take plain text for HTML, and a name with < for a tag.
    form = "html" if path.endswith(_HTML) else "text"
    given = {"from": from_address, **values, "format": form, "message": path}
    return ",".join(f"{name}={quote(value, safe='')}" for name, value in given.items() if value)


def prepare(program: Program, text: DraftText, draft: Draft, folder: Path) -> Path:
    """Write ``draft``, edited as ``text``, for ``program`` to a new file in ``folder``, mode 0600, with a name that
    can't be guessed.

    The caller deletes it. Raises :class:`tui.rules.errors.Problem`, also for an invalid address unless ``program`` is
    an editor.
    """
    file = folder / f"draft-{secrets.token_hex(8)}{program.extension(draft)}"
    edited = program.form is DraftForm.TEXT
    content = to_text(text).encode("utf-8", "replace") if edited else program.content(text.checked(draft))
    return write_private(file, content)


@dataclass(frozen=True, slots=True)
class FoundPrograms:
    """The programs that open drafts, in order of preference; ``faults`` are sentences about those that can't."""

    programs: tuple[Program, ...]
    faults: tuple[str, ...] = ()


#: Returns the program that the desktop opens a MIME type with (``thunderbird.desktop``), empty if there is none.
Handler = Callable[[str], str]
# Recipients and subject are in its command line, which others on this machine can read; the links are in the file.
_THUNDERBIRD = Program(
    "thunderbird",
    "Thunderbird",
    ("thunderbird", "-compose"),
    DraftForm.BODY,
    in_terminal=False,
    handler="Thunderbird",
)
_E_MAIL, _MAILTO = "message/rfc822", "x-scheme-handler/mailto"


def find(
    environ: Mapping[str, str],
    which: Callable[[str], str | None],
    handler: Handler,
    platform: str = sys.platform,
) -> FoundPrograms:
    """The programs on this machine that open drafts.

    Mail programs of the terminal come first, then the desktop's and Thunderbird (not over SSH: they would open on the
    screen of another machine), then the editor in ``VISUAL`` or ``EDITOR``.
    """
    found = [
        Program(name, name, (name, "-H"), DraftForm.UNSENT, unsent_status=1)
        for name in ("neomutt", "mutt")
        if which(name)
    ]
    faults = []
    if which("aerc"):
        found.append(Program("aerc", "aerc", ("aerc", "mbox:{}"), DraftForm.MAILBOX, hint=AERC_HINT))
    desktop, fault = _desktop(environ, which, handler, platform)
    if which("thunderbird") and has_desktop(environ, platform):
        # The desktop would have it show the file, where it should begin to write an e-mail.
        first = any("thunderbird" in program.handler.lower() for program in desktop)
        desktop.insert(0 if first else len(desktop), _THUNDERBIRD)
    found += desktop
    faults += fault
    for variable in ("VISUAL", "EDITOR"):
        editor, fault = _editor(variable, environ.get(variable, ""), which)
        found += editor
        faults += fault
        if editor:
            break
    return FoundPrograms(tuple(found), tuple(faults))


def _desktop(
    environ: Mapping[str, str], which: Callable[[str], str | None], handler: Handler, platform: str
) -> tuple[list[Program], list[str]]:
    opener = "open" if platform == "darwin" else "xdg-open"
    if not has_desktop(environ, platform) or not which(opener):
        return [], []
    opens = ""
    if opener == "xdg-open" and which("xdg-mime"):
        opens = handler(_E_MAIL)
        if not opens:
            # Without a handler, xdg-open tries whatever it finds, such as a browser or a program without a window.
            mail = handler(_MAILTO) or "PROGRAM.desktop"
            return [], [
                f"The desktop has no program for e-mail files; xdg-mime default {mail} {_E_MAIL} changes that."
            ]
    program = Program(
        "desktop",
        "the desktop's mail program",
        (opener,),
        DraftForm.MESSAGE,
        in_terminal=False,
        handler=printable(opens.removesuffix(".desktop")),
    )
    return [program], []


def _editor(
    variable: str, command: str, which: Callable[[str], str | None]
) -> tuple[list[Program], list[str]]:
    if not command.strip():
        return [], []
    shown = printable(command)
    try:
        words = shlex.split(command)
    except ValueError:
        return [], [f"{variable} is {shown}, which has an unclosed quotation mark or escape."]
    if words and which(words[0]):
        name = printable(Path(words[0]).name)
        return [Program("editor", name, tuple(words), DraftForm.TEXT, edits_file=True)], []
    return [], [f"{variable} is {shown}, which is not a program that can be started."]
