"""The templates of the e-mail with the links: its subject and text, and what surrounds them in HTML.

A template of the text is a line with the subject, a blank line, and the body. It may contain

``$links``          the links in order, each under its name, with its expiration and limit (required)
``$sender``         the sender
``$documents``      ``1 document``, ``3 documents``
``$count``          ``1``, ``3``
``$password_note``  that the password comes separately, and for which documents; empty if there is none

and ``$$`` for a dollar sign. The subject can't contain ``$links`` or ``$password_note``. A template of the HTML may
contain ``$body`` (required), which is the text of the e-mail as the user has edited it, and ``$subject``, ``$sender``,
``$documents`` and ``$count``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Template

from .display import documents_text
from .errors import InvalidValue
from .text import printable

TEXT = """\
Subject: $sender sent you $documents

Hello,

$sender sent you $documents. No account is needed:

$links

$password_note
"""
#: The usual text: someone writes in the first person.
FIRST_PERSON = """\
Subject: $documents for you

Hello,

I am sending you $documents. You need no account:

$links

$password_note

$sender
"""
HTML = """\
<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><title>$subject</title></head>
<body style="font-family: sans-serif; font-size: 15px; line-height: 1.5">
$body
</body>
</html>
"""
#: The most that a template may have, in bytes of UTF-8.
MOST_BYTES = 64 * 1024
_NOTE = re.compile(r"\n*[ \t]*\$(password_note\b|\{password_note\})[ \t]*(?=\n|\Z)")
_TEXT_NAME, _HTML_NAME = "The template of the e-mail", "The HTML template of the e-mail"


def common_values(sender: str, count: int) -> dict[str, str]:
    """The values of the placeholders that all templates have."""
    return {
        "sender": printable(sender),
        "documents": documents_text(count),
        "count": str(count),
    }


def fill_text(template: str, values: Mapping[str, str], links: str, password_note: str) -> tuple[str, str]:
    """The subject, in one line, and the body. ``values`` are from :func:`common_values`.

    Raises :class:`InvalidValue` for an unknown placeholder, or if there is no ``$links``.
    """
    subject, body = _parts(template)
    if "links" not in _identifiers(body):
        raise _wrong(_TEXT_NAME, "has no $links, so an e-mail would have no links")
    if not password_note:
        body = _NOTE.sub("", body)
    filled = _filled(_TEXT_NAME, body, {**values, "links": links, "password_note": password_note})
    return printable(_filled(_TEXT_NAME, subject, values).strip()), filled.strip("\n") + "\n"


def fill_html(template: str, values: Mapping[str, str], subject: str, body: str) -> str:
    """The HTML of the e-mail. ``values`` and ``subject`` are text; ``body`` is HTML.

    Raises :class:`InvalidValue` for an unknown placeholder, or if there is no ``$body``.
    """
    from html import escape

    if "body" not in _identifiers(template):
        raise _wrong(_HTML_NAME, "has no $body, so an e-mail would have no text")
    text = {name: escape(value) for name, value in {**values, "subject": printable(subject)}.items()}
    return _filled(_HTML_NAME, template.replace("\r\n", "\n"), {**text, "body": body})


def check_text(template: str) -> None:
    """Raise :class:`InvalidValue` if a template of the text can't be filled, or is too long."""
    _check_length(_TEXT_NAME, template)
    fill_text(template, common_values("", 1), "", "note")


def check_html(template: str) -> None:
    """Raise :class:`InvalidValue` if a template of the HTML can't be filled, or is too long."""
    _check_length(_HTML_NAME, template)
    fill_html(template, common_values("", 1), "", "")


def subject_problem(template: str) -> str:
    """What is odd about the subject of a template of the text, as a sentence; empty if nothing is."""
    subject, body = _parts(template)
    if body == template.replace("\r\n", "\n"):
        return (
            'The template doesn\'t begin with a line "Subject: …", so the e-mail has the built-in subject. Write '
            "one as its first line."
        )
    return "" if subject else 'The subject is empty. Write one behind "Subject:" in the first line.'


def _parts(template: str) -> tuple[str, str]:
    """The subject and body of a template; if it has no subject, the default one."""
    template = template.replace("\r\n", "\n")
    first, _, rest = template.partition("\n")
    if first[:8].lower() == "subject:":
        return first[8:].strip(), rest
    return _parts(FIRST_PERSON)[0], template


def _identifiers(template: str) -> list[str]:
    return Template(template).get_identifiers()


def _filled(name: str, text: str, values: Mapping[str, str]) -> str:
    try:
        return Template(text).substitute(values)
    except KeyError as error:
        known = ", ".join(f"${each}" for each in values)
        raise _wrong(
            name, f"has the placeholder ${printable(str(error.args[0]))}; there are {known}"
        ) from None
    except ValueError:
        raise _wrong(
            name, "has a dollar sign that starts no placeholder; write $$ for a dollar sign"
        ) from None


def _check_length(name: str, template: str) -> None:
    if len(template.encode("utf-8", "replace")) > MOST_BYTES:
        raise _wrong(name, f"is longer than {MOST_BYTES // 1024} KB; shorten it")


def _wrong(name: str, what: str) -> InvalidValue:
    return InvalidValue("mail.template", f"{name} {what}.", "template")
