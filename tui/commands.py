"""Every command of the app, declared once: footer, palette, key help, context menu and keymap read it here.

A command's ``id`` is also the name of its action: the screen or widget of its place has ``action_<id>``.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Command:
    """``place`` says where it holds, ``keys`` are Textual's names with commas between, ``label`` stands in the
    footer (where ``footer``) and ``title`` in palette, menu and help, with ``help`` as its sentence."""

    id: str
    place: str
    keys: str
    label: str
    title: str
    help: str
    footer: bool = False
    menu: bool = False
    priority: bool = False
    palette: bool = True


def _c(
    id: str,
    place: str,
    keys: str,
    label: str,
    title: str,
    help: str,
    *flags: str,
) -> Command:
    return Command(
        id,
        place,
        keys,
        label,
        title,
        help,
        footer="footer" in flags,
        menu="menu" in flags,
        priority="priority" in flags,
        palette="hidden" not in flags,
    )


COMMANDS: tuple[Command, ...] = (
    # Everywhere, dialogs too
    _c(
        "help",
        "everywhere",
        "f1",
        "Help",
        "Help for where you are",
        "The keys that work here.",
        "priority",
        "footer",
    ),
    _c(
        "command_palette",
        "everywhere",
        "ctrl+p",
        "Palette",
        "Command palette",
        "All commands by their names.",
        "priority",
        "hidden",
    ),
    _c(
        "repaint",
        "everywhere",
        "ctrl+l",
        "Repaint",
        "Paint anew",
        "Paints the whole screen anew.",
        "priority",
    ),
    _c(
        "quit",
        "everywhere",
        "ctrl+q",
        "Quit",
        "Quit",
        "Ends the program; asks while something is being sent.",
        "priority",
    ),
    _c(
        "copy_or_quit",
        "everywhere",
        "ctrl+c",
        "Copy",
        "Copy the selected text",
        "Copies what is selected with the mouse; quits where nothing is.",
        "hidden",
    ),
    # Outside fields
    _c(
        "help",
        "outside_fields",
        "question_mark",
        "Help",
        "Help for where you are",
        "The keys that work here.",
        "hidden",
    ),
    _c(
        "command_palette",
        "outside_fields",
        "colon",
        "Palette",
        "Command palette",
        "All commands by their names.",
        "hidden",
    ),
    _c(
        "quit",
        "main",
        "q",
        "Quit",
        "Quit",
        "Ends the program; asks while something is being sent.",
        "hidden",
        "footer",
    ),
    # Lists
    _c("down", "lists", "down,j", "Down", "Next row", "Moves to the next row.", "hidden"),
    _c("up", "lists", "up,k", "Up", "Previous row", "Moves to the row before.", "hidden"),
    _c("first", "lists", "home", "First", "First row", "Moves to the first row.", "hidden"),
    _c("last", "lists", "end", "Last", "Last row", "Moves to the last row.", "hidden"),
    _c("next_page", "lists", "pagedown", "Page down", "Next page", "Moves a screen down.", "hidden"),
    _c("previous_page", "lists", "pageup", "Page up", "Previous page", "Moves a screen up.", "hidden"),
    _c(
        "select",
        "lists",
        "space",
        "Select",
        "Select the row",
        "Selects the row, or takes it out again.",
        "hidden",
    ),
    _c("select_all", "lists", "ctrl+a,asterisk", "All", "Select all", "Selects all rows, or none."),
    _c("open", "lists", "enter", "Open", "Open", "Opens a folder, or shows a document's facts.", "hidden"),
    _c("menu", "lists", "m,shift+f10", "Menu", "Context menu", "What can be done with the row.", "hidden"),
    # The first screen, whatever it lists
    _c(
        "send",
        "picker",
        "s",
        "Secure Sent Links…",
        "Secure Sent Links…",
        "Sends the selected documents as secure links.",
        "footer",
        "menu",
    ),
    _c(
        "versions",
        "picker",
        "v",
        "Versions",
        "Versions…",
        "Chooses another version of the document.",
        "footer",
        "menu",
    ),
    _c(
        "local_files", "main", "l", "Local files", "Local files", "Shows the files of this machine.", "footer"
    ),
    _c(
        "unpublish",
        "folder",
        "u",
        "Unpublish",
        "Unpublish",
        "Stops the link at once; the document stays.",
        "footer",
        "menu",
    ),
    _c(
        "send_again",
        "folder",
        "s",
        "Send again…",
        "Secure Sent Links… (send again)",
        "New password, expiry or limit for the same document; its address stays.",
        "footer",
        "menu",
    ),
    _c(
        "delete",
        "folder",
        "d,delete",
        "Delete",
        "Delete…",
        "Moves the document to the trash; its link stops.",
        "footer",
        "menu",
    ),
    _c(
        "copy_link",
        "folder",
        "c",
        "Copy link",
        "Copy link",
        "Puts the links on the clipboard.",
        "footer",
        "menu",
    ),
    _c("show_code", "folder", "x", "QR", "Show as QR code", "Shows the link as a QR code.", "menu"),
    _c(
        "fetch",
        "folder",
        "o",
        "Fetch",
        "Fetch a copy",
        "Fetches the document to this machine; not counted.",
        "menu",
    ),
    _c("trash", "folder", "t", "Trash", "Trash", "Shows what was deleted.", "menu"),
    _c(
        "restore",
        "trash",
        "r",
        "Restore",
        "Restore",
        "Brings the document back, unpublished.",
        "footer",
        "menu",
    ),
    _c(
        "empty_trash",
        "trash",
        "E",
        "Empty",
        "Empty the trash…",
        "Removes all that is in the trash for good.",
        "footer",
        "menu",
    ),
    _c("leave_trash", "trash", "t,escape", "Back", "Back to the folder", "Shows the folder again.", "footer"),
    _c(
        "facts",
        "main",
        "i",
        "Facts",
        "Facts and history",
        "What is known of the document, and its audit.",
        "footer",
        "menu",
    ),
    _c("filter", "main", "slash", "Filter", "Filter", "Shows only rows that hold what you type.", "footer"),
    _c("reload", "main", "f5", "Reload", "Reload", "Asks the server anew."),
    _c("parent", "main", "backspace", "Up", "Up one folder", "Opens the folder that this one is in."),
    # Dialogs
    _c(
        "close",
        "dialogs",
        "escape",
        "Close",
        "Close",
        "Closes the dialog; asks first where something would be lost.",
        "footer",
    ),
    _c(
        "next_version",
        "versions",
        "space",
        "Next version",
        "Next version",
        "Chooses the row's next version.",
        "footer",
    ),
    _c("accept", "versions", "enter", "OK", "OK", "Goes on with the versions chosen.", "footer", "priority"),
    _c(
        "rename",
        "send_rows",
        "e,enter,f2",
        "Rename",
        "Rename the link",
        "Edits the name of the link in place.",
        "footer",
        "menu",
    ),
    _c(
        "remove",
        "send_rows",
        "d,delete",
        "Remove",
        "Remove the row",
        "Takes the row off the list.",
        "footer",
        "menu",
    ),
    _c(
        "move_up",
        "send_rows",
        "alt+up,K",
        "Move up",
        "Move the row up",
        "Puts the link before the one above.",
        "menu",
    ),
    _c(
        "move_down",
        "send_rows",
        "alt+down,J",
        "Move down",
        "Move the row down",
        "Puts the link behind the one below.",
        "menu",
    ),
    _c("undo", "send_rows", "z", "Undo", "Undo", "Takes back the last move or removal.", "menu"),
    _c(
        "reveal",
        "send",
        "ctrl+r",
        "Show password",
        "Show or hide the password",
        "Shows or hides the password.",
        "priority",
    ),
    _c(
        "generate",
        "send",
        "ctrl+g",
        "Make password",
        "Make a strong password",
        "Fills in a strong password.",
        "priority",
        "footer",
    ),
    _c(
        "send_now",
        "send",
        "ctrl+s",
        "Send",
        "Send",
        "Uploads, publishes, and opens a draft e-mail.",
        "priority",
        "footer",
    ),
    _c(
        "copy_now",
        "send",
        "ctrl+y",
        "Copy to Clipboard",
        "Copy to Clipboard",
        "Uploads, publishes, and puts the links on the clipboard.",
        "priority",
        "footer",
    ),
    _c(
        "retry",
        "send",
        "ctrl+t",
        "Try again",
        "Send the failed rows again",
        "Sends the failed rows again, and no others.",
        "priority",
        "footer",
    ),
    _c(
        "reveal",
        "resend",
        "ctrl+r",
        "Show password",
        "Show or hide the password",
        "Shows or hides the password.",
        "priority",
    ),
    _c(
        "generate",
        "resend",
        "ctrl+g",
        "Make password",
        "Make a strong password",
        "Fills in a strong password.",
        "priority",
        "footer",
    ),
    _c(
        "resend_now",
        "resend",
        "ctrl+s",
        "Send again",
        "Send again",
        "Publishes anew with these settings.",
        "priority",
        "footer",
    ),
    _c(
        "open_mail",
        "draft",
        "ctrl+o",
        "Mail program",
        "Open in the mail program",
        "Opens the draft in your own mail program.",
        "priority",
        "footer",
    ),
    _c(
        "save_draft",
        "draft",
        "ctrl+s",
        "Save",
        "Save as file",
        "Saves the draft as a file that mail programs open.",
        "priority",
        "footer",
    ),
    _c(
        "copy_links",
        "draft",
        "ctrl+y",
        "Copy links",
        "Copy the links",
        "Puts the links on the clipboard again.",
        "priority",
        "footer",
    ),
    _c("yes", "questions", "y", "Yes", "Yes", "Yes.", "footer"),
    _c("no", "questions", "n,escape", "No", "No", "No.", "footer"),
)

_BY_PLACE: dict[tuple[str, str], Command] = {(c.place, c.id): c for c in COMMANDS}


def bindings(*places: str) -> list[BindingType]:
    """Textual's bindings for the commands of some places."""
    return [
        Binding(
            command.keys,
            command.id,
            command.label,
            show=command.footer,
            priority=command.priority,
            tooltip=command.help,
            id=f"{command.place}.{command.id}",
        )
        for command in COMMANDS
        if command.place in places
    ]


def command_of(binding: Binding) -> Command | None:
    """The command that a binding was made from."""
    place, _, name = (binding.id or "").partition(".")
    return _BY_PLACE.get((place, name))


def places_of(action: str) -> set[str]:
    """The places that have a command with this id."""
    return {c.place for c in COMMANDS if c.id == action}
