"""What a recipient does in a terminal, with the guide's own commands."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few, more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import CutAnswer
from tests.support.real_parts import need
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import act, events, names_of, seen
from tui import guides

CONTENT = bytes(range(251)) * 16_000
NAME = "Vertrag – Müller's (final) 契約.pdf"
#: As curl saves it, which understands only the first of the two names sent with a file.
SAVED = "Vertrag - Muller's (final) __.pdf"
PASSWORD = "Näher-als-7 & mehr=gut"
HTTP_ERROR = 22

pytestmark = pytest.mark.skipif(
    not shutil.which("curl") and os.environ.get("CI") != "true", reason="curl is not installed"
)


def guide() -> list[str]:
    """The commands for recipients: look; one step, without and with a password; two steps, likewise."""
    return re.findall(r"^    (curl .*)$", guides.read("recipients"), re.MULTILINE)


LOOK, ONE, ONE_GUARDED, TWO, TWO_GUARDED = range(5)


class Terminal:
    """A folder in which a recipient runs the guide's commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "password").write_text(PASSWORD + "\n")

    def run(self, command: str, status: int = 0) -> str:
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        assert (done.returncode in (18, 56)) if status == -1 else done.returncode == status, done.stderr
        return done.stdout

    def type(self, number: int, url: str, status: int = 0) -> str:
        """Runs the guide's command of that number for a link, and returns what it prints."""
        words = {"LINK": shlex.quote(url), "password@FILE": "password@password"}
        command = guide()[number]
        for word, put_in in words.items():
            command = re.sub(rf"(?<!\S){word}(?!\S)", lambda _, put_in=put_in: put_in, command)
        return self.run(command, status)

    def saved(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.folder.iterdir() if file.name != "password"}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return Terminal(folder)


def sent(server: ServerProcess, number: int) -> dict[str, Any]:
    password = PASSWORD if number in (ONE_GUARDED, TWO_GUARDED) else None
    return publish(server, CONTENT, NAME, password=password, downloads_permitted=1)


def printed(output: str) -> str:
    """The command in the output."""
    (command,) = re.findall(r"^curl .*$", output, re.MULTILINE)
    return str(command)


def output_file(command: str) -> str:
    """The file that the printed command in two steps saves to: the document's name with the grant's mark."""
    address = shlex.split(command)[-1]
    stem, dot, extension = SAVED.rpartition(".")
    name = f"{stem}-{address.split('/g/')[1][:8]}{dot}{extension}"
    assert name in shlex.split(command)
    return name


def test_a_look_tells_what_it_is_and_how_it_is_had(server: ServerProcess, terminal: Terminal) -> None:
    """Nothing is counted; the printed command can be run as it is, and the digest is the file's."""
    document = publish(server, CONTENT, NAME, downloads_permitted=1)
    said = terminal.type(LOOK, document["url"])
    for line in (f"Name: {NAME}", "Type: PDF document", "Size: 4.0 MB (4,016,000 bytes)", "Sender: DJONES"):
        assert line in said.splitlines()
    assert f"SHA-256: {hashlib.sha256(CONTENT).hexdigest()}" in said.splitlines()
    assert seen(server, document)["downloads"] == 0
    terminal.run(printed(said))
    assert terminal.saved() == {SAVED: CONTENT}
    assert seen(server, document)["downloads"] == 1


def test_behind_a_password_a_look_tells_the_command_only(server: ServerProcess, terminal: Terminal) -> None:
    document = sent(server, ONE_GUARDED)
    said = terminal.type(LOOK, document["url"])
    for secret in ("Vertrag", "DJONES", "4,016,000", document["sha256"]):
        assert secret not in said
    terminal.run(printed(said).replace("FILE", "password"))
    assert terminal.saved() == {SAVED: CONTENT}


