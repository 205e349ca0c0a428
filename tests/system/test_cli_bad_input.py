"""The error for a wrong command line says what is wrong with it, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.server import ServerProcess
from tests.system.command import Client, run


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["links", "x"], "Got unexpected extra argument (x). See: sentlinks links --help"),
        (
            ["serve", "--port", "x"],
            "Invalid value for '--port': 'x' is not a valid whole number. See: sentlinks serve --help",
        ),
        (["folders"], "Missing command, one of: delete, list, members. See: sentlinks folders --help"),
        (["frobnicate"], "No such command 'frobnicate'. See: sentlinks --help"),
        (["trash", "empty"], "There is no terminal to confirm on. Add --yes."),
        (["send", "a", "--name", "a=x", "--name", "a=y"], "--name is given more often than a appears."),
        (["user", "add", "x", "--password-stdin"], "The password is empty; type one."),
        (
            ["serve", "--host", "no.such.host.invalid", "--port", "0", "--data", "data"],
            "Can't listen on no.such.host.invalid: Name or service not known.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_told(arguments: list[str], told: str, tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.err == f"sentlinks: {told}\n"
    assert done.status == (1 if arguments[0] == "serve" and "--host" in arguments else 2)
    assert done.out == ""


@pytest.mark.parametrize("item", ["ACTIVE!1.99", "NOSUCH!1", "ACTIVE!99999"])
def test_a_document_that_there_is_not_is_named(
    item: str, sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The error names the one of several items that does not exist."""
    client = Client(sample_server.url, sample_server.token, tmp_path)
    client.file("a.txt")
    done = client("send", "a.txt", item)
    assert done.status == 5
    assert item in done.err
