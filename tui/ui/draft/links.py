"""The links of sent documents and their password: the part that the draft and the list of links share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from ...commands.lookup import spelled
from ...override import override
from ...rules.display import counted
from ...rules.sent_text import WORK_HERE_ONLY, changed_note, work_here_only
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..send.sent_password import PasswordLine, SentPassword
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.fit import cells
from ..widgets.status_line import StatusLine
from .copying import brief_result, copy_links, copy_password, no_codes_reason

if TYPE_CHECKING:
    from ...session import Session
    from ...wire.share import Document
    from ..base.app_screen import AppScreen

#: On a narrower terminal the buttons are closer together.
WIDE = 76
#: Said without knowing whether the user has noted it: the dialog of the send has shown it.
PASSWORD_LOST = "You haven't shown or copied the password; it can't be shown again."  # noqa: S105


def reach_note(documents: Sequence[Document]) -> str:
    """Return a warning if the links work on this machine only; else empty."""
    if not work_here_only(document.url for document in documents):
        return ""
    return f"{WORK_HERE_ONLY} For others: guide “server”."


def note_on(changed: Sequence[Document], unsent: int = 0) -> str:
    """What to say of a send above its links: of the documents whose files ``changed`` meanwhile, and of how many
    have failed."""
    found = [(document.name, document.size, document.sha256) for document in changed]
    return f"{changed_note(found)} {_unsent_note(unsent)}".strip()


def _unsent_note(count: int) -> str:
    """Return what to say of this many documents of a send that have failed: their links are missing here."""
    if not count:
        return ""
    text = counted(
        count, "document was not sent and has no link", "documents were not sent and have no links"
    )
    return f"{text} here. Close this to try again."


class _Outcome(NamedTuple):
    """What was said last of something that was done, and the recipients that there were."""

    text: str
    tone: str
    complaint: str
    to: str


#: Tones of what is said, the mildest first.
_TONES = ("", "dim", "good", "warn", "bad")


class SentLinks(Vertical):
    """The lower part of both dialogs: the outcome of copying, messages, and buttons.

    The links go to the clipboard when the dialog opens; a password is copied on request only.
    """

    DEFAULT_CSS = """
    SentLinks { height: auto; }
    SentLinks .buttons { margin-top: 1; }
    SentLinks .buttons Button { margin-right: 1; }
    SentLinks.-narrow .buttons Button { margin-right: 0; }
    SentLinks #clipboard { width: 100%; height: auto; color: $text; }
    SentLinks .reach { width: 100%; height: auto; color: $warn; }
    SentLinks #complaint { width: 100%; height: auto; color: $warn; display: none; }
    """

    def __init__(
        self,
        session: Session,
        documents: Sequence[Document],
        password: SentPassword | None,
        *buttons: Button,
        lines: int,
        copies: bool = True,
        brief: bool = False,
    ) -> None:
        """``lines``: the maximum for a message. ``copies``: the links go to the clipboard when the dialog opens; what
        became of that is said in one line if ``brief``, as long as nobody has asked for it."""
        super().__init__()
        self.session = session
        self.documents = list(documents)
        self.password = password
        self._buttons = buttons
        self._lines = lines
        self._copies = copies
        self._brief = brief
        #: The last outcome of copying, and the texts for it: the first one, or whichever fits.
        self._copied = ""
        self._copied_texts: tuple[str, ...] = ()
        self._outcome = _Outcome("", "", "", "")

    @override
    def compose(self) -> ComposeResult:
        yield Static(reach_note(self.documents), classes="reach", markup=False)
        yield Static("", id="clipboard", markup=False)
        yield StatusLine(id="done", marked=True, lines=self._lines)
        yield Static("", id="complaint", markup=False)
        yield ButtonLine(*self._buttons, Button("Close", id="close", compact=True), classes="buttons")

    def on_mount(self) -> None:
        """Copy the links, if that is wanted of this dialog."""
        if self._copies:
            self._copy_links(asked=False)

    def on_resize(self) -> None:
        """Put the buttons closer together where there is little room, and say no more than fits."""
        self.set_class(self.app.size.width < WIDE, "-narrow")
        self._show_copied()

    def say(self, text: str, tone: str = "", complaint: str = "", to: str = "") -> None:
        """``complaint``: the last lines of what a program wrote to its standard error. ``to``: the recipients."""
        self._outcome = _Outcome(text, tone, complaint, to)
        self._show(text, tone, complaint)

    def note(self, text: str, tone: str, to: str) -> None:
        """Say what is odd about the recipients ``to``: instead of what was said when there were others, and besides
        what was said since there are these, which came before they had been looked at."""
        said = self._outcome
        is_shown = bool(said.text) and self.query_one("#done", StatusLine).text.startswith(said.text)
        if is_shown and said.to == to:
            tone = max(said.tone, tone, key=_TONES.index)
            self._show(f"{said.text} {text}".rstrip(), tone, said.complaint)
        else:
            self._show(text, tone, "")

    def _show(self, text: str, tone: str, complaint: str) -> None:
        self.query_one("#done", StatusLine).say(text, tone)
        lines = self.query_one("#complaint", Static)
        lines.update(complaint)
        lines.display = bool(complaint)

    def password_line(self) -> list[Widget]:
        """The password with its buttons, if there is one."""
        return [] if self.password is None else [PasswordLine(self.password)]

    # ------------------------------------------------------------ commands

    def commands(self) -> dict[str, ScreenCommand]:
        """The commands for links and password, by their ids in ``commands/declared.py``."""
        return {
            "copy_links": ScreenCommand(self._copy_links),
            "plain_links": ScreenCommand(self._show_plain),
            "show_code": ScreenCommand(self._show_code, no_codes_reason),
            "copy_password": ScreenCommand(self._copy_password, self._password_disabled_reason),
            "reveal": ScreenCommand(self._reveal, self._password_disabled_reason),
            "copy_or_quit": ScreenCommand(self._copy_or_quit),
        }

    def _password_disabled_reason(self) -> str | None:
        if self.password is not None:
            return None
        if any(document.has_password for document in self.documents):
            return "The password isn't stored and can't be shown later."
        return "There is no password."

    @worker_action(exclusive=True, group="copy")
    async def _copy_links(self, *, asked: bool = True) -> None:
        result = await copy_links(cast("AppScreen", self.screen).app, self.documents)
        sentence = result.sentence
        if not result.way:
            sentence = spelled(f"{sentence} {{draft.plain_links}} shows the links alone.", self.app)
        # That they couldn't be kept either is said in any case.
        is_brief = self._brief and not asked and (result.file is not None or not self.session.state)
        shorter = [spelled(text, self.app) for text in brief_result(result)] if is_brief else []
        self._tell_copied(sentence, shorter)

    def _tell_copied(self, sentence: str, shorter: Sequence[str] = ()) -> None:
        """Show the outcome of copying, or what is ``shorter``, if there is any and it has no room in one line. The same
        outcome again has the time, so that the key visibly did something."""
        again = sentence == self._copied and not self._copied_texts[1:]
        self._copied = sentence
        at = f"Again at {self.session.now().astimezone():%H:%M:%S}: " if again else ""
        self._copied_texts = (at + sentence, *shorter)
        self._show_copied()

    def _show_copied(self) -> None:
        texts, room = self._copied_texts, self.size.width
        if room and texts:
            fitting = (text for text in texts if cells(text) <= room)
            self.query_one("#clipboard", Static).update(next(fitting, texts[-1]))

    def _show_plain(self) -> None:
        from .plain_links import PlainLinks

        cast("AppScreen", self.screen).open(PlainLinks(self.documents))

    @worker_action(exclusive=True, group="copy")
    async def _copy_password(self) -> None:
        from ...terminal.clipboard import BY_HAND

        password = self.password
        if password is not None:
            result = await copy_password(cast("AppScreen", self.screen).app, password.text, password.clearing)
            password.clearing = result.clearing
            if result.way:
                password.note()
            sentence = result.sentence
            if not self.screen.query_one(PasswordLine).revealed:
                # It is masked, and can't be selected.
                sentence = sentence.replace(BY_HAND, spelled("{draft.reveal} shows it", self.app))
            if result.way and password.made:
                # Closing doesn't ask now, though the copy may not arrive and won't stay.
                sentence = f"{sentence} Once you close this, the app can't show it again."
            self._tell_copied(f"Password: {sentence}")

    def _show_code(self) -> None:
        from .qr_code import QrCodeScreen

        screen = cast("AppScreen", self.screen)
        screen.open(QrCodeScreen([document for document in self.documents if document.url]))

    def _reveal(self) -> None:
        self.screen.query_one(PasswordLine).turn()

    def _copy_or_quit(self) -> object:
        """Copy the selection or quit. A selected password is copied as one, so that it is cleared later."""
        selected = self.screen.get_selected_text()
        # It may stand on several lines.
        if self.password is not None and _joined(selected or "") == _joined(self.password.text) != "":
            return self._copy_password()
        # Those of the screen itself include this one.
        return cast("AppScreen", self.screen).common_commands()["copy_or_quit"].run()

    # ------------------------------------------------------------ closing

    @property
    def unseen_password(self) -> bool:
        """Whether closing would lose a password that no one has seen."""
        return self.password is not None and self.password.unseen

    @property
    def unsaved(self) -> str:
        """The question to ask before closing the dialog; empty if nothing would be lost."""
        return "Close without the password?" if self.unseen_password else ""


def _joined(text: str) -> str:
    """A text without its blanks and line ends."""
    return "".join(text.split())
