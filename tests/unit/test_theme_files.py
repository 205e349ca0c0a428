"""The user's own themes: what is wrong with one is said in a sentence, and it isn't used."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import Color as Written
from rich.color import ColorSystem
from textual.theme import BUILTIN_THEMES

from tui.config import load, preferences
from tui.rules.errors import InvalidValue
from tui.ui.other_themes import other_theme
from tui.ui.theme_contrast import MARK, ROW, TEXT, complaints, contrast
from tui.ui.theme_file import read_theme
from tui.ui.tokens import TOKENS, colours

TRUE = 1 << 24


def written(folder: Path, text: str, name: str = "mine") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.toml"
    file.write_text(text)
    return file


def test_what_is_left_out_is_as_in_the_apps_own(tmp_path: Path) -> None:
    written(tmp_path, 'accent = "#55CCAA"\n')
    own = read_theme(tmp_path, "mine")
    assert own.dark
    assert own.colours == {**colours("dark"), "accent": "#55ccaa"}
    written(tmp_path, 'ground = "#ffffff"\n')
    own = read_theme(tmp_path, "mine")
    assert not own.dark
    assert own.colours == {**colours("light"), "ground": "#ffffff"}
    written(tmp_path, 'base = "light"\n')
    assert read_theme(tmp_path, "mine").colours == colours("light")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('tekst = "#ffffff"', "there is no token tekst. Did you mean 'text'?"),
        ('text = "white"', 'text must be a colour like "#24476b".'),
        ("text = 7", 'text must be a colour like "#24476b".'),
        ('text = "#fff"', 'text must be a colour like "#24476b".'),
        ('text = ["#ffffff"]', 'text must be a colour like "#24476b".'),
        ('"a\\u001b[2J" = "#ffffff"', "there is no token a␛[2J."),
        ('base = "grey"', 'base must be "dark" or "light".'),
        ("base = []", 'base must be "dark" or "light".'),
        ("text = ", "it is malformed: "),
        ("x = " + "[" * 5000, "it is malformed: "),
        ("#" * 70_000, "it is too long."),
        ('cursor = "#506070"\ntext = "#9aa0a6"', "text on the cursor's row can hardly be read: 2.4 to 1, at least"),
        ('warn = "#302000"', "warnings on the ground can hardly be read: "),
        ('cursor = "#11161c"', "the cursor's row can hardly be seen: 1 to 1, at least 1.15."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str, why: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(InvalidValue) as refused:
        read_theme(tmp_path, "mine")
    message = refused.value.message
    assert message.startswith(f"The theme {file} isn't used: {why}")
    assert "\n" not in message


def test_a_file_that_others_can_change_and_none(tmp_path: Path) -> None:
    """S38."""
    with pytest.raises(InvalidValue, match="isn't used: No such file or directory"):
        read_theme(tmp_path, "mine")
    written(tmp_path, "").chmod(0o666)
    with pytest.raises(InvalidValue, match="chmod go-w"):
        read_theme(tmp_path, "mine")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(InvalidValue, match="Is a directory"):
        read_theme(tmp_path, "folder")
    (tmp_path / "text.toml").write_bytes(b"text = '\xff'")
    with pytest.raises(InvalidValue, match="it is malformed"):
        read_theme(tmp_path, "text")


def test_a_contrast_is_never_rounded_up() -> None:
    barely = {
        **colours("dark"),
        "ground": "#000000",
        "panel": "#000000",
        "cursor": "#24476b",
        "key": "#747474",
    }
    assert 4.4 < contrast("#747474", "#000000") < 4.5
    assert "Keys on the ground can hardly be read: 4.4 to 1, at least 4.5." in complaints(barely)


# ---------------------------------------------------------------- the configuration


def named(home: Path, text: str) -> str:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(text)
    return preferences.of(load({"SENTLINKS_HOME": str(home)})).theme


def test_the_configuration_names_any_of_them(tmp_path: Path) -> None:
    written(tmp_path / "themes", "", "mine")
    written(tmp_path / "themes", "", "dark")
    assert named(tmp_path, "") == "auto"
    for name in ("dark", "nord", "mine"):
        assert named(tmp_path, f'theme = "{name}"') == name
    assert preferences.own_themes(tmp_path / "themes") == ["mine"]
    assert preferences.own_themes(tmp_path / "nowhere") == []
    assert preferences.own_themes(None) == []
    for wrong in ("mien", "../config", "mine.toml", ""):
        if wrong:
            with pytest.raises(InvalidValue, match="must be one of auto, dark"):
                named(tmp_path, f'theme = "{wrong}"')
    with pytest.raises(InvalidValue, match="Did you mean 'nord'"):
        named(tmp_path, 'theme = "nrod"')


# ---------------------------------------------------------------- Textual's own


def test_all_of_textuals_are_known() -> None:
    """Besides those that use the terminal's own colours: the app has these itself."""
    assert set(preferences.TEXTUAL_THEMES) == {
        name for name, theme in BUILTIN_THEMES.items() if not theme.ansi
    }


@pytest.mark.parametrize("count", [TRUE, 256])
@pytest.mark.parametrize("name", preferences.TEXTUAL_THEMES)
def test_everything_can_be_read_in_them(name: str, count: int) -> None:
    theme = other_theme(name, None, count)
    found = {token: theme.variables[token] for token in TOKENS}
    if count == 256:
        found = {token: _shown(colour) for token, colour in found.items()}
    assert complaints(found) == []
    assert len({found["text"], found["quiet"], found["bad"]}) == 3
    assert theme.dark is BUILTIN_THEMES[name].dark


def _shown(colour: str) -> str:
    from tui.ui.theme_256 import xterm_colour

    number = Written.parse(colour).downgrade(ColorSystem.EIGHT_BIT).number
    assert number is not None
    assert number >= 16
    return xterm_colour(number)


def test_the_least_contrasts() -> None:
    assert (TEXT, MARK) == (4.5, 3.0)
    assert ROW > 1
