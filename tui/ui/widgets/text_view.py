"""The first lines of a document: scrolled with keys of their own, and searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from ...commands.command import HIDDEN
from ...override import override
from .field import Field
from .fit import shorten
from .keyed import Keyed
from .wrapped_text import WrappedText

#: What a click of the mouse's wheel scrolls.
_WHEEL = 3


class TextLines(Keyed, Widget, can_focus=True):
    """The lines as plain text: nothing in them is markup, or controls the terminal."""

    PLACES = ("text",)
    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--name", "text--note", "text--found", "text--current"}
    DEFAULT_CSS = """
    TextLines { height: 1fr; padding: 0 1; color: $text; }
    TextLines > .text--name { text-style: bold; }
    TextLines > .text--note { color: $quiet; text-style: $quiet-style; }
    TextLines > .text--found { text-style: underline; }
    TextLines > .text--current { background: $cursor; text-style: $cursor-style; }
    """

    class DocumentWanted(Message):
        """Another document of the list is wanted: the next one, or the one before (``by`` is -1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class FieldWanted(Message):
        """The field for what is to be found is wanted."""

    class Left(Message):
        """The keys are to be those of the list again."""

    class TextWanted(Message):
        """The text of a document is wanted, although the server notes who reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = WrappedText()
        #: The quiet lines below the text, and how many lines of the text are its name.
        self._note = ""
        self._names = 0
        #: Whether :class:`Left` leads anywhere, and whether a text waits to be asked for.
        self.can_leave = True
        self.waits = False

    def show(self, name: str, lines: Sequence[str], note: str) -> None:
        """Show a document: its name, as many of its lines as are given, and what is to be said about them."""
        self._names, self._note = bool(name), note
        self.text.take(
            (*([name] if name else ()), *lines, *([""] if lines and note else ()), *([note] if note else ()))
        )
        self.refresh()

    # ------------------------------------------------------------ painting

    def on_resize(self) -> None:
        """Wrap the lines to the new width."""
        self.text.fit(max(self.content_size.width, 1), self.content_size.height)

    @override
    def render(self) -> Text:
        text, pieces = self.text, list[Text]()
        name, note, found, current = (
            self.get_component_rich_style(f"text--{part}", partial=True)
            for part in ("name", "note", "found", "current")
        )
        last = len(text.lines) - 1 if self._note else len(text.lines)
        for row in text.rows[text.top : text.top + text.height]:
            piece = Text(text.lines[row.line][row.start : row.end].rstrip(), end="")
            if row.line < self._names or row.line >= last:
                piece.stylize(name if row.line < self._names else note)
            for start, end, is_current in text.places_in(row):
                piece.stylize(current if is_current else found, start, end)
            pieces.append(piece)
        return Text("\n", no_wrap=True, end="").join(pieces)

    # ------------------------------------------------------------ keys

    @override
    def disabled_reason(self, action: str) -> str | None:
        if action in ("next_place", "previous_place"):
            return None if self.text.found else "Nothing is sought in this text."
        if action == "end_find":
            return None if self.text.sought else HIDDEN
        if action == "leave_text":
            return HIDDEN if self.text.sought or not self.can_leave else None
        if action == "ask_for_text":
            return None if self.waits else HIDDEN
        return None

    def scroll_by(self, rows: int) -> None:
        """Scroll by some rows."""
        if self.text.scroll(rows):
            self.refresh()

    @property
    def half(self) -> int:
        """Half of what is visible, in rows."""
        return max(self.text.height // 2, 1)

    def action_line_down(self) -> None:
        """Scroll down by a line."""
        self.scroll_by(1)

    def action_line_up(self) -> None:
        """Scroll up by a line."""
        self.scroll_by(-1)

    def action_text_page_down(self) -> None:
        """Scroll down by what is visible."""
        self.scroll_by(max(self.text.height - 1, 1))

    def action_text_page_up(self) -> None:
        """Scroll up by what is visible."""
        self.scroll_by(-max(self.text.height - 1, 1))

    def action_text_half_down(self) -> None:
        """Scroll down by half of what is visible."""
        self.scroll_by(self.half)

    def action_text_half_up(self) -> None:
        """Scroll up by half of what is visible."""
        self.scroll_by(-self.half)

    def action_text_top(self) -> None:
        """Show the beginning."""
        self.scroll_by(-len(self.text.rows))

    def action_text_end(self) -> None:
        """Show the end."""
        self.scroll_by(len(self.text.rows))

    def action_next_document(self) -> None:
        """Ask for the next document of the list."""
        self.post_message(self.DocumentWanted(1))

    def action_previous_document(self) -> None:
        """Ask for the document before."""
        self.post_message(self.DocumentWanted(-1))

    def action_find_in_text(self) -> None:
        """Ask for the field for what is to be found."""
        self.post_message(self.FieldWanted())

    def action_next_place(self) -> None:
        """Go to the next place that was found."""
        self._go(1)

    def action_previous_place(self) -> None:
        """Go to the place before."""
        self._go(-1)

    def _go(self, by: int) -> None:
        self.text.go(by)
        self.refresh()

    def action_end_find(self) -> None:
        """Forget what was sought."""
        self.seek("")

    def seek(self, sought: str) -> None:
        """Look for a text; its places are marked, and the first one is shown."""
        self.text.seek(sought)
        self.refresh()
        self.screen.refresh_bindings()

    def action_leave_text(self) -> None:
        """Go back to the list."""
        self.post_message(self.Left())

    def action_ask_for_text(self) -> None:
        """Ask for the text that waits."""
        self.post_message(self.TextWanted())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_by(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_by(-_WHEEL)


class FindField(Keyed, Field):
    """The field for what is to be found in a text."""

    PLACES = ("text_field",)

    class Dropped(Message):
        """What was sought is to be forgotten."""

    async def action_to_text(self) -> None:
        """What enter does: the focus moves to the text."""
        await self.action_submit()

    def action_drop_find(self) -> None:
        """What escape does: nothing is sought any more."""
        self.post_message(self.Dropped())


class TextView(Vertical):
    """The lines, and below them a field for what is to be found, once it is wanted. ``sought`` is called with how many
    places there are."""

    DEFAULT_CSS = """
    TextView { height: 1fr; }
    TextView FindField { height: 1; border: none; margin: 0 1; }
    TextView .-off { display: none; }
    """

    def __init__(self, found: Callable[[str], object] = lambda _: None) -> None:
        super().__init__(classes="body")
        self.lines = TextLines()
        self._tell = found

    @override
    def compose(self) -> ComposeResult:
        yield self.lines

    @on(TextLines.FieldWanted)
    async def _open_field(self, event: TextLines.FieldWanted) -> None:
        event.stop()
        field = next(iter(self.query(FindField)), None)
        if field is None:
            field = FindField(placeholder="find in the text", compact=True, classes="-off")
            await self.mount(field)
        field.remove_class("-off")
        field.value = self.lines.text.sought
        field.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.lines.seek(event.value)
        count = len(self.lines.text.found)
        if event.value:
            self._tell(shorten(f"“{event.value}”: {count:,} {'place' if count == 1 else 'places'}", 60))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._close_field()

    @on(FindField.Dropped)
    def _ended(self, event: FindField.Dropped) -> None:
        event.stop()
        self.lines.seek("")
        self._close_field()

    def _close_field(self) -> None:
        for field in self.query(FindField):
            field.add_class("-off")
        self.lines.focus()
