"""Completion in real shells: what is offered for a partly typed command line."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.real_parts import need
from tests.support.terminal.terminal import Terminal
from tests.system.command import SCRIPT, Client, run
from tests.unit.test_imports import SCREENS, SERVER, among, modules_after
from tui.rules.sent_filter import LinkState

SHELLS = ["bash", "zsh", "fish"]
#: A partly typed command line, and what it is completed to, by each shell in its way.
LINES = [
    ("sentlinks unp", "sentlinks unpublish "),
    ("sentlinks send --generate", "sentlinks send --generate-password "),
    ("sentlinks checkin ACTIVE!1.1 Off", "sentlinks checkin ACTIVE!1.1 Offer.pdf "),
    ("sentlinks serve --data Deep", "sentlinks serve --data Deeper/"),
]
#: The same, as the program tells each of them.
TOLD = [
    ("sentlinks trash res", "plain,restore"),
    ("sentlinks import . --security vi", "plain,view"),
    ("sentlinks audit --format js", "plain,jsonl"),
    ("sentlinks audit he", "plain,heads"),
    ("sentlinks completion fi", "plain,fish"),
]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    need(name)
    return name


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a new user's shell, in a folder that holds one file and one folder."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    Path("Offer.pdf").write_text("x")
    Path("Deeper").mkdir()
    home = tmp_path / "person"
    home.mkdir()
    path = os.pathsep.join([str(Path(SCRIPT[0]).parent), os.environ["PATH"]])
    return {"HOME": str(home), "ZDOTDIR": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "PATH": path}


def install(shell: str, home: Path) -> list[str]:
    """Follows the README, and returns the command of an interactive shell."""
    if shell == "bash":
        (home / ".bashrc").write_text('PS1="ready> "\neval "$(sentlinks completion bash)"\n')
        return ["bash", "-i"]
    if shell == "zsh":
        lines = [
            "PS1='ready> '",
            "autoload -Uz compinit && compinit -u",
            'eval "$(sentlinks completion zsh)"',
        ]
        (home / ".zshrc").write_text("\n".join(lines) + "\n")
        return ["zsh", "-i"]
    completions = home / ".config" / "fish" / "completions"
    completions.mkdir(parents=True)
    (completions / "sentlinks.fish").write_text(run("completion", "fish").out)
    (home / ".config" / "fish" / "config.fish").write_text(
        "set fish_greeting\nfunction fish_prompt\n  echo 'ready> '\nend\nset -g fish_autosuggestion_enabled 0\n"
    )
    return ["fish", "-i"]


#: What a terminal replies when asked what it is.
KIND = {b"\x1b[c": b"\x1b[?62;c", b"\x1b[0c": b"\x1b[?62;c"}


def completed(terminal: Terminal, shell: str, lines: Sequence[tuple[str, str]]) -> None:
    """Types each line, which the shell has to complete."""
    terminal.wait_for("ready>")
    for typed, expected in lines:
        terminal.type(typed.replace("!", "\\!") if shell != "fish" else typed)
        terminal.type("\t")
        # The character typed next shows whether a space was added: the line is complete.
        terminal.type("@")
        wanted = f"ready> {expected}@".replace("!", "\\!" if shell != "fish" else "!")
        terminal.wait_for(wanted)
        terminal.type("\x15")
        terminal.quiet(0.2)
        terminal.type("\x0c")
        terminal.quiet(0.2)


@few(1)
def test_what_only_the_server_knows(shell: str, environ: dict[str, str], anna: Client) -> None:
    """IDs as short as they can be, recipients, and the keys of the policy, which a value follows at once."""
    to = "Anna Arp <anna.arp@example.com>"
    (document,) = anna("send", str(anna.file("offer.txt")), "--to", to, "--json").documents
    ident = document["id"]
    environ |= anna.environ
    with Terminal(install(shell, Path(environ["HOME"])), environ, 120, 60, answers=KIND) as terminal:
        lines = [
            (f"sentlinks unpublish {ident[:5]}", f"sentlinks unpublish {ident[:6]} "),
            (
                f"sentlinks links --folder {document['folder']['id'][:5]}",
                f"sentlinks links --folder {document['folder']['id'][:6]} ",
            ),
            ("sentlinks links --to anna.a", "sentlinks links --to anna.arp@example.com "),
            ("sentlinks policy set password_req", "sentlinks policy set password_required="),
            ("sentlinks policy set password_required=f", "sentlinks policy set password_required=false "),
        ]
        completed(terminal, shell, lines)
        assert b"Traceback" not in terminal.written


@few(3)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("unpublish", ""), {"ON"}),
        (("get", ""), {"ON", "OFF"}),
        (("unpublish", "ON", ""), set()),
        (("trash", "restore", ""), {"TRASHED"}),
        (("audit", ""), {"heads", "accept", "ON", "OFF"}),
        (("links", "--state", ""), {*LinkState}),
        (("mail", "ON", "--to", ""), {"anna@example.com", "bob@example.org"}),
        (("mail", "ON", "--to", "x@y.z,b"), {"x@y.z,bob@example.org"}),
        (("mail", "ON", "--to", "ANNA"), {"anna@example.com"}),
        (("policy", "set", "downloads_"), {"downloads_required=", "downloads_default=", "downloads_max="}),
        (("policy", "set", "password_required="), {"password_required=true", "password_required=false"}),
        (("policy", "set", "password_required", "=", "t"), {"true"}),
        (("policy", "set", "downloads_max="), set()),
    ],
)
def test_what_is_offered(anna: Client, words: tuple[str, ...], expected: set[str]) -> None:
    """Only what the command is for, and what isn't in the line yet. The last word is the one that is typed."""
    files = [str(anna.file(f"{number}.txt")) for number in range(3)]
    documents = anna("send", *files, "--to", "Anna <anna@example.com>,bob@example.org", "--json").documents
    ids = {what: each["id"] for what, each in zip(("ON", "OFF", "TRASHED"), documents, strict=True)}
    anna("unpublish", ids["OFF"])
    anna("delete", ids["TRASHED"])
    *before, typed = ["sentlinks", *(ids.get(word, word) for word in words)]
    line = {"COMP_WORDS": f"{shlex.join(before)} {typed}", "COMP_CWORD": str(len(before))}
    done = anna(**line, _SENTLINKS_COMPLETE="bash_complete")
    assert done.err == ""
    offered = {line.partition(",")[2] for line in done.out.split()}
    assert offered == {ids[each][:6] if each in ids else each for each in expected}


