"""Keys that do nothing where they are pressed."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from ...commands.command import Command
from ...commands.lookup import keys_of, spelled
from ...locations.kinds import kind_of
from ..main.list_pane import LASTING, ListPane
from ..textual_patches.keys import CANCEL_KEY
from ..textual_patches.sequences import BETWEEN, TOO_LATE
from ..widgets.button import Button
from ..widgets.heading import Heading
from ..widgets.keyed import keyed_nodes
from ..widgets.status_line import StatusLine
from .app_screen import SHOWN_AT, AppScreen, closing_keys, refuse
from .command_group import ANOTHER_LOADS, TOO_EARLY
from .dialog import Dialog
from .menu import offered, refused
from .workers import lines_of_failure

#: Textual's keys of whatever scrolls.
_ASIDE = ("scroll_left", "scroll_right", "page_left", "page_right")
#: What the commands of a place are for, where they don't belong to what is shown.
_FOR = {
    "picker": "documents that you can send",
    "folder": "a Sent folder",
    "trash": "the trash",
    "found": "what a search has found",
    "places": "folders in Work",
}
#: Commands for something else than others of their place.
_FOR_COMMAND = {
    "places.rename_favorite": "shortcuts in My Favorites",
    "places.remove_favorite": "shortcuts in My Favorites",
    "places.members": "a Sent folder",
    "places.delete_folder": "a Sent folder",
}


def close_or_say_why(screen: Screen[Any], event: events.Key | Button.Ignored) -> None:
    """Close a dialog by a key that opened it, or say why the key, which nothing has used, does nothing."""
    if (
        not isinstance(screen, Dialog)
        or event.key not in closing_keys(screen)
        or _does_something(screen, event)
    ):
        say_why_unavailable(screen, event.key)
        return
    # Nor does it open it once more.
    event.prevent_default()
    # Who has pressed it twice before anything was shown wants to see it.
    if isinstance(event, events.Key) and event.time >= SHOWN_AT.get(screen, event.time):
        screen.ask_to_close()


def _does_something(screen: Screen[Any], event: events.Key | Button.Ignored) -> bool:
    """Whether a key is bound to what it can do here; to a button, only some are."""
    return _is_bound(screen, event.key) or isinstance(event, Button.Ignored)


def _is_bound(screen: Screen[Any], key: str) -> bool:
    """Whether a key has an action here, besides that of Textual's to scroll aside what is as wide as its room."""
    active = screen.active_bindings.get(key)
    if active is None or not active.enabled or not active.binding.action:
        return False
    node = active.node
    if active.binding.action in _ASIDE and isinstance(node, Widget):
        return node.allow_horizontal_scroll
    return True


def say_why_unavailable(screen: Screen[Any], key: str) -> None:
    """Show why a key that nothing has used does nothing, where the screen shows its messages."""
    # Before it is mounted, a screen has no place for messages.
    if not isinstance(screen, AppScreen) or not screen.is_mounted or not (reason := _reason(screen, key)):
        return
    # That the server can't be reached is why the key does nothing, and may be said nowhere else.
    if lines_of_failure(screen, *LASTING):
        return
    # Who presses escape to be sure wants to read on, and not that there was nothing to leave.
    said = [line.text for line in screen.query(StatusLine) if line.display and not isinstance(line, Heading)]
    if key == CANCEL_KEY and any(said):
        return
    refuse(screen, TOO_EARLY.get(reason, reason))


def unavailable(screen: Screen[Any]) -> list[tuple[Command, str]]:
    """Return the commands of a screen that do nothing now, each with the reason, also those that are for other places
    than what it shows."""
    found = {command.id: (command, why) for command, why in refused(screen)}
    here = {offer.command for offer in offered(screen)} | {command for command, _ in found.values()}
    titles, places = {command.title for command in here}, {command.place for command in here}
    for node in keyed_nodes(screen):
        for command in node.commands():
            # One that belongs to what is shown, and isn't there, is replaced by another.
            is_elsewhere = command.place in _FOR and command.place not in places
            if command.title not in titles and (is_elsewhere or command.name in _FOR_COMMAND):
                found.setdefault(command.id, (command, _belongs(command)))
    return list(found.values())


def first_key(screen: Screen[Any], command: Command) -> str:
    """A command's first key, as it is shown; empty if it has none."""
    return next((_shown(screen, key) for key in keys_of(command.name, screen.app)), "")


def _reason(screen: Screen[Any], key: str) -> str:
    """Why none of a key's commands is available; empty if one is, or if it isn't a key of the program."""
    if key.endswith(TOO_LATE):
        keys = key.removesuffix(TOO_LATE)
        last = _shown(screen, keys.rpartition(BETWEEN)[2])
        return f"Too slow for “{_shown(screen, keys)}”; press “{last}” again for what it does alone."
    if isinstance(button := screen.focused, Button) and button.check_consume_key(
        key, key if len(key) == 1 else None
    ):
        # Whatever it does elsewhere on the screen.
        return _nothing_here(screen, key)
    found = [
        (command, node.disabled_reason(command.id))
        for node in keyed_nodes(screen)
        for command in node.commands()
        if key in keys_of(command.name, screen.app)
    ]
    if any(reason is None for _, reason in found) or key.startswith("<"):
        return ""
    if key == CANCEL_KEY:
        return "There is nothing to leave here."
    # A field has keys of its own, such as ctrl+d, which mean a command elsewhere.
    if _is_bound(screen, key):
        return ""
    texts = [reason for _, reason in found if reason]
    # Who pressed it meant the list that is about to come, where the command belongs.
    coming = [pane.browser for pane in screen.query(ListPane) if pane.browser.is_leaving]
    if any(
        browser.pending is None or kind_of(browser.pending).offers(command.name)
        for browser in coming
        for command, _ in found
    ):
        texts.append(ANOTHER_LOADS)
    texts += [
        _belongs(command) for command, _ in found if command.name in _FOR_COMMAND or command.place in _FOR
    ]
    return texts[0] if texts else _nothing_here(screen, key)


def _nothing_here(screen: Screen[Any], key: str) -> str:
    keys_help = spelled("{everywhere.help}", screen.app)
    return f"“{_shown(screen, key)}” does nothing here; {keys_help} shows the keys that work."


def _shown(screen: Screen[Any], key: str) -> str:
    shown = str(screen.app.get_key_display(Binding(key, "")))
    if BETWEEN in key and all(len(each) == 1 for each in key.split(BETWEEN)):
        return shown.replace(BETWEEN, "")
    return shown


def _belongs(command: Command) -> str:
    """What a command is for."""
    return f"“{command.title.rstrip('…')}” is for {_FOR_COMMAND.get(command.name) or _FOR[command.place]}."