def test_the_digest_goes_with_the_file(server: ServerProcess, terminal: Terminal) -> None:
    """The digest is sent with the file or a part of it (RFC 9530), and printed below the command that fetches it."""
    document = sent(server, TWO)
    said = terminal.type(TWO, document["url"])
    assert f"SHA-256: {document['sha256']}" in said.splitlines()
    address = shlex.split(printed(said))[-1]
    digest = base64.b64encode(bytes.fromhex(document["sha256"])).decode()
    for part in ("", "-r 0-9"):
        heads = terminal.run(f"curl -fsS {part} -D - -o /dev/null {address}").lower()
        assert f"repr-digest: sha-256=:{digest}:".lower() in heads.splitlines()


@few(1)
@pytest.mark.parametrize(
    "program", ["wget -q", "aria2c -q --console-log-level=error", "http --ignore-stdin -q"]
)
def test_other_programs_fetch_it_and_go_on(server: ServerProcess, terminal: Terminal, program: str) -> None:
    """Interrupted at 30 % and run again, the file is complete and counted once. None of them sends a form by itself as
    curl does; the address that curl printed is one they can all fetch."""
    name = program.split()[0]
    need(name)
    document = publish(server, CONTENT, "Offer-2.pdf", downloads_permitted=1)
    address = shlex.split(printed(terminal.type(TWO, document["url"])))[-1]
    goes_on = {
        "wget": "-c --tries=1",
        "aria2c": "-c --max-tries=1 --split=1",
        "http": "--download -c -o Offer-2.pdf",
    }
    with Misbehaving(server.url) as proxy:
        proxy.spoil("GET", CutAnswer(after=len(CONTENT) * 3 // 10), path="/g/")
        terminal.run(f"{program} {goes_on[name]} {address.replace(server.url, proxy.url)} || true")
    assert len(terminal.saved()["Offer-2.pdf"]) < len(CONTENT)
    terminal.run(f"{program} {goes_on[name]} {address}")
    assert {name: content for name, content in terminal.saved().items() if name == "Offer-2.pdf"} == {
        "Offer-2.pdf": CONTENT
    }
    assert seen(server, document)["downloads"] == 1


@pytest.mark.parametrize("program", ["wget -qO -"])
def test_other_programs_look(server: ServerProcess, terminal: Terminal, program: str) -> None:
    name = program.split()[0]
    need(name)
    document = publish(server, CONTENT, NAME)
    assert f"SHA-256: {document['sha256']}" in terminal.run(f"{program} {document['url']}").splitlines()


@few(1)
@pytest.mark.parametrize("number", [ONE, ONE_GUARDED])
def test_in_one_step(server: ServerProcess, terminal: Terminal, number: int) -> None:
    document = sent(server, number)
    terminal.type(number, document["url"])
    assert terminal.saved() == {SAVED: CONTENT}
    assert seen(server, document)["downloads"] == 1


@few(1)
@pytest.mark.parametrize("number", [TWO, TWO_GUARDED])
def test_a_broken_download_goes_on(server: ServerProcess, terminal: Terminal, number: int) -> None:
    """Interrupted at 30 % and resumed: count 1, bytes equal; a file that is already complete is left as it is."""
    document = sent(server, number)
    command = printed(terminal.type(number, document["url"]))
    assert terminal.saved() == {}
    assert server.url in command
    with Misbehaving(server.url) as proxy:
        proxy.spoil("GET", CutAnswer(after=len(CONTENT) * 3 // 10), path="/g/")
        terminal.run(command.replace(server.url, proxy.url), status=-1)
    (part,) = terminal.saved().values()
    assert 0 < len(part) <= len(CONTENT) * 3 // 10
    for _ in range(2):
        terminal.run(command)
        assert terminal.saved() == {output_file(command): CONTENT}
    assert seen(server, document)["downloads"] == 1
    assert names_of(events(server, document["id"])) == ["downloaded", "limit reached"]


@few(1)
@pytest.mark.parametrize(
    "older",
    [b"older" * 1000, b"\xff" * len(CONTENT), b"\xff" * (len(CONTENT) + 1000)],
    ids=["shorter", "same size", "longer"],
)
def test_a_download_goes_on_with_its_own_part_only(
    server: ServerProcess, terminal: Terminal, older: bytes
) -> None:
    """A file of the same name that is in the folder already is neither continued nor taken for the document; nor is
    the part of another download of the document."""
    document = publish(server, CONTENT, NAME)
    (terminal.folder / SAVED).write_bytes(older)
    first, second = (printed(terminal.type(TWO, document["url"])) for _ in range(2))
    with Misbehaving(server.url) as proxy:
        proxy.spoil("GET", CutAnswer(after=len(CONTENT) * 3 // 10), path="/g/")
        terminal.run(first.replace(server.url, proxy.url), status=-1)
    part = terminal.saved()[output_file(first)]
    terminal.run(second)
    assert terminal.saved() == {SAVED: older, output_file(first): part, output_file(second): CONTENT}
    terminal.run(first)
    assert terminal.saved() == {SAVED: older, output_file(first): CONTENT, output_file(second): CONTENT}


def test_one_step_with_an_id_of_ones_own_can_be_repeated(server: ServerProcess, terminal: Terminal) -> None:
    """After an interruption, the same press in two steps isn't counted again."""
    document = sent(server, ONE)
    press = "-d press=my-own-press-0001"
    with Misbehaving(server.url) as proxy:
        proxy.spoil("GET", CutAnswer(after=len(CONTENT) * 3 // 10), path="/g/")
        url = document["url"].replace(server.url, proxy.url)
        terminal.run(f"curl -fOJL {press} {url}", status=-1)
    assert len(terminal.saved()[SAVED]) < len(CONTENT)
    command = printed(terminal.run(f"curl -f {press} {document['url']}"))
    terminal.run(command)
    assert terminal.saved()[output_file(command)] == CONTENT
    assert seen(server, document)["downloads"] == 1


@few(1)
@pytest.mark.parametrize("number", [ONE_GUARDED, TWO])
def test_a_dead_link_fails(server: ServerProcess, terminal: Terminal, number: int) -> None:
    """The exit status shows the failure, and no page is saved as the document."""
    document = sent(server, number)
    act(server, document, "unpublish")
    for url in (document["url"], server.url + "/s/unknown"):
        assert terminal.type(number, url, HTTP_ERROR) == ""
    assert terminal.saved() == {}


def test_so_does_a_wrong_password(fresh_server: ServerProcess, terminal: Terminal) -> None:
    """The server responds with 403, and after several attempts with 429."""
    document = sent(fresh_server, ONE_GUARDED)
    (terminal.folder / "password").write_text("wrong")
    for number in (*(ONE_GUARDED, TWO_GUARDED) * 3, ONE_GUARDED, TWO_GUARDED):
        assert terminal.type(number, document["url"], HTTP_ERROR) == ""
    assert terminal.saved() == {}


@few(1)
@pytest.mark.parametrize("options", ["-X POST", "--post301 --post302 --post303"])
def test_a_post_to_the_grant_gives_the_file(server: ServerProcess, terminal: Terminal, options: str) -> None:
    document = sent(server, ONE)
    terminal.run(f"curl -fOJL {options} -d '' {document['url']}")
    assert terminal.saved() == {SAVED: CONTENT}
    assert seen(server, document)["downloads"] == 1


@more
def test_programs_that_name_a_file_by_its_address(server: ServerProcess, terminal: Terminal) -> None:
    """Programs such as ``curl -C - -LO`` save the file under its own name."""
    document = publish(server, CONTENT, "Offer-2.pdf", downloads_permitted=1)
    address = shlex.split(printed(terminal.type(TWO, document["url"])))[-1]
    terminal.run(f"curl -f -C - -LO {address}")
    assert terminal.saved() == {"Offer-2.pdf": CONTENT}


def test_no_command_saves_a_hidden_file(server: ServerProcess, terminal: Terminal) -> None:
    """S34: run in a home folder, none leaves a file that a shell runs at the next login."""
    document = publish(server, CONTENT, ".bash_profile")
    one = terminal.type(LOOK, document["url"])
    two = terminal.type(TWO, document["url"])
    for command in (printed(one), printed(two), f"curl -fLO {shlex.split(printed(two))[-1]}"):
        terminal.run(command)
        saved = terminal.saved()
        assert list(saved.values()) == [CONTENT]
        assert not next(iter(saved)).startswith(".")
        for name in saved:
            (terminal.folder / name).unlink()
