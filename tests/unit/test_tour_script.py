"""The file of a tour: what is read of it, and the one sentence with its line for whatever is wrong."""

from __future__ import annotations

import tomllib
from itertools import pairwise

import pytest
from rich.cells import cell_len

from tests.support.terminal.tours import OWN_TOUR, own_script
from tui import guides
from tui.commands.keymap import is_key
from tui.rules.errors import InvalidValue
from tui.tour.bar import ROWS, bar
from tui.tour.player import LEAST, playing_seconds
from tui.tour.script import DOWNLOAD, Visit, read_script

WHOLE = """
title = "Two documents"

[[step]]
caption = '''The first
  line.'''
press = "j j  space"
until = ["2 selected", "a   b"]

[[step]]
type = " 7d?"
gone = "Draft"
look = 1.5
picture = "send-2"

[[step]]
caption = "Then."
recipient = "download"
document = "Offer.pdf"
password = "Blue"
"""


def refused(text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(InvalidValue) as caught:
        read_script(content, "mine.toml", is_key)
    assert caught.value.code == "tour.wrong"
    return caught.value.message


def test_steps_are_read() -> None:
    script = read_script(b"\xef\xbb\xbf" + WHOLE.encode(), "mine.toml", is_key)
    assert (script.title, script.origin) == ("Two documents", "mine.toml")
    first, second, third = script.steps
    assert (first.line, first.caption, first.keys) == (4, "The first line.", ("j", "j", "space"))
    assert (first.until, first.typed) == (("2 selected", "a b"), False)
    assert (second.keys, second.typed, second.gone, second.look, second.picture) == (
        tuple(" 7d?"),
        True,
        ("Draft",),
        1.5,
        "send-2",
    )
    assert (third.line, third.visit) == (16, Visit(DOWNLOAD, "Offer.pdf", "Blue"))


STEP = '[[step]]\ncaption = "A"\n'
#: Files, and what is said of each.
WRONG = {
    "": "The tour mine.toml: it has no step; each begins with the line [[step]].",
    "title = 1\n" + STEP: "The tour mine.toml, line 1: the title must be text in quotes.",
    "titel = 'x'\n" + STEP: "The tour mine.toml, line 1: there is nothing called titel. Did you mean 'title'?",
    "step = 3": "The tour mine.toml: it has no step; each begins with the line [[step]].",
    "step = [3]": "The tour mine.toml: a step must be a table: the line [[step]], and below it its fields.",
    "[[step]]\npress = 's'": "The tour mine.toml, line 1: the first step needs a caption.",
    STEP + "[[step]]": "The tour mine.toml, line 3: the step is empty; give it a caption, or something to press or to "
    "wait for.",
    STEP + "\n[[step]]\nprss = 's'": "The tour mine.toml, line 5: a step has no field prss. Did you mean 'press'?",
    STEP + "press = 3": "The tour mine.toml, line 3: press must be text in quotes, or a list of texts.",
    STEP + "until = ['a', '']": "The tour mine.toml, line 3: until must be text in quotes, or a list of texts.",
    STEP + "press = 'j hyper+x'": "The tour mine.toml, line 3: hyper+x is not a key; use one like s, G, space, enter, "
    "ctrl+s or f1.",
    STEP + "type = ''": "The tour mine.toml, line 3: what is typed must be characters; other keys are pressed.",
    STEP + 'type = "a\\tb"': "The tour mine.toml, line 3: what is typed must be characters; other keys are pressed.",
    STEP + "press = 's'\ntype = 'a'": "The tour mine.toml, line 4: a step has either press or type; make two steps of "
    "it.",
    STEP + "recipient = 'eat'": "The tour mine.toml, line 3: a recipient can open or download, not eat.",
    STEP + "recipient = 'open'": "The tour mine.toml, line 3: a step with recipient needs the name of a document, "
    "too.",
    STEP + "password = 'x'": "The tour mine.toml, line 3: password belongs to a step with recipient.",
    STEP + "picture = '../x'": "The tour mine.toml, line 3: a picture's name has only small letters, digits and "
    "hyphens.",
    STEP + "look = true": "The tour mine.toml, line 3: look must be a number of seconds, at most 60.",
    STEP + "look = -1": "The tour mine.toml, line 3: look must be a number of seconds, at most 60.",
    STEP + "look = nan": "The tour mine.toml, line 3: look must be a number of seconds, at most 60.",
    STEP + "look = 61.0": "The tour mine.toml, line 3: look must be a number of seconds, at most 60.",
    "[[step]]\ncaption = '" + "x" * 161 + "'": "The tour mine.toml, line 2: the caption has 161 characters; 160 are "
    "the most.",
    "[[step]]\ncaption = ['x']": "The tour mine.toml, line 2: caption must be text in quotes.",
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG.items())
def test_what_is_wrong_is_said_in_one_sentence_with_its_line(text: str, said: str) -> None:
    assert refused(text) == said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (STEP + "caption = 'twice'", 3),
        (STEP + "press = s", 3),
        (STEP + "press = 's", 3),
        (STEP + "[[step", 3),
    ],
)
def test_what_is_no_toml_is_said_with_its_line(text: str, line: int) -> None:
    said = refused(text)
    assert said.startswith(f"The tour mine.toml, line {line}: it isn't valid TOML: ")
    assert said.endswith(".")
    assert "\n" not in said


