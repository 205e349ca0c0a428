"""The table on its own: moving, selecting, editing, growing."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.strip import Strip

from tests.support.app.app import resized
from tui.ui.theme import DARK
from tui.ui.widgets.table import Column, Row, Table

COLUMNS = (
    Column("Name", 36, flex=1, name=True),
    Column("Size", 6, align="right"),
    Column("More", 6, rank=1),
)


def rows(count: int, start: int = 0) -> list[Row]:
    return [Row(str(i), (f"Document {i}.pdf", str(i), "x")) for i in range(start, start + count)]


class TableApp(App[None]):
    def __init__(self, count: int = 30, *, markers: bool = True) -> None:
        super().__init__()
        self.count = count
        self.markers = markers
        self.seen: list[str] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DARK.variables

    def compose(self) -> ComposeResult:
        yield Table(COLUMNS, markers=self.markers, empty="Nothing here.", id="t")

    def on_mount(self) -> None:
        table = self.query_one(Table)
        table.show(rows(self.count))
        table.focus()

    @property
    def table(self) -> Table:
        return self.query_one(Table)

    def on_table_opened(self, event: Table.Opened) -> None:
        self.seen.append(f"opened {event.row.key if event.row else None}")

    def keep(self, text: str) -> None:
        self.seen.append(f"kept {text}")

    def on_table_menu_wanted(self, event: Table.MenuWanted) -> None:
        self.seen.append("menu")

    def text(self, y: int) -> str:
        return self.table.render_line(y).text


async def test_keys_move_the_cursor_and_the_view_follows() -> None:
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.press("down", "j", "j", "k")
        assert app.table.cursor == 2
        await pilot.press("end")
        assert app.table.cursor == 29
        assert "Document 29.pdf" in app.text(9)
        await pilot.press("home")
        assert app.table.cursor == 0
        assert "Document 0.pdf" in app.text(1)
        await pilot.press("pagedown")
        assert app.table.cursor == 8
        await pilot.press("pageup", "up", "up")
        assert app.table.cursor == 0


async def test_space_selects_and_moves_on_and_a_mark_is_shown() -> None:
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.press("space", "space")
        assert app.table.selected == {"0", "1"}
        assert app.text(1).startswith("✓ ")
        assert app.text(3).startswith("  ")
        assert [row.key for row in app.table.chosen] == ["0", "1"]
        await pilot.press("asterisk")
        assert len(app.table.selected) == 30
        await pilot.press("ctrl+a")
        assert app.table.selected == set()


async def test_space_stays_on_what_cannot_be_selected() -> None:
    """Or the next key would be for its neighbour, which nobody has chosen."""
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        app.table.show([Row("folder", ("matter", "", ""), selectable=False), *rows(3)])
        await pilot.press("space")
        assert app.table.cursor == 0
        assert app.table.selected == set()
        assert app.table.disabled_reason("select") == "Only documents can be selected."


async def test_without_a_selection_the_row_under_the_cursor_is_chosen() -> None:
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.press("down")
        assert [row.key for row in app.table.chosen] == ["1"]


async def test_columns_that_have_no_room_are_left_out() -> None:
    app = TableApp()
    async with app.run_test(size=(26, 10)) as pilot:
        assert "More" not in app.text(0)
        await resized(pilot, 80, 10)
        await pilot.pause()
        assert "More" in app.text(0)


async def test_a_cell_is_edited_in_place_and_letters_are_no_commands() -> None:
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        app.table.edit(0, "a.pdf", lambda text: "No j." if "j" in text else None, app.keep, selected=1)
        await pilot.press("home", "k", "space", "m")
        assert "k ma.pdf" in app.text(1)
        assert app.table.cursor == 0
        await pilot.press("j", "enter")
        assert app.table.editing, "a refused text stays in the editor"
        await pilot.press("backspace", "enter")
        await pilot.pause()
        assert app.seen == ["kept k ma.pdf"]
        assert not app.table.editing


async def test_escape_gives_up_what_was_typed() -> None:
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        app.table.edit(0, "a.pdf", lambda text: None, app.keep)
        await pilot.press("x", "escape")
        await pilot.pause()
        assert app.seen == []
        assert "Document 0.pdf" in app.text(1)


async def test_pasted_line_breaks_become_blanks() -> None:
    from textual import events

    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        app.table.edit(0, "", lambda text: None, app.keep)
        app.table.post_message(events.Paste("one\ntwo"))
        await pilot.press("enter")
        await pilot.pause()
        assert app.seen == ["kept one two"]


async def test_an_empty_table_says_so_and_takes_every_key() -> None:
    app = TableApp(0)
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.press("down", "up", "space", "enter", "home", "end", "pagedown", "ctrl+a")
        assert "Nothing here." in app.text(2)
        assert app.table.current is None
        assert app.seen == []


async def test_keep_follows_the_row_and_not_its_place() -> None:
    app = TableApp(5)
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.press("down", "down", "space")
        app.table.show(rows(3, start=2), keep=True)
        assert app.table.current is not None
        assert app.table.current.key == "3"
        assert app.table.selected == {"2"}


async def test_mouse_moves_selects_opens_and_asks_for_the_menu() -> None:
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.click("#t", offset=(10, 4))
        assert app.table.cursor == 3
        await pilot.click("#t", offset=(0, 2))
        assert app.table.selected == {"1"}
        await pilot.click("#t", offset=(10, 5), times=2)
        await pilot.click("#t", offset=(10, 6), button=3)
        await pilot.click("#t", offset=(10, 6), control=True)
        await pilot.pause()
        assert app.seen == ["opened 4", "menu", "menu"]


async def test_only_the_changed_line_is_repainted() -> None:
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.pause()
        drawn: list[int] = []
        draw = app.table.render_line

        def spy(y: int):  # type: ignore[no-untyped-def]
            drawn.append(y)
            return draw(y)

        app.table.render_line = spy  # type: ignore[method-assign]
        app.table.update_row(2, Row("2", ("changed", "", "")))
        await pilot.pause()
        assert set(drawn) == {3}


async def test_rows_beyond_what_is_seen_paint_nothing_and_lengthen_the_scrollbar() -> None:
    app = TableApp(30)
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.press("pagedown")
        await pilot.pause()
        drawn: list[int] = []
        draw = app.table.render_line

        def spy(y: int) -> Strip:
            drawn.append(y)
            return draw(y)

        app.table.render_line = spy  # type: ignore[method-assign]
        app.table.slide(rows(60), above=0, below=0, more=False, more_above=False)
        await pilot.pause()
        assert drawn == []
        assert app.table.vertical_scrollbar.window_virtual_size == app.table.virtual_size.height == 61
        await pilot.press("end")
        await pilot.pause()
        assert app.text(9).split()[1] == "59.pdf"
        # Visible rows are redrawn as soon as they change.
        changed = [*rows(59), Row("59", ("Another.pdf", "1", "x"))]
        drawn.clear()
        app.table.slide(changed, above=0, below=0, more=False, more_above=False)
        await pilot.pause()
        assert drawn
        assert app.text(9).split()[0] == "Another.pdf"


async def test_the_end_of_what_is_loaded_asks_for_more() -> None:
    wanted: list[int] = []

    class More(TableApp):
        def on_table_wanted(self) -> None:
            wanted.append(len(self.table.rows))
            if len(self.table.rows) < 60:
                grown = [*self.table.rows, *rows(30, start=len(self.table.rows))]
                self.table.slide(grown, above=0, below=0, more=False, more_above=False)

    app = More()
    async with app.run_test(size=(50, 10)) as pilot:
        app.table.show(rows(30), more=True)
        await pilot.press("end")
        await pilot.pause()
        assert wanted == [30]
        assert len(app.table.rows) == 60


async def test_rows_far_from_what_is_here_are_asked_for_until_they_are_seen() -> None:
    """If the scrollbar is dragged far from the loaded pages, rows are requested until those in view are there."""

    class Far(Table):
        def on_table_wanted_above(self) -> None:
            if self.model.above:
                above = self.model.above - 30
                near = rows(60, start=above)
                self.slide(near, above=above, below=240 - above, more=True, more_above=above > 0)

    class FarApp(TableApp):
        def compose(self) -> ComposeResult:
            yield Far(COLUMNS)

    app = FarApp()
    async with app.run_test(size=(50, 10)) as pilot:
        app.table.show(rows(60, start=240), above=240, more_above=True)
        await pilot.pause()
        app.table.scroll_to(y=0, animate=False, immediate=True)
        for _ in range(100):
            if app.table.model.above:
                await pilot.pause()
        assert app.table.model.above == 0
        assert app.text(1).split()[1] == "0.pdf"


async def test_ctrl_u_empties_what_is_before_the_caret() -> None:
    app = TableApp()
    async with app.run_test(size=(50, 10)) as pilot:
        app.table.edit(0, "Draft.pdf", lambda text: None, app.keep, selected=5)
        await pilot.press("ctrl+u", "O", "k", "enter")
        await pilot.pause()
        assert app.seen == ["kept Ok.pdf"]
