"""The templates of the e-mail that apply: the user's own files, else the administrator's, else the built-in ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.files.user_files import open_given
from tui.rules import mail_template
from tui.rules.errors import InvalidValue
from tui.rules.text import printable


@dataclass(frozen=True, slots=True)
class Templates:
    """``text`` has subject and body; ``html`` is empty if the e-mail has no HTML. See :mod:`.mail_template`."""

    text: str = mail_template.TEXT
    html: str = mail_template.HTML


def read_template(file: Path, *, html: bool = False) -> str:
    """The template in a file, checked. Raises :class:`InvalidValue` with the file's name."""
    shown = printable(str(file))
    try:
        with open_given(file) as stream:
            # One byte more than it may have, so that its length is refused.
            data = stream.read(mail_template.MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise _unreadable(f"The template {shown} can't be read: {why}.") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if len(data) <= mail_template.MOST_BYTES:
            raise _unreadable(f"The template {shown} is not in UTF-8; convert it.") from None
        text = data.decode("utf-8-sig", "replace")
    try:
        (mail_template.check_html if html else mail_template.check_text)(text)
    except InvalidValue as problem:
        raise _unreadable(f"{shown}: {problem.message}") from None
    return text


def choose(
    text: Path | None,
    html: Path | None,
    firm_text: str | None = None,
    firm_html: str | None = None,
    *,
    with_html: bool = True,
    first_person: bool = False,
) -> Templates:
    """The templates to use. ``text`` and ``html`` are the user's files, ``firm_text`` and ``firm_html`` what the server
    has from the administrator; without either, ``first_person`` is about the built-in text. Raises
    :class:`InvalidValue` if a file can't be used."""
    built_in = mail_template.FIRST_PERSON if first_person else mail_template.TEXT
    chosen_text = read_template(text) if text else firm_text or built_in
    if not with_html:
        return Templates(chosen_text, "")
    return Templates(chosen_text, read_template(html, html=True) if html else firm_html or mail_template.HTML)


def _unreadable(message: str) -> InvalidValue:
    return InvalidValue("mail.template", message, "template")
