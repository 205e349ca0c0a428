"""The draft of the e-mail that brings the links to their recipients.

Its content is composed here; :mod:`tui.mail.message` makes the message and the text for an editor, and
:mod:`tui.mail.programs` finds the programs that open them. A password is never part of a draft: none of these functions
ever receives one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tui.rules import mail_template
from tui.rules.text import printable

from ..rules.addresses import check_address, check_addresses
from ..rules.dates import clear_moment
from ..rules.display import counted
from .html import to_html
from .templates import Templates

PASSWORD_NOTE = "You'll need a password; I'll send it separately."  # noqa: S105


@dataclass(frozen=True, slots=True)
class DraftLink:
    """A link as it appears in the draft. ``downloads_permitted`` is ``None`` if there is no limit."""

    name: str
    url: str
    expires_at: datetime | None = None
    downloads_permitted: int | None = None
    has_password: bool = False


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
    note = PASSWORD_NOTE if any(link.has_password for link in links) else ""
    links_block = "\n\n".join("\n".join(link_lines(link, zone)) for link in links)
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


def link_lines(link: DraftLink, zone: tzinfo | None = None) -> list[str]:
    """A link as it appears in a message: its name, its address, its expiration and its download limit."""
    lines = [printable(link.name), printable(link.url)]
    limits = []
    if link.expires_at is not None:
        limits.append(f"expires {clear_moment(link.expires_at, zone)}")
    if link.downloads_permitted is not None:
        limits.append(f"{counted(link.downloads_permitted, 'download')} permitted")
    if limits:
        lines.append(f"({', '.join(limits)})")
    return lines
