"""``sentlinks template``: the templates of the e-mail with the links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...config.mail import MailPreferences, mail_of
from ...rules.errors import InvalidValue, Problem
from ...rules.mail_template import subject_problem
from ...rules.text import printable
from ..base import common
from ..base.common import CommandSession
from ..base.options import GivenPath, option
from ..base.output import emit, say, tell

#: In place of the sender's name.
_STAND_IN = "YOUR NAME"


@click.group("template")
def template_command() -> None:
    """The templates of the e-mail with the links."""


@template_command.command("check")
@click.argument("file", required=False, type=GivenPath(), metavar="[FILE]")
@option("--html", is_flag=True, help="FILE is a template of the HTML, not of subject and text.")
@common.remote
def check(session: CommandSession, file: Path | None, html: bool) -> int:
    """Check whether a template can be filled, and show an example.

    The example has your name as the sender, as your e-mail will. Without FILE, checks the templates in force: your own
    (mail_template, mail_html), or else the administrator's.
    """
    if html and file is None:
        raise InvalidValue("options.contrary", "--html needs a FILE.")
    from ...mail.templates import Templates, choose

    mail = mail_of(session.config)
    if file is None:
        templates, origins = _in_force(session, mail)
    elif html:
        templates = choose(None, file)
        origins = {"html": str(file)}
    else:
        try:
            templates = Templates(choose(file, None).text)
        except InvalidValue as problem:
            if not _is_html(file):
                raise
            raise InvalidValue(
                problem.code, f"{problem.message} Check a template of the HTML with --html.", problem.field
            ) from None
        origins = {"text": str(file)}
    found = _example(templates, _sender(session))
    warnings = [warning] if (warning := "" if html else subject_problem(templates.text)) else []
    if session.json:
        emit(
            {
                "templates": [{"id": name, "origin": origin} for name, origin in origins.items()],
                "example": found,
                "warnings": warnings,
            }
        )
        return 0
    for name, origin in origins.items():
        tell(f"The {'HTML' if name == 'html' else 'text'} template can be filled ({printable(origin)}).")
    for warning in warnings:
        tell(warning)
    shown = found["html"] if html else f"Subject: {found['subject']}\n\n{found['text']}"
    for line in shown.rstrip().split("\n"):
        say(line)
    return 0


def _is_html(file: Path) -> bool:
    """Whether a file that is no template of the text seems to be one of the HTML."""
    from ...mail.templates import read_template

    if file.suffix.lower() in (".html", ".htm"):
        return file.is_file()
    try:
        read_template(file, html=True)
    except InvalidValue:
        return False
    return True


def _in_force(session: CommandSession, mail: MailPreferences) -> tuple[Any, dict[str, str]]:
    from ...mail.templates import choose

    text, html = mail.mail_template, mail.mail_html
    firm = session.share(lambda share: share.mail_templates()) if text is None or html is None else None
    firm_text, firm_html = (firm.text, firm.html) if firm is not None else (None, None)
    built_in, administrator = "built in", "from the administrator"
    origins = {
        "text": str(text) if text else administrator if firm_text else built_in,
        "html": str(html) if html else administrator if firm_html else built_in,
    }
    return choose(text, html, firm_text, firm_html, first_person=mail.mail_first_person), origins


def _sender(session: CommandSession) -> str:
    """The user's name as recipients see it; a stand-in if the server doesn't say it."""
    try:
        return session.share(lambda share: share.me()).sender
    except Problem as problem:
        tell(f"{_STAND_IN} stands for the sender: {problem.message}")
        return _STAND_IN


def _example(templates: Any, sender: str) -> dict[str, str]:
    """An e-mail from ``sender`` for two documents, of which one has a password."""
    from datetime import UTC, datetime

    from ...mail.draft import DraftLink, compose

    links = [
        DraftLink(
            "Offer.pdf",
            "https://links.example.com/s/EXAMPLE-1",
            datetime(2030, 12, 31, 12, tzinfo=UTC),
            2,
            True,
        ),
        DraftLink("Annex.docx", "https://links.example.com/s/EXAMPLE-2"),
    ]
    draft = compose(links, sender, templates=templates)
    return {"subject": draft.subject, "text": draft.body, "html": draft.html}
