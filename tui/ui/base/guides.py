"""The guides: a list of all, and the one that was chosen, with links to others."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Markdown, OptionList
from textual.widgets.option_list import Option

from ... import guides
from ...override import override
from ..textual_patches.options import SteadyList
from .dialog import Dialog
from .screen_commands import ScreenCommand

_HEADING = "Guides"


class Guides(Dialog[None]):
    """Shows the list of all guides, or one of them above those that it leads to."""

    PLACES = ("guides",)
    ABOUT = (
        "How to do things, a page for each. Below a page are the guides that it leads to; "
        "{guides.previous_guide} goes back."
    )
    heading = _HEADING
    DEFAULT_CSS = """
    Guides > .box { width: 98%; height: 90%; overflow-y: hidden; }
    Guides VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    Guides Markdown { padding: 0 1; margin: 0; }
    Guides Markdown MarkdownH1 { content-align: left middle; }
    Guides OptionList { border: none; padding: 0; height: 1fr; }
    Guides OptionList:focus { border: none; }
    Guides OptionList.-below, Guides OptionList.-below:focus { height: auto; max-height: 5; border-top: solid $quiet; }
    """

    def __init__(self) -> None:
        super().__init__()
        #: The guides that lead to the one shown, which is the last; with none, the list of all is shown.
        self._path: list[str] = []

    @override
    def body(self) -> list[Widget]:
        return [VerticalScroll(Markdown(open_links=False)), SteadyList()]

    @override
    def on_mount(self) -> None:
        self.call_later(self._show)

    async def _show(self, came_from: str = "") -> None:
        """Show the last of the path; in the list of all, the cursor is on ``came_from``."""
        topic = self._path[-1] if self._path else ""
        page, listed = self.query_one(VerticalScroll), self.query_one(OptionList)
        page.display = bool(topic)
        listed.set_class(bool(topic), "-below")
        topics = guides.links(topic) if topic else guides.TOPICS
        widest = max(map(len, topics), default=0)
        listed.set_options(
            Option(Content(f"{each:<{widest}}  {guides.title(each)}"), id=each) for each in topics
        )
        listed.display = bool(topics)
        listed.highlighted = topics.index(came_from) if came_from in topics else 0
        if topic:
            await self.query_one(Markdown).update(guides.read(topic))
            page.scroll_home(animate=False)
            page.focus()
        else:
            listed.focus()
        heading = f"{_HEADING}: {topic}" if topic else _HEADING
        self.query_one(".box").border_title = Content(heading)

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
        return {
            "previous_guide": ScreenCommand(
                self._back, lambda: None if self._path else "This is the list of all guides."
            ),
            "guide_down": ScreenCommand(lambda: self._move(1)),
            "guide_up": ScreenCommand(lambda: self._move(-1)),
        }

    async def _back(self) -> None:
        left = self._path.pop()
        await self._show(left)

    def _move(self, by: int) -> None:
        listed, page = self.query_one(OptionList), self.query_one(VerticalScroll)
        if listed.has_focus:
            listed.action_cursor_down() if by > 0 else listed.action_cursor_up()
        else:
            page.scroll_relative(y=by, animate=False)
