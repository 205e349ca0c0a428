"""What the terminal is and can do, read from the environment alone.

Every function takes the environment as a mapping, so that nothing here depends on the process it runs in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

Environ = Mapping[str, str]
#: Finds a program in the search path: ``shutil.which`` or a test's substitute.
Which = Callable[[str], str | None]

#: Terminals that print a clipboard sequence as text, or don't know escape sequences.
_WITHOUT_CLIPBOARD = frozenset({"", "dumb", "unknown", "linux", "vt52", "vt100", "vt102", "cons25"})
_WITHOUT_MOUSE = frozenset({"", "dumb", "unknown", "linux", "cons25", "ansi"})
_UNUSABLE = frozenset({"", "dumb", "unknown"})
#: How the names of terminals begin whose erased cells get the background colour (``bce`` in terminfo). tmux does that
#: since version 2.1, whatever terminfo says; GNU screen only if it is configured to.
_ERASE_IN_COLOUR = (
    "xterm",
    "tmux",
    "linux",
    "foot",
    "alacritty",
    "gnome",
    "konsole",
    "putty",
    "mintty",
    "rxvt",
    "st-",
    "vte",
    "wezterm",
)


class Multiplexer(StrEnum):
    """The multiplexer between the program and the user's terminal."""

    NONE = "none"
    TMUX = "tmux"
    SCREEN = "screen"


def over_ssh(environ: Environ) -> bool:
    """Whether the user is at another machine."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def in_tmux(environ: Environ) -> bool:
    """Whether the program runs in a tmux on this machine, so that tmux's commands can be used."""
    return bool(environ.get("TMUX"))


def in_screen(environ: Environ) -> bool:
    """Whether the program runs in a GNU screen on this machine."""
    return bool(environ.get("STY")) and not in_tmux(environ)


def multiplexer(environ: Environ) -> Multiplexer:
    """The multiplexer around the program: one on this machine or, known only from TERM, one further out."""
    if in_tmux(environ):
        return Multiplexer.TMUX
    if in_screen(environ):
        return Multiplexer.SCREEN
    kind = terminal(environ)
    if kind.startswith("tmux"):
        return Multiplexer.TMUX
    return Multiplexer.SCREEN if kind.startswith("screen") else Multiplexer.NONE


def terminal(environ: Environ) -> str:
    """The terminal's type, from TERM, in lower case."""
    return environ.get("TERM", "").strip().lower()


def usable(environ: Environ) -> bool:
    """Whether screens can be drawn at all."""
    return terminal(environ) not in _UNUSABLE


def takes_osc52(environ: Environ) -> bool:
    """Whether a clipboard sequence, or another one of an operating-system command such as a title, can be sent without
    harm. Whether the terminal obeys it is not known."""
    return in_tmux(environ) or in_screen(environ) or terminal(environ) not in _WITHOUT_CLIPBOARD


def shows_hyperlinks(environ: Environ) -> bool:
    """Whether links can be written (OSC 8) without harm: terminals that don't know them show their text only."""
    return terminal(environ) not in _WITHOUT_CLIPBOARD


def has_mouse(environ: Environ) -> bool:
    """Whether the terminal may report the mouse without harm: GNU screen then holds back Escape until the next key."""
    kind = terminal(environ)
    return kind not in _WITHOUT_MOUSE and not kind.startswith("vt") and not environ.get("STY")


def erases_in_colour(environ: Environ) -> bool:
    """Whether the terminal surely fills cells that are erased (ECH) with the current background colour."""
    if environ.get("STY"):
        return False
    kind = terminal(environ)
    return kind.startswith(_ERASE_IN_COLOUR) or (in_tmux(environ) and kind.startswith("screen"))


def without_colour(environ: Environ) -> bool:
    """Whether colours are unwanted (``NO_COLOR``)."""
    return bool(environ.get("NO_COLOR"))


def colours(environ: Environ) -> int:
    """How many colours may be used: 0, 16, 256 or 16,777,216."""
    kind = terminal(environ)
    if without_colour(environ) or not usable(environ) or kind.startswith("vt"):
        return 0
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") or kind.endswith("-direct"):
        return 1 << 24
    return 256 if "256color" in kind else 16


def in_wsl(environ: Environ) -> bool:
    """Whether this is Linux inside Windows."""
    return bool(environ.get("WSL_DISTRO_NAME") or environ.get("WSL_INTEROP"))


def has_desktop(environ: Environ, platform: str) -> bool:
    """Whether programs with windows can be shown to the user. ``platform`` is ``sys.platform``."""
    if over_ssh(environ):
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environ.get("WAYLAND_DISPLAY") or environ.get("DISPLAY") or in_wsl(environ))


def system_clipboard(environ: Environ, which: Which, platform: str) -> str | None:
    """The mechanism that reaches the clipboard of this machine's desktop, ``None`` if there is none.

    The names are pyperclip's (``xclip``, ``xsel``, ``wl-clipboard``, ``klipper``, ``pbcopy``, ``windows``), and
    ``wsl``. Over SSH there is none: that machine's desktop is not the one that the user is looking at.
    """
    if not has_desktop(environ, platform):
        return None
    if platform == "darwin":
        return "pbcopy" if which("pbcopy") else None
    if platform == "win32":
        return "windows"
    if in_wsl(environ) and which("clip.exe"):
        return "wsl"
    if environ.get("WAYLAND_DISPLAY") and which("wl-copy") and which("wl-paste"):
        return "wl-clipboard"
    if not environ.get("DISPLAY"):
        return None
    if which("xclip"):
        return "xclip"
    if which("xsel"):
        return "xsel"
    return "klipper" if which("klipper") and which("qdbus") else None
