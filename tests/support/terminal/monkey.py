"""Imitates a user who presses anything at all: seeded random actions for a terminal, in proportions that lead
everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tui.commands.declared import COMMANDS

PASSWORD = "Blue-Harbour7"
#: Users that it can sign in as, all with :data:`PASSWORD`.
PEOPLE = ("DJONES", "MKELLER")
SIZES = [(80, 24), (120, 40), (200, 60), (60, 15), (40, 10), (20, 5), (132, 24)]
PASTES = [
    "Offer",
    PASSWORD,
    "2w",
    "2031-05-01 17:00",
    "3",
    "0",
    "MKELLER",
    'a/b\\c:d*e?f"g<h>i|j',
    "first\nsecond\r\nthird\ttabbed",
    "\u202egpj.tnemucod\u202c",
    "秘密保持契約書.docx",
    "👩‍👩‍👧‍👦 e\u0301\u0327 ﷽",
    "x" * 5000,
    "[bold]markup[/] $(id) {folder.unpublish}",
    "\x00\x07\x1b",
    "",
]
_CTRL = {f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abdefghijklmnoprstuvwxyz"}
KEYS = {
    **{letter: letter for letter in "jkismvlusdcxotepfaAPLUDEFr,ynhKJzqg0123456789 .-_*/?:"},
    **_CTRL,
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "insert": "\x1b[2~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f5": "\x1b[15~",
    "shift+f10": "\x1b[21;2~",
    "alt+up": "\x1b[1;3A",
    "alt+down": "\x1b[1;3B",
    "escape escape up": "\x1b\x1b[A",
    "alt+x": "\x1bx",
    "ctrl+right": "\x1b[1;5C",
    "shift+down": "\x1b[1;2B",
    "a late reply": "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    "focus lost": "\x1b[O",
    "focus": "\x1b[I",
    "half a sequence": "\x1b[",
}
#: Keys that quit the program, unless a question is open.
QUIT = ("q", "ctrl+q", "ctrl+c")
KEYS.update({"ctrl+q": "\x11", "ctrl+c": "\x03"})
_MOVES = (
    "down",
    "down",
    "down",
    "up",
    "pagedown",
    "pageup",
    "home",
    "end",
    "right",
    "left",
    "tab",
    "shift+tab",
)
_TITLES = sorted({command.title for command in COMMANDS if command.palette and command.id != "quit"})


@dataclass(frozen=True)
class Act:
    """One action: ``data`` is typed, or the terminal is resized to ``size``; then comes a pause of ``wait`` seconds."""

    name: str
    data: str = ""
    size: tuple[int, int] | None = None
    wait: float = 0.0


def key(name: str, wait: float = 0.0) -> Act:
    return Act(name, KEYS.get(name, name), wait=wait)


class Monkey:
    """With ``stays``, it presses none of the keys that end the program."""

    def __init__(self, seed: int, stays: bool = False) -> None:
        self.random = Random(seed)
        self._keys = [name for name in KEYS if name not in QUIT]
        self._quits = not stays
        self._kinds: list[tuple[int, Callable[[list[str]], list[Act]]]] = [
            (300, self._any_key),
            (160, self._moves),
            (60, self._selects),
            (50, self._clicks),
            (12, self._drags),
            (30, self._command),
            (30, self._sent_folder),
            (30, self._sends),
            (20, self._word),
            (16, self._filters),
            (14, self._pastes),
            (14, self._sends_again),
            (10, self._dialog),
            (8, self._resizes),
            (2, self._signs_in),
            (1, self._ends),
        ]

    def acts(self, screen: Sequence[str]) -> list[Act]:
        """What it does next; ``screen`` is what the terminal shows, line by line."""
        if any("(y)" in line for line in screen) and self.random.random() < 0.7:
            return [key(self.random.choice(["y", "y", "n"]), 0.2)]
        kinds = self._kinds
        chosen = self.random.choices([k for _, k in kinds], [weight for weight, _ in kinds])[0]
        return chosen(list(screen))

    # ------------------------------------------------------------ keys

    def _any_key(self, screen: list[str]) -> list[Act]:
        return [key(self.random.choice(self._keys)) for _ in range(self.random.randint(1, 4))]

    def _moves(self, screen: list[str]) -> list[Act]:
        return [key(self.random.choice(_MOVES)) for _ in range(self.random.randint(1, 12))]

    def _selects(self, screen: list[str]) -> list[Act]:
        return [key(name) for name in self.random.choices(["space", "down", " ", "up"], k=5)]

    def _word(self, screen: list[str]) -> list[Act]:
        letters = self.random.choices(
            "abcdefghijklmnoprstuvwxyzABCDEFGH 0123456789./:é漢", k=self.random.randint(2, 9)
        )
        return [key(letter) for letter in letters]

    def _pastes(self, screen: list[str]) -> list[Act]:
        return [Act("paste", f"\x1b[200~{self.random.choice(PASTES)}\x1b[201~")]

    def _resizes(self, screen: list[str]) -> list[Act]:
        sizes = self.random.choices(SIZES, k=self.random.randint(1, 3))
        back = self.random.choice(SIZES[:3])
        return [*(Act(f"{w}x{h}", size=(w, h)) for w, h in sizes), Act(f"{back[0]}x{back[1]}", size=back)]

    def _ends(self, screen: list[str]) -> list[Act]:
        return [key("escape"), key("escape"), key(self.random.choice(QUIT), 1.0)] if self._quits else []

    # ------------------------------------------------------------ the mouse

    def _somewhere(self, screen: list[str], pattern: str = r"\S") -> tuple[int, int] | None:
        """A position on the screen (counted from 1) that shows something."""
        # A second click on a dialog's footer may hit what was below the dialog: the key that quits.
        seen = screen if self._quits else screen[:-1]
        found = [(m.start() + 1, y) for y, line in enumerate(seen, 1) for m in re.finditer(pattern, line)]
        found = [(x, y) for x, y in found if "Quit" not in screen[y - 1][max(0, x - 7) : x + 6]]
        return self.random.choice(found) if found else None

    def _click(self, at: tuple[int, int], button: int = 0, wait: float = 0.0) -> list[Act]:
        x, y = at
        press = Act(f"button {button} at {x},{y}", f"\x1b[<{button};{x};{y}M")
        return [press, Act("release", f"\x1b[<{button};{x};{y}m", wait=wait)]

    def _clicks(self, screen: list[str]) -> list[Act]:
        at = self._somewhere(screen) or (1, 1)
        if self.random.random() < 0.1:
            at = (self.random.randint(1, 250), self.random.randint(1, 70 if self._quits else len(screen) - 1))
        button = self.random.choice([0, 0, 0, 0, 2, 16, 1, 64, 65, 65, 35])
        times = self.random.choice([1, 1, 1, 2, 3]) if button < 64 else 4
        return [act for _ in range(times) for act in self._click(at, button)]

    def _drags(self, screen: list[str]) -> list[Act]:
        places = [self._somewhere(screen) or (1, 1) for _ in range(3)]
        moves = [Act(f"drag to {x},{y}", f"\x1b[<32;{x};{y}M") for x, y in places[1:]]
        (x, y), (x2, y2) = places[0], places[-1]
        release = Act("release", f"\x1b[<0;{x2};{y2}m")
        return [Act(f"button 0 at {x},{y}", f"\x1b[<0;{x};{y}M"), *moves, release]

    # ------------------------------------------------------------ whole tasks

    def _command(self, screen: list[str]) -> list[Act]:
        title = self.random.choice(_TITLES)
        return [key("ctrl+p", 0.2), *map(key, title[:14]), Act("", wait=0.3), key("enter", 0.3)]

    def _sent_folder(self, screen: list[str]) -> list[Act]:
        """Clicks on a folder in the tree or list, moves around, then presses the keys of two commands."""
        at = self._somewhere(screen, r"(DJONES|MKELLER) - S|Share$|Trash|Worklist|Workspaces|Favorites")
        if at is None:
            return [key("escape"), key("escape")]
        then = [key(name, 0.2) for name in self.random.choices("ucxositpdUDfFAaimtrE", k=2)]
        return [*self._click(at, wait=0.4), *self._moves(screen), *then]

    def _dialog(self, screen: list[str]) -> list[Act]:
        opens = self.random.choice(["P", ",", "A", "L", "?", "f1", "p", "v", "i", "a"])
        return [key("escape"), key("escape"), key(opens, 0.4), *self._moves(screen), *self._any_key(screen)]

    def _filters(self, screen: list[str]) -> list[Act]:
        return [key("/"), *self._word(screen)[:3], *self._moves(screen)[:3], key("escape")]

    def _fields(self) -> list[Act]:
        """Fills in some of the settings of a send, with good and bad values."""
        found = []
        for _ in range(self.random.randint(0, 4)):
            typed = self.random.choice(["", PASSWORD, "weak", "7d", "2031-01-01", "yesterday", "5", "0", "1"])
            found += [key("tab"), *map(key, typed)]
        return found

    def _sends(self, screen: list[str]) -> list[Act]:
        rows = self.random.choice(
            [[], ["e", *"Offer", "enter"], ["down", "K"], ["d"], ["d", "z"], ["ctrl+g"]]
        )
        how = self.random.choice(["ctrl+s", "ctrl+y"])
        wait = self.random.choice([0.0, 0.1, 1.5])
        return [
            *(key("escape") for _ in range(2)),
            key("s", 0.5),
            *(key(name) for name in rows),
            *self._fields(),
            key(how, wait),
            *([key("escape", 0.3)] if self.random.random() < 0.8 else []),
        ]

    def _sends_again(self, screen: list[str]) -> list[Act]:
        return [key("escape"), key("s", 0.4), *self._fields(), key("ctrl+s", 0.5), key("escape")]

    def _signs_in(self, screen: list[str]) -> list[Act]:
        name = self.random.choice([*PEOPLE, "NOBODY"])
        clean = [key("escape"), key("escape"), key("L", 0.4), key("ctrl+u")]
        return [*clean, *map(key, name), key("tab"), *map(key, PASSWORD), key("enter", 1.0)]
