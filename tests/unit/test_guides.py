"""The guides: short, complete, and about what there is."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from tests.support.commands.cli_tree import commands
from tests.support.terminal.tours import own_script
from tui import guides
from tui.cli.base.group import group
from tui.cli.manual import EXIT_STATUSES
from tui.cli.send.server_wait import NEVER_REACHED
from tui.cli.server.server_settings import server_settings
from tui.clients.retries import IN_A_SCRIPT
from tui.config import DEFAULT_PORT, load
from tui.config.keys import KEYS
from tui.rules.errors import InvalidValue

ROOT = Path(__file__).resolve().parents[2]
MOST_WORDS = 900
MOST_LINES = 5
MOST_WORDS_OF_A_SENTENCE = 30
EVERYTHING = "\n".join(map(guides.read, guides.TOPICS))


def paragraphs(text: str) -> Iterator[str]:
    """Those that are prose: neither headings, lists, tables nor code."""
    for block in re.split(r"\n\s*\n", text):
        for piece in re.split(r"\n(?=- |\d+\. )", block):
            if not piece.startswith(("#", "|", "    ")):
                yield " ".join(piece.split())


def test_all_files_are_topics_and_none_is_a_command_of_another_meaning() -> None:
    files = {path.stem for path in guides.path("sending").parent.glob("*.md")}
    assert files == set(guides.TOPICS)
    named = {name for name, _ in commands()} & set(guides.TOPICS)
    assert named <= {"server"}, "sentlinks help shows both"


@pytest.mark.parametrize("topic", guides.TOPICS)
def test_it_is_short(topic: str) -> None:
    text = guides.read(topic)
    assert len(text.split()) <= MOST_WORDS
    assert text.startswith("# ")
    long = [piece for piece in paragraphs(text) if len(textwrap.wrap(piece, 80)) > MOST_LINES]
    assert long == []


def sentences(text: str) -> Iterator[str]:
    """Those of paragraphs, of each item of a list and of each cell of a table.

    A colon or a semicolon doesn't end one; a block of code between two paragraphs does. Code within a sentence is a
    word, and of a link, its text counts.
    """
    text = re.sub(r"^ {4,}.*$|^<!--.*-->$", "", text, flags=re.MULTILINE)
    for block in re.split(r"\n\s*\n|\n(?= *(?:- |\d+\. |\|))", text):
        if not block.startswith("#"):
            block = re.sub(r"`[^`]*`", "Code", re.sub(r"^ *(?:- |\d+\. )", "", block))
            for cell in re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", block).split("|"):
                yield from re.split(r"(?<=[.?!])[)\"*”]*\s+(?=[^a-z])", " ".join(cell.split()))


def test_how_sentences_are_counted() -> None:
    text = """# A heading. Of two

One: two; three, see [the *guide*](guide.md). Four (`a. b c`)!
Five? 6.

    code. more

- item one. Item two
- item e.g. three
1. first

   still first

| cell | another. Last |
"""
    assert [each for each in sentences(text) if each] == [
        "One: two; three, see the *guide*.", "Four (Code)!", "Five?", "6.", "item one.", "Item two", "item e.g. three",
        "first", "still first", "cell", "another.", "Last",
    ]  # fmt: skip


@pytest.mark.parametrize("path", [*map(guides.path, guides.TOPICS), ROOT / "README.md"], ids=lambda p: p.name)
def test_no_sentence_is_long(path: Path) -> None:
    text = path.read_text()
    assert [s for s in sentences(text) if len(s.split()) > MOST_WORDS_OF_A_SENTENCE] == []


def test_all_commands_and_options_are_in_a_guide() -> None:
    missing = []
    for path, command in commands():
        words = path if path in EVERYTHING else f"sentlinks {path}"
        if words not in EVERYTHING:
            missing.append(path)
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                names = [name for name in (*option.opts, *option.secondary_opts) if name.startswith("--")]
                missing += [f"{path} {name}" for name in names if f"{name}" not in EVERYTHING]
    assert missing == []


#: Options with values that nothing takes the place of.
NO_DEFAULT = {
    "--to", "--from", "--mail", "--resume", "--discard", "--stop", "--sendmail", "--against", "--add", "--remove",
    "--man", "--email", "--preset", "--until", "--record",
}  # fmt: skip


def test_the_help_of_every_option_shows_its_default() -> None:
    """An option that is only given or not is off by default."""
    shown = {}
    for path, command in commands():
        for option in command.params:
            if not isinstance(option, click.Option) or option.hidden or option.required:
                continue
            record = option.get_help_record(click.Context(command, info_name=path))
            assert record is not None
            text = " ".join(record[1].split())
            if not option.is_flag or option.secondary_opts:
                shown[path, option.opts[0]] = "[default: " in text
            assert "default:" not in text.partition("[")[0]
            assert "x<=" not in text
    assert [key for key, has in shown.items() if not has and key[1] not in NO_DEFAULT] == []


def test_defaults_in_words_are_those_of_the_code() -> None:
    known = {
        (path, option.opts[0]): option.show_default
        for path, command in commands()
        for option in command.params
        if isinstance(option, click.Option)
    }
    assert known["serve", "--port"] == str(DEFAULT_PORT)
    assert known["serve", "--host"] == server_settings(load()).host
    waited = f"{IN_A_SCRIPT / 60:.0f}m; {NEVER_REACHED:.0f}s if it was never reached"
    assert known["send", "--patience"] == waited


def test_all_keys_and_variables_are_in_the_configuration() -> None:
    text = guides.read("configuration")
    assert [key for key in KEYS if f"`{key}`" not in text and f"[{key}]" not in text] == []
    variables = (
        "SENTLINKS_HOME",
        "SENTLINKS_SERVER",
        "SENTLINKS_TOKEN",
        "SENTLINKS_KEY",
        "NO_COLOR",
        "ESCDELAY",
    )
    assert [name for name in variables if name not in text] == []
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", text))
    assert named <= KEYS.keys(), "keys that aren't"


def test_all_exit_statuses_are_in_a_guide() -> None:
    text = guides.read("scripts")
    for status, _ in EXIT_STATUSES:
        assert f"| {status} |" in text


#: What stands for a value that has to be one of a few, or a number.
VALUES = {"SHELL": "bash", "N": "3", "SECONDS": "60"}


def command_lines(text: str) -> Iterator[list[str]]:
    """The words of each command line of the program: in blocks of code, and in code within a sentence.

    Without comments, redirections, and what a shell does with the output.
    """
    text = re.sub(r"\\\n\s*", " ", text)
    for line in re.findall(
        r"(?:^ {4,}(?:.*\()?|`)((?:\w+=\S+ )*sentlinks\b(?!\.db)[^`\n]*)", text, re.MULTILINE
    ):
        words = shlex.split(line.partition(')"')[0], comments=True)
        words = words[words.index("sentlinks") + 1 :]
        end = next((at for at, word in enumerate(words) if word[0] in "<>|"), len(words))
        yield [VALUES.get(word, word) for word in words[:end]]


def test_lines_of_commands_are_found() -> None:
    text = """Use `sentlinks trash empty` or `sentlinks`, or
    VARIABLE=1 sentlinks get ID --output "a b" > file   # comment
    eval "$(sentlinks completion bash)"     # in a file
    sentlinks send a \\
        --to b >> file
