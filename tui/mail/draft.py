"""The draft of the e-mail that brings the links to their recipients.

Its content is composed here; :mod:`tui.mail.message` makes the message and the text for an editor, and
:mod:`tui.mail.programs` finds the programs that open them. A password is never part of a draft: none of these functions
ever receives one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from tui.rules import mail_template
from tui.rules.text import printable

from ..rules.addresses import check_address, check_addresses
from ..rules.dates import clear_moment
from ..rules.display import counted
from .html import to_html
from .templates import Templates

#: As many documents are named that need a password; of more, each says so.
_MOST_NAMED = 3


class LinkedDocument(Protocol):
    """What a draft needs of a sent document (``wire.share.Document``)."""

    name: str
    url: str | None
    expires_at: datetime | None
    downloads_permitted: int | None
    has_password: bool
    downloads: int


@dataclass(frozen=True, slots=True)
class DraftLink:
    """A link as it appears in the draft. ``downloads_permitted`` is ``None`` if there is no limit; ``downloads`` are
    those that were counted by now."""

    name: str
    url: str
    expires_at: datetime | None = None
    downloads_permitted: int | None = None
    has_password: bool = False
    downloads: int = 0

    @classmethod
    def of(cls, document: LinkedDocument) -> DraftLink:
        """The link of a sent document as it is now."""
        return cls(
            document.name,
            document.url or "",
            document.expires_at,
            document.downloads_permitted,
            document.has_password,
            document.downloads,
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as the user edits it. Addresses look like ``anna@example.com`` or ``Anna Arp <anna@example.com>``.

    ``from_address`` is the sender's, if known. ``html_template`` surrounds the text in HTML; if it is empty, the
    message has no HTML. ``sender`` is the sender's name in it.
    """

    to: tuple[str, ...]
    subject: str
    body: str
    links: tuple[DraftLink, ...] = ()
    from_address: str = ""
    html_template: str = ""
    sender: str = ""

    @property
    def html(self) -> str:
        """The text as HTML; empty if the message has none."""
        if not self.html_template:
            return ""
        values = mail_template.common_values(self.sender, len(self.links))
        body = to_html(self.body, {printable(link.name) for link in self.links})
        return mail_template.fill_html(self.html_template, values, self.subject, body)


def compose(
    links: Iterable[DraftLink],
    sender: str,
    to: Iterable[str] = (),
    templates: Templates | None = None,
    *,
    zone: tzinfo | None = None,
    from_address: str = "",
) -> Draft:
    """Compose the draft with ``links`` in their order; times are in ``zone`` (the system's if ``None``).

    Raises :class:`InvalidValue` for an invalid address or template.
    """
    links = tuple(links)
    templates = templates or Templates()
    links_block = "\n\n".join("\n".join(lines) for lines in lines_of_links(links, zone))
    note = password_note(links, in_first_person=templates.text != mail_template.TEXT)
    values = mail_template.common_values(sender, len(links))
    subject, body = mail_template.fill_text(templates.text, values, links_block, note)
    return Draft(
        to=check_addresses(to),
        subject=subject,
        body=body,
        links=links,
        from_address=check_address(from_address) if from_address else "",
        html_template=templates.html,
        sender=sender,
    )


def password_note(links: Sequence[DraftLink], *, in_first_person: bool = True) -> str:
    """That the password comes separately and, if some of the documents have none, which of them have; empty if none
    has."""
    names = [f"“{printable(link.name)}”" for link in links if link.has_password]
    if not names:
        return ""
    how = "I'll send it separately" if in_first_person else "it comes separately"
    if len(names) == len(links):
        return f"You'll need a password; {how}."
    if len(names) == 1:
        return f"{names[0]} needs a password; {how}."
    if len(names) > _MOST_NAMED:
        return f"{len(names):,} of the documents need a password, as it says below their links; {how}."
    return f"{', '.join(names[:-1])} and {names[-1]} need a password; {how}."


def lines_of_links(links: Sequence[DraftLink], zone: tzinfo | None = None) -> list[list[str]]:
    """Each link as it appears in a message: its name, its address, its expiration and its download limit, and that it
    has a password if that is so of too many to be named by :func:`password_note`, but not of all."""
    count = sum(link.has_password for link in links)
    tells = _MOST_NAMED < count < len(links)
    return [_lines(link, zone, tells_password=tells) for link in links]


def _lines(link: DraftLink, zone: tzinfo | None, *, tells_password: bool) -> list[str]:
    lines = [printable(link.name), printable(link.url)]
    limits = ["needs a password"] if tells_password and link.has_password else []
    if link.expires_at is not None:
        limits.append(f"expires {clear_moment(link.expires_at, zone)}")
    if link.downloads_permitted is not None:
        permitted = counted(link.downloads_permitted, "download")
        left = max(0, link.downloads_permitted - link.downloads)
        limits.append(f"{left:,} of {permitted} left" if link.downloads else f"{permitted} permitted")
    if limits:
        text = "; ".join(limits)
        lines.append(text[0].upper() + text[1:])
    return lines
