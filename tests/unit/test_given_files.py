"""Files whose names users give: a pipe that no one writes to keeps nothing waiting."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.server import ROOT, ServerProcess
from tests.system.command import SCRIPT, Client
from tui.files.user_files import open_given, with_home
from tui.mail.templates import read_template
from tui.rules.errors import InvalidValue
from tui.server.base.logo import read_logo

TEMPLATE = "Subject: Your documents\n\n$links\n"


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "number"), [(a_pipe, errno.EINVAL), (a_device, errno.EINVAL), (a_folder, errno.EISDIR)]
)
def test_what_is_no_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None], number: int
) -> None:
    path = tmp_path / "given"
    make(path)
    with pytest.raises(OSError) as refused:  # noqa: PT011
        open_given(path)
    assert refused.value.errno == number
    with pytest.raises(InvalidValue, match="can't be read"):
        read_template(path)
    with pytest.raises(InvalidValue, match="can't be read"):
        read_logo(path)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "given"
    path.write_bytes(b"content")
    (tmp_path / "link").symlink_to("given")
    for each in (path, tmp_path / "link"):
        with open_given(each) as file:
            assert file.read() == b"content"


READING = """
import sys
from pathlib import Path
from tui.files.user_files import open_given
with open_given(Path(sys.argv[1])) as file:
    sys.stdout.buffer.write(file.read())
"""


@pytest.mark.parametrize(
    "script",
    [
        'sleep 0.2 | { cat; echo content; } | "$0" -c "$1" /dev/stdin',
        '"$0" -c "$1" <(sleep 0.2; echo content)',
        'echo content > given; "$0" -c "$1" /dev/stdin < given',
        'echo content | "$0" -c "$1" /proc/self/fd/0',
    ],
)
def test_what_is_open_already_is_waited_for(tmp_path: Path, script: str) -> None:
    """Standard input, and what the shell puts in the place of ``<(…)``."""
    done = subprocess.run(
        ["bash", "-c", script, sys.executable, READING], cwd=tmp_path, capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == b"content\n"


@pytest.mark.parametrize(
    "words",
    [
        ("template", "check", "pipe"),
        ("template", "check", "pipe", "--html"),
        ("policy", "set", "password_refused=@pipe"),
        ("audit", "--verify", "--against", "pipe"),
        ("smart-attach", "pipe"),
        ("send", "pipe"),
    ],
)
def test_no_command_waits_for_a_pipe(server: ServerProcess, tmp_path: Path, words: tuple[str, ...]) -> None:
    client = Client(server.url, server.token, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    done: Any = subprocess.run(
        [*SCRIPT, *words], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        stdin=subprocess.DEVNULL, env={**os.environ, **client.environ},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_setting_that_names_a_pipe(server: ServerProcess, tmp_path: Path) -> None:
    client = Client(server.url, server.token, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "template").write_text(TEMPLATE)
    client.file("a.txt")
    environ = {"SENTLINKS_MAIL_TEMPLATE": str(tmp_path / "pipe"), "SENTLINKS_MAIL_FROM": "anna@example.com"}
    refused = client("send", "a.txt", "--mail", "draft.eml", **environ)
    assert (refused.status, refused.out) == (2, "")
    assert f"The template {tmp_path / 'pipe'} can't be read: Not a regular file." in refused.err
    assert client("template", "check", "template").status == 0


def test_a_tilde_is_the_home_folder_where_the_shell_left_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert with_home("~/x") == f"{tmp_path}/x"
    assert with_home("~/x/") == f"{tmp_path}/x/", "a folder"
    assert with_home("~nobody-has-this-name/x") == "~nobody-has-this-name/x"
    assert with_home("x~") == "x~"
    (tmp_path / "~").mkdir()
    assert with_home("~") == "~", "something is really called so"
