"""The command that helps after a problem, named at the end of its message, so that it can be copied from there."""

from __future__ import annotations

from shlex import quote

import click

from ...rules.errors import Problem
from ...rules.text import printable

#: By the problem's code. ``{}`` is the ID that the problem is about; without one, what has it isn't said. With a colon,
#: it ends the sentence that says what to do.
NEXT = {
    "document.in_trash": ": sentlinks trash restore {}",
    "document.unknown": "To list yours: sentlinks links --all",
    "document.of_work": "To search for it: sentlinks find TEXT",
    "folder.unknown": "To list yours: sentlinks folders list",
    "folder.not_found": "To list yours: sentlinks folders list",
    "favorite.not_found": "To list them: sentlinks favorites list",
    "session.unknown": "To list yours: sentlinks sessions list",
    "sessions.which": "To list them: sentlinks sessions list",
    "user.unknown": "To list all people: sentlinks user list",
    "user.taken": "To list all people: sentlinks user list",
    "user.last_admin": "To add one: sentlinks user add NAME --admin --password-stdin",
    "admin.only": "To see who you are: sentlinks whoami",
    "send.running": "To see how far it is: sentlinks sends",
    "policy.form": "To list the rules: sentlinks policy show",
    "policy.value": "To list the rules: sentlinks policy show",
    "server.unreachable": "To see what is wrong: sentlinks doctor",
    "server.did_not_start": "To see what is wrong: sentlinks doctor",
    "mail.missing": "To read how: sentlinks help e-mail",
    "mail.no_password": "To read how: sentlinks help e-mail",
    "mail.no_token": "To read how: sentlinks help e-mail",
    "mail.account": "To read how: sentlinks help e-mail",
    "mail.template": "To read how: sentlinks help e-mail",
    "message.settings": "To read how: sentlinks help sendmail",
    "work_server.missing": "To read how: sentlinks help work",
    "config.malformed": "To read how: sentlinks help configuration",
    "config.unknown_key": "To list all keys: sentlinks help configuration",
    "config.value": "To list all keys: sentlinks help configuration",
    "public_url.unknown": "To read how: sentlinks help server",
    "database.unknown": "To read how: sentlinks help server",
    "terminal.none": "To list the commands: sentlinks help",
    "audit.broken": "To read what to do: sentlinks help proof",
}


def server_words() -> str:
    """What has to follow a command that is told, so that it goes to the same server: nothing, unless the command that
    runs names one."""
    context = click.get_current_context(silent=True)
    server = context.params.get("server") if context else None
    return f" --server {printable(quote(server))}" if server else ""


def with_next(code: str, message: str, ident: str | None = None) -> str:
    """``message`` and the command that comes next after a problem with this ``code``, if it doesn't name one itself."""
    command = NEXT.get(code, "")
    if "{}" in command:
        command = command.format(printable(ident)) if ident else ""
    if command and "sentlinks help" not in command:
        command += server_words()
    named = "sentlinks " in message.replace("sentlinks --help", "")
    if named or not command:
        return message
    return f"{message.rstrip('.')}{command}" if command.startswith(":") else f"{message} {command}"


def name_next(problem: Problem, ident: str | None = None) -> None:
    """End the message of ``problem`` with the command that comes next."""
    problem.message = with_next(problem.code, problem.message, ident)
