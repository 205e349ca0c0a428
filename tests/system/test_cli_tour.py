"""``sentlinks demo --tour``: played in a terminal, and recorded; each bad end is one sentence, and leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.checks.long import few, more
from tests.support.terminal.terminal import Sentlinks
from tests.system.command import run
from tests.system.test_cli_demo import assert_gone, environment

SHORT = """
title = "Choosing"

[[step]]
caption = "The first step."
until = ["Cap Table after Completion.xlsx", "Brightmere"]

[[step]]
caption = "Then one is selected."
press = "j space"
until = "1 selected"

[[step]]
caption = "That was it."
"""
TOUR = ["demo", "--tour"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where temporary folders are created; short, since a socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="sl-") as name:
        yield Path(name)


@pytest.fixture
def short(tmp_path: Path) -> Path:
    path = tmp_path / "short.toml"
    path.write_text(SHORT)
    return path


def surroundings(folder: Path) -> Mapping[str, str]:
    return {**environment(folder), "LANG": "C.UTF-8", "COLORTERM": "truecolor"}


def hurried(terminal: Sentlinks) -> int:
    """Presses space until the tour is over."""
    while terminal.process.poll() is None:
        terminal.during(0.3)
        if terminal.process.poll() is None:
            terminal.type(" ")
    return terminal.wait()


@few(1)
@pytest.mark.parametrize("suffix", ["cast", "svg"])
def test_a_tour_of_ones_own_is_played_and_recorded(
    folder: Path, short: Path, tmp_path: Path, suffix: str
) -> None:
    target = tmp_path / f"mine.{suffix}"
    with Sentlinks([*TOUR, str(short), "--record", str(target)], surroundings(folder), 90, 26) as terminal:
        terminal.wait_for("The first step.")
        terminal.wait_for("Tour 1/3")
        terminal.wait_for("space goes on · q ends")
        terminal.type(" ")
        terminal.wait_for("Then one is selected.")
        terminal.type("d")
        terminal.wait_for("1 selected")
        assert hurried(terminal) == 0
        assert f"Recorded as {target}" in terminal.text.replace("\n", "")
    assert_gone(folder)
    content = target.read_text()
    if suffix == "svg":
        assert ElementTree.fromstring(content).tag.endswith("svg")
        assert "Then one is selected." in content
        return
    head, *events = [json.loads(line) for line in content.splitlines()]
    assert (head["version"], head["width"], head["height"], head["title"]) == (2, 90, 26, "Choosing")
    assert [at for at, _, _ in events] == sorted(at for at, _, _ in events)
    # A player that runs in a terminal must not be asked anything by what it plays.
    assert not any(query in data for _, _, data in events for query in ("\x1b[c", "\x1b]", "$p", "\x1b[?u"))


@more
def test_without_a_recording_it_says_how_to_go_on(folder: Path, short: Path) -> None:
    with Sentlinks([*TOUR, str(short)], surroundings(folder)) as terminal:
        terminal.wait_for("The first step.")
        assert hurried(terminal) == 0
        assert "That was the tour. To try it yourself: sentlinks demo" in terminal.text
    assert_gone(folder)


@few(1)
@pytest.mark.parametrize(("key", "status"), [("q", 1), ("\x03", 1), ("\x1b", 1), ("term", 143), ("int", 130)])
def test_ended_midway_it_leaves_no_recording(folder: Path, tmp_path: Path, key: str, status: int) -> None:
    target = tmp_path / "tour.svg"
    numbers = {"term": signal.SIGTERM, "int": signal.SIGINT}
    with Sentlinks([*TOUR, "--record", str(target)], surroundings(folder)) as terminal:
        terminal.wait_for("Cap Table")
        terminal.wait_for("Tour 1/")
        if key in numbers:
            terminal.process.send_signal(numbers[key])
        else:
            terminal.type(key)
        assert terminal.wait() == status
        text = " ".join(terminal.text.split())
        assert "sentlinks: The tour was ended before its last step, so" in text
        assert text.count("sentlinks:") == 1
    assert list(tmp_path.iterdir()) == []
    assert_gone(folder)


@more
def test_ended_midway_without_a_recording_nothing_is_said(folder: Path) -> None:
    with Sentlinks(TOUR, surroundings(folder)) as terminal:
        terminal.wait_for("Tour 1/")
        terminal.type("q")
        assert terminal.wait() == 0
        assert "sentlinks:" not in terminal.text


def test_a_tour_that_cannot_go_on_says_where(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text('[[step]]\ncaption = "A link."\nrecipient = "open"\ndocument = "Offer.pdf"\nuntil = "x"\n')
    target = tmp_path / "mine.cast"
    with Sentlinks([*TOUR, str(own), "--record", str(target)], surroundings(folder), 120) as terminal:
        terminal.wait_for("A link.")
        terminal.wait_for("Cap Table")
        assert hurried(terminal) == 1
        said = "The tour stopped at step 1, line 1 of mine.toml: no document called “Offer.pdf” was sent."
        assert f"sentlinks: {said}" in terminal.text
    assert not target.exists()


def test_too_small_a_terminal_is_told(folder: Path) -> None:
    with Sentlinks(TOUR, surroundings(folder), 59, 30) as terminal:
        assert terminal.wait() == 2
        said = terminal.text.replace("\n", "")
        assert said == "sentlinks: The tour needs a terminal of 60 × 20 or more; this one has 59 × 30."
    assert list(folder.iterdir()) == []


@few(3)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--record", "{at}/tour.gif", "--tour"], "A recording's name ends in .cast or .svg, unlike {at}/tour.gif."),
        (["--tour", "--record", "{at}/there.svg"], "{at}/there.svg exists already; give the recording another name."),
        (
            ["--tour", "--record", "{at}/none/tour.svg"],
            "The folder for {at}/none/tour.svg doesn't exist; create it first.",
        ),
        (["--tour", "--record", ""], "The path of '--record' is empty; name a file or a folder."),
        (["--tour", ""], "The path of '--tour' is empty; name a file or a folder."),
        (["--record", "{at}/tour.svg"], "--record works only with --tour. See: sentlinks demo --help"),
        (["--tour", "{at}/none.toml"], "The tour {at}/none.toml can't be read: No such file or directory."),
        (["--tour", "{at}"], "The tour {at} can't be read: Is a directory."),
        (["--tour", "{at}/bad.toml"], "The tour bad.toml, line 2: a step has no field prss. Did you mean 'press'?"),
        (["--tour"], "No terminal. The tour is played on one, also when it is recorded."),
        (
            ["--tour", "--record", "{at}/tour.svg"],
            "No terminal. The tour is played on one, also when it is recorded.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anything_begins(
    folder: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "there.svg").write_text("mine")
    (tmp_path / "bad.toml").write_text("[[step]]\nprss = 's'\n")
    before = sorted(os.listdir(tmp_path))
    done = run("demo", *(each.format(at=tmp_path) for each in arguments), **environment(folder))
    assert (done.status, done.out) == (2, "")
    assert done.err == f"sentlinks: {said.format(at=tmp_path)}\n"
    assert sorted(os.listdir(tmp_path)) == before
    assert list(folder.iterdir()) == []
