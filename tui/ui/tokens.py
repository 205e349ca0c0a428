"""The tokens of the screens: the one table of colours and text styles that everything on them is made of.

A style sheet names nothing but tokens (``$quiet``) and their text styles (``$quiet-style``). What Textual's own widgets
name is derived from them in :mod:`.theme`.
"""

from __future__ import annotations

from .theme_256 import written_as

#: The looks, in the order of the columns below.
LOOKS = (
    *("dark", "light", "contrast"),
    *("dark of 256", "light of 256", "contrast of 256"),
    *("16", "16 on dark", "mono"),
)
#: The terminal's own foreground or background.
_OWN = "ansi_default"
#: What each token is for, and its colours: as they are, as the number of a terminal's colour, or one of the sixteen
#: that the terminal itself defines.
#:
#: The numbers aren't always the nearest: rounding turns a dark colour into navy as easily as into grey. On a background
#: that may be light, cyan, green and yellow can't be read; and a bright black is invisible in some palettes, so that
#: quiet is the terminal's own foreground, dimmed.
_COLOURS: dict[str, tuple[str | int, ...]] = {
    # Behind everything.
    "ground": ("#11161c", "#fbfbfa", "#000000", 234, 231, 16, _OWN, _OWN, _OWN),
    # Behind what is typed, and the first and last lines of the screen.
    "panel": ("#171d25", "#f2f3f1", "#000000", 235, 255, 16, _OWN, _OWN, _OWN),
    # Names and values.
    "text": ("#d7dde4", "#1d2329", "#ffffff", 252, 235, 231, _OWN, _OWN, _OWN),
    # Everything that isn't the thing itself: headings, labels, notes, frames.
    "quiet": ("#8a95a1", "#5c6670", "#c8c8c8", 246, 241, 251, _OWN, _OWN, _OWN),
    # Behind the one row, button or option that keys act on.
    "cursor": ("#24476b", "#cfe0f2", "#000000", 24, 153, 16, _OWN, _OWN, _OWN),
    # Send, and that a link works.
    "accent": ("#4cc38a", "#1a7f4e", "#00ff7f", 78, 22, 48, _OWN, "ansi_green", _OWN),
    # What may need something to be done soon.
    "warn": ("#e6b450", "#8a5a00", "#ffd700", 179, 94, 220, "ansi_magenta", "ansi_yellow", _OWN),
    # What has failed.
    "bad": ("#f07178", "#b3261e", "#ff9a9a", 210, 124, 217, "ansi_red", "ansi_bright_red", _OWN),
    # Keys, in the footer, the help and hints.
    "key": ("#8ab4f8", "#1f52c4", "#ffff00", 111, 26, 226, _OWN, "ansi_cyan", _OWN),
}
#: The text style of each token, where its colour alone doesn't tell it: first for colours of our own, then for
#: contrast, then as above.
_STYLES: dict[str, tuple[str, str, str, str, str]] = {
    "quiet-style": ("none", "none", "dim", "dim", "dim"),
    "cursor-style": ("none", "reverse", "reverse", "reverse", "reverse"),
    "accent-style": ("none", "none", "bold", "none", "bold"),
    "warn-style": ("none", "none", "none", "none", "bold"),
    "bad-style": ("none", "none", "none", "none", "bold underline"),
    "key-style": ("none", "none", "bold", "none", "bold"),
    # A field, where the panel behind it can't be seen.
    "field-style": ("none", "underline", "underline", "underline", "underline"),
}
TOKENS = tuple(_COLOURS)
STYLES = tuple(_STYLES)


def number_of(token: str, look: str) -> int:
    """Return the number of a token's colour in a look of 256 colours."""
    number = _COLOURS[token][LOOKS.index(look)]
    assert isinstance(number, int)
    return number


def colours(look: str) -> dict[str, str]:
    """Return the colour of each token in a look, as style sheets write it."""
    index = LOOKS.index(look)
    found = {}
    for token, each in _COLOURS.items():
        colour = each[index]
        found[token] = colour if isinstance(colour, str) else written_as(colour)
    return found


def text_styles(look: str) -> dict[str, str]:
    """Return the text styles of the tokens in a look."""
    if look.startswith(("dark", "light")):
        index = 0
    else:
        index = ("contrast", "16", "16 on dark", "mono").index(look.removesuffix(" of 256")) + 1
    return {name: each[index] for name, each in _STYLES.items()}
