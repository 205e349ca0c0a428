"""Every command of the app, declared once: footer, palette, key help, context menu and keymap read it here.

For a command of a screen, the screen has an object in its registry under the command's ``id``: what it does, and why it
isn't available now. A widget has a method ``action_<id>``, and reports the latter with ``disabled_reason``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from textual.app import App

#: The order in which commands are shown: those particular to what is listed come first, moving about last.
RANKS = {"places": 1, "main": 2, "dialogs": 2, "lists": 4, "tree": 4, "everywhere": 3, "outside_fields": 3}
#: The places whose commands are actions of a widget. Those of all others are objects in the registry of a screen.
OF_WIDGETS = ("lists", "editing", "filter", "tree", "recipients", "matches", "text", "text_field")
#: Returned by ``disabled_reason`` for a command that doesn't belong to what is shown: it isn't even listed there.
HIDDEN = ""


class Command(NamedTuple):
    """``place`` is where it works, ``keys`` are Textual's names separated by commas; those of a sequence (``g l``) are
    separated by a blank, and pressed one after the other. Palette, menu and help show ``title``, with ``help`` as its
    sentence; ``label`` is its short form for the footer (if ``footer``)."""

    id: str
    place: str
    keys: str
    title: str
    help: str
    label: str
    footer: bool
    menu: bool
    priority: bool
    palette: bool
    #: Where the footer shows it, if that isn't its rank.
    footer_place: float | None

    @property
    def rank(self) -> int:
        """Where it stands among the commands that are shown: those with 0 first."""
        return RANKS.get(self.place, 0)

    @property
    def footer_rank(self) -> float:
        """Where it stands in the footer: where there isn't room for all, those with 0 have it first."""
        return self.rank if self.footer_place is None else self.footer_place

    @property
    def action(self) -> str:
        """Textual's name for it: a screen has its commands in a registry, a widget has a method for each."""
        return self.id if self.place in OF_WIDGETS else f"command({self.id!r})"

    @property
    def name(self) -> str:
        """Its name in the configuration: ``folder.unpublish``."""
        return f"{self.place}.{self.id}"


def _c(place: str, id: str, keys: str, title: str, help: str, flags: str = "", label: str = "") -> Command:
    """``flags``: ``footer`` (``footer=1``: with that rank there), ``menu``, ``priority`` (also while typing),
    ``hidden`` (not in the palette)."""
    given_flags = dict(flag.partition("=")[::2] for flag in flags.split())
    return Command(
        id,
        place,
        keys,
        title,
        help,
        label or title.rstrip("…"),
        footer="footer" in given_flags,
        menu="menu" in given_flags,
        priority="priority" in given_flags,
        palette="hidden" not in given_flags,
        footer_place=float(given_flags["footer"]) if given_flags.get("footer") else None,
    )


