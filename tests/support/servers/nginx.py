"""A real nginx in front of a server, configured as the guide says."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.servers.server import ROOT
from tests.support.users.share import until

#: Debian keeps it where only root looks.
_PROGRAM = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
_MAIN = """
{user}
daemon off;
pid {folder}/pid;
error_log stderr warn;
events {{}}
http {{
access_log off;
{temporary}
{server}
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")

needs_nginx = pytest.mark.skipif(
    not _PROGRAM and os.environ.get("CI") != "true", reason="nginx is not installed"
)


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port that nobody else gets, for an nginx."""
    with closing(socket.socket()) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def of_guide(port: int, upstream: int) -> str:
    """The configuration in the guide, without TLS, with these ports."""
    text = (ROOT / "tui" / "guides" / "proxy.md").read_text("utf-8")
    (block,) = re.findall(r"^    server \{\n(?:(?:    .*)?\n)*?    \}$", text, re.MULTILINE)
    changed = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{port} reuseport;", str(block))
    changed = re.sub(r"ssl_certificate\w* .*;", "", changed)
    return changed.replace("http://127.0.0.1:8080;", f"http://127.0.0.1:{upstream};")


def buffering(configuration: str, how: str) -> str:
    """``configuration`` with other settings than ``proxy_buffering off``."""
    assert configuration.count("proxy_buffering off;") == 1
    return configuration.replace("proxy_buffering off;", how)


@contextmanager
def nginx(folder: Path, port: int, configuration: str) -> Iterator[str]:
    """nginx on ``port``, with a server block; its URL."""
    assert _PROGRAM
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    temporary = "\n".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY)
    main = folder / "nginx.conf"
    # Otherwise its workers can't write there.
    user = "user root;" if os.geteuid() == 0 else ""
    main.write_text(_MAIN.format(user=user, folder=folder, temporary=temporary, server=configuration))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [_PROGRAM, "-p", str(folder), "-e", "stderr", "-c", str(main)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        until(lambda: _answers(port) or process.poll() is not None, seconds=20)
        assert process.poll() is None, (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _answers(port: int) -> bool:
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
            return True
    except OSError:
        return False
