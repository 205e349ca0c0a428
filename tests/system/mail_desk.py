"""A user whose commands write e-mails."""

from __future__ import annotations

from pathlib import Path

from tests.support.mail.mail_accounts import PASSWORD
from tests.support.servers.certificates import Authority
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.system.command import Done, run


class Desk:
    """A user with a configuration and a file to send."""

    def __init__(self, folder: Path, server: ServerProcess, authority: Authority) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        (folder / "a.txt").write_text("a")
        (folder / "password").write_text(f"{PASSWORD}\n")
        self.environ = {
            "SENTLINKS_HOME": str(self.home),
            "SENTLINKS_SERVER": server.url,
            "SENTLINKS_TOKEN": server.token,
            "SSL_CERT_FILE": str(authority.file),
        }

    def configure(self, **values: str) -> None:
        plain = ("true", "false")
        lines = [f"{key} = {value if value in plain else repr(value)}" for key, value in values.items()]
        (self.home / "config.toml").write_text("\n".join(lines))

    @property
    def password_command(self) -> str:
        return f"cat {self.folder / 'password'}"

    def __call__(self, *words: str) -> Done:
        return run(*words, cwd=self.folder, **self.environ)


def in_terminal(desk: Desk, *words: str, **environ: str) -> Terminal:
    """Runs a command in a terminal, in the user's folder."""
    return Sentlinks(words, {**desk.environ, "LANG": "C.UTF-8", **environ}, 120, cwd=desk.folder)