"""
    assert list(command_lines(text)) == [
        ["trash", "empty"], [], ["get", "ID", "--output", "a b"], ["completion", "bash"], ["send", "a", "--to", "b"],
    ]  # fmt: skip


@pytest.mark.parametrize("path", [*map(guides.path, guides.TOPICS), ROOT / "README.md"], ids=lambda p: p.name)
def test_lines_with_commands_can_be_parsed(path: Path) -> None:
    """By the program's own parser, which also looks at values."""
    wrong = []
    named = {path for path, _ in commands()} | {"COMMAND --help"}
    for words in command_lines(path.read_text()):
        if " ".join(words) in named:
            continue
        try:
            parse(words)
        except (click.UsageError, InvalidValue) as error:
            wrong.append((words, str(error)))
    assert wrong == []


def parse(words: list[str]) -> None:
    """Parses a command line without running it. A group alone names its commands."""
    context = group.make_context("sentlinks", list(words))
    rest, command = words, group.get_command(context, "help")
    parent: click.Command = group
    while rest and isinstance(parent, click.Group):
        if rest[0].startswith("-"):
            return
        name, command, rest = parent.resolve_command(context, rest)
        assert command is not None
        if isinstance(command, click.Group) and not rest:
            return
        context = command.make_context(name, list(rest), parent=context)
        parent = command


def test_the_readme_is_short_and_names_all_guides() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 120
    assert len(text.split()) <= 1100
    assert [topic for topic in guides.TOPICS if f"(tui/guides/{topic}.md)" not in text] == []


def test_the_readme_begins_with_the_tour_and_all_of_its_pictures_are_there() -> None:
    """Each for a dark and for a light background, those of the app at one size, and none that nothing shows."""
    shown = re.findall(r'(?:srcset|src)="screenshots/([^"]+)"', (ROOT / "README.md").read_text())
    assert shown[:2] == ["tour-dark.svg", "tour-light.svg"]
    assert [name.replace("-dark.", "-light.") for name in shown[::2]] == shown[1::2]
    found = {path.name: path for path in (ROOT / "screenshots").iterdir()}
    assert set(shown) == set(found)
    sizes = {
        re.findall(r'viewBox="([^"]+)"', path.read_text())[0]
        for path in found.values()
        if path.suffix == ".svg"
    }
    assert len(sizes) == 1
    assert all(path.stat().st_size <= 1_500_000 for path in found.values())


@pytest.mark.parametrize("background", ["dark", "light"])
def test_the_first_picture_is_of_the_tour_as_it_is(background: str) -> None:
    """``python -m tests.support.pictures.screenshots`` makes it anew."""
    script = own_script()
    picture = ElementTree.parse(ROOT / "screenshots" / f"tour-{background}.svg")
    shown = "".join("".join(picture.getroot().itertext()).split())
    captions = [step.caption for step in script.steps if step.caption]
    for number, caption in enumerate(captions, 1):
        assert f"Tour{number}/{len(captions)}─" in shown
        assert "".join(caption.replace("`", "").split()) in shown


def test_the_guides_lead_to_files_that_are_there() -> None:
    for topic in guides.TOPICS:
        for target in re.findall(r"\]\(([^)#]+)\)", guides.read(topic)):
            assert (guides.path(topic).parent / target).exists(), f"{topic}: {target}"


def test_what_is_found_reads_as_it_is_shown() -> None:
    """Without the marks of Markdown."""
    for words in ("filter", "new link", "space", "workspace", "wrong person"):
        lines = [line for _, line in guides.found(words)]
        assert lines, words
        for line in lines:
            assert "](" not in line, line
            assert "**" not in line, line
            assert not line.startswith(("|", "#")), line
    assert (
        "filters",
        "from:halyard  what came from that workspace, document (its name or number) or file",
    ) in (guides.found("from:halyard"))
