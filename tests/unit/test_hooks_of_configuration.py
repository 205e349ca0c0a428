"""The table ``hooks`` of the configuration: which programs are run for which events (S38)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config import load
from tui.config.hooks import checked_hooks
from tui.rules.errors import Failed, InvalidValue


def hooks(home: Path, text: str, **environ: str) -> object:
    (home / "config.toml").write_text(text)
    return checked_hooks(load({"SENTLINKS_HOME": str(home), **environ}))


def test_one_program_or_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    text = """
[hooks]
delivered = ["notify-send", "Delivered"]
wrong_password = [["/usr/bin/one"], ["~/bin/two", ""]]
"Wrong Password" = ["three"]
broken-off = ["four"]
"""
    assert hooks(tmp_path, text) == {
        "delivered": (("notify-send", "Delivered"),),
        "wrong password": (("/usr/bin/one",), ("/home/anna/bin/two", ""), ("three",)),
        "broken off": (("four",),),
    }
    assert hooks(tmp_path, "") == {}


def test_the_environment_wins(tmp_path: Path) -> None:
    given = 'expired = ["true"]'
    assert hooks(tmp_path, '[hooks]\ndelivered = ["false"]', SENTLINKS_HOOKS=given) == {
        "expired": (("true",),)
    }
    with pytest.raises(InvalidValue, match="SENTLINKS_HOOKS must be a table of events"):
        hooks(tmp_path, "", SENTLINKS_HOOKS="expired = [")


@pytest.mark.parametrize(
    "value",
    ['"notify-send"', "[]", "[[]]", '[""]', "[1]", '["a", 1]', '[["a"], "b"]', '["a", ["b"]]', "true", '["a\\u0000"]',
     '[["a"], []]', "{a = 1}"],
)  # fmt: skip
def test_what_is_no_program_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(InvalidValue, match="must be a program with its arguments"):
        hooks(tmp_path, f"[hooks]\ndelivered = {value}")


def test_an_event_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"There is no event “deliverd”.*'delivered'\?"):
        hooks(tmp_path, '[hooks]\ndeliverd = ["true"]')
    # It happens to accounts, which no stream tells of.
    with pytest.raises(InvalidValue, match="There is no event “signed in”"):
        hooks(tmp_path, '[hooks]\n"signed in" = ["true"]')


def test_a_path_is_whole(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"\./run must be a program's name or its whole path"):
        hooks(tmp_path, '[hooks]\ndelivered = ["./run"]')


def test_from_a_file_that_others_can_change_nothing_is_run(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[hooks]\ndelivered = ["true"]')
    file.chmod(0o666)
    with pytest.raises(Failed, match="chmod go-w"):
        checked_hooks(load({"SENTLINKS_HOME": str(tmp_path)}))