def test_a_server_that_is_away_offers_nothing(tmp_path: Path) -> None:
    """Nor is one started, and nothing is said."""
    for server in ({"SENTLINKS_SERVER": "http://127.0.0.1:9"}, {}):
        environ = {"COMP_WORDS": "sentlinks get ", "COMP_CWORD": "2", "_SENTLINKS_COMPLETE": "bash_complete"}
        done = run(SENTLINKS_HOME=str(tmp_path / "home"), **server, **environ)
        assert (done.status, done.out.strip(), done.err) == (0, "", "")
    assert not (tmp_path / "home" / "data").exists()


def test_one_that_is_interrupted_writes_nothing_into_the_line(tmp_path: Path) -> None:
    """It waits for a server that takes the connection and doesn't answer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environ = {
            **os.environ,
            "COMP_WORDS": "sentlinks get ",
            "COMP_CWORD": "2",
            "_SENTLINKS_COMPLETE": "bash_complete",
            "SENTLINKS_HOME": str(tmp_path / "home"),
            "SENTLINKS_SERVER": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "SENTLINKS_TOKEN": "x" * 40,
        }
        asked = subprocess.Popen(SCRIPT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        silent.settimeout(30)
        with silent.accept()[0]:
            asked.send_signal(signal.SIGINT)
            assert asked.communicate(timeout=30) == (b"", b"")


@few(1)
def test_a_key_completes_the_line_and_lists_the_commands(shell: str, environ: dict[str, str]) -> None:
    command = install(shell, Path(environ["HOME"]))
    with Terminal(command, environ, 120, 60, answers=KIND) as terminal:
        completed(terminal, shell, LINES)
        # Only bash wants the key twice; a process that completes is interrupted in the others if it is pressed again.
        terminal.type("sentlinks \t\t" if shell == "bash" else "sentlinks \t")
        for name in ("demo", "unpublish", "completion"):
            terminal.wait_for(name)
        terminal.type("\x03")
        terminal.quiet(0.2)
        terminal.type("\x15exit\r")
        terminal.wait()
        assert b"Traceback" not in terminal.written
        assert b"needs a terminal" not in terminal.written


@few(1)
@pytest.mark.parametrize("name", SHELLS)
def test_the_script_goes_to_standard_output(name: str) -> None:
    done = run("completion", name)
    assert (done.status, done.err) == (0, "")
    assert f"_SENTLINKS_COMPLETE={name}_complete" in done.out


def test_the_script_is_checked_by_its_shell(shell: str) -> None:
    check = [shell, "--no-execute"] if shell == "fish" else [shell, "-n"]
    done = subprocess.run(
        check, input=run("completion", shell).out, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@few(1)
@pytest.mark.parametrize("arguments", [[], ["tcsh"], ["bash", "zsh"]])
def test_what_there_is_no_script_for(arguments: list[str]) -> None:
    done = run("completion", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("sentlinks: ")


def test_completing_imports_little() -> None:
    """Completion must be fast: the user is waiting for it."""
    code = """
import os
from tui.cli import main
for words in "sentlinks ", "sentlinks send --", "sentlinks import x --security ":
    os.environ |= {"_SENTLINKS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    try:
        main([])
    except SystemExit as ended:
        assert ended.code == 0
"""
    loaded = modules_after(code)
    assert "click.shell_completion" in loaded
    assert among(loaded, ("httpx", "pydantic", "asyncio", "email", *SCREENS, *SERVER)) == []


def test_what_is_told_to_a_shell() -> None:
    for typed, expected in TOLD:
        words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
        done = run(_SENTLINKS_COMPLETE="bash_complete", **words)
        assert done.out.split() == [expected], typed


def test_the_module_completes_as_well(tmp_path: Path) -> None:
    environ = {"_SENTLINKS_COMPLETE": "bash_complete", "COMP_WORDS": "sentlinks who", "COMP_CWORD": "1"}
    assert run(program=[sys.executable, "-m", "tui"], **environ).out == "plain,whoami\n"
