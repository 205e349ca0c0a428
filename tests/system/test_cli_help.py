"""The help of every command, as shown on an 80-column terminal."""

from __future__ import annotations

from collections.abc import Iterator

from tests.system.command import run


def helps() -> Iterator[tuple[list[str], list[str]]]:
    """Every command, and the lines of its help."""
    commands: list[list[str]] = [[]]
    while commands:
        words = commands.pop()
        text = run(*words, "--help", COLUMNS="80").out
        yield words, text.splitlines()
        if "Commands:" in text:
            listed = text.split("Commands:\n")[1]
            commands += [[*words, line.split()[0]] for line in listed.splitlines() if line.startswith("  ")]


def test_the_help_fits_and_no_sentence_of_it_is_cut_off() -> None:
    seen = 0
    for words, lines in helps():
        seen += 1
        for line in lines[1:]:
            assert len(line) <= 80, (words, line)
            assert not line.endswith("..."), (words, line)
    assert seen > 30


def test_the_help_offers_nothing_that_there_is_not() -> None:
    """Documents can only be kept in the data folder so far; naming another place is an error that says so."""
    assert "--store" not in run("serve", "--help").out
    done = run("serve", "--store", "s3://bucket")
    assert done.status == 2
    assert done.err == (
        "sentlinks: Documents can't be kept in s3://bucket yet, only in the data folder. Leave --store out.\n"
    )