# fmt: off
COMMANDS: tuple[Command, ...] = (
    # Everywhere, dialogs too
    _c("everywhere", "help", "f1", "Help for where you are", "The keys that work here.", "priority", "Help"),
    _c("everywhere", "command_palette", "ctrl+p", "Command palette", "Commands, places and documents by their names.",
       "priority hidden", "Commands"),
    _c("everywhere", "guides", "f3", "Guides", "How to do things, a page for each.", "priority"),
    _c("everywhere", "repaint", "ctrl+l", "Redraw", "Redraws the whole screen.", "priority"),
    _c("everywhere", "quit", "ctrl+q", "Quit", "Ends the program; asks if something is being sent or changed.",
       "priority"),
    _c("everywhere", "suspend", "ctrl+z", "Suspend", "Returns to the shell; fg there resumes the program."),
    _c("everywhere", "copy_or_quit", "ctrl+c", "Copy the selected text",
       "Copies what is selected with the mouse; quits if nothing is.", "hidden"),
    _c("outside_fields", "help", "question_mark", "Help for where you are", "The keys that work here.", "hidden"),
    _c("outside_fields", "command_palette", "colon", "Command palette",
       "Commands, places and documents by their names.", "hidden"),
    # Lists
    _c("lists", "down", "down,j", "Next row", "Moves to the next row.", "hidden"),
    _c("lists", "up", "up,k", "Previous row", "Moves to the row before.", "hidden"),
    _c("lists", "first", "home,g g", "First row", "Moves to the first row; after a number, to the row of that number.",
       "hidden", "Top"),
    _c("lists", "last", "end,G", "Last row", "Moves to the last row; after a number, to the row of that number.",
       "hidden"),
    _c("lists", "next_page", "pagedown", "Next page", "Moves a screen down.", "hidden"),
    _c("lists", "previous_page", "pageup", "Previous page", "Moves a screen up.", "hidden"),
    _c("lists", "half_down", "ctrl+d", "Half a page down", "Moves half a screen down.", "hidden"),
    _c("lists", "half_up", "ctrl+u", "Half a page up", "Moves half a screen up.", "hidden"),
    _c("lists", "select", "space", "Select the row", "Selects or deselects the row.", "footer=1", "Select"),
    _c("lists", "select_all", "ctrl+a,asterisk", "Select all", "Selects all rows (2,000 at most), or none."),
    _c("lists", "open", "enter", "Open", "Opens or edits what the row stands for."),
    _c("lists", "menu", "m,shift+f10", "Context menu", "What can be done with the row."),
    _c("lists", "range", "V", "Select a range", "Selects from here to where you go; again, it ends there."),
    _c("lists", "drop_range", "escape", "Give up the range", "Selects what was selected before the range.",
       "hidden footer", "Give up the range"),
    _c("lists", "extend_down", "shift+down", "Select downwards", "Selects rows on the way down.", "hidden"),
    _c("lists", "extend_up", "shift+up", "Select upwards", "Selects rows on the way up.", "hidden"),
    # … while a cell is being edited
    _c("editing", "keep_edit", "enter", "Keep what was typed", "Keeps the text of the cell.",
       "priority footer", "Keep"),
    _c("editing", "give_up_edit", "escape", "Discard what was typed", "Leaves the cell as it was.",
       "priority footer", "Cancel"),
    # … while typing in the filter
    _c("filter", "to_list", "enter,down", "To the list", "Goes to the list; the filter stays.", "footer", "List"),
    # The recipients of a draft, and what the address book has for them
    _c("recipients", "to_matches", "down", "To the addresses found", "Goes to the addresses below the field.",
       "footer", "Addresses"),
    _c("recipients", "close_matches", "escape", "Close the addresses found", "Leaves the field as it was typed.",
       "footer", "Close"),
    _c("matches", "take_match", "enter", "Take the address", "Puts the address into the field.", "footer", "Take"),
    _c("matches", "leave_matches", "escape", "Back to the field", "Leaves the field as it was typed.", "footer",
       "Back"),
    # The text of a document
    _c("text", "line_down", "down", "Line of the text down", "Scrolls a line down.", "hidden"),
    _c("text", "line_up", "up", "Line of the text up", "Scrolls a line up.", "hidden"),
    _c("text", "text_page_down", "pagedown,space", "Page of the text down", "Scrolls a screen down.", "hidden"),
    _c("text", "text_page_up", "pageup", "Page of the text up", "Scrolls a screen up.", "hidden"),
    _c("text", "text_half_down", "ctrl+d", "Half a page of the text down", "Scrolls half a screen down.", "hidden"),
    _c("text", "text_half_up", "ctrl+u", "Half a page of the text up", "Scrolls half a screen up.", "hidden"),
    _c("text", "text_top", "home,g g", "Beginning of the text", "Shows the first line.", "hidden", "Top"),
    _c("text", "text_end", "end,G", "End of the text", "Shows the last line.", "hidden"),
    _c("text", "next_document", "j", "Next document", "Shows the text of the next document of the list.", "footer",
       "Next"),
    _c("text", "previous_document", "k", "Previous document", "Shows the text of the document before.", "footer",
       "Previous"),
    _c("text", "ask_for_text", "T", "Show the text", "Reads the document, which your Work server notes.", "footer",
       "Text"),
    _c("text", "find_in_text", "slash", "Find in the text", "Marks what you type in the text.", "footer", "Find"),
    _c("text", "next_place", "n", "Next place", "Goes to the next place that was found in the text.", "footer"),
    _c("text", "previous_place", "N", "Previous place", "Goes to the place before.", "hidden"),
    _c("text", "end_find", "escape", "End the search", "Removes the marks of what was found in the text.", "footer",
       "End search"),
    _c("text", "leave_text", "escape", "Back to the list", "The keys are those of the list again.", "footer", "List"),
    _c("text_field", "to_text", "enter,down", "To the text", "Goes to the text; the marks stay.", "footer", "Text"),
    _c("text_field", "drop_find", "escape", "Give up the search", "Removes the marks, and goes to the text.", "footer",
       "Cancel"),
    # The tree
    _c("tree", "cursor_down", "down,j", "Next node", "Moves to the next node of the tree.", "hidden"),
    _c("tree", "cursor_up", "up,k", "Previous node", "Moves to the node before.", "hidden"),
    _c("tree", "scroll_home", "home,g g", "First node", "Moves to the first node; after a number, to that one.",
       "hidden", "Top"),
    _c("tree", "scroll_end", "end,G", "Last node", "Moves to the last node; after a number, to that one.", "hidden"),
    _c("tree", "page_down", "pagedown", "Page of nodes down", "Moves a screen down.", "hidden"),
    _c("tree", "page_up", "pageup", "Page of nodes up", "Moves a screen up.", "hidden"),
    _c("tree", "half_down", "ctrl+d", "Half a page down", "Moves half a screen down.", "hidden"),
    _c("tree", "half_up", "ctrl+u", "Half a page up", "Moves half a screen up.", "hidden"),
    _c("tree", "fold", "left,h", "Fold", "Closes the branch, or goes to its parent.", "hidden"),
    _c("tree", "unfold", "right", "Unfold", "Opens the branch.", "hidden"),
    _c("tree", "toggle_node", "space", "Fold or unfold", "Opens or closes the branch.", "hidden"),
    _c("tree", "enter", "l", "Enter", "Shows what is in it, and goes to the list.", "hidden"),
    _c("tree", "select_cursor", "enter", "Open", "Shows what is in it, and opens or closes the branch."),
    _c("tree", "menu", "m,shift+f10", "Context menu", "What can be done with the folder."),
    # The first screen; escape does this before anything else that it may do
    _c("main", "clear", "escape", "Clear",
       "Ends the filter; again, removes the marks of its matches; then clears the selection.", "footer"),
    _c("main", "unseen_links", "R", "Unfinished send…",
       "Resumes a send that was not finished, or shows its links.", "footer", "Resume send"),
    # … documents that are not sent yet
    _c("picker", "send", "s", "Secure Sent Links…", "Sends the selected documents as secure links.", "footer menu",
       "Secure Sent Links…"),
    _c("picker", "versions", "v", "Versions…", "Chooses another version of the document.", "footer=3 menu"),
    _c("picker", "first_lines", "T", "Text", "The first lines of the document, beside the list or over it.", "menu"),
    _c("picker", "carries", "C", "What it carries", "Comments, changes and the like within the document.", "menu",
       "Carries"),
    # … the results of a search
    _c("found", "leave_found", "escape", "Back", "Shows the list that was there before the search.", "footer"),
    # … documents that were sent
    _c("folder", "unpublish", "u", "Unpublish",
       "Stops the link at once; the document stays. Asks if several are selected.", "footer menu"),
    _c("folder", "undo_unpublish", "z", "Undo unpublish or delete",
       "Brings documents back as they were; within 30 seconds of unpublishing or deleting them.", "footer menu",
       "Undo"),
    _c("folder", "send_again", "s", "Secure Sent Links… (send again)",
       "New password, expiry or limit for the same document and link; a link that is off works again.",
       "footer menu", "Send again"),
    _c("folder", "delete", "d,delete", "Delete…", "Moves the document to the trash; its link stops.", "footer menu"),
    _c("folder", "copy_link", "c", "Copy link", "Puts the links on the clipboard.", "footer menu"),
    _c("folder", "plain_links", "C", "Show the links alone", "Shows the links alone, for selecting them by hand.",
       "menu", "Links"),
    _c("folder", "write_mail", "w", "Write an e-mail…", "Opens a draft with the links of the selected documents.",
       "menu", "E-mail"),
    _c("folder", "show_code", "x", "Show as QR code", "Shows the links as QR codes.", "menu", "QR"),
    _c("folder", "whole_send", "e", "Select the entire send",
       "Selects what was sent together, in its order: to copy, mail or unpublish it as one.", "menu", "Entire send"),
    _c("folder", "fetch", "o", "Fetch a copy", "Fetches the document to this machine; not counted.", "menu", "Fetch"),
    _c("folder", "sent_text", "T", "Text", "The first lines of what was sent, beside the list or over it.", "menu"),
    _c("folder", "unlock", "U", "Unlock", "Lifts the lock and the waits caused by wrong passwords.", "menu footer"),
    _c("folder", "trash", "t", "Trash", "Shows what was deleted.", "menu"),
    # … what was deleted
    _c("trash", "restore", "r", "Restore", "Brings the document back, unpublished.", "footer menu"),
    _c("trash", "empty_trash", "E", "Empty the trash…", "Permanently deletes everything in the trash.", "footer menu",
       "Empty"),
    _c("trash", "leave_trash", "t,escape", "Back to the folder", "Shows the folder again.", "footer", "Back"),
    # … folders and shortcuts
    _c("places", "add_favorite", "f", "Add to My Favorites", "Adds a shortcut to it to My Favorites.", "menu"),
    _c("places", "rename_favorite", "e,f2", "Rename the shortcut…", "Gives the shortcut in My Favorites another name.",
       "menu"),
    _c("places", "remove_favorite", "F", "Remove from My Favorites",
       "Removes the shortcut; what it leads to stays.", "menu"),
    _c("places", "members", "p", "Members…", "Who else sees the folder; adds and removes people.", "menu footer"),
    _c("places", "delete_folder", "D", "Delete the folder…",
       "Moves the whole folder to the trash; its links stop. Asks twice.", "menu"),
    # … anything that is listed
    _c("main", "facts", "i", "Details", "What is known of the document, and its latest events.",
       "footer=3 menu", "Details"),
    _c("main", "details_pane", "I", "Details beside the list", "Shows or hides them, where there is room.", "",
       "Details pane"),
    _c("main", "scroll_text_down", "J", "Scroll the text down", "Scrolls the text beside the list.", "hidden"),
    _c("main", "scroll_text_up", "K", "Scroll the text up", "Scrolls the text beside the list.", "hidden"),
    _c("main", "audit_document", "a", "Activity", "What happened to the document, on both sides.",
       "menu", "Activity"),
    _c("main", "filter", "slash", "Filter", "Shows only rows that contain what you type.", "footer"),
    _c("main", "next_match", "n", "Next match", "Goes to the next row that the filter has found.", "footer"),
    _c("main", "previous_match", "N", "Previous match", "Goes to the row before that the filter has found."),
    _c("main", "find", "ctrl+f", "Find in the library…",
       "Finds documents anywhere in it: by name, number, author or class.", "footer", "Find"),
    _c("main", "sent_copies", "c", "Sent copies",
       "Searches the copies in Secure Sent Links too, or no longer.", "footer"),
    _c("main", "sort", "S", "Sort by the next column", "Sorts the list by the next column: A to Z, newest first.",
       "", "Sort"),
    _c("main", "reverse", "Z", "Reverse the order", "Sorts the list by the same column the other way round.",
       "", "Reverse"),
    _c("main", "go_sent", "g s", "Go to what you sent", "Shows the folder that you send to.", "", "Sent"),
    _c("main", "go_worklist", "g w", "Go to the worklist", "Shows the documents that you used last.", "", "Worklist"),
    _c("main", "go_checked_out", "g c", "Go to what is checked out", "Shows the documents that you have checked out.",
       "", "Checked out"),
    _c("main", "local_files", "g l", "Go to the local files", "Shows the files of this machine.", "", "Local files"),
    _c("main", "go_home", "g h", "Go home", "Shows the place that the program began with.", "", "Home"),
    _c("main", "enter", "l", "Enter", "Opens the folder or the document under the cursor.", "hidden"),
    _c("main", "ascend", "h", "Up, or to the tree", "Opens the folder around this one; from a top one, to the tree.",
       "hidden"),
    _c("main", "undo", "z", "Undo", "Undoes what you did last, if it can be undone.", "footer"),
    _c("main", "parent", "backspace", "Up one folder", "Opens the folder that this one is in.", "", "Up"),
    _c("main", "reload", "f5", "Reload", "Loads the list again."),
    _c("main", "audit", "A", "All activity", "What happened to all your documents, on both sides."),
    _c("main", "show_notices", "g n,f8", "Notices", "What recipients did lately, the newest first."),
    _c("main", "policy", "P", "Policy…", "The rules for passwords, expiration dates and limits. For administrators."),
    _c("main", "stop_link", "B", "Stop a link…",
       "Unpublishes another person's document, by its ID. For administrators."),
    _c("main", "settings", "comma", "Settings…", "Colours, animation and the like."),
    _c("main", "sign_in", "L", "Sign in…", "Signs in with name and password, also as another user."),
    _c("main", "sessions", "M", "Your sessions…", "What you are signed in with, and since when; signs out there.",
       "", "Sessions"),
    _c("main", "quit", "q", "Quit", "Ends the program; asks if something is being sent or changed.", "hidden footer"),
    # Dialogs
    _c("dialogs", "close", "escape", "Close", "Closes the dialog; asks first if something would be lost.", "footer"),
    _c("versions", "next_version", "space", "Next version", "Chooses the row's next version.", "footer=1.5"),
    # The footer shows them as one.
    _c("versions", "earlier_version", "left", "Earlier version",
       "Chooses the previous version; before the first comes the latest.", "priority footer=1", "Earlier"),
    _c("versions", "later_version", "right", "Later version",
       "Chooses the next version; after the latest comes the first.", "priority footer=1", "Version"),
    _c("versions", "accept", "enter", "OK", "Continues with the chosen versions.", "footer priority"),
    _c("send", "send_now", "ctrl+s", "Send", "Uploads, publishes, and opens a draft e-mail.", "priority footer"),
    _c("send", "copy_now", "ctrl+y", "Copy to Clipboard", "Uploads, publishes, and puts the links on the clipboard.",
       "priority footer=1", "Copy"),
    _c("send", "retry", "ctrl+t", "Send the failed rows again", "Sends the failed rows again, and no others.",
       "priority footer", "Try again"),
    _c("send", "generate", "ctrl+g", "Make a strong password", "Fills in a strong password.", "priority footer=1",
       "Make password"),
    _c("send", "presets", "ctrl+o", "Presets…", "Fills in settings that have a name, or those of your last send.",
       "priority footer=1", "Presets"),
    _c("send", "reveal", "ctrl+r", "Show or hide the password", "Shows or hides the password.", "priority"),
    _c("send", "cancel_sending", "escape", "Cancel sending", "Stops the send; asks first.", "footer"),
    _c("send_rows", "rename", "e,enter,f2", "Rename the link", "Edits the name of the link in place.", "footer menu",
       "Rename"),
    _c("send_rows", "remove", "d,delete", "Remove the row", "Removes the row from the list.", "footer=1 menu",
       "Remove"),
    # The footer shows them as one.
    _c("send_rows", "move_up", "K,alt+up", "Move the row up", "Puts the link before the one above.", "footer menu",
       "Up"),
    _c("send_rows", "move_down", "J,alt+down", "Move the row down", "Puts the link after the one below.",
       "footer menu", "Move"),
    _c("send_rows", "carries", "I", "What it carries", "Comments, changes and the like within the document.",
       "footer=1 menu", "Carries"),
    _c("send_rows", "undo", "z", "Undo", "Undoes the last move, removal or renaming, or a preset.", "menu"),
    _c("resend", "reveal", "ctrl+r", "Show or hide the password", "Shows or hides the password.", "priority"),
    _c("resend", "generate", "ctrl+g", "Make a strong password", "Fills in a strong password.", "priority footer=1",
       "Make password"),
    _c("resend", "presets", "ctrl+o", "Presets…", "Fills in settings that have a name, or those of your last send.",
       "priority footer=1", "Presets"),
    _c("resend", "resend_now", "ctrl+s", "Send again", "Publishes again with these settings.", "priority footer"),
    _c("draft", "open_mail", "ctrl+o", "Open in the mail program", "Opens the draft in your own mail program.",
       "priority footer", "Mail"),
    _c("draft", "reveal", "ctrl+r", "Show or hide the password", "Shows or hides the password of what was sent.",
       "priority footer=1", "Password"),
    _c("draft", "copy_password", "ctrl+g", "Copy the password",
       "Puts the password on the clipboard, and removes it later if possible.", "priority footer=1",
       "Copy password"),
    _c("draft", "choose_mail", "ctrl+n", "Open in…", "Chooses where the draft goes: a program, your mailbox, a server.",
       "priority footer=2", "Open in…"),
    _c("draft", "put_in_drafts", "ctrl+d", "Put into Drafts", "Puts the draft into the Drafts folder of your mailbox.",
       "priority footer=1", "Drafts"),
    _c("draft", "save_draft", "ctrl+s", "Save as file", "Saves the draft as a file that mail programs open.",
       "priority footer=1", "Save"),
    _c("draft", "copy_links", "ctrl+y", "Copy the links", "Puts the links on the clipboard again.", "priority footer",
       "Copy"),
    _c("draft", "plain_links", "ctrl+t", "Show the links alone",
       "Shows the links alone, for selecting them by hand with the terminal's mouse.", "priority", "Links alone"),
    # Not a priority key: x is a letter in the fields.
    _c("draft", "show_code", "f4,x", "Show as QR code", "Shows the links as QR codes.", "footer=1", "QR"),
    _c("links", "write_mail", "w", "Write an e-mail…", "Opens a draft with these links.", "footer", "E-mail"),
    _c("help", "open_guides", "g", "Guides", "How to do things, a page for each.", "hidden footer"),
    _c("help", "search_help", "slash", "Search", "Shows only what contains the words that you type.", "footer"),
    _c("help", "end_search", "escape", "End the search", "Shows all of the help again.", "footer", "All of it"),
    _c("guides", "previous_guide", "backspace", "Back", "Shows the guide before, or the list of all.", "footer"),
    _c("guides", "guide_down", "j", "Line down", "Moves a line down.", "hidden"),
    _c("guides", "guide_up", "k", "Line up", "Moves a line up.", "hidden"),
    _c("codes", "next_code", "right,space", "Next code", "Shows the QR code of the next link.", "footer", "Next"),
    _c("codes", "previous_code", "left", "Previous code", "Shows the QR code of the link before.", "footer",
       "Previous"),
    _c("members", "add_member", "a", "Add a person", "Goes to the field for the name; enter there adds the person.",
       "footer"),
    _c("members", "remove_member", "d,delete", "Remove the person", "The person can no longer see the folder.",
       "footer menu", "Remove"),
    _c("sessions", "end_session", "d,delete", "Sign out", "Ends the session; what uses it has to sign in again.",
       "footer menu"),
    _c("sessions", "end_others", "O", "Sign out all others", "Ends all sessions except the one you are using.",
       "footer menu", "All others"),
    _c("sessions", "reload_sessions", "f5", "Reload", "Loads the list again."),
    _c("timeline", "filter_events", "slash", "Filter", "Shows only events that contain what you type.", "footer"),
    _c("timeline", "end_filter", "escape", "End the filter", "Shows all events again.", "footer", "All events"),
    _c("timeline", "reload_events", "f5", "Reload", "Loads the events again."),
    _c("timeline", "same_kind", "e", "Only this kind", "Shows only events of the kind of this one, or all again.",
       "footer", "Kind"),
    _c("timeline", "same_person", "p", "Only this person",
       "Shows only what this person did, or came from this address; or all again.", "footer", "Person"),
    _c("timeline", "same_document", "d", "Only this document", "Shows only events of this document, or all again.",
       "footer", "Document"),
    _c("timeline", "toggle_times", "t", "How long ago, or when", "Shows how long ago it was, or the exact time.",
       "footer", "Times"),
    _c("notices", "show_activity", "a", "Activity", "All that happened to the document.", "footer",
       "Activity"),
    _c("policy", "edit_rule", "e,enter,f2", "Change the rule", "Edits the value in place; empty means no rule.",
       "footer", "Change"),
    _c("policy", "toggle_rule", "space", "Toggle", "Toggles a rule that is yes or no."),
    _c("policy", "save_policy", "ctrl+s", "Save", "Applies the rules to everyone.", "priority footer"),
    _c("settings", "change_setting", "space,enter", "Change", "Chooses the setting's next value, and saves it.",
       "footer"),
    _c("sign_in", "sign_in_now", "ctrl+s", "Sign in", "Signs in with this name and password.", "priority footer"),
    _c("ask", "keep", "ctrl+s", "OK", "Accepts what was typed, like enter.", "priority footer"),
    _c("questions", "yes", "y", "Yes", "Yes.", "footer"),
    _c("questions", "no", "n,escape", "No", "No.", "footer"),
    _c("questions", "in_background", "b", "In background", "Ends the program; the send continues without it.",
       "footer"),
)
# fmt: on

