"""``sentlinks whoami``: who one is on the server."""

from __future__ import annotations

import click

from . import common
from .common import Session
from .output import emit, say


@click.command("whoami")
@common.remote
def whoami_command(session: Session) -> None:
    """Tell who the access token belongs to."""
    me = session.share(lambda share: share.me())
    if session.json:
        emit({"user": me.user, "server": session.target.url, "admin": me.admin})
    else:
        role = ", an administrator" if me.admin else ""
        say(f"{me.user}{role} on {session.target.url}")
