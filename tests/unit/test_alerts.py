"""What the terminal is told: a title and an alert, whatever a document is called and whatever the terminal is in."""

from __future__ import annotations

import re

import pytest

from tui.config.preferences import ALERTS
from tui.terminal.alerts import alert, titled, untitled
from tui.terminal.capabilities import Multiplexer, takes_osc52

HOSTILE = "4;1;50\x1b\\\x1b]52;c;eA==\x07\x9c\n\u202e;x"


def test_the_title_is_saved_once_and_given_back() -> None:
    assert titled("(3) Secure Sent Links", first=True) == "\x1b[22;2t\x1b]2;(3) Secure Sent Links\x07"
    assert titled("(4) Secure Sent Links", first=False) == "\x1b]2;(4) Secure Sent Links\x07"
    assert untitled() == "\x1b]2;\x07\x1b[23;2t"


def test_ways() -> None:
    assert alert("x", "off", None) == ""
    assert alert("x", "bell", Multiplexer.TMUX) == "\x07"
    assert alert("x", "osc9", None) == "\x1b]9;Secure Sent Links: x\x1b\\"
    assert alert("x", "osc777", Multiplexer.NONE) == "\x1b]777;notify;Secure Sent Links;x\x1b\\"
    assert alert("x", "osc99", None).endswith(";x\x1b\\")
    for way in ALERTS[2:]:
        assert alert("x", way, Multiplexer.TMUX).startswith("\x1bPtmux;\x1b\x1b]")
        assert alert("x", way, Multiplexer.SCREEN).startswith("\x1bP\x1b]")


@pytest.mark.parametrize("way", ALERTS[2:])
def test_a_name_ends_no_sequence_and_begins_none(way: str) -> None:
    """A sequence has one end, and semicolons and numbers of names mean nothing in it (OSC 9;4 is progress)."""
    for piece in alert(HOSTILE, way, None).split("\x1b\\")[:-1]:
        assert re.fullmatch(r"\x1b\](?:9|777|99);[^\x00-\x1f\x7f-\x9f]*", piece)
    body = alert(HOSTILE, way, None).split("\x1b\\")[-2].removeprefix("\x1b]")
    assert body.count(";") == {"osc9": 1, "osc777": 3, "osc99": 2}[way]


def test_a_title_is_one_line_and_not_long() -> None:
    title = titled(HOSTILE * 50, first=False)
    assert re.fullmatch(r"\x1b\]2;[^\x00-\x1f\x7f-\x9f]{1,80}\x07", title)


@pytest.mark.parametrize(
    ("kind", "takes"), [("xterm-256color", True), ("linux", False), ("vt100", False), ("dumb", False)]
)
def test_basic_terminals_are_told_nothing(kind: str, takes: bool) -> None:
    assert takes_osc52({"TERM": kind}) is takes
