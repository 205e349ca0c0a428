"""All colours on the screens are tokens, and can be read on each other (contrast as WCAG 2 measures it)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color as Written
from rich.color import ColorSystem
from textual.color import Color

import tui.ui
from tui.ui.theme import THEMES
from tui.ui.theme_256 import xterm_colour
from tui.ui.tokens import LOOKS, STYLES, TOKENS, colours, number_of, text_styles

TEXT, MARK = 4.5, 3.0
#: What is read, and what is only seen.
WORDS, MARKS = ("text", "quiet", "accent", "warn", "bad", "key"), ("accent", "warn", "bad", "key")
IN_256 = [look for look in LOOKS if look.endswith(" of 256")]
#: The looks that say themselves which colours they have.
OWN = [look for look in LOOKS if colours(look)["text"].startswith("#")]

_SCREENS = Path(next(iter(tui.ui.__path__)))
_DECLARED = re.compile(
    r"(?<![\w-])((?:[a-z-]+-)?color|background|border(?:-[a-z]+)?|(?:background-)?tint): ([^;\n]*);"
)
_VARIABLE = re.compile(r"\$([a-z][a-z0-9-]*)")
#: Kinds of borders, and what leaves a colour as it is.
_NO_COLOUR = {"none", "round", "solid", "blank", "transparent", "!important"}
#: Styles that Rich is given as text or by name.
_RICH = re.compile(r"""\bstyle=f?"([^"]*)"|\b(?:bg)?color="([^"]*)"|\bStyle\.parse\("([^"]*)"\)""")
_ATTRIBUTES = {"bold", "dim", "italic", "underline", "reverse", "not", "none", ""}
#: A code for cameras, which is dark on light in each theme.
_CODE = "white on black"


#: Where tokens are told, and what is needed of the styles of Textual, which are in its own words.
_NOT_OURS = ("tokens.py", "theme.py", "theme_256.py", "sheet.py")


def sources() -> Iterator[tuple[str, str]]:
    """The name and the text of everything that screens are made of."""
    for path in sorted(_SCREENS.rglob("*")):
        if path.suffix in (".py", ".tcss") and path.name not in _NOT_OURS:
            yield str(path.relative_to(_SCREENS)), path.read_text()


def light(colour: str) -> float:
    parts = (part / 255 for part in Color.parse(colour).rgb)
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def shown(look: str) -> dict[str, str]:
    """The colours of the tokens as the terminal shows them."""
    found = colours(look)
    return {token: xterm_colour(number_of(token, look)) for token in found} if look in IN_256 else found


# ---------------------------------------------------------------- nothing but tokens


def test_styles_name_tokens_only() -> None:
    known = {*TOKENS, *STYLES}
    other = {
        (name, variable)
        for name, text in sources()
        for variable in _VARIABLE.findall(text)
        if variable not in known
    }
    assert other == set()


def test_styles_have_no_colour_of_their_own() -> None:
    found = {
        (name, declaration, value)
        for name, text in sources()
        for declaration, value in _DECLARED.findall(text)
        if not {word for word in value.split() if not word.startswith("$")} <= _NO_COLOUR
    }
    assert found == set()


def test_what_is_drawn_by_hand_has_no_colour_of_its_own() -> None:
    found = {
        (name, style)
        for name, text in sources()
        for styles in _RICH.findall(text)
        for style in styles
        if style != _CODE and not set(style.split()) <= _ATTRIBUTES
    }
    assert found == set()


@pytest.mark.parametrize("look", LOOKS)
def test_a_theme_has_no_colour_but_its_tokens(look: str) -> None:
    """What Textual's widgets call their colours, too; what it blends from others isn't used by any widget here."""
    theme = THEMES[look]
    own = {*colours(look).values(), *text_styles(look).values(), "underline", "reverse"}
    assert set(theme.variables.values()) - own == set()
    base = (theme.primary, theme.secondary, theme.accent, theme.foreground, theme.background, theme.surface)
    assert {*base, theme.panel, theme.boost, theme.success, theme.warning, theme.error} - own == set()


# ---------------------------------------------------------------- contrast


@pytest.mark.parametrize("look", OWN)
def test_everything_can_be_read(look: str) -> None:
    found = shown(look)
    pairs = [(word, ground, TEXT) for word in WORDS for ground in ("ground", "panel")]
    if text_styles(look)["cursor-style"] != "reverse":
        # In reverse, the row under the cursor has the contrast of the others.
        pairs += [("text", "cursor", TEXT), *((mark, "cursor", MARK) for mark in MARKS)]
    assert [(one, other) for one, other, least in pairs if contrast(found[one], found[other]) < least] == []


@pytest.mark.parametrize("look", LOOKS)
def test_tokens_can_be_told_apart(look: str) -> None:
    """By their colours or by their text styles; some of them only need to be in most looks."""
    found, styles = colours(look), text_styles(look)
    looks = {token: (found[token], styles.get(f"{token}-style", "none")) for token in WORDS}
    assert looks["text"] not in {looks[token] for token in WORDS if token != "text"}
    assert looks["bad"] not in {looks[token] for token in WORDS if token != "bad"}
    assert found["cursor"] != found["ground"] or styles["cursor-style"] == "reverse"


@pytest.mark.parametrize("look", IN_256)
def test_each_colour_is_written_as_its_number(look: str) -> None:
    """A terminal with 256 colours receives exactly the numbers in the table."""
    theme = THEMES[look]
    given = {**theme.to_color_system().generate(), **theme.variables}
    written = {
        token: Written.parse(given[token].lower()).downgrade(ColorSystem.EIGHT_BIT).number for token in TOKENS
    }
    assert written == {token: number_of(token, look) for token in TOKENS}
