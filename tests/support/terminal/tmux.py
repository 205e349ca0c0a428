"""A tmux just for the test: a real terminal, whose screen can be read with its colours."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

SECONDS = 60


class Tmux:
    """A tmux server of its own with one pane."""

    def __init__(self, socket: Path, columns: int = 80, rows: int = 24) -> None:
        self._base = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        self._size = ["-x", str(columns), "-y", str(rows)]

    def run(self, *arguments: str) -> str:
        return subprocess.run([*self._base, *arguments], capture_output=True, text=True, check=True).stdout

    def start(self, command: str, environ: Mapping[str, str]) -> None:
        given = [part for name, value in environ.items() for part in ("-e", f"{name}={value}")]
        self.run("new-session", "-d", *self._size, *given, f"{command}; echo ended $?; cat")

    def screen(self) -> str:
        return self.run("capture-pane", "-p", "-J")

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.run("send-keys", "--", key)

    def until(self, pattern: str) -> re.Match[str]:
        """Waits until the screen matches ``pattern``."""
        deadline = time.monotonic() + SECONDS
        while True:
            screen = self.screen()
            if found := re.search(pattern, screen):
                return found
            assert time.monotonic() < deadline, f"no {pattern} in:\n{screen}"
            time.sleep(0.05)

    def coloured(self) -> str:
        """The screen with the colours, styles and links of its characters."""
        return self.run("capture-pane", "-p", "-e", "-N")

    def looks(self) -> str:
        """The same, but without what can't be seen of blanks: erased ones have no colour of text."""
        return seen(self.coloured())

    def resize(self, columns: int, rows: int) -> None:
        self.run("resize-window", "-x", str(columns), "-y", str(rows))

    def close(self) -> None:
        subprocess.run([*self._base, "kill-server"], capture_output=True, check=False)


_STYLED = re.compile(r"\x1b\[([\d;]*)m|\x1b\]8;([^\x1b]*)\x1b\\|([^\x1b])", re.S)
_CODE = re.compile(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+|^$")
_FOREGROUND, _BACKGROUND = re.compile(r"3\d|9\d"), re.compile(r"4\d|10\d")
#: A blank in the terminal's own colours.
_NOTHING = "' ' []"
#: Attributes that show on blanks.
_SHOWN = {"4", "5", "7", "9", "21", "53"}


def _in_true_colour(code: str) -> str:
    """A colour from the cube in the palette of 256 colours by its red, green and blue, and any other as it is."""
    kind, _, number = code.partition(";5;")
    if not number or not 16 <= int(number) < 232:
        return code
    levels = (int(number) - 16) // 36, (int(number) - 16) // 6 % 6, (int(number) - 16) % 6
    return ";".join([kind, "2", *(str(level and 55 + 40 * level) for level in levels)])


def seen(coloured: str) -> str:
    """What tmux has captured with its styles, one character with its style on each line; of blanks, only as much of it
    as can be seen."""
    attributes: set[str] = set()
    foreground = background = link = ""
    found: list[str] = []
    for codes, place, char in _STYLED.findall(coloured):
        if char == "\n":
            # Blanks at the end that were erased are left out of what is captured.
            while found and found[-1] == _NOTHING:
                found.pop()
            found.append("")
        elif char:
            blank = char == " " and not attributes & _SHOWN
            style = [] if blank else [*sorted(attributes), foreground]
            found.append(f"{char!r} {style} {background} {link}".rstrip())
        elif place:
            link = place.strip(";")
        for code in _CODE.findall(codes) if not char and not place else ():
            if code in ("", "0"):
                attributes, foreground, background = set(), "", ""
            elif _FOREGROUND.match(code):
                foreground = _in_true_colour(code).removeprefix("39")
            elif _BACKGROUND.match(code):
                background = _in_true_colour(code).removeprefix("49")
            else:
                attributes.add(code)
    return "\n".join(found)
