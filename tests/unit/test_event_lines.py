"""What ``sentlinks watch`` prints of an event, whatever a server says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tui.cli.watch.event_lines import fields, show
from tui.clients.events import DocumentEvent

_HOSTILE = "a\x1b[2J\r\n\u202e\u2066\ud800b"
EVENT = DocumentEvent(
    _HOSTILE, "d" * 32, "f1", None, "7", _HOSTILE, _HOSTILE, _HOSTILE, {"percent": 10**30}, _HOSTILE
)


@pytest.mark.parametrize("known", ["delivered", "broken off", _HOSTILE])
def test_a_line_is_harmless(known: str, capsys: pytest.CaptureFixture[str]) -> None:
    """S11."""
    show(replace(EVENT, event=known), json=False, repeated=True)
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert not set("\x1b\r\u202e\u2066") & set(line)
    assert line.endswith(" (may have been shown before)\n")


def test_its_json_is_ascii() -> None:
    text = json.dumps(fields(EVENT))
    assert text.isascii()
    assert json.loads(text)["name"] == _HOSTILE
    assert "repeated" not in json.loads(text)
    assert fields(EVENT, repeated=True)["repeated"] is True
