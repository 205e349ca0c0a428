"""Text styles as the parameters of SGR sequences."""

from __future__ import annotations

from functools import lru_cache

#: A style: the parameters of its SGR sequence, and the hyperlink's (``id=…;url``, or nothing).
Style = tuple[str, str]

PLAIN: Style = ("", "")
#: Attributes that leave no trace on a blank: bold, dim and italic.
_UNSEEN = frozenset({"1", "2", "3"})
_OFF = {
    "1": "22",
    "2": "22",
    "3": "23",
    "4": "24",
    "5": "25",
    "6": "25",
    "7": "27",
    "8": "28",
    "9": "29",
    "21": "24",
    "51": "54",
    "52": "54",
    "53": "55",
}
#: The levels of red, green and blue in the palette of 256 colours. Its first sixteen colours, and with some themes the
#: next six, are the user's own.
_LEVELS = {"0": 0, "95": 1, "135": 2, "175": 3, "215": 4, "255": 5}
_FIRST_OF_CUBE, _FIRST_FIXED = 16, 22
_Parsed = tuple[frozenset[str], str, str]


@lru_cache(maxsize=512)
def _parsed(codes: str) -> _Parsed | None:
    """Attributes, foreground and background of an SGR sequence; ``None`` if it isn't understood."""
    attributes: set[str] = set()
    foreground = background = ""
    parts = codes.split(";") if codes else []
    while parts:
        code = parts.pop(0)
        if code in ("38", "48"):
            count = {"5": 2, "2": 4}.get(parts[0] if parts else "", 0)
            if not count or len(parts) < count:
                return None
            colour = _shortest(code, parts[:count])
            parts = parts[count:]
            foreground, background = (colour, background) if code == "38" else (foreground, colour)
        elif code in _OFF:
            attributes.add(code)
        elif code.isdigit() and (30 <= int(code) <= 37 or 90 <= int(code) <= 97 or code == "39"):
            foreground = "" if code == "39" else code
        elif code.isdigit() and (40 <= int(code) <= 47 or 100 <= int(code) <= 107 or code == "49"):
            background = "" if code == "49" else code
        else:
            return None
    return frozenset(attributes), foreground, background


def _shortest(code: str, colour: list[str]) -> str:
    """A colour of the foreground or background; one in true colour from the palette, if that has the same."""
    red, green, blue = (_LEVELS.get(part) for part in colour[1:]) if colour[0] == "2" else (None, None, None)
    if red is not None and green is not None and blue is not None:
        number = _FIRST_OF_CUBE + 36 * red + 6 * green + blue
        if number >= _FIRST_FIXED:
            return f"{code};5;{number}"
    return ";".join([code, *colour])


@lru_cache(maxsize=1024)
def transition(old: str, new: str) -> str:
    """The shortest SGR sequence that leads from one style to the other."""
    before, after = _parsed(old), _parsed(new)
    if after is not None:
        new = ";".join([*sorted(after[0]), *filter(None, after[1:])])
    full = f"\x1b[0;{new}m" if old and new else f"\x1b[{new}m"
    if before is None or after is None:
        return full
    removed, added = before[0] - after[0], after[0] - before[0]
    off = {_OFF[code] for code in removed}
    # Switching one attribute off may switch off another (bold and dim share a code).
    kept = {code for code in before[0] & after[0] if _OFF[code] in off}
    codes = sorted(off) + sorted(added | kept)
    if before[1] != after[1]:
        codes.append(after[1] or "39")
    if before[2] != after[2]:
        codes.append(after[2] or "49")
    if not codes:
        return ""
    change = f"\x1b[{';'.join(codes)}m"
    return change if len(change) <= len(full) else full


@lru_cache(maxsize=512)
def shows_background_only(style: Style) -> bool:
    """Whether a blank in that style looks like a cell that was erased."""
    return ground(style) is not None


@lru_cache(maxsize=512)
def ground(style: Style) -> str | None:
    """All that can be seen of a blank in that style: the background; ``None`` if there is more."""
    parsed = _parsed(style[0])
    return parsed[2] if parsed is not None and not style[1] and parsed[0] <= _UNSEEN else None
