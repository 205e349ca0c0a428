"""The firm's appearance to recipients: its name, logo, colours, contact line and time zone, and its e-mail."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...rules.errors import InvalidValue
from ...rules.text import printable
from .logo import Logo

_MAX_LENGTH = 200
_UTC = ("UTC", "UCT", "ZULU", "UNIVERSAL")
_SYSTEM_ZONE = "/etc/localtime"

#: Background colours on a light and a dark screen: the card with the text, and the page around it.
_LIGHT, _DARK = ("#ffffff", "#eef1f6"), ("#1a202a", "#10141b")
#: Minimum contrast of text, and of lines (WCAG 2.2, AA).
_TEXT_CONTRAST, _LINE_CONTRAST = 4.5, 3.0


@dataclass(frozen=True, slots=True)
class Firm:
    """``color`` and ``color_dark`` are ``#rrggbb``, or empty for the default; times are shown in ``zone``.

    ``mail_text`` and ``mail_html`` are the templates of the e-mail, empty for the built-in ones.
    """

    name: str = ""
    contact: str = ""
    logo: Logo | None = None
    color: str = ""
    color_dark: str = ""
    zone: tzinfo = UTC
    mail_text: str = ""
    mail_html: str = ""


def line(text: str, key: str) -> str:
    """Return ``text`` stripped. Raises :class:`InvalidValue` if it is too long or contains control characters."""
    text = text.strip()
    if len(text) > _MAX_LENGTH or not text.isprintable():
        raise InvalidValue(
            "firm.text",
            f"{key} must be one line of at most {_MAX_LENGTH} characters, without control characters.",
            key,
        )
    return text


def time_zone(name: str) -> tzinfo:
    """The time zone with that name in the IANA database, such as ``Europe/Berlin``. Raises :class:`InvalidValue`."""
    if name.rpartition("/")[2].upper() in _UTC:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue(
            "firm.zone",
            f"Unknown time zone {printable(name)}. Use one like Europe/Berlin or America/New_York.",
            "time_zone",
        ) from None


def system_time_zone() -> tzinfo:
    """The time zone of this machine if it has the name of a place, else UTC: no other can be named to recipients."""
    configured = os.environ.get("TZ", "").removeprefix(":") or os.path.realpath(_SYSTEM_ZONE)
    name = re.sub(r".*/zoneinfo/(posix/|right/)?", "", configured)
    try:
        return time_zone(name) if "/" in name and not name.startswith("Etc/") else UTC
    except InvalidValue:
        return UTC


# ---------------------------------------------------------------- colours


def color(text: str, *, dark: bool) -> str:
    """Return ``text`` as a colour for links, lines and the button, on a light or a ``dark`` screen.

    Raises :class:`InvalidValue` if it isn't a colour, or has too little contrast there.
    """
    key = "firm_color_dark" if dark else "firm_color"
    value = text.strip().lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise InvalidValue("firm.color", f"{key} must be a colour like #1f52c4.", key)
    card, page = _DARK if dark else _LIGHT
    screen = "dark" if dark else "light"
    if (on_card := contrast(value, card)) < _TEXT_CONTRAST:
        raise InvalidValue(
            "firm.contrast",
            f"{key} can't be read on a {screen} screen: its contrast is {on_card:.1f}, but at least "
            f"{_TEXT_CONTRAST} is needed. Choose a {'lighter' if dark else 'darker'} colour.",
            key,
        )
    if (on_page := contrast(value, page)) < _LINE_CONTRAST:
        raise InvalidValue(
            "firm.contrast",
            f"{key} can't be seen on a {screen} screen: its contrast is {on_page:.1f}, but at least "
            f"{_LINE_CONTRAST} is needed. Choose a {'lighter' if dark else 'darker'} colour.",
            key,
        )
    return value


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _luminance(text: str) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, _channels(text))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(one: str, other: str, share: float) -> str:
    """``one`` mixed with ``other``, whose ``share`` is 0 to 1."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * (1 - share) + b * share):02x}" for a, b in pairs)


def style(firm: Firm) -> str:
    """CSS that gives the page the firm's colours; empty if it has none."""
    light = _rule(firm.color, _LIGHT[0]) if firm.color else ""
    dark = _rule(firm.color_dark, _DARK[0]) if firm.color_dark else ""
    return light + (f"@media (prefers-color-scheme:dark){{{dark}}}" if dark else "")


def _rule(accent: str, card: str) -> str:
    on = max(("#ffffff", "#0d1420"), key=lambda text: contrast(text, accent))
    # Further from the text colour, so that the text is as legible while the button is pressed.
    pressed = _mix(accent, "#000000" if on == "#ffffff" else "#ffffff", 0.25)
    tint = _mix(card, accent, 0.12)
    return f":root{{--accent:{accent};--press:{pressed};--on:{on};--tint:{tint}}}"
