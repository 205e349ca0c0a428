"""What a command-line program gets: the link as text, with the commands that download the document."""

from __future__ import annotations

import shlex

from fastapi.responses import Response

from ...rules import names
from ...rules.text import printable
from ..http.disposition import ascii_fallback
from ..share.links import Link
from .presses import Granted
from .render import downloads_left, plain_response
from .view import PageView

_MARK_DIGITS = 8


def link_text(view: PageView, link: Link, address: str) -> Response:
    """The link as text: what it leads to, and how to download it; with a password, only the latter."""
    t = view.language
    if link.password_hash is None:
        parts = [
            "\n".join(_details(view, link)),
            t.text("Download the document with this command:"),
            f"curl -fOJL -d '' {shlex.quote(address)}",
            "\n".join(
                filter(None, (t.text("Each download is counted."), downloads_left(t, link.downloads_left)))
            ),
        ]
    else:
        parts = [
            t.text("The document is protected. Save its password in a file, and download it with:"),
            f"curl -fOJL --data-urlencode password@FILE {shlex.quote(address)}",
        ]
    return plain_response(view, 200, "\n\n".join(parts) + "\n")


def _details(view: PageView, link: Link) -> list[str]:
    t = view.language
    expires = t.text("None")
    if link.expires_at:
        expires = t.join(view.moment(link.expires_at), t.write_when(link.expires_at - view.now))
    details = [
        (t.text("Sender"), t.join(printable(link.sender), view.look.firm)),
        (t.text("Name"), printable(link.name)),
        (t.text("Type"), t.kind_of(names.extension(link.name))),
        (t.text("Size"), t.write_size(link.size)),
        (t.text("Expiration date"), expires),
        ("SHA-256", link.sha256),
    ]
    return [f"{label}: {value}" for label, value in details]


def granted_text(view: PageView, link: Link, granted: Granted, location: str, address: str) -> Response:
    """A redirect to a grant's file at ``location`` (``address`` in full), with the command that downloads it again."""
    t = view.language
    output = _output_file(link.name, granted.secret)
    command = f"curl -fC - -o {shlex.quote(output)} {shlex.quote(address)}"
    body = "\n\n".join(
        (
            t.text(
                "This was counted as one download. This command downloads the document; if it is interrupted, run it "
                "again. Available until %(moment)s.",
                moment=view.moment(granted.expires_at),
            ),
            command,
            f"SHA-256: {link.sha256}",
        )
    )
    response = plain_response(view, 303, body + "\n")
    response.headers["Location"] = location
    return response


def _output_file(name: str, secret: str) -> str:
    """The file that the command saves to: the document's name with the first digits of the grant's secret.

    curl continues whatever file is there, so the name must not be that of an older one. Digits of the document's digest
    wouldn't do: what another grant delivered before it broke off may be part of a damaged file.
    """
    stem, extension = names.split(ascii_fallback(name))
    # As a path it doesn't look like an option, of which curl would warn.
    folder = "./" if stem.startswith("-") else ""
    return f"{folder}{stem}-{secret[:_MARK_DIGITS]}{extension}"
