"""Runs the commands of a screen by each of their keys, by the palette and by the mouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList

from tests.support.app.app import screen_of, until
from tests.support.checks.long import IS_LONG
from tui.commands.command import Command
from tui.ui.base.menu import Menu, Offer, offered
from tui.ui.base.screen_commands import ScreenCommand
from tui.ui.textual_patches.sequences import BETWEEN
from tui.ui.widgets.footer import Footer
from tui.ui.widgets.table import Table


class Played:
    """Runs the commands of the top screen; what they do is replaced, so that the screen stays as it is.

    ``left`` are the names of the commands that are still to be run.
    """

    def __init__(self, pilot: Pilot[Any], names: Iterable[str] = ()) -> None:
        self.pilot = pilot
        self.left = set(names)
        self.calls: list[str] = []
        self._by_mouse_next = False
        self._screens = 0

    async def all(self) -> None:
        """Runs each command that is left and available now: by its keys, by the footer if that shows it, and as an
        entry of the palette and the menu if they list it. Those that the palette hides move around (the mouse does that
        anyway), or are available under another key too. In the short form, each is run by its first key, and some of
        them in the other ways: palette and menu are the same on every screen, and are opened on one of three in turn.
        """
        screen = self.pilot.app.screen
        await self.pilot.pause()
        offers = [offer for offer in offered(screen) if offer.command.name in self.left]
        assert offers
        for number, offer in enumerate(offers):
            with self._replaced(offer):
                await self._by_keys(screen, offer)
                clicks = IS_LONG or not number % 4
                if clicks and await self._click_key(screen, offer.command.action):
                    await self._expect(offer, "the footer")
        palette = [offer for offer in offers if offer.command.palette]
        if IS_LONG or self._screens % 3 == 0:
            await self._by_palette(screen, palette if IS_LONG else palette[-2:])
        if isinstance(screen.focused, Table) and (IS_LONG or self._screens % 3 == 1):
            await self._by_menu(screen, [offer for offer in offers if offer.command.menu])
        self._screens += 1
        for offer in offers:
            self.left -= {f"{place}.{offer.command.id}" for place in _same(offer.command)}

    @contextmanager
    def _replaced(self, offer: Offer) -> Iterator[None]:
        """A command that only notes that it was called."""
        name = f"action_{offer.command.id}"
        own = vars(offer.node).get(name)
        call = partial(self.calls.append, offer.command.id)
        setattr(offer.node, name, call)
        # Screens keep their commands in a register.
        register: dict[str, ScreenCommand] = getattr(offer.node, "register", {})
        known = register.get(offer.command.id)
        if known is not None:
            register[offer.command.id] = ScreenCommand(call, known.disabled_reason, label=known.label)
        yield
        delattr(offer.node, name)
        if own is not None:
            setattr(offer.node, name, own)
        if known is not None:
            register[offer.command.id] = known

    async def _expect(self, offer: Offer, how: str) -> None:
        await until(self.pilot, lambda: self.calls, f"{offer.command.name} by {how}")
        assert self.calls == [offer.command.id], f"{offer.command.name} by {how}"
        self.calls.clear()

    async def _by_keys(self, screen: Screen[Any], offer: Offer) -> None:
        for key in offer.keys if IS_LONG else offer.keys[:1]:
            await self.pilot.press(*key.split(BETWEEN))
            await self._expect(offer, key)
            assert self.pilot.app.screen is screen

    async def _by_palette(self, screen: Screen[Any], offers: list[Offer]) -> None:
        """The palette lists all of them, and one is chosen: by the keyboard and by the mouse in turn. The others are
        called as the palette would."""
        if not offers:
            return
        mouse, self._by_mouse_next = self._by_mouse_next, not self._by_mouse_next
        if mouse:
            await self._click_key(screen, "command('command_palette')")
        else:
            await self.pilot.press("ctrl+p")
        palette = await screen_of(self.pilot, CommandPalette)
        found = palette.query_one(CommandList)
        wanted = [f"{offer.command.title}  ({offer.shown[0]})" for offer in offers]

        def places() -> list[int | None]:
            """Where each of them is listed."""
            prompts = [str(found.get_option_at_index(i).prompt) for i in range(found.option_count)]
            return [
                next((i for i, prompt in enumerate(prompts) if prompt.startswith(title)), None)
                for title in wanted
            ]

        await until(self.pilot, lambda: None not in places(), f"{wanted} in the palette")
        # Those of now: a command of the palette acts on what it was opened over.
        entries = {entry.title: entry for entry in self.pilot.app.get_system_commands(screen)}
        with self._replaced(offers[-1]):
            found.highlighted = places()[-1]
            await self.pilot.pause()
            if mouse:
                await _click_option(self.pilot, found)
            else:
                await self.pilot.press("enter")
            await until(self.pilot, lambda: self.pilot.app.screen is screen, "the screen below")
            await self._expect(offers[-1], "the palette")
        for offer, title in zip(offers[:-1], wanted, strict=False):
            with self._replaced(offer):
                entries[title].callback()
                await self._expect(offer, "the palette's entry")

    async def _click_key(self, screen: Screen[Any], action: str) -> bool:
        bar = screen.query_one(Footer)
        bar.refresh()
        await self.pilot.pause()
        for start, _, _, binding in bar._key_spans:
            if binding.action == action:
                await self.pilot.click(Footer, offset=(start + 1, 0))
                return True
        return False

    async def _by_menu(self, screen: Screen[Any], offers: list[Offer]) -> None:
        """The menu, opened by the right button, lists all of them, and the last one is clicked."""
        table = screen.focused
        assert isinstance(table, Table)
        if not offers:
            return
        await self.pilot.click(table, offset=(10, table.cursor + 1 - table.scroll_offset.y), button=3)
        menu = await screen_of(self.pilot, Menu)
        options = menu.query_one(OptionList)
        for offer in offers:
            options.get_option_index(offer.command.id)
            assert menu._actions[offer.command.id] == offer.command.action
        with self._replaced(offers[-1]):
            options.highlighted = options.get_option_index(offers[-1].command.id)
            await _click_option(self.pilot, options)
            await until(self.pilot, lambda: self.pilot.app.screen is screen, "the screen below")
            await self._expect(offers[-1], "the menu")


async def _click_option(pilot: Pilot[Any], options: OptionList) -> None:
    """Clicks on the option that is highlighted."""
    await pilot.pause()
    line = next(y for y in range(options.size.height) if _option_at(options, y) == options.highlighted)
    await pilot.click(options, offset=(5, line + options.gutter.top))


def _option_at(options: OptionList, y: int) -> int | None:
    """Which option a line of the list shows."""
    for segment in options.render_line(y):
        if segment.style is not None and "option" in segment.style.meta:
            return int(segment.style.meta["option"])
    return None


def _same(command: Command) -> tuple[str, ...]:
    """The places in which the command of that id is the very same action."""
    if command.id in ("help", "quit", "command_palette"):
        return ("everywhere", "outside_fields", "main")
    return (command.place,)
