"""What happens to links after they are published: clipboard, draft e-mail, and standard output."""

from __future__ import annotations

import functools
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...config.preferences import copy_format
from ...rules.address_book import mixed_note, united
from ...rules.addresses import parse_options
from ...rules.errors import InvalidValue, Problem
from ...rules.sent_text import WORK_HERE_ONLY, work_here_only
from ...rules.text import printable
from ...terminal.plain import is_plain_terminal
from ..base.common import CommandSession
from ..base.options import GivenPath, offer_recipients, option
from ..base.output import say, tell, until_closed

if TYPE_CHECKING:
    from ...mail.draft import Draft, DraftLink
    from ...wire.share import Document
    from ..mail.mailing import Mailing


def delivery_options(to: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that adds ``--copy``, ``--mail``, ``--drafts``, ``--submit``, ``--to`` and ``--yes`` to a command.

    They are passed to it as ``delivered``, a :class:`LinkDelivery`. ``to`` says who the recipients are if none are
    given.
    """
    options = (
        option("--copy", is_flag=True, help="Copy the links to the clipboard."),
        option(
            "--mail",
            type=GivenPath(),
            metavar="FILE.eml",
            help="Save an e-mail with the links, which a mail program opens as a draft.",
        ),
        option("--drafts", is_flag=True, help="Put the e-mail into the Drafts folder of your mailbox."),
        option(
            "--submit",
            is_flag=True,
            help="Send the e-mail to its recipients through your mail server; asks first.",
        ),
        option(
            "--to",
            multiple=True,
            metavar="ADDRESS",
            show_default=to,
            shell_complete=offer_recipients,
            help="A recipient, or several with commas between them: kept with the links as your note, and in the "
            "e-mail. May be repeated.",
        ),
        option("--yes", is_flag=True, help="With --submit: don't ask."),
    )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_delivery(
            *args: Any,
            copy: bool,
            mail: Path | None,
            drafts: bool,
            submit: bool,
            to: tuple[str, ...],
            yes: bool,
            **rest: Any,
        ) -> Any:
            return command(*args, delivered=LinkDelivery(copy, mail, drafts, submit, to, yes), **rest)

        wrapped: Callable[..., Any] = with_delivery
        for each in reversed(options):
            wrapped = each(wrapped)
        return wrapped

    return add


#: Named where a file couldn't be written.
_NEW_FILE = "FILE.eml"


@dataclass(frozen=True, slots=True)
class LinkDelivery:
    """Where the links go in addition to standard output."""

    copy: bool
    mail: Path | None
    drafts: bool
    submit: bool
    to: tuple[str, ...]
    yes: bool

    def to_whom(self, recipients: tuple[str, ...]) -> LinkDelivery:
        """The same with recipients that were asked for, if there are any."""
        return replace(self, to=recipients) if recipients else self

    @property
    def has_mail(self) -> bool:
        """Whether there is to be an e-mail."""
        return self.mail is not None or self.drafts or self.submit

    @property
    def is_confirmed(self) -> bool:
        """Whether it is asked before the e-mail is sent."""
        return self.submit and not self.yes

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom the links are for. Raises :class:`InvalidValue`."""
        return parse_options(self.to)

    def check(
        self, session: CommandSession, *, kept: tuple[str, ...] = (), documents: Sequence[Document] = ()
    ) -> Mailing | None:
        """Check what can be checked before there are links, and return the e-mail if there is to be one.

        Signs in to mail servers, and asks before an e-mail is to be sent. ``documents`` are those that were sent
        before, ``kept`` their recipients, who get the e-mail if no others are given. Raises :class:`Problem`.
        """
        if self.copy:
            copy_format(session.config)
        if self.yes and not self.submit:
            raise InvalidValue("mail.missing", "--yes needs --submit.")
        if not self.has_mail:
            return None
        from ..mail.mailing import Mailing

        self._check_file()
        mailing = Mailing(session, self.recipients or kept, self.drafts, self.submit)
        mailing.check(yes=self.yes, published=len({document.id for document in documents}))
        return mailing

    def _check_file(self) -> None:
        if self.mail is None:
            return
        shown = printable(str(self.mail))
        if self.mail.is_dir():
            raise InvalidValue("mail.path", f"{shown} is a folder; name a file in it.")
        if self.mail.exists() or self.mail.is_symlink():
            raise InvalidValue("mail.exists", f"{shown} already exists; name another file.")
        if not self.mail.absolute().parent.is_dir():
            raise InvalidValue("mail.path", f"The folder for {shown} doesn't exist; create it first.")

    def deliver(
        self,
        session: CommandSession,
        documents: Sequence[Document],
        sender: str,
        mailing: Mailing | None,
        *,
        to_kept: bool = True,
    ) -> int:
        """Deliver the links of ``documents`` in order; if there are none, do nothing. ``mailing`` is what
        :meth:`check` returned. ``to_kept``: if no recipients were given, the e-mail is for those who are kept with the
        links.

        Reports what didn't work; returns the exit status.
        """
        from ...mail.draft import DraftLink

        links = [DraftLink.of(document) for document in documents if document.url]
        if not links:
            return 0
        lists = [document.recipients for document in documents]
        kept = tuple(united(lists))
        status = 0
        if mailing is not None:
            if to_kept and not mailing.to and (mixed := mixed_note(lists)):
                tell(mixed)
            mailing.to = mailing.to or (kept if to_kept else ())
            if not (mailing.to or to_kept):
                tell("The e-mail names no recipient; --to says who gets the new link.")
            status = self._mail(session, links, sender, mailing)
            if mailing.failed:
                again = ["sentlinks", "mail", *(document.id for document in documents if document.url)]
                again += [word for to in mailing.to if mailing.to != kept for word in ("--to", to)]
                again += [*mailing.failed, *(("--server", session.server) if session.server else ())]
                tell(f"The links are published. To try the e-mail again: {printable(shlex.join(again))}")
        copied = not self.copy or self._copy(session, links)
        return status or (0 if copied else 1)

    def _copy(self, session: CommandSession, links: Sequence[DraftLink]) -> bool:
        from ...terminal.clipboard import copy
        from ...terminal.controlling import ask_terminal, write_to_terminal
        from ...terminal.copy_format import copied_links, formatted

        text = formatted(copied_links(links), copy_format(session.config))
        copied = copy(
            text,
            write_to_terminal,
            folder=session.config.places.state,
            identify=lambda: ask_terminal(os.environ),
        )
        tell(copied.sentence)
        return bool(copied.way)

    def _mail(
        self, session: CommandSession, links: Sequence[DraftLink], sender: str, mailing: Mailing
    ) -> int:
        try:
            draft = mailing.compose(links, sender)
        except Problem as problem:
            tell(problem.message)
            mailing.failed = [*(("--mail", _NEW_FILE) if self.mail is not None else ()), *mailing.options]
            return 1
        written = self.mail is None or self._write(session, draft, self.mail)
        status = mailing.deliver(draft)
        if not written:
            mailing.failed = ["--mail", _NEW_FILE, *mailing.failed]
        return status or (0 if written else 1)

    def _write(self, session: CommandSession, draft: Draft, file: Path) -> bool:
        from ...mail.message import save

        try:
            path = save(draft, file)
        except Problem as problem:
            tell(problem.message)
            return False
        session.inform(f"Saved the e-mail as {printable(str(path))}; a mail program opens it as a draft.")
        return True


def without_stopped(documents: Sequence[Document]) -> list[Document]:
    """The documents whose links work. The others, which were stopped since they were sent, are named."""
    from ...sending.stopped_links import why_stopped

    for document in documents:
        if why := why_stopped(document):
            tell(f"{printable(document.name)}: left out, since its link no longer works ({why}).")
    return [document for document in documents if document.published]


def print_links(documents: Sequence[Document]) -> None:
    """Print the links on standard output, one per line; on a plain terminal, each after its name."""
    is_read = is_plain_terminal() and sys.stdout.isatty()
    with until_closed():
        for document in documents:
            if document.url:
                if is_read:
                    say(f"{document.name}:")
                say(document.url)
    # A script that runs beside its server knows.
    if sys.stderr.isatty() and work_here_only(document.url for document in documents):
        tell(f"{WORK_HERE_ONLY} How others reach them: sentlinks help server")


def tell_strength(session: CommandSession, password: str | None) -> None:
    """Tell on standard error how hard a password that was given is to guess."""
    if password is None:
        return
    # Not needed before, and slow to import.
    from ...rules.password_strength import strength
    from ...rules.typed_settings import blank_ends

    if blank_ends(password):
        tell("The password has blanks at its ends, which recipients must enter, too.")
    found = strength(password)
    if found.is_strong:
        session.inform("The password is strong.")
        return
    why = f": {found.why}" if found.why else ""
    tell(f"The password is weak{why}. --generate-password makes a strong one.")


def tell_password(password: str) -> None:
    """Print a generated password on standard error, which scripts don't read."""
    tell(f"The password is {password} - share it another way; it can't be shown later.")
