"""Keys whose commands aren't available now."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from ...commands.declared import keys_of
from ..main.list_pane import LASTING
from ..widgets.keyed import keyed_nodes
from .app_screen import AppScreen
from .workers import lines_of_failure


def say_why_unavailable(screen: Screen[Any], key: str) -> None:
    """Show why a key that nothing has used does nothing, where the screen shows its messages."""
    # Before it is mounted, a screen has no place for messages.
    if not isinstance(screen, AppScreen) or not screen.is_mounted or not (reason := _reason(screen, key)):
        return
    # That the server can't be reached is why the key does nothing, and may be said nowhere else.
    if not lines_of_failure(screen, *LASTING):
        screen.say(reason, "warn")


def _reason(screen: Screen[Any], key: str) -> str:
    """Why none of a key's commands is available; empty if one is, or if there is nothing to say."""
    found = [
        (command, node.disabled_reason(command.id))
        for node in keyed_nodes(screen)
        for command in node.commands()
        if key in keys_of(command.name, screen.app)
    ]
    if any(reason is None for _, reason in found):
        return ""
    texts = [reason for _, reason in found if reason]
    # Of the commands that belong to something else, only those for a row are expected to do something here.
    texts += [f"“{command.title.rstrip('…')}” isn't available here." for command, _ in found if command.menu]
    # A field has keys of its own, such as ctrl+d, which mean a command elsewhere.
    return texts[0] if texts and key not in screen.active_bindings else ""
