"""A real mailbox on loopback: Dovecot, with the account of a user."""

from __future__ import annotations

import imaplib
import json
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.real_parts import need, need_root
from tests.support.servers.certificates import Authority

PASSWORD, TOKEN = "pass wörd", "a-good-token"
USER = "anna@example.com"
_SECONDS = 30


_CONFIGURATION = """\
dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
base_dir = {run}/base
state_dir = {run}/state
log_path = {run}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
mail_driver = maildir
mail_path = {run}/mail/%{{user}}
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
default_internal_user = dovecot
default_login_user = dovenull
oauth2 {{
  introspection_mode = post
  introspection_url = {introspection}
  username_attribute = username
  active_attribute = active
  active_value = true
}}
passdb oauth2 {{
  mechanisms_filter = xoauth2
}}
passdb static {{
  mechanisms_filter = plain login
  password = {password}
}}
userdb static {{
  fields {{
    uid = nobody
    gid = nogroup
    home = {run}/mail/%{{user}}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


def _folders(*named: str, **marked: str) -> str:
    """Folders of which some are marked with a special use."""
    uses = {**dict.fromkeys(named, ""), **{name: f" special_use = \\{use}\n" for use, name in marked.items()}}
    return "\n".join(f'mailbox "{name}" {{\n{use} auto = create\n}}' for name, use in uses.items())


SPECIAL = _folders("Other", "Sent", Drafts="Entwürfe & mehr", Sent="Gesendet")
BY_NAME = _folders("Other", "Drafts", "Gesendete Elemente")
NEITHER = _folders("Other")


@dataclass
class Dovecot:
    """``port`` is for STARTTLS, ``tls_port`` for TLS."""

    port: int
    tls_port: int
    authority: Path
    run: Path

    def url(self, *, tls: bool, oauth: bool = False, host: str = "localhost") -> str:
        scheme = f"imap{'s' if tls else ''}{'+xoauth2' if oauth else ''}"
        return f"{scheme}://{USER}@{host}:{self.tls_port if tls else self.port}"

    def messages(self) -> list[tuple[Path, bytes]]:
        """All messages of the mailbox, with the file of each, whose path has the folder and whose name the flags."""
        files = [*self.run.glob("mail/*/**/cur/*"), *self.run.glob("mail/*/**/new/*")]
        return [(file, file.read_bytes()) for file in sorted(files) if file.is_file()]

    def fetch_last(self, folder: str) -> tuple[bytes, set[str]]:
        """The last message in ``folder`` (as the server spells it), as it is sent to a client, and its flags."""
        trusted = ssl.create_default_context(cafile=str(self.authority))
        with imaplib.IMAP4_SSL("localhost", self.tls_port, ssl_context=trusted, timeout=_SECONDS) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            status, found = client.select(f'"{folder}"', readonly=True)
            assert status == "OK", found
            status, parts = client.fetch("*", "(FLAGS BODY.PEEK[])")
            assert status == "OK", parts
            head, content = next(part for part in parts if isinstance(part, tuple))
            # Whether it is recent depends on who has looked at it.
            return content, {flag.decode() for flag in imaplib.ParseFlags(head)} - {r"\Recent"}


#: A mailbox that holds a kilobyte.
SMALL = """\
mail_plugins {
  quota = yes
}
quota "User quota" {
  driver = count
  storage_size = 1K
  storage_grace = 0
}
"""


@contextmanager
def dovecot(authority: Authority, mailboxes: str = SPECIAL, more: str = "") -> Iterator[Dovecot]:
    """A Dovecot in which anyone has the password :data:`PASSWORD`, and :data:`USER` the token :data:`TOKEN`.

    ``more`` is added to its configuration."""
    need("dovecot", "doveconf")
    # It becomes other users.
    need_root()
    # Not the test's own folder: paths of its sockets would be too long, and its own user couldn't reach it.
    run = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    run.chmod(0o755)
    (run / "mail").mkdir()
    shutil.chown(run / "mail", "nobody", "nogroup")
    for source, name in zip(authority.server, ("cert.pem", "key.pem"), strict=True):
        shutil.copyfile(source, run / name)
    port, tls_port = _free_ports(2)
    with _introspection() as address:
        text = _CONFIGURATION.format(
            run=run, certificate=run / "cert.pem", key=run / "key.pem", introspection=address, password=PASSWORD,
            mailboxes=mailboxes, port=port, tls_port=tls_port,
        )  # fmt: skip
        (run / "dovecot.conf").write_text(text + more)
        with (run / "out").open("wb") as out:
            process = subprocess.Popen(
                ["dovecot", "-F", "-c", str(run / "dovecot.conf")],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            _wait_for(port, process, run)
            yield Dovecot(port, tls_port, authority.file, run)
        finally:
            process.terminate()
            process.wait(_SECONDS)
            shutil.rmtree(run, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait_for(port: int, process: subprocess.Popen[bytes], run: Path) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        with socket.socket() as client:
            client.settimeout(_SECONDS)
            if client.connect_ex(("127.0.0.1", port)) == 0 and client.recv(64).startswith(b"* OK"):
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    log = run / "log"
    raise AssertionError((run / "out").read_text() + (log.read_text() if log.exists() else ""))


class _Introspection(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        good = f"token={TOKEN}" in body
        found = json.dumps({"active": good, **({"username": USER} if good else {})}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def _introspection() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Introspection)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
