"""Whom links are for: a field, and below it the addresses that fit what is typed, from earlier sends and from the
user's address book."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from ...commands.command import HIDDEN
from ...override import override
from ...rules.address_book import LOOK_ALIKE, offered
from ...rules.addresses import check_finished, mailbox_of, parse_addresses
from ...rules.errors import InvalidValue, Problem
from ...rules.policy import Policy
from ...rules.text import printable
from ..base.workers import lines_that_say, worker_action
from ..textual_patches.options import SteadyList
from ..widgets.field import Field
from ..widgets.fit import cells, fit_address
from ..widgets.keyed import Keyed

if TYPE_CHECKING:
    from ...rules.odd_recipients import KnownRecipients, RecipientsNote
    from ..base.app_screen import AppScreen

#: What the user has to know about the field.
RECIPIENTS_NOTE = "For your records only: anyone with the link can open it."
_HINTS = ("name@example.com, …", "addresses")
#: The cells that the frame of the addresses takes, its lines, and the lines that they have at most with it.
_FRAME_WIDTH, _FRAME_LINES, _MOST_LINES = 4, 2, 10
#: After this time without a key, what is odd about the addresses is told: until then, half of one would be.
_REST_SECONDS = 0.6


class Matches(Keyed, SteadyList):
    """The addresses that were found; shown only if there are any."""

    PLACES = ("matches", "options")

    def action_next_address(self) -> None:
        """Move to the next address."""
        self.action_cursor_down()

    def action_previous_address(self) -> None:
        """Move to the address before."""
        self.action_cursor_up()

    def action_take_match(self) -> None:
        """Take the address under the cursor."""
        self.action_select()

    def action_leave_matches(self) -> None:
        """Close the list, and go back to the field as it was typed."""
        cast("Recipients", self.parent).close()


class RecipientsField(Keyed, Field):
    """The field itself."""

    PLACES = ("recipients",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._typed = ""

    @property
    def is_typed(self) -> bool:
        """Whether the user has typed what the field holds; an editor, for example, may also have changed it."""
        return self.value == self._typed

    @override
    def replace(self, text: str, start: int, end: int) -> None:
        # Every key that changes the text ends here, and so does what is pasted.
        if start == end == len(self.value) and self.value.endswith(", "):
            # What is between two addresses is there already behind one that was taken.
            text = text.lstrip(" ,;")
        super().replace(text, start, end)
        self._typed = self.value

    def on_paste(self, event: events.Paste) -> None:
        """Lines that are pasted are addresses, too: any other field takes only the first."""
        lines = [line.strip(" \t,;") for line in event.text.splitlines()]
        if len(lines) > 1:
            event.prevent_default()
            event.stop()
            self.replace(", ".join(filter(None, lines)), *self.selection)

    @property
    def _recipients(self) -> Recipients:
        return self.query_ancestor(Recipients)

    @override
    def disabled_reason(self, action: str) -> str | None:
        if action in ("to_matches", "close_matches") and not self._recipients.matches.display:
            return HIDDEN
        return super().disabled_reason(action)

    def action_close_matches(self) -> None:
        """Close the addresses that were found, before the key closes anything else."""
        self._recipients.close()

    def action_to_matches(self) -> None:
        """Go to the first of the addresses that were found."""
        matches = self._recipients.matches
        matches.highlighted = 0
        matches.focus()


class Recipients(Vertical):
    """``To`` with its field, which holds ``value`` at first."""

    DEFAULT_CSS = """
    Recipients { height: auto; }
    Recipients Horizontal { height: 1; }
    Recipients Matches { width: 1fr; max-height: 10; border: round $text; padding: 0 1; display: none;
        overlay: screen; constrain: inside; text-wrap: nowrap; text-overflow: ellipsis; }
    Recipients Matches:focus { border: round $text; }
    """

    class NotesChanged(Message):
        """Something else is odd about the addresses by now; :attr:`Recipients.notes` has it."""

        def __init__(self, notes: list[RecipientsNote]) -> None:
            super().__init__()
            self.notes = notes

    def __init__(self, value: str = "", hints: Sequence[str] = _HINTS, policy: Policy | None = None) -> None:
        """``hints`` are for the empty field, each shorter than the one before it. ``policy``: if it isn't given, it is
        read when the user first types."""
        super().__init__()
        #: What is odd about the addresses, gravest first.
        self.notes: list[RecipientsNote] = []
        self._policy = policy
        #: What they are held against; ``None`` until it is loaded, with the addresses of earlier sends.
        self._known: KnownRecipients | None = None
        self._rest: Timer | None = None
        # Kept here, since a message may arrive when the dialog is being closed, and has no widgets any more.
        self.field = RecipientsField(value, id="to", compact=True, select_on_focus=False)
        self.field.show_hint(*hints)
        self.matches = Matches(id="matches", markup=False)
        #: The addresses of earlier sends; ``None`` until the user first types: most drafts are opened as they are.
        self._earlier: list[str] | None = None
        #: The addresses that are offered, and how they are shown.
        self._shown: dict[str, str] = {}
        #: What the address book had last.
        self._found: list[str] = []
        #: What was last said to be wrong with the addresses, here or because they were to be used.
        self._wrong = ""
        #: What was last said to be wrong with an address that others follow.
        self._wrong_before = ""
        #: How many lines below the field the addresses leave free.
        self._free_lines = 0
        #: The size of the screen in which they were placed last.
        self._placed_in = Size()
        self._value = value
        #: Whether the user has closed the addresses: they stay closed until the text changes.
        self._is_closed = False

    @override
    def compose(self) -> ComposeResult:
        yield Horizontal(Label("To"), self.field, classes="line")
        yield self.matches

    @on(events.DescendantBlur)
    def _left(self) -> None:
        self.call_after_refresh(self._close_if_left)

    def _close_if_left(self) -> None:
        # A screen that has been closed may have lost parts by now.
        if self.field.is_attached and self.screen.is_current and not self.has_focus_within:
            # Below the field, the addresses cover what the user has gone to.
            self._show([])
            self._check()
            self.look()

    def _check(self) -> None:
        """Say what is wrong with what was typed."""
        self._wrong = self._say_instead(self._wrong, _fault(self.field.value))

    def _check_finished(self) -> None:
        """Say what is wrong with an address as soon as the next one is begun."""
        self._wrong_before = self._say_instead(self._wrong_before, _fault(self.field.value, check_finished))

    def _say_instead(self, before: str, wrong: str) -> str:
        """Say what is wrong in place of what was said before, or nothing any more. Returns it."""
        if wrong:
            cast("AppScreen", self.screen).say(wrong, "bad")
            return wrong
        for line in lines_that_say(self.screen, before):
            line.say("")
        return wrong

    def _look_later(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST_SECONDS, self.look)

    def take_policy(self, policy: Policy) -> None:
        """Apply the policy as it is by now."""
        self._policy = policy
        self.look()

    def look(self) -> list[RecipientsNote]:
        """What is odd about the addresses as they are now; what isn't complete isn't looked at."""
        from ...rules.odd_recipients import KnownRecipients, notes

        try:
            addresses = parse_addresses(self.field.value)
        except InvalidValue:
            addresses = ()
        found = notes(addresses, self._known or KnownRecipients(), self._policy or Policy())
        if found != self.notes:
            self.notes = found
            self.post_message(self.NotesChanged(found))
        return found

    @worker_action(group="earlier recipients")
    async def _load_earlier(self) -> None:
        # They are an offer only: whatever is wrong shows as soon as something is sent.
        with suppress(Problem):
            app = cast("AppScreen", self.screen).app
            share = app.session.share
            from ...sending.recipients import known_recipients

            if self._policy is None:
                self._policy = await share.policy()
            self._known = await known_recipients(share, app.preferences.mail.mail_from)
            self._earlier = list(self._known.earlier or ())
            self.look()
            if self.field.has_focus:
                self._find()

    @on(Input.Changed, "#to")
    def _changed(self) -> None:
        self._is_closed = False
        if lines_that_say(self.screen, fault := _fault(self._value)):
            # It will be over when the field is left.
            self._wrong = fault
        self._value = self.field.value
        if self.field.has_focus:
            self._check_finished()
        if self._policy is not None or self.field.is_typed:
            self._look_later()
        if self.matches.has_focus and not self.field.is_typed:
            # They would complete what the field doesn't hold any more.
            self.close()
        elif self.field.has_focus:
            if self._earlier is None and self.field.is_typed and self.field.value:
                self._earlier = []
                self._load_earlier()
            self._find()

    @worker_action(exclusive=True, group="recipients")
    async def _find(self) -> None:
        from ...mail.query import find_addresses, fragment
        from ...rules.odd_recipients import KnownRecipients

        # Offered is only what fits something typed: below the field, the addresses cover what comes next.
        typed, earlier = fragment(self.field.value) if self.field.is_typed else "", self._earlier or []
        # What is known already isn't held up by the address book, and what still fits doesn't flicker.
        odd = self._known.look_alikes if self._known else frozenset()
        self._offer(typed, offered(typed, [*earlier, *self._found], (), odd), odd)
        if command := cast("AppScreen", self.screen).app.preferences.mail.mail_query_command:
            self._found = await asyncio.to_thread(find_addresses, command, typed)
            odd = (self._known or KnownRecipients()).look_alikes_with(self._found)
            self._offer(typed, offered(typed, earlier, self._found, odd), odd)

    def _offer(self, typed: str, addresses: list[str], odd: Collection[str]) -> None:
        """Show the addresses for what was ``typed``, those of ``odd`` mailboxes marked, unless it is one of them, or
        has changed in the meantime."""
        from ...mail.query import fragment

        if self.matches.has_focus or self._is_closed:
            # What the user is choosing from stays, and what they have closed doesn't come back.
            return
        current = self.field.is_typed and typed == fragment(self.field.value) and self.field.has_focus
        self._show(addresses if current and typed not in addresses else [], odd)

    def _show(self, found: list[str], odd: Collection[str] = ()) -> None:
        matches = self.matches
        if not self.field.is_attached or not (found or matches.display):
            return
        self._shown = {address: _marked(address, odd) for address in found}
        matches.highlighted = None
        matches.display = bool(found)
        self._place()
        self.screen.refresh_bindings()

    def _place(self) -> None:
        """Show the addresses below the field, or above it where there is more room, but never over it. They stand where
        it begins, or where the dialog does if they have no room there."""
        matches, field = self.matches, self.field.region
        self._placed_in = self.screen.size
        left = max(field.x - self.region.x - 2, 0)
        room = self.size.width - _FRAME_WIDTH
        if max(map(cells, self._shown.values()), default=0) > room - left:
            left = 0
        lines = {address: fit_address(text, room - left) for address, text in self._shown.items()}
        above, below = field.y, self.screen.size.height - field.bottom - self._free_lines
        height = min(sum(map(len, lines.values())) + _FRAME_LINES, _MOST_LINES)
        is_above = below < height and above > below
        height = min(height, above if is_above else below)
        matches.styles.height, matches.styles.margin = height, (0, 0, 0, left)
        # Laid out, they begin right below the field.
        matches.styles.offset = (0, -field.height - height if is_above else self._free_lines)
        highlighted = matches.highlighted
        matches.set_options([Option("\n".join(part), id=address) for address, part in lines.items()])
        matches.highlighted = highlighted

    def on_mount(self) -> None:
        """Follow the screen: in another size of it, the dialog may have scrolled the field away."""
        self.screen.screen_layout_refresh_signal.subscribe(self, self._laid_out)

    def _laid_out(self, screen: Screen[Any]) -> None:
        if self.matches.display and screen.size != self._placed_in:
            self._placed_in = screen.size
            self.call_after_refresh(self._place_in_sight)

    def _place_in_sight(self) -> None:
        """Give the addresses another place, beside the field."""
        self.field.scroll_visible(animate=False, immediate=True)
        self.call_after_refresh(self._place)

    def leave_free(self, lines: int) -> None:
        """Have the addresses leave so many lines below the field free, in which something is said."""
        if lines != self._free_lines:
            self._free_lines = lines
            if self.matches.display:
                self._place()

    def close(self) -> None:
        """Hide the addresses, and go back to the field."""
        self.hide()
        self.field.focus()

    def hide(self) -> None:
        """Hide the addresses until the text changes."""
        self._is_closed = True
        self._show([])

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        from ...mail.query import completed

        field = self.field
        field.value = completed(field.value, event.option_id or "")
        self.close()
        field.cursor_position = len(field.value)


def noted(notes: Sequence[RecipientsNote]) -> tuple[list[str], str]:
    """What is odd about recipients, for a line, the longest text first, and its tone."""
    # Only needed once something is odd.
    from ...rules.odd_recipients import Oddity, line

    if not notes:
        return [], ""
    is_grave = any(note.oddity is not Oddity.NEW for note in notes)
    return line(notes), "bad" if notes[0].is_refused else "warn" if is_grave else ""


def _marked(address: str, odd: Collection[str]) -> str:
    is_odd = bool(odd) and mailbox_of(address) in odd
    return f"{printable(address)}{LOOK_ALIKE}" if is_odd else printable(address)


def _fault(addresses: str, check: Callable[[str], object] = parse_addresses) -> str:
    """What is wrong with what was typed; empty if nothing is."""
    try:
        check(addresses)
    except InvalidValue as error:
        return error.message
    return ""
