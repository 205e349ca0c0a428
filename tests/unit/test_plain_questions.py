"""Questions on a plain terminal: wrong answers are told in a sentence, and asked again."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from tui.cli.base import progress
from tui.cli.base.progress import PLAIN_SECONDS, SpokenProgress
from tui.cli.plain.asking import PAGE, Questions
from tui.rules.errors import Failed, InvalidValue
from tui.terminal.plain import is_plain_terminal

Typed = Callable[[str], None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    def type_(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return type_


@pytest.fixture
def questions() -> Questions:
    return Questions("Nothing was sent.")


def test_a_choice(questions: Questions, typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    typed("4\n0\nx\x1b[2J\n²\n\n")
    assert questions.choice("Where?", ["Here", "There", "Nowhere"]) == 0
    asked = "Number, or Enter for 1: "
    wrong = [f"There is no “{text}” here. Type a number from 1 to 3." for text in ("4", "0", "x␛[2J", "²")]
    assert capsys.readouterr().err == "\n".join(
        ["Where?", "1. Here", "2. There", "3. Nowhere", *(f"{asked}{each}" for each in wrong), asked]
    )
    typed("3\n")
    assert questions.choice("Where?", ["Here", "There", "Nowhere"]) == 2


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("2\n", [1]),
        ("3, 1\n", [2, 0]),
        ("2-4\n", [1, 2, 3]),
        ("1 3\n", [0, 2]),
        ("1,1, 1-2,\n", [0, 1]),
        ("5-4\n3\n", [2]),
    ],
)
def test_some_by_their_numbers(questions: Questions, typed: Typed, text: str, chosen: list[int]) -> None:
    typed(text)
    assert questions.some("Which?", list("abcde")) == chosen


@pytest.mark.parametrize("text", ["9", "0", "1-9", "1--2", "-", "-1", ",", "2-", "99999999999"])
def test_some_by_wrong_numbers(
    questions: Questions, typed: Typed, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    typed(f"{text}\n1\n")
    assert questions.some("Which?", list("abc")) == [0]
    told = capsys.readouterr().err
    assert told.count("Numbers with commas") == 2
    assert any(words in told for words in ("There is no", "Can't read", "Type a number"))


def test_many_are_read_out_a_page_at_a_time_and_found_by_name(
    questions: Questions, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"Document {number}.pdf" for number in range(1, 301)]
    typed("\nUMENT 29\nnothing\n295\n")
    assert questions.some("Which?", names) == [294]
    lines = capsys.readouterr().err.splitlines()
    assert lines[: PAGE + 2] == [
        "Which?",
        *(f"{n}. Document {n}.pdf" for n in range(1, PAGE + 1)),
        "280 more.",
    ]
    asked = "Numbers with commas, a part of a name, or Enter for more: "
    assert lines[PAGE + 2 : PAGE + 4] == [f"{asked}21. Document 21.pdf", "22. Document 22.pdf"]
    found = next(i for i, line in enumerate(lines) if line.endswith("With “UMENT 29”:"))
    assert lines[found + 1 : found + 5 : 3] == ["29. Document 29.pdf", "290. Document 290.pdf"]
    assert lines[found + 14].endswith("None has “nothing” in its name.")


def test_an_empty_answer_at_the_end(questions: Questions, typed: Typed) -> None:
    typed("\n\n2\n")
    assert questions.some("Which?", ["a", "b"]) == [1]
    typed("\n")
    assert questions.some("Which?", ["a", "b"], nothing="Enter for none") == []


def test_a_name_cannot_make_lines(
    questions: Questions, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("1\n")
    questions.some("Which?", ["a\n2. b\r\x1b[2J\u202e"])
    told = capsys.readouterr().err
    assert told.count("\n") == 2
    assert not set("\r\x1b\u202e") & set(told)


def test_yes_and_no(questions: Questions, typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    typed("perhaps\nY\n")
    questions.agreed("Send 2 documents now?")
    assert capsys.readouterr().err == (
        "Send 2 documents now? y or n: Type y for yes, or n for no.\nSend 2 documents now? y or n: "
    )
    typed("no\n")
    with pytest.raises(Failed, match=r"Nothing was sent\."):
        questions.agreed("Send?")


@pytest.mark.parametrize("begun", ["", "an answer without its end"])
def test_the_end_of_the_input(questions: Questions, typed: Typed, begun: str) -> None:
    typed(begun)
    with pytest.raises(Failed, match=r"There is no more input\. Nothing was sent\."):
        questions.line("Who?")


def test_ctrl_c(questions: Questions, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    stdin = io.StringIO()
    monkeypatch.setattr(stdin, "readline", interrupted)
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(KeyboardInterrupt, match=r"Interrupted\. Nothing was sent\."), questions:
        questions.line("Who?")


def test_what_is_wrong_with_an_answer_is_told(
    questions: Questions, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(text: str) -> int:
        if text != "1":
            raise InvalidValue("x", "Type 1.")
        return 1

    typed(" 2\n 1 \n")
    assert questions.checked("What?", read) == 1
    assert capsys.readouterr().err == "What? Type 1.\nWhat? "


def test_progress_is_a_line_each_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    lines = SpokenProgress(lambda: now)
    for second in range(35):
        now = float(second)
        lines.say(lambda second=second: f"{second} % sent")
    assert capsys.readouterr().err.splitlines() == [f"{n * int(PLAIN_SECONDS)} % sent" for n in (1, 2, 3)]
    # Nothing twice: while it waits, it is told once.
    for second in range(40, 100):
        now = float(second)
        lines.say(lambda: "Waiting")
    assert capsys.readouterr().err == "Waiting\n"


def test_a_plain_terminal_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSIBLE", "1")
    assert progress.bar(1, 4) == "25 %"
    assert not progress.is_shown()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("yes", True), ("", False), ("0", False), ("false", False), ("No ", False)],
)
def test_who_wants_a_plain_terminal(value: str, expected: bool) -> None:
    assert is_plain_terminal({"ACCESSIBLE": value}) is expected
    assert not is_plain_terminal({})