_SPELLED = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")
_SPELLED_AS_WORDS = ("enter", "backspace")
_BY_NAME: dict[str, Command] = {command.name: command for command in COMMANDS}


def bindings(*places: str) -> list[BindingType]:
    """Return Textual's bindings for the commands of some places."""
    return [
        Binding(
            command.keys,
            command.action,
            command.label,
            show=command.footer,
            priority=command.priority,
            tooltip=command.help,
            id=command.name,
        )
        for command in COMMANDS
        if command.place in places
    ]


def command_of(binding: Binding) -> Command | None:
    """Return the command that a binding was made from."""
    return _BY_NAME.get(binding.id or "")


def commands_of(*places: str) -> list[Command]:
    """Return the commands of some places, in the order of their declaration."""
    return [command for command in COMMANDS if command.place in places]


def own_keys(app: App[Any]) -> Mapping[str, str]:
    """Return the user's own keys in ``app``, by the names of commands. The app of a test may have none."""
    keys: Mapping[str, str] = getattr(app, "keys", {})
    return keys


def keys_of(name: str, app: App[Any]) -> list[str]:
    """Return the keys of the command of that name in ``app``, as Textual calls them."""
    return own_keys(app).get(name, _BY_NAME[name].keys).split(",")


def spelled(text: str, app: App[Any]) -> str:
    """Return ``text`` with the names of commands (``{folder.unpublish}``) replaced by their keys in ``app``.

    Some keys are spelled as words in sentences, as not every terminal's font has the signs that the footer uses.
    """

    def spell(found: re.Match[str]) -> str:
        key = keys_of(found[1], app)[0]
        return key if key in _SPELLED_AS_WORDS else str(app.get_key_display(Binding(key, found[1])))

    return _SPELLED.sub(spell, text)


def find(name: str) -> Command | None:
    """Return the command that has this name in the configuration."""
    return _BY_NAME.get(name)
