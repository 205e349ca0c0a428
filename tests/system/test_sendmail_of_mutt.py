"""mutt and neomutt send through `sentlinks smart-attach --sendmail`, whatever they add to the line."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.mail.messages import PDF
from tests.support.real_parts import need
from tests.support.servers.server import ServerProcess
from tests.support.users.share import fetch
from tests.system.command import SCRIPT, SECONDS

FROM = "me@halyard.example"
TO = ("keller@example.com", "arp@example.com", "hidden@example.com")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("mutt") / "data") as process:
        yield process


class User:
    """Someone with a setting of `sendmail`; the real one is a script that keeps what it is given."""

    def __init__(self, folder: Path, server: ServerProcess) -> None:
        self.folder, self._server = folder, server
        self.mailer = folder / "mailer"
        self.mailer.write_text(
            f"#!/bin/sh\ncd {shlex.quote(str(folder))}\ncat > got\nprintf '%s\\n' \"$@\" > arguments\n"
        )
        self.mailer.chmod(0o755)
        (folder / "offer.pdf").write_bytes(PDF)

    def send(self, program: str, sendmail: str, *settings: str) -> list[str]:
        """Sends an e-mail with an attachment. Returns what sendmail was called with."""
        lines = [f'set sendmail="{sendmail}"', f"set from={FROM}", "set copy=no use_domain=no", *settings]
        (self.folder / "rc").write_text("\n".join(lines) + "\n")
        done = subprocess.run(
            [program, "-n", "-F", "rc", "-s", "Offer", "-b", TO[2], "-a", "offer.pdf", "--", *TO[:2]],
            cwd=self.folder,
            input=b"Here it is.\n",
            env=os.environ
            | {
                "HOME": str(self.folder),
                "SENTLINKS_HOME": str(self.folder / "home"),
                "SENTLINKS_SERVER": self._server.url,
                "SENTLINKS_TOKEN": self._server.token,
            },
            timeout=SECONDS,
            check=False,
            capture_output=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return (self.folder / "arguments").read_text().splitlines()

    def has_link(self) -> bool:
        text = (self.folder / "got").read_text()
        (url,) = re.findall(r"http://\S+/s/[0-9a-f]+", text)
        assert PDF not in (self.folder / "got").read_bytes()
        return fetch(self._server, url) == PDF and "permitted" in text


@pytest.fixture
def user(tmp_path: Path, firm: ServerProcess) -> User:
    return User(tmp_path, firm)


@few(1)
@pytest.mark.parametrize("envelope", [False, True], ids=["without envelope", "with envelope"])
@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_the_setting_of_the_readme(program: str, envelope: bool, user: User) -> None:
    """Both split it at blanks, and neomutt takes no quotation marks in it."""
    need(program)
    setting = f"{SCRIPT[0]} smart-attach --downloads 3 --sendmail {user.mailer} -a work"
    options = ["-f", FROM] if envelope else []
    said = user.send(program, setting, f"set use_envelope_from={'yes' if envelope else 'no'}")
    assert said == ["-a", "work", *options, "--", *TO]
    assert user.has_link()


@few(1)
@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_our_options_after_the_command(program: str, user: User) -> None:
    """As they stand in settings that were made before; the mail program moves the `--` behind what it adds."""
    need(program)
    setting = f"{SCRIPT[0]} smart-attach --sendmail {user.mailer} --downloads 3 --"
    more = "set use_envelope_from=yes dsn_notify=failure,delay dsn_return=hdrs"
    said = user.send(program, setting, more)
    assert said == ["-f", FROM, "-N", "failure,delay", "-R", "hdrs", "--", *TO]
    assert user.has_link()


def test_quotation_marks_in_mutts_setting(user: User) -> None:
    need("mutt")
    setting = f"{SCRIPT[0]} smart-attach --sendmail '{user.mailer} -a work' --downloads 3 --"
    assert user.send("mutt", setting, "set use_envelope_from=yes") == ["-a", "work", "-f", FROM, "--", *TO]
    assert user.has_link()
