"""The recipients of a draft: a field, and below it the addresses that the user's address book has for what is typed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from ..commands import HIDDEN
from ..textual_patches.options import SteadyList
from ..widgets.field import Field
from ..widgets.keyed import Keyed
from .workers import worker_action

if TYPE_CHECKING:
    from .app_screen import AppScreen


class Matches(Keyed, SteadyList):
    """The addresses that were found; shown only if there are any."""

    PLACES = ("matches",)

    def action_take_match(self) -> None:
        self.action_select()

    def action_leave_matches(self) -> None:
        cast("Recipients", self.parent).close()


class RecipientsField(Keyed, Field):
    """The field itself."""

    PLACES = ("recipients",)

    @property
    def _recipients(self) -> Recipients:
        return self.query_ancestor(Recipients)

    def disabled_reason(self, action: str) -> str | None:
        if action == "to_matches" and not self._recipients.matches.display:
            return HIDDEN
        return super().disabled_reason(action)

    def action_to_matches(self) -> None:
        matches = self._recipients.matches
        matches.highlighted = 0
        matches.focus()


class Recipients(Vertical):
    """``To`` with its field."""

    DEFAULT_CSS = """
    Recipients { height: auto; }
    Recipients Horizontal { height: 1; }
    Recipients Matches { height: auto; max-height: 8; border: none; margin-left: 9; padding: 0; display: none; }
    Recipients Matches:focus { border: none; }
    """

    def compose(self) -> ComposeResult:
        field = RecipientsField(
            id="to", compact=True, placeholder="name@example.com, …", select_on_focus=False
        )
        yield Horizontal(Label("To"), field, classes="line")
        yield Matches(id="matches", markup=False)

    @property
    def field(self) -> RecipientsField:
        return self.query_one(RecipientsField)

    @property
    def matches(self) -> Matches:
        return self.query_one(Matches)

    @on(Input.Changed, "#to")
    def _changed(self) -> None:
        if self.field.has_focus:
            self._find()

    @worker_action(exclusive=True, group="recipients")
    async def _find(self) -> None:
        from ..mail.query import find_addresses, fragment

        command = cast("AppScreen", self.screen).app.preferences.mail.mail_query_command
        found: list[str] = []
        if command:
            typed = fragment(self.field.value)
            found = await asyncio.to_thread(find_addresses, command, typed)
            if typed in found or typed != fragment(self.field.value) or not self.field.has_focus:
                found = []
        self._show(found)

    def _show(self, found: list[str]) -> None:
        matches = self.matches
        if not found and not matches.display:
            return
        matches.clear_options()
        matches.add_options([Option(address, id=address) for address in found])
        matches.display = bool(found)
        self.screen.refresh_bindings()

    def close(self) -> None:
        """Hide the addresses, and go back to the field."""
        self.field.focus()
        self._show([])

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        from ..mail.query import completed

        field = self.field
        field.value = completed(field.value, event.option_id or "")
        self.close()
        field.cursor_position = len(field.value)
