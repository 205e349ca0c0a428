"""What happens to links after they are published: clipboard, draft e-mail, and standard output."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config.preferences import copy_format
from ..rules.errors import InvalidValue, Problem
from ..rules.text import printable
from .common import Session
from .output import say, tell

if TYPE_CHECKING:
    from ..mail.draft import Link
    from ..wire.share import Document


def delivery_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--copy``, ``--mail`` and ``--to`` to a command."""
    for option in reversed(
        (
            click.option("--copy", is_flag=True, help="Copy the links to the clipboard."),
            click.option(
                "--mail",
                type=click.Path(path_type=Path),
                metavar="FILE.eml",
                help="Save an e-mail with the links, which a mail program opens as a draft.",
            ),
            click.option("--to", multiple=True, metavar="ADDRESS", help="A recipient of the e-mail."),
        )
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the links go in addition to standard output."""

    copy: bool
    mail: Path | None
    to: tuple[str, ...]

    def check(self, session: Session) -> None:
        """Check what can be checked before there are links. Raises :class:`InvalidValue`."""
        if self.copy:
            copy_format(session.config)
        if self.to and self.mail is None:
            raise InvalidValue("mail.missing", "--to needs --mail FILE.eml.")
        if self.mail is None:
            return
        from ..rules.addresses import check_address

        for address in self.to:
            check_address(address)
        shown = printable(str(self.mail))
        if self.mail.is_dir():
            raise InvalidValue("mail.path", f"{shown} is a folder; name a file in it.")
        if self.mail.exists() or self.mail.is_symlink():
            raise InvalidValue("mail.exists", f"{shown} already exists; name another file.")
        if not self.mail.absolute().parent.is_dir():
            raise InvalidValue("mail.path", f"The folder for {shown} doesn't exist; create it first.")

    def deliver(self, session: Session, documents: Sequence[Document], sender: str) -> bool:
        """Deliver the links of ``documents`` in order; if there are none, do nothing.

        Returns whether everything worked, and reports what didn't.
        """
        links = [link_of(document) for document in documents if document.url]
        if not links:
            return True
        written = self.mail is None or self._write(session, links, sender)
        return (not self.copy or self._copy(session, links)) and written

    def _copy(self, session: Session, links: Sequence[Link]) -> bool:
        from ..terminal.clipboard import copy
        from ..terminal.controlling import ask_terminal, write_to_terminal
        from ..terminal.copy_format import copied_links, formatted

        text = formatted(copied_links(links), copy_format(session.config))
        copied = copy(
            text,
            write_to_terminal,
            folder=session.config.places.state,
            identify=lambda: ask_terminal(os.environ),
        )
        tell(copied.sentence)
        return bool(copied.way)

    def _write(self, session: Session, links: Sequence[Link], sender: str) -> bool:
        from ..mail.draft import compose
        from ..mail.message import save

        assert self.mail is not None
        try:
            path = save(compose(links, sender, self.to), self.mail)
        except Problem as problem:
            tell(problem.message)
            return False
        session.inform(f"Saved the e-mail as {printable(str(path))}; a mail program opens it as a draft.")
        return True


def link_of(document: Document) -> Link:
    """The link of a published document, as it appears in a message."""
    from ..mail.draft import Link

    return Link(
        document.name,
        document.url or "",
        document.expires_at,
        document.downloads_permitted,
        document.has_password,
    )


def print_links(documents: Sequence[Document]) -> None:
    """Print the links on standard output, one per line."""
    for document in documents:
        if document.url:
            say(document.url)


def tell_password(password: str) -> None:
    """Print a generated password on standard error, which scripts don't read."""
    tell(f"The password is {password} - share it another way; it can't be shown later.")
