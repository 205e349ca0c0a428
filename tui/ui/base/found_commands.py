"""What the palette finds of commands: those of the screen below and the themes, by their titles and by other words that
people use for them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual.app import SystemCommand
from textual.command import DiscoveryHit, Hit, Hits
from textual.content import Content
from textual.dom import DOMNode
from textual.markup import escape
from textual.screen import Screen
from textual.style import Style
from textual.system_commands import SystemCommandsProvider

from ...commands.command import Command
from ...commands.synonyms import synonyms
from ...override import override
from ..theme import NAMES
from .app_screen import AppScreen, refuse
from .menu import offered, run_if_unchanged
from .palette import Palette

if TYPE_CHECKING:
    from textual.fuzzy import Matcher

    from .screens_app import ScreensApp

#: What quits in vim, and what it scores: whatever else fits it comes after that.
_QUITS, _FIRST = ("q", "q!", "qa", "wq", "x", "quit", "exit"), 1e6
#: By what a score is multiplied if the letters are scattered: such entries come after all that have the words, also
#: after documents, and before the search for all of them.
SCATTERED = 1e-5
#: The same for commands that can't be used: they come after all that can be done and have the words, also after
#: documents.
UNAVAILABLE = 1e-5
#: Lines of a terminal in which the palette also says what each command does.
_LEAST_WITH_HELP = 18
#: What is said of a command that waited for something when it was looked for.
_ABLE_NOW = "That works by now; choose it again."
_THEME_WORDS = "colors colours look dark light"


class FoundCommand(NamedTuple):
    """An entry of the palette, and the words that it is found by besides its title; an ``exact`` one by nothing else
    than its words' beginnings."""

    entry: SystemCommand
    also: str
    exact: bool = False
    #: The id of a command.
    ident: str = ""
    #: Why it does nothing now; choosing it says so.
    why: str = ""


def found_commands(app: ScreensApp, screen: Screen[Any]) -> Iterator[FoundCommand]:
    """Yield what can be done on a screen now, and the themes."""
    palettes = (shown.snapshot_below for shown in app.screen_stack if isinstance(shown, Palette))
    target = next(palettes, None)
    # Where only a few lines are shown, these are for names: the help says what each does.
    tells = app.size.height >= _LEAST_WITH_HELP
    for offer in offered(screen):
        if not offer.command.palette:
            continue

        def run(node: DOMNode = offer.node, command: Command = offer.command) -> None:
            if command.menu and isinstance(screen, AppScreen):
                # The command is about a row or a folder.
                app.call_later(run_if_unchanged, screen, command.action, target, node)
            else:
                app.call_later(app.run_action, command.action, node)

        title = f"{offer.command.title}  ({offer.shown[0]})"
        entry = SystemCommand(title, offer.command.help if tells else "", run)
        yield FoundCommand(entry, synonyms(offer.command), offer.command.exact, offer.command.id)
    if not app.no_color:
        for theme, name in NAMES.items():

            def use(theme: str = theme) -> None:
                app.prefer("theme", theme)

            entry = SystemCommand(f"Theme: {name}", "Use this theme from now on." if tells else "", use)
            yield FoundCommand(entry, _THEME_WORDS)


def unavailable_commands(app: ScreensApp, screen: Screen[Any]) -> Iterator[FoundCommand]:
    """Yield what can't be done on a screen now."""
    if not isinstance(screen, AppScreen):
        return
    from .unavailable import first_key, unavailable

    for command, why in unavailable(screen):
        if command.palette:
            key = first_key(screen, command)
            title = f"{command.title}  ({key})" if key else command.title
            late = partial(app.call_later, _run_or_refuse, app, screen, command, why)
            entry = SystemCommand(title, escape(why), late)
            yield FoundCommand(entry, synonyms(command), command.exact, command.id, why)


def _run_or_refuse(app: ScreensApp, screen: AppScreen, command: Command, why: str) -> None:
    """Say why a command can't be used, unless it can be by now: what it waited for may have come while the palette was
    open. One that is about a row isn't run: it may be another row than when it was looked for."""
    from .unavailable import unavailable

    able = next((found for found in found_commands(app, screen) if found.ident == command.id), None)
    if able is None:
        refuse(screen, next((now for each, now in unavailable(screen) if each is command), why))
    elif command.menu:
        refuse(screen, _ABLE_NOW)
    else:
        able.entry.callback()


class CommandsProvider(SystemCommandsProvider):
    """Textual's provider looks for letters of the titles only, and of what can be done."""

    @override
    async def discover(self) -> Hits:
        """Yield all commands; those that can't be used now come last."""
        async for hit in super().discover():
            yield hit
        found = unavailable_commands(cast("ScreensApp", self.app), self.screen)
        for command in sorted(found, key=lambda each: each.entry.title):
            entry, tells = command.entry, self.app.size.height >= _LEAST_WITH_HELP
            title = self._quiet(Content(entry.title))
            yield DiscoveryHit(title, entry.callback, entry.title, entry.help if tells else None)

    def _quiet(self, title: Content) -> Content:
        """What can't be used, as it looks."""
        palette = self.app.screen
        if not isinstance(palette, Palette):
            return title
        return title.stylize_before(Style.from_styles(palette.get_component_styles(Palette.UNAVAILABLE)))

    @override
    async def search(self, query: str) -> Hits:
        """Yield the commands that match."""
        matcher, app = self.matcher(query), cast("ScreensApp", self.app)
        for found in (*found_commands(app, self.screen), *unavailable_commands(app, self.screen)):
            entry, also, exact, ident, why = found
            by_title = matcher.match(entry.title)
            by_words = word_score(matcher, query, f"{entry.title} {also}")
            score = (
                by_words if exact else max(unless_scattered(query, entry.title, by_title, by_words), by_words)
            )
            if ident == "quit" and query.strip().removeprefix(":").casefold() in _QUITS:
                score = _FIRST
            if score > 0:
                shown = matcher.highlight(entry.title) if by_title > 0 else Content(entry.title)
                if why:
                    if is_scattered(query, entry.title, by_words):
                        continue
                    shown, score = self._quiet(shown), score * UNAVAILABLE
                yield Hit(score, shown, entry.callback, text=entry.title, help=entry.help)


def unless_scattered(query: str, text: str, score: float, by_words: float) -> float:
    """The score of the letters of ``query`` in ``text``, which counts little if they are scattered over it: if it isn't
    part of the text, and its words don't fit either, according to their score."""
    return score * SCATTERED if is_scattered(query, text, by_words) else score


def is_scattered(query: str, text: str, by_words: float) -> bool:
    """Whether the letters of ``query`` are scattered over the text that has them; ``by_words``: how well words fit."""
    return by_words <= 0 and query.casefold().strip() not in text.casefold()


def word_score(matcher: Matcher, query: str, text: str) -> float:
    """How well the words of what was typed fit: each has to be the beginning of one of the words of ``text``."""
    words = text.casefold().split()
    scores = [
        max(
            (matcher.fuzzy_search.match(typed, word)[0] for word in words if word.startswith(typed)),
            default=0.0,
        )
        for typed in query.casefold().split()
    ]
    return sum(scores) if all(scores) else 0.0
