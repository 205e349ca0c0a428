"""The keys that the driver makes of what it reads, on a simulated clock."""

from __future__ import annotations

import os
import select
import threading
from typing import Any

import pytest
from textual import events

from tui.terminal.frame import FRAME
from tui.ui.textual_patches.linux_driver import SentlinksDriver

REPLIES = [
    b"\x1b]11;rgb:1010/1515/1c1c\x1b\\",
    b"\x1b]52;c;aGVsbG8=\x07",
    b"\x1b[?62;22c",
    b"\x1b[>0;276;0c",
    b"\x1bP>|XTerm(380)\x1b\\",
    b"\x1b[?0u",
]
Script = list[tuple[int, bytes]]


class Reading(SentlinksDriver):
    """Reads the bytes of a script, each at its millisecond, and records the keys."""

    def __init__(self, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
        self._wake = None
        self.exit_event = threading.Event()
        self.fileno, self._theirs = os.pipe()
        self._script = script
        self._now = 0.0
        self.keys: list[str] = []
        self.heard: list[str] = []
        self.pasted: list[str] = []
        monkeypatch.setattr(select, "select", self._select)

    def _select(
        self, read: list[int], write: list[int], other: list[int], timeout: float | None = None
    ) -> Any:
        if not self._script and timeout is None:
            self.exit_event.set()
            return [], [], []
        if self._script and (timeout is None or self._script[0][0] / 1000 <= self._now + timeout):
            at, data = self._script.pop(0)
            self._now = max(self._now, at / 1000)
            os.write(self._theirs, data)
            return [self.fileno], [], []
        self._now += timeout or 0
        return [], [], []

    def process_message(self, message: Any) -> None:
        if isinstance(message, events.Key):
            self.keys.append(message.key)
        elif isinstance(message, events.Paste):
            self.pasted.append(message.text)

    def _on_reply(self, reply: str) -> None:
        self.heard.append(reply)

    def run(self) -> list[str]:
        self.run_input_thread()
        os.close(self.fileno)
        os.close(self._theirs)
        return self.keys


@pytest.fixture(autouse=True)
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_CONNECTION", "SSH_TTY", "ESCDELAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("script", "keys"),
    [
        ([(0, b"\x1b[A")], ["up"]),
        ([(0, b"\x1b"), (40, b"[A")], ["up"]),
        ([(0, b"\x1b["), (40, b"B")], ["down"]),
        ([(0, b"\x1b")], ["escape"]),
        ([(0, b"a\x1b"), (200, b"b")], ["a", "escape", "b"]),
        ([(0, b"\x1b"), (400, b"\x1b[A")], ["escape", "up"]),
        ([(0, b"\x1b\x1b[A")], ["alt+up"]),
        ([(0, b"\x1b\x1b[B\x1b\x1b[A")], ["alt+down", "alt+up"]),
        ([(0, b"\x1b\x1bOA")], ["alt+up"]),
        ([(0, b"\x1b[1;3A")], ["alt+up"]),
        ([(0, b"\x1b\x1b"), (30, b"[B")], ["alt+down"]),
        # UTF-8 in two pieces.
        ([(0, "é".encode()[:1]), (10, "é".encode()[1:])], ["é"]),
    ],
)
def test_escape_and_arrows(script: Script, keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert [_plain(key) for key in Reading(script, monkeypatch).run()] == keys


def _plain(key: str) -> str:
    return "é" if key == "latin_small_letter_e_with_acute" else key


def test_over_ssh_the_parts_of_an_arrow_may_be_far_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    assert Reading([(0, b"\x1b"), (150, b"[A")], monkeypatch).run() == ["up"]


def test_here_they_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Reading([(0, b"\x1b"), (150, b"A")], monkeypatch).run()[0] == "escape"


@pytest.mark.parametrize("delay", [0, 45])
@pytest.mark.parametrize("reply", REPLIES)
def test_no_reply_arrives_as_keys_wherever_it_is_cut(
    reply: bytes, delay: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cut in range(1, len(reply)):
        reading = Reading([(0, b"a" + reply[:cut]), (delay, reply[cut:] + b"b")], monkeypatch)
        assert reading.run() == ["a", "b"], f"cut at {cut}"
        assert [text.encode() for text in reading.heard] == [reply]


def test_replies_in_single_bytes_between_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"x" + b"".join(REPLIES) + b"y"
    script = [(index * 20, bytes([byte])) for index, byte in enumerate(text)]
    reading = Reading(script, monkeypatch)
    assert reading.run() == ["x", "y"]
    assert [reply.encode() for reply in reading.heard] == REPLIES


def test_what_was_typed_before_the_driver_began_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FRAME, "_received", b"j\x1b]11;rgb:ffff/ffff/ffff\x07k\x1b")
    reading = Reading([(20, b"[A"), (30, b"q")], monkeypatch)
    assert reading.run() == ["j", "k", "up", "q"]
    assert len(reading.heard) == 1
    assert FRAME.take_input() == b""


PASTE = b"\x1b[200~delete all\x1b[201~"


@pytest.mark.parametrize("apart", [10, 300, 900])
@pytest.mark.parametrize("cut", range(2, len(PASTE)))
def test_a_paste_in_two_pieces_is_one_paste(cut: int, apart: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No part of it becomes a key, wherever the connection stalls, and what is typed after it is not lost."""
    reading = Reading([(0, PASTE[:cut]), (apart, PASTE[cut:]), (3000, b"j")], monkeypatch)
    assert reading.run() == ["j"]
    assert reading.pasted == ["delete all"]


def test_a_paste_that_is_broken_off_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading([(0, PASTE[:-3]), (5000, b"j"), (5001, b"k")], monkeypatch)
    assert reading.run()[-2:] == ["j", "k"]
    assert [text.startswith("delete all") for text in reading.pasted] == [True]


@pytest.mark.parametrize("reply", ["\x1b]x\x07", "\x1bPx\x1b\\", "\x1b[?1c", "\x1b[>0;276;0c"])
@pytest.mark.parametrize("at", range(1, len("\x1b[201~")))
def test_no_reply_within_a_paste_makes_its_end(reply: str, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals take the mark of the end out of what is pasted, so it must not come about here; nor is what is pasted
    an answer of the terminal."""
    end = "\x1b[201~"
    paste = f"\x1b[200~a{end[:at]}{reply}{end[at:]}q\nq{end}".encode()
    for cut in range(7, len(paste)):
        reading = Reading([(0, paste[:cut]), (300, paste[cut:]), (3000, b"j")], monkeypatch)
        assert reading.run() == ["j"]
        assert len(reading.pasted) == 1
        assert not reading.heard


@pytest.mark.parametrize("control", ["\x1b", "\x1b\x1b", "\x00", "\x03", "\x7f", "\x9b"])
@pytest.mark.parametrize("behind", ["#q", "[31mq", "[A", "OP", "]0;q", "[20"])
def test_no_key_is_hidden_in_what_is_pasted(
    control: str, behind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"a{control}{behind}\nq"
    paste = f"\x1b[200~{text}\x1b[201~".encode()
    cut = paste.index(behind.encode(), len("\x1b[200~"))
    for pieces in ([(0, paste)], [(0, paste[:cut]), (300, paste[cut:])]):
        reading = Reading([*pieces, (3000, b"j")], monkeypatch)
        assert reading.run() == ["j"]
        assert reading.pasted == [f"a{behind}\nq"]


def test_a_size_that_no_terminal_has_is_not_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the terminal doesn't know its size, ``COLUMNS`` counts, which may hold anything."""
    reading = Reading([], monkeypatch)
    with open(os.devnull) as nothing:
        reading._file = nothing
        for columns, rows, expected in (("99999999", "99999999", (1000, 500)), ("90", "30", (90, 30))):
            monkeypatch.setenv("COLUMNS", columns)
            monkeypatch.setenv("LINES", rows)
            assert reading._get_terminal_size() == expected
