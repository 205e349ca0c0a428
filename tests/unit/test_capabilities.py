"""What a terminal can do, as far as the environment tells."""

from __future__ import annotations

import pytest

from tui.terminal import capabilities
from tui.terminal.capabilities import Multiplexer

DESKTOP = {"DISPLAY": ":0", "TERM": "xterm"}


def programs(*names: str) -> capabilities.Which:
    return lambda name: f"/usr/bin/{name}" if name in names else None


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"SSH_CONNECTION": ""}, False),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, True),
        ({"SSH_TTY": "/dev/pts/3"}, True),
        ({"SSH_CLIENT": "10.0.0.1 1 22"}, True),
        ({"SSH_AUTH_SOCK": "/tmp/agent"}, False),
    ],
)
def test_over_ssh(environ: dict[str, str], expected: bool) -> None:
    assert capabilities.over_ssh(environ) is expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color"}, Multiplexer.NONE),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, Multiplexer.TMUX),
        ({"TERM": "screen", "STY": "123.pts-0.host"}, Multiplexer.SCREEN),
        # tmux inside screen: the inner one is next to the program.
        ({"TERM": "screen", "STY": "123.pts-0.host", "TMUX": "/tmp/x,1,0"}, Multiplexer.TMUX),
        # A multiplexer at the other end of an SSH connection shows only in TERM.
        ({"TERM": "tmux-256color", "SSH_TTY": "/dev/pts/1"}, Multiplexer.TMUX),
        ({"TERM": "screen.xterm-256color", "SSH_TTY": "/dev/pts/1"}, Multiplexer.SCREEN),
    ],
)
def test_multiplexer(environ: dict[str, str], expected: Multiplexer) -> None:
    assert capabilities.multiplexer(environ) is expected


@pytest.mark.parametrize(
    ("environ", "count"),
    [
        ({"TERM": "xterm"}, 16),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 1 << 24),
        ({"TERM": "xterm-direct"}, 1 << 24),
        ({"TERM": "linux"}, 16),
        ({"TERM": "vt100"}, 0),
        ({"TERM": "dumb"}, 0),
        ({}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256),
    ],
)
def test_colours(environ: dict[str, str], count: int) -> None:
    """T3: NO_COLOR turns colours off, whatever it is set to, unless it is empty."""
    assert capabilities.colours(environ) == count


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, True),
        ({"TERM": "linux"}, True),
        # GNU screen, or a tmux further out: it can't be told.
        ({"TERM": "screen-256color"}, False),
        ({"TERM": "screen-256color", "STY": "1.pts-0"}, False),
        ({"TERM": "xterm-256color", "STY": "1.pts-0"}, False),
        ({"TERM": "vt100", "TMUX": "/tmp/tmux-0/default,1,0"}, False),
        ({}, False),
    ],
)
def test_terminals_that_erase_in_colour(environ: dict[str, str], expected: bool) -> None:
    assert capabilities.erases_in_colour(environ) == expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "screen", "TMUX": "/tmp/tmux-0/default,1,0"}, True),
        ({"TERM": "screen", "STY": "1.pts-0"}, False),
        ({"TERM": "vt220"}, False),
        ({"TERM": "linux"}, False),
        ({}, False),
    ],
)
def test_terminals_with_a_mouse(environ: dict[str, str], expected: bool) -> None:
    assert capabilities.has_mouse(environ) == expected


def test_terminals_on_which_nothing_can_be_drawn() -> None:
    for kind in ("", "dumb", "unknown", " DUMB "):
        assert not capabilities.usable({"TERM": kind})
    assert not capabilities.usable({})
    assert capabilities.usable({"TERM": "linux"})


@pytest.mark.parametrize(
    ("environ", "found", "platform", "mechanism"),
    [
        (DESKTOP, ("xclip", "xsel"), "linux", "xclip"),
        (DESKTOP, ("xsel",), "linux", "xsel"),
        (DESKTOP, ("klipper", "qdbus"), "linux", "klipper"),
        (DESKTOP, (), "linux", None),
        (DESKTOP, ("wl-copy", "wl-paste"), "linux", None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, ("wl-copy", "wl-paste", "xclip"), "linux", "wl-clipboard"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, ("wl-copy", "xclip"), "linux", None),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, ("xclip",), "linux", "xclip"),
        ({}, ("xclip", "wl-copy", "wl-paste"), "linux", None),
        ({"WSL_DISTRO_NAME": "Debian"}, ("clip.exe",), "linux", "wsl"),
        ({}, ("pbcopy",), "darwin", "pbcopy"),
        ({}, (), "win32", "windows"),
        # The desktop of a machine that the user isn't sitting at.
        ({**DESKTOP, "SSH_TTY": "/dev/pts/1"}, ("xclip",), "linux", None),
        ({"SSH_CONNECTION": "a 1 b 22"}, ("pbcopy",), "darwin", None),
    ],
)
def test_the_systems_clipboard_only_where_there_is_one(
    environ: dict[str, str], found: tuple[str, ...], platform: str, mechanism: str | None
) -> None:
    """T2: locally the system's clipboard is used, over SSH never that of the remote machine."""
    assert capabilities.system_clipboard(environ, programs(*found), platform) == mechanism
