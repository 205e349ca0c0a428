"""``sentlinks help``: commands in groups, guides, searches, and manual pages."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from tests.support.checks.long import few
from tests.support.commands.cli_tree import commands
from tests.support.real_parts import need
from tests.support.terminal.terminal import Terminal
from tests.system.command import SCRIPT, Client
from tui import guides
from tui.cli.base.group import COMMANDS
from tui.cli.base.help_format import EXAMPLES, GROUPS
from tui.cli.base.options import Choice


def test_all_commands_are_in_a_group_and_have_an_example() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(COMMANDS)
    assert [path for path, _ in commands() if path not in EXAMPLES] == []
    assert all(line.startswith(("sentlinks ", "eval ")) for lines in EXAMPLES.values() for line in lines)


def test_commands_and_guides_are_listed(client: Client) -> None:
    done = client("help")
    assert done.status == 0
    assert done.out.index("Send:") < done.out.index("The server:") < done.out.index("Guides (")
    assert all(f"  {topic} " in done.out for topic in guides.TOPICS)
    assert client("-h").out == client("--help").out


def test_a_command_or_a_guide_or_both(client: Client) -> None:
    assert client("help", "trash", "list").out == client("trash", "list", "--help").out
    assert client("help", "send").out.strip() == client("send", "-h").out.strip()
    guide = client("help", "sending").out
    assert guide.startswith("Sending\n")
    assert "\x1b" not in guide
    assert "`" not in guide
    both = client("help", "server").out
    assert both.startswith("“server” is a command and a guide. ")
    assert both.index("Usage: sentlinks server") < both.index(guides.title("server"))


@few(1)
@pytest.mark.parametrize("chosen", [{}, {"LESS": "-R"}, {"LESS": "-i"}, {"PAGER": "less"}, {"PAGER": "cat"}])
def test_a_long_one_is_shown_in_a_pager(chosen: Mapping[str, str], client: Client) -> None:
    """In colours if the pager shows them, and else without their codes."""
    need("less")
    plain = {"LESS": "", "PAGER": "", "TERM": "xterm-256color", "LESSHISTFILE": "-"}
    with Terminal([*SCRIPT, "help", "sending"], {**client.environ, **plain, **chosen}, 80, 24) as terminal:
        if chosen.get("PAGER") != "cat":
            terminal.wait_for("Sending")
            terminal.type("q")
        assert terminal.wait() == 0
        assert "[1m" not in terminal.text
        assert (b"\x1b[1mSending" in terminal.written) is (chosen in ({}, {"LESS": "-R"}, {"PAGER": "less"}))


def test_words_are_searched_for(client: Client) -> None:
    found = client("help", "clipboard", "TMUX")
    assert found.status == 0
    assert all(line.startswith(("terminal: ", "help --help: ")) for line in found.out.splitlines())
    nothing = client("help", "xyzzy\x1b[31m")
    assert (nothing.status, nothing.out) == (5, "")
    assert "\x1b" not in nothing.err


@few(2)
@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["lnks"], "'links'"),
        (["trash", "lst"], "'list'"),
        (["links", "--al"], "'--all'"),
        (["snd"], "'send'"),
        (["completion", "bsh"], "'bash'"),
        (["import", "x", "--workspace", "A", "--security", "Publc"], "'public'"),
        (["audit", "--format", "cvs"], "'csv'"),
        (["audit", "--format=JSONL"], "'jsonl'"),
        (["policy", "set", "expire_max=7d"], "'expires_max'"),
        (["policy", "set", "downloads_max=3", "Folder_Name=x"], "'folder_name'"),
    ],
)
def test_what_was_probably_meant(client: Client, words: list[str], meant: str) -> None:
    for more in ([], ["--json"]) if words[0] != "completion" else ([],):
        done = client(*words, *more)
        assert done.status == 2
        assert f"Did you mean {meant}?" in done.err
        assert done.err.count("?") == 1


def test_all_choices_say_what_was_probably_meant() -> None:
    """Those of click's own would only list what there is."""
    kinds = [(path, each.name, each.type) for path, command in commands() for each in command.params]
    choices = [(path, name, kind) for path, name, kind in kinds if isinstance(kind, click.Choice)]
    assert choices
    assert [(path, name) for path, name, kind in choices if not isinstance(kind, Choice)] == []


@few(1)
@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["sendin"], "sentlinks help sending"),
        (["Snding"], "sentlinks help sending"),
        (["trash", "lst"], "sentlinks help trash list"),
        (["unpublsh"], "sentlinks help unpublish"),
    ],
)
def test_a_guide_or_a_command_that_was_probably_meant(client: Client, words: list[str], meant: str) -> None:
    done = client("help", *words)
    assert f"Did you mean '{meant}'?\n" in done.err
    assert done.status == (0 if done.out else 5)


def test_a_word_that_resembles_nothing_is_not_taken_for_a_command(client: Client) -> None:
    done = client("help", "nonsense")
    assert (done.status, done.err) == (
        5,
        "sentlinks: Nothing about nonsense. sentlinks help lists all commands and guides.\n",
    )


def test_words_that_are_found_are_not_doubted(client: Client) -> None:
    for words in (["mailbox"], ["clipboard"], ["tmux", "buffer"]):
        done = client("help", *words)
        assert (done.status, done.err) == (0, "")


def test_a_word_of_the_audit_that_was_probably_meant(client: Client) -> None:
    for word, meant in (("haeds", "heads"), ("acept", "accept")):
        done = client("audit", word)
        assert done.status == 5
        assert f"Did you mean 'sentlinks audit {meant}'?" in done.err


def test_manual_pages_are_clean(client: Client, tmp_path: Path) -> None:
    need("mandoc")
    done = client("help", "--man", str(tmp_path / "man"))
    assert done.status == 0, done.err
    pages = sorted((tmp_path / "man").iterdir())
    assert {"sentlinks.1", "sentlinks-send.1", "sentlinks-trash-list.1"} <= {page.name for page in pages}
    mandoc = shutil.which("mandoc")
    assert mandoc is not None
    lint = subprocess.run([mandoc, "-T", "lint", "-W", "style", *pages], capture_output=True, text=True)
    assert lint.stdout == ""
