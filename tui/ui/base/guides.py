"""The guides: a list of all, in which one can search, and the one that was chosen, with links to others."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Markdown, OptionList
from textual.widgets.option_list import Option

from ... import guides
from ...commands.command import HIDDEN
from ...override import override
from ...rules.text import printable
from ..widgets.choice_list import ChoiceList
from ..widgets.dialog_box import DialogBox
from ..widgets.field import FilterField
from ..widgets.scroll_box import ScrollBox
from .dialog import Dialog
from .screen_commands import ScreenCommand

_HEADING = "Guides"


class Guides(Dialog[None]):
    """Shows the list of all guides, or of those that have what is sought, or one of them above those that it leads
    to."""

    PLACES = ("guides", "dialogs")
    ABOUT = (
        "How to do things, a page for each. {guides.search_guides} searches all of them. Below a page are the guides "
        "that it leads to; {guides.previous_guide} goes back."
    )
    heading = _HEADING
    DEFAULT_CSS = """
    Guides > .box { width: 98%; height: 90%; overflow-y: hidden; }
    Guides ScrollBox { height: 1fr; scrollbar-size-vertical: 1; }
    Guides Markdown { padding: 0 1; margin: 0; }
    Guides Markdown MarkdownH1 { content-align: left middle; }
    Guides ChoiceList { height: 1fr; max-height: 100%; text-wrap: nowrap; text-overflow: ellipsis; }
    Guides ChoiceList.-below, Guides ChoiceList.-below:focus { height: auto; max-height: 5; border-top: solid $quiet; }
    Guides FilterField { display: none; }
    Guides FilterField.-on { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        #: The guides that lead to the one shown, which is the last; with none, the list of all is shown.
        self._path: list[str] = []
        self._searching = False

    @override
    def body(self) -> list[Widget]:
        return [
            FilterField(id="needle", compact=True, placeholder="search: what you want to do"),
            ScrollBox(Markdown(open_links=False)),
            ChoiceList(verb="Open"),
        ]

    @override
    def on_mount(self) -> None:
        self.call_later(self._show)

    async def _show(self, came_from: str = "") -> None:
        """Show the last of the path; in the list of all, the cursor is on ``came_from``."""
        topic = self._path[-1] if self._path else ""
        page, listed = self.query_one(ScrollBox), self.query_one(ChoiceList)
        page.display = bool(topic)
        listed.set_class(bool(topic), "-below")
        self._field.set_class(self._searching and not topic, "-on")
        if topic:
            self._list({each: guides.title(each) for each in guides.links(topic)}, came_from)
            await self.query_one(Markdown).update(guides.read(topic))
            page.scroll_home(animate=False)
            page.focus()
        else:
            self._list(_found(self._field.value), came_from)
            listed.focus()
        heading = f"{_HEADING}: {topic}" if topic else _HEADING
        self.query_one(DialogBox).head(heading)
        self.refresh_bindings()

    def _list(self, topics: Mapping[str, str], came_from: str) -> None:
        """Show these guides in the list, each with its line."""
        listed, names = self.query_one(ChoiceList), list(topics)
        widest = max(map(len, names), default=0)
        options = [Option(Content(f"{name:<{widest}}  {line}"), id=name) for name, line in topics.items()]
        if self._searching and not options:
            nothing = f"No guide has “{printable(self._field.value.strip())}”."
            options = [Option(Content(nothing), disabled=True)]
        listed.set_options(options)
        listed.display = bool(options)
        listed.highlighted = names.index(came_from) if came_from in names else 0 if names else None

    async def open_guide(self, topic: str) -> None:
        """Show a guide, from which one can go back."""
        self._path.append(topic)
        await self._show()

    @on(OptionList.OptionSelected)
    async def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        await self.open_guide(event.option.id or "")

    @on(Markdown.LinkClicked)
    async def _clicked(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        topic = event.href.removesuffix(".md")
        if topic in guides.TOPICS:
            await self.open_guide(topic)

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        # The key that they share ends the search first.
        return {
            "previous_guide": ScreenCommand(
                self._back, lambda: None if self._path else "This is the list of all guides."
            ),
            "guide_down": ScreenCommand(lambda: self._move(1)),
            "guide_up": ScreenCommand(lambda: self._move(-1)),
            "search_guides": ScreenCommand(self._open_search),
            "end_guide_search": ScreenCommand(self._end_search, lambda: None if self._in_search else HIDDEN),
            "close": ScreenCommand(self.ask_to_close, lambda: HIDDEN if self._in_search else None),
        }

    async def _back(self) -> None:
        left = self._path.pop()
        await self._show(left)

    def _move(self, by: int) -> None:
        listed, page = self.query_one(ChoiceList), self.query_one(ScrollBox)
        if listed.has_focus:
            listed.action_cursor_down() if by > 0 else listed.action_cursor_up()
        else:
            page.scroll_relative(y=by, animate=False)

    # ------------------------------------------------------------ searching

    @property
    def _field(self) -> FilterField:
        return self.query_one("#needle", FilterField)

    @property
    def _in_search(self) -> bool:
        """Whether the list has only what is sought."""
        return self._searching and not self._path

    async def _open_search(self) -> None:
        self._path.clear()
        self._searching = True
        await self._show()
        self._field.focus()

    async def _end_search(self) -> None:
        self._searching = False
        with self._field.prevent(Input.Changed):
            self._field.value = ""
        await self._show()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._list(_found(self._field.value), "")

    @on(Input.Submitted)
    def _typed_to_the_end(self) -> None:
        self.query_one(ChoiceList).focus()


def _found(sought: str) -> dict[str, str]:
    """The guides that have all words of ``sought``, each with its title, or with the first line in which they are."""
    words = sought.casefold().split()
    lines: dict[str, str] = {}
    for topic, line in guides.found(sought):
        lines.setdefault(topic, line)
    titles = {topic: guides.title(topic) for topic in guides.TOPICS}
    named = {
        topic: title
        for topic, title in titles.items()
        if all(word in f"{topic} {title}".casefold() for word in words)
    }
    return {
        topic: named.get(topic, lines.get(topic, "")) for topic in titles if topic in named or topic in lines
    }
