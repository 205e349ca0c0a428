"""Recordings: what they show is what the screen showed, whenever it did."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

from tests.support.terminal.emulated import EmulatedScreen
from tests.support.terminal.tours import own_script
from tui.rules.errors import Failed, InvalidValue
from tui.tour.bar import bar
from tui.tour.frames import Row, ScreenFrame, Shot, StyledText, TextLook, joined, text_of
from tui.tour.recording import Recording, check_target

import pyte  # isort: skip

SVG = "{http://www.w3.org/2000/svg}"
RED, BLUE = TextLook("#ff0000", "#102030", bold=True), TextLook("4", "", reverse=True)


def row(*runs: tuple[str, TextLook], columns: int = 20) -> Row:
    used = sum(len(text) for text, _ in runs)
    return joined(
        [
            *(StyledText(text, look, len(text)) for text, look in runs),
            StyledText(" " * (columns - used), TextLook(), columns - used),
        ]
    )


def frame(*rows: Row, columns: int = 20, high: int = 4) -> ScreenFrame:
    blank = row(columns=columns)
    return ScreenFrame(columns, (*rows, *[blank] * (high - len(rows))))


def recorded(*moments: tuple[float, ScreenFrame]) -> Recording:
    recording = Recording()
    for at, each in moments:
        recording.add(each, at)
    return recording


MOMENTS = (
    (100.0, frame(row(("one", RED)))),
    (100.5, frame(row(("one", RED)))),
    (101.0, frame(row(("one", RED), (" two", TextLook())), row(("<&>", BLUE)))),
    (103.25, frame(row(("three", TextLook("#00ff00", italic=True, dim=True, underline=True, strike=True))))),
)


def events(content: bytes) -> tuple[dict[str, object], list[tuple[float, str, str]]]:
    head, *rest = [json.loads(line) for line in content.decode().splitlines()]
    return head, [(at, kind, data) for at, kind, data in rest]


def test_equal_frames_are_kept_once() -> None:
    shots = recorded(*MOMENTS).shots
    assert [shot.at for shot in shots] == [0.0, 1.0, 3.25]
    assert shots[0].frame.rows[1] is shots[1].frame.rows[2]


def test_a_cast_plays_what_was_shown() -> None:
    head, found = events(recorded(*MOMENTS).content(".cast", "A tour", light=False))
    assert (head["version"], head["width"], head["height"], head["title"]) == (2, 20, 4, "A tour")
    assert [at for at, _, _ in found] == [0.0, 1.0, 3.25, 7.25]
    model = EmulatedScreen(20, 4)
    stream = pyte.Stream(model)
    for (_, kind, data), (_, expected) in zip(found, (MOMENTS[0], *MOMENTS[2:]), strict=False):
        assert kind == "o"
        stream.feed(data)
        assert [model.row(y) for y in range(4)] == [text_of(each) for each in expected.rows]
    assert (model.buffer[0][0].fg, model.buffer[0][0].italics) == ("00ff00", True)


def test_random_frames_are_played_as_they_were() -> None:
    random = Random(7)
    looks = [RED, BLUE, TextLook(), TextLook("", "#333333"), TextLook("12", "3")]

    def some_row() -> Row:
        cells = [("ab─ │x"[random.randrange(6)], random.choice(looks)) for _ in range(30)]
        return row(*cells, columns=30)

    frames = [frame(*(some_row() for _ in range(6)), columns=30, high=6) for _ in range(20)]
    shown = recorded(*((float(at), each) for at, each in enumerate(frames)))
    model = EmulatedScreen(30, 6)
    stream = pyte.Stream(model)
    _, found = events(shown.content(".cast", "", light=False))
    for (_, _, data), expected in zip(found, frames, strict=False):
        stream.feed(data)
        assert [model.row(y) for y in range(6)] == [text_of(each) for each in expected.rows]


def test_a_cast_tells_when_the_terminal_was_resized() -> None:
    larger = frame(row(("x", RED), columns=30), columns=30, high=6)
    _, found = events(recorded(MOMENTS[0], (102.0, larger)).content(".cast", "", light=False))
    assert [(at, kind) for at, kind, _ in found] == [(0.0, "o"), (2.0, "r"), (2.0, "o"), (6.0, "o")]
    assert found[1][2] == "30x6"


def visible_at(root: ElementTree.Element, seconds: float) -> list[tuple[int, str]]:
    """What an SVG shows at a time: the text of each row, by its place."""
    rows = {each.get("id"): "".join(each.itertext()) for each in root.iter(f"{SVG}g") if each.get("id")}
    shown = []
    for use in root.iter(f"{SVG}use"):
        animate = use.find(f"{SVG}animate")
        if animate is not None:
            assert (animate.get("calcMode"), animate.get("repeatCount")) == ("discrete", "indefinite")
            length = float((animate.get("dur") or "").removesuffix("s"))
            times = [float(each) * length for each in (animate.get("keyTimes") or "").split(";")]
            values = (animate.get("values") or "").split(";")
            assert (len(times), times[0]) == (len(values), 0)
            index = max(at for at, time in enumerate(times) if time <= seconds + 0.001)
            if values[index] == "hidden":
                continue
        shown.append((int(use.get("y") or 0), rows[(use.get("href") or "").removeprefix("#")]))
    return sorted(shown)


def test_a_picture_moves_as_the_screen_did() -> None:
    root = ElementTree.fromstring(recorded(*MOMENTS).content(".svg", "A <tour>", light=False))
    assert root.findtext(f"{SVG}title") == "A <tour>"
    assert [text for _, text in visible_at(root, 0.5)] == ["one"]
    assert [text for _, text in visible_at(root, 1.5)] == ["onetwo", "<&>"]
    assert [text for _, text in visible_at(root, 6.0)] == ["three"]


def test_what_animates_nothing_shows_the_frame_that_stood_longest() -> None:
    root = ElementTree.fromstring(recorded(*MOMENTS).content(".svg", "", light=False))
    rows = {each.get("id"): "".join(each.itertext()) for each in root.iter(f"{SVG}g") if each.get("id")}
    still = [
        rows[(use.get("href") or "")[1:]]
        for use in root.iter(f"{SVG}use")
        if use.get("visibility") != "hidden"
    ]
    assert still == ["three"]


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    content = recorded(*MOMENTS).content(".svg", "", light=True).decode()
    assert not any(each in content for each in ("<script", "@font-face", "@import", "url("))
    for element in ElementTree.fromstring(content).iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name or value.startswith("#")


def test_own_colours_are_those_of_a_light_or_dark_terminal() -> None:
    shot = recorded((0.0, frame(row(("x", TextLook())))))
    assert b'fill="#fbfbfa"' in shot.content(".svg", "", light=True)
    assert b'fill="#11161c"' in shot.content(".svg", "", light=False)


def test_one_frame_does_not_move() -> None:
    assert b"animate" not in recorded(MOMENTS[0]).content(".svg", "", light=False)


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("suffix", ["cast", "svg", "SVG"])
def test_it_is_written_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"tour.{suffix}"
    check_target(path)
    recorded(*MOMENTS).write(path, "A tour", light=False)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes().startswith(b"{" if suffix == "cast" else b"<svg")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tour.gif", "A recording's name ends in .cast or .svg, unlike {folder}/tour.gif."),
        ("tour", "A recording's name ends in .cast or .svg, unlike {folder}/tour."),
        ("there.svg", "{folder}/there.svg exists already; give the recording another name."),
        ("dangling.svg", "{folder}/dangling.svg exists already; give the recording another name."),
        ("none/tour.svg", "The folder for {folder}/none/tour.svg doesn't exist; create it first."),
        ("there.svg/tour.svg", "The folder for {folder}/there.svg/tour.svg doesn't exist; create it first."),
    ],
)
def test_where_it_cannot_be_written_is_said_before(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "there.svg").write_text("mine")
    (tmp_path / "dangling.svg").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InvalidValue) as caught:
        check_target(tmp_path / name)
    assert caught.value.message == said.format(folder=tmp_path)


def test_a_folder_that_takes_no_files_is_said_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InvalidValue, match="You can't write to"):
        check_target(tmp_path / "tour.svg")


def test_what_is_there_by_then_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "tour.svg"
    path.write_text("mine")
    with pytest.raises(Failed) as caught:
        recorded(*MOMENTS).write(path, "", light=False)
    assert caught.value.message == f"The recording {path} can't be written: File exists."
    assert [each.name for each in tmp_path.iterdir()] == ["tour.svg"]
    assert path.read_text() == "mine"
    assert stat.S_ISREG(path.stat().st_mode)


# ---------------------------------------------------------------- the bar


@pytest.mark.parametrize("columns", [1, 2, 10, 40, 80, 300])
def test_the_bar_is_as_wide_as_the_terminal(columns: int) -> None:
    lines = bar("Two words \x1b[31m契約", ("Recipient", "契約" * 90), 3, 12, columns)
    shown = [joined([StyledText(text, TextLook(), 0) for text, _, _ in line]) for line in lines]
    from rich.cells import cell_len

    assert [cell_len("".join(run.text for run in each)) for each in shown] == [columns] * 4
    assert "\x1b" not in "".join(text for line in lines for text, _, _ in line)


def test_a_shot_of_the_tour_knows_its_steps() -> None:
    assert len(own_script().steps) > 10
    assert Shot(0.0, MOMENTS[0][1]).frame.columns == 20