def test_what_is_no_text_is_said_with_its_line() -> None:
    assert refused(b"title = 'a'\n\n\xff") == "The tour mine.toml, line 3: it isn't text in UTF-8."
    assert refused(b"#" * 1_000_001) == "The tour mine.toml: it has more than a megabyte, so it isn't a tour."


def test_names_in_the_file_are_printed_harmlessly() -> None:
    assert "\x1b" not in refused(STEP + '"\\u001b[31mred" = 1')


def test_lines_are_left_out_where_steps_are_written_in_another_way() -> None:
    assert refused("step = [{caption = 'A', prss = 's'}]") == (
        "The tour mine.toml: a step has no field prss. Did you mean 'press'?"
    )


# ---------------------------------------------------------------- the program's own


def test_the_programs_own_takes_a_minute_and_a_half() -> None:
    """What the app itself needs comes on top."""
    assert 70 < playing_seconds(own_script()) < 80


@pytest.mark.parametrize("columns", [LEAST[0], 80, 120])
def test_its_captions_fit(columns: int) -> None:
    """And a recipient's page has two lines, from 80 columns on."""
    caption = ""
    for step in own_script().steps:
        caption = step.caption or caption
        whole = caption.replace("`", "").split()
        lines = bar(caption, ("Recipient …", "200: …") if step.visit else (), 1, 1, columns)
        assert len(lines) == ROWS
        shown = " ".join(piece.text for line in lines[1:] for piece in line).split()
        assert shown[: len(whole)] == whole, caption
        if step.visit and columns >= 80:
            assert "200:" in shown, caption


def test_what_goes_off_the_screen_with_the_next_step_is_looked_at() -> None:
    """And what a caption says is shown is seen with it."""
    steps = own_script().steps
    closed = [
        step for step, after in pairwise(steps) if step.keys and after.keys and after.keys[0] == "escape"
    ]
    assert closed
    assert all(step.look or after.caption for step, after in pairwise(steps) if step in closed)
    assert next(step for step in steps if step.keys == ("a",)).look


def test_a_caption_tells_its_keys_from_its_words() -> None:
    line = bar("Then `g s` opens it; `a` is no word.", (), 1, 1, 80)[1]
    assert [piece.text for piece in line if piece.token == "key"] == ["g s", "a"]
    assert all(piece.bold == (piece.token == "key") for piece in line)
    assert "".join(piece.text for piece in line) == f"{' Then g s opens it; a is no word.':80}"
    # Keys that belong together stay together.
    lines = bar("One `g s` two.", (), 1, 1, 8)
    assert ["".join(piece.text for piece in line).strip() for line in lines[1:]] == ["One", "g s", "two."]
    lines = bar("One `a`; two.", (), 1, 1, 8)
    assert ["".join(piece.text for piece in line).strip() for line in lines[1:]] == ["One a;", "two.", ""]
    for caption in ("", "`", "``", "a`", "`a", "wide 文書 `文` x", "x" * 100):
        for columns in range(1, 20):
            for line in bar(caption, ("200: 文書 · there", "x"), 1, 1, columns):
                assert sum(cell_len(piece.text) for piece in line) == columns


def test_what_a_recipient_sees_is_cut_between_its_parts() -> None:
    seen = "200: Enter the password · Password · [ ] · [Download] · This link leads to Offer.pdf."
    for columns, shown in (
        (100, seen),
        (80, "200: Enter the password · Password · [ ] · [Download]"),
        (40, "200: Enter the password · Password"),
        (20, "200: Enter the pa…"),
    ):
        line = bar("Then.", (seen,), 1, 1, columns)[2]
        assert "".join(piece.text for piece in line).strip() == shown


def test_every_field_is_in_the_guide_and_in_use() -> None:
    guide = guides.read("tour")
    data = tomllib.loads(OWN_TOUR.read_text())
    used = {name for step in data["step"] for name in step}
    described = {line.split("`")[1] for line in guide.splitlines() if line.startswith("| `")}
    assert used <= described
    for name in described:
        value = {"recipient": "'open'\ndocument = 'x'", "look": "1"}.get(name, "'open'")
        extra = "recipient = 'open'\n" if name in ("document", "password") else ""
        extra += "document = 'x'\n" if name == "password" else ""
        read_script(
            f"[[step]]\ncaption = 'A'\n[[step]]\n{extra}{name} = {value}".encode(), "x", lambda key: True
        )
