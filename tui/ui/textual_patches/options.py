"""Lists of options, including the command palette."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events, on, work
from textual.app import ComposeResult
from textual.command import Command, CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.strip import Strip
from textual.widgets import Input, OptionList
from textual.worker import WorkerError

from ...override import override

_REVERSE = Style(reverse=True)


class SteadyList(OptionList):
    """Textual's list of options fails on a page key that arrives before it has been laid out, and on a click on an
    option that was removed, but not yet painted over. And it draws none in reverse video."""

    #: Whether its cursor is that of the screen, although it doesn't have the focus.
    leads = False

    def render_line(self, y: int) -> Strip:
        """Draw the option under the cursor in reverse video where that is what a cursor looks like."""
        strip = super().render_line(y)
        acts = self.highlighted is not None and (self.leads or self.has_focus)
        if acts and self.app.theme_variables.get("cursor-style") == "reverse":
            shown = next((segment.style.meta.get("option") for segment in strip if segment.style), None)
            if shown == self.highlighted:
                # In one colour: what is quiet would have a ground of its own.
                plain = _REVERSE + Style(color=self.rich_style.color)
                return Strip(Segment.apply_style(strip, post_style=plain), strip.cell_length)
        return strip

    @override
    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    @override
    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]

    def action_first_option(self) -> None:
        """Move to the first option."""
        self.action_first()

    def action_last_option(self) -> None:
        """Move to the last option."""
        self.action_last()

    def action_half_down(self) -> None:
        """Move down by half of what is visible."""
        self._move_half(1)

    def action_half_up(self) -> None:
        """Move up by half of what is visible."""
        self._move_half(-1)

    def _move_half(self, direction: int) -> None:
        """Move by half of what is visible, at most to an end; only options that can be chosen count."""
        able = [index for index, option in enumerate(self.options) if not option.disabled]
        if not able:
            return
        at = able.index(self.highlighted) if self.highlighted in able else 0
        half = max(self.scrollable_content_region.height // 2, 1)
        self.highlighted = able[min(max(at + direction * half, 0), len(able) - 1)]

    async def _on_click(self, event: events.Click) -> None:
        if event.style.meta.get("option", 0) >= self.option_count:
            # Keeps the event from Textual's own handler.
            event.prevent_default()


class _SteadyCommands(CommandList, SteadyList):
    """The bases are in this order because style sheets only look at the first one."""

    # What is typed goes to the field, and enter to the list.
    leads = True


class SteadyPalette(CommandPalette):
    """Textual's command palette with a :class:`SteadyList`. Textual's own fails if it is closed while it is still
    searching for commands, and if enter follows at once, it runs a command found for only a part of what was typed."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder)
        #: Set when the user has chosen: what takes a while need not be found any more.
        self.hurried = asyncio.Event()

    @override
    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield _SteadyCommands() if type(widget) is CommandList else widget

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        gather: Any = CommandPalette._gather_commands
        try:
            await gather.__wrapped__(self, search_value)
        except NoMatches:
            if self in self.app.screen_stack:
                raise

    @on(Input.Submitted)
    async def _run(self, event: Input.Submitted) -> None:
        """Run the highlighted command among those found for everything that was typed; at once, so that the keys that
        follow go where it leads."""
        event.stop()
        event.prevent_default()
        self.hurried.set()
        searches = [found for found in self.workers if found.group == self._GATHER_COMMANDS_GROUP]
        for worker in searches:
            # It may have been cancelled in favour of a later one.
            with suppress(WorkerError):
                await worker.wait()
        found = self.query_one(CommandList).highlighted_option
        if isinstance(found, Command) and self in self.app.screen_stack:
            self.app.post_message(self.Closed(option_selected=True))
            self.app.delay_update()
            self.dismiss()
            self.app.call_later(found.hit.command)
