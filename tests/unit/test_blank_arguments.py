"""An ID, a name or a path that is blank, such as a script's empty variable, is refused by every command."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from tui.cli.base.group import group
from tui.rules.errors import InvalidValue

#: Of people, not of what is searched for or made.
_NAMED = ("ID", "DIR", "PATH", "FOLDER_ID", "FILE.eml")


def _parameters() -> Iterator[tuple[str, click.Parameter]]:
    for path, command in _commands(group, "sentlinks"):
        for parameter in command.params:
            yield path, parameter


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                yield from _commands(inner, f"{path} {name}")


def _is_named(path: str, parameter: click.Parameter) -> bool:
    metavar = (parameter.metavar or "").strip("[].").split("|")[0].removesuffix("...")
    return metavar in _NAMED or (metavar == "NAME" and path.startswith("sentlinks user "))


CASES = [(path, parameter) for path, parameter in _parameters() if _is_named(path, parameter)]


def test_there_are_such_parameters() -> None:
    assert len(CASES) > 25
    assert {path.split()[1] for path, _ in CASES} >= {
        "unpublish", "delete", "resend", "mail", "get", "trash", "folders", "favorites", "checkout", "checkin",
        "release", "audit", "unlock", "user", "sessions", "import", "links", "sends", "send",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "parameter"), CASES, ids=[f"{path} {parameter.name}" for path, parameter in CASES]
)
def test_what_is_blank_is_refused(path: str, parameter: click.Parameter) -> None:
    is_path = isinstance(parameter.type, click.Path)
    for blank in ("",) if is_path else ("", "  ", "\t\n"):
        with click.Context(click.Command(path)) as context, pytest.raises(InvalidValue) as refused:
            parameter.process_value(context, (blank,) if parameter.nargs == -1 else blank)
        assert refused.value.code.endswith(".empty")
        assert "is empty; " in refused.value.message
