"""Options that take one value: a second, different one is refused by every command, before it does anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

import click
import pytest

from tests.support.commands.cli_tree import commands
from tui.cli import main
from tui.cli.base.group import group
from tui.cli.mail.sendmail import TryLater


@dataclass(frozen=True)
class Case:
    """An option of a command, by its words."""

    words: tuple[str, ...]
    command: click.Command
    option: click.Option

    @property
    def name(self) -> str:
        return max(self.option.opts, key=len)

    def __str__(self) -> str:
        return " ".join([*self.words, self.name])


def _options() -> Iterator[Case]:
    for path, command in [("", group), *commands()]:
        for each in command.params:
            if isinstance(each, click.Option):
                yield Case(tuple(path.split()), command, each)


OPTIONS = list(_options())
VALUED = [case for case in OPTIONS if not (case.option.is_flag or case.option.multiple)]
REPEATED = {str(case) for case in OPTIONS if case.option.multiple}
SWITCHES = [case for case in OPTIONS if case.option.secondary_opts]


def refusal(case: Case, *arguments: str) -> str:
    """What is said of a line, which isn't run."""
    command = case.command
    with pytest.raises((click.UsageError, TryLater)) as refused:
        command.make_context(" ".join(case.words), list(arguments))
    error = refused.value
    return error.message if isinstance(error, TryLater) else error.format_message()


def test_there_are_such_options() -> None:
    assert len(VALUED) > 60
    assert len(SWITCHES) >= 3
    assert {
        "folders members --add", "folders members --remove", "inspect --fail-on", "links --from", "links --state",
        "links --to", "mail --to", "resend --to", "send --name", "send --to", "watch --until",
    } == REPEATED  # fmt: skip


@pytest.mark.parametrize("case", VALUED, ids=str)
def test_a_second_value_is_refused(case: Case) -> None:
    """However both are written: with or without an equals sign, and in each of the option's spellings."""
    told = f"{case.name} is given different values, first and second; give one."
    for one in case.option.opts:
        for other in case.option.opts:
            for between in ((), ("x",)) if case.words and case.name != "--sendmail" else ((),):
                for arguments in (
                    (one, "first", *between, other, "second"),
                    (f"{one}=first", *between, f"{other}=second", "--", f"{other}=third"),
                    (one, "first", *between, f"{other}=second", f"{one}=first"),
                    (f"{one}=first", other, "second", *between),
                ):
                    assert told in refusal(case, *arguments), arguments


@pytest.mark.parametrize("case", SWITCHES, ids=str)
def test_a_switch_is_on_or_off(case: Case) -> None:
    on, off = case.option.opts[0], case.option.secondary_opts[0]
    for arguments in ((on, off), (off, "x", on), (on, on, off)):
        assert f"Give {on} or {off}, not both." in refusal(case, *arguments)


@pytest.mark.parametrize("case", [*VALUED, *SWITCHES], ids=str)
def test_what_is_given_once_is_taken(case: Case) -> None:
    """Also the same twice, and what only looks like the option behind ``--``."""
    option = copy(case.option)
    if option.is_flag:
        (off,) = option.secondary_opts
        lines: list[list[str]] = [[off], [off, off]]
    else:
        option.type = click.STRING
        lines = [
            [case.name, "5"],
            [case.name, "5", f"{case.name}=5"],
            [f"{case.name}=5", "--", case.name, "6"],
        ]
    command = click.Command("any", params=[option, click.Argument(["rest"], nargs=-1)])
    for line in lines:
        context = command.make_context("any", list(line))
        assert context.params[option.name or ""] == (False if option.is_flag else "5"), line


def test_what_is_said_of_odd_values(capsys: pytest.CaptureFixture[str]) -> None:
    """A password in an address isn't repeated; what is empty or can't be printed is seen, what is long is cut."""
    for given, told in (
        (
            ("serve", "--database-url", "postgresql://a:secret@h/x", "--database-url", "sqlite:///x"),
            "a:…@h/x and s",
        ),
        (("send", "x", "--expires", "", "--expires", "3d"), "values, '' and 3d; give one."),
        (
            ("send", "x", "--expires", "1d", "--expires", "2d", "--expires", "3d"),
            "values, 1d, 2d and 3d; give one.",
        ),
        (("send", "x", "--expires", "\x1b[31m", "--expires", "3d"), "[31m and 3d; give one."),
        (("send", "x", "--expires", "9" * 5000, "--expires", "3d"), "9 and 3d; give one."),
        (("demo", "--tour", "--tour", "mine"), "--tour is given different values, none and mine; give one."),
    ):
        assert main(given) == 2
        said = capsys.readouterr().err
        assert told in said
        assert "secret" not in said
        assert "\x1b" not in said
        assert len(said) < 400


def test_a_mail_program_is_told_to_try_again(capsys: pytest.CaptureFixture[str]) -> None:
    """As after every other wrong line; nothing is started."""
    for line in (
        ("--sendmail", "true", "--sendmail", "false", "--", "-f", "a@b.example", "-f", "c@d.example"),
        ("--over", "1MB", "--sendmail=true", "--over=2MB", "--", "anna@b.example"),
    ):
        assert main(["smart-attach", *line]) == 75
        assert " is given different values, " in capsys.readouterr().err


def test_help_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["send", "--expires", "3d", "--expires=5d"]
    assert main([*line, "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: sentlinks send")
    assert main([*line, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"
