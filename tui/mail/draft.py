"""The draft of the e-mail that brings the links to their recipients.

Its content is composed here; :mod:`tui.mail.message` makes the message and the text for an editor, and
:mod:`tui.mail.programs` finds the programs that open them. A password is never part of a draft: none of these functions
ever receives one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from string import Template

from tui.rules.errors import InvalidValue
from tui.rules.text import printable

from ..rules.addresses import check_address
from .message import save, to_eml

__all__ = [
    "TEMPLATE",
    "Draft",
    "Link",
    "check_template",
    "compose",
    "link_lines",
    "moment",
    "save",
    "to_eml",
]

#: The template of a draft: a line with the subject, a blank line, the body. It may contain
#:
#: ``$links``          the links in order, each under its name, with its expiration and limit (required)
#: ``$sender``         the sender
#: ``$documents``      ``1 document``, ``3 documents``
#: ``$count``          ``1``, ``3``
#: ``$password_note``  that the password comes separately; empty if there is none
#:
#: and ``$$`` for a dollar sign. The subject can't contain ``$links`` or ``$password_note``.
TEMPLATE = """\
Subject: $sender sent you $documents

Hello,

$sender sent you $documents. Each link opens its document, without an account:

$links

$password_note
"""
PASSWORD_NOTE = "You'll need a password; I'll send it separately."  # noqa: S105
_NOTE = re.compile(r"\n*[ \t]*\$(password_note\b|\{password_note\})[ \t]*(?=\n|\Z)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it appears in the draft. ``downloads_permitted`` is ``None`` if there is no limit."""

    name: str
    url: str
    expires_at: datetime | None = None
    downloads_permitted: int | None = None
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as the user edits it. Addresses look like ``anna@example.com`` or ``Anna Arp <anna@example.com>``."""

    to: tuple[str, ...]
    subject: str
    body: str
    links: tuple[Link, ...] = ()


def compose(
    links: Iterable[Link],
    sender: str,
    to: Iterable[str] = (),
    template: str | None = None,
    zone: tzinfo | None = None,
) -> Draft:
    """Compose the draft with ``links`` in their order; times are in ``zone`` (the system's if ``None``).

    Raises :class:`InvalidValue` for an invalid address or template.
    """
    links = tuple(links)
    count = len(links)
    subject, body = _parts(TEMPLATE if template is None else template)
    _check_body(body)
    values = {
        "sender": printable(sender),
        "documents": "1 document" if count == 1 else f"{count:,} documents",
        "count": str(count),
    }
    note = PASSWORD_NOTE if any(link.has_password for link in links) else ""
    if not note:
        body = _NOTE.sub("", body)
    links_block = "\n\n".join("\n".join(link_lines(link, zone)) for link in links)
    return Draft(
        to=tuple(check_address(address) for address in to),
        subject=printable(_filled(subject, values).strip()),
        body=_filled(body, {**values, "links": links_block, "password_note": note}).strip("\n") + "\n",
        links=links,
    )


def link_lines(link: Link, zone: tzinfo | None = None) -> list[str]:
    """A link as it appears in a message: its name, its address, its expiration and its download limit."""
    lines = [printable(link.name), printable(link.url)]
    limits = []
    if link.expires_at is not None:
        limits.append(f"expires {moment(link.expires_at, zone)}")
    if link.downloads_permitted is not None:
        count = link.downloads_permitted
        limits.append("1 download permitted" if count == 1 else f"{count:,} downloads permitted")
    if limits:
        lines.append(f"({', '.join(limits)})")
    return lines


def moment(at: datetime, zone: tzinfo | None = None) -> str:
    """A time that is clear in every time zone: ``2026-12-31 23:59 (UTC+01:00)``."""
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M} (UTC{offset[:3]}:{offset[3:5]})"


# --- the template -----------------------------------------------------------------------------------


def _parts(template: str) -> tuple[str, str]:
    """The subject and body of a template; if it has no subject, the default one."""
    template = template.replace("\r\n", "\n")
    first, _, rest = template.partition("\n")
    if first[:8].lower() == "subject:":
        return first[8:].strip(), rest
    return _parts(TEMPLATE)[0], template


def check_template(template: str) -> None:
    """Raise :class:`InvalidValue` if a template has unknown placeholders or no ``$links``."""
    compose((), "", template=template)


def _check_body(body: str) -> None:
    if "links" not in Template(body).get_identifiers():
        raise _wrong("has no $links, so a draft would have no links")


def _filled(text: str, values: dict[str, str]) -> str:
    try:
        return Template(text).substitute(values)
    except KeyError as error:
        known = ", ".join(f"${name}" for name in values)
        raise _wrong(f"has the placeholder ${printable(str(error.args[0]))}; there are {known}") from None
    except ValueError:
        raise _wrong("has a dollar sign that starts no placeholder; write $$ for a dollar sign") from None


def _wrong(what: str) -> InvalidValue:
    return InvalidValue("mail.template", f"The template of the e-mail {what}.", "template")
