"""What thirty running uploads cost on the screen, for painting alone: the send dialog's own table, with rows that
change as often as those of a send."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.screen import Program
from tui.ui.send.send_painter import PAINT_SECONDS

ROWS, SECONDS = 30, 10.0
CODE = f"""
from types import SimpleNamespace
from textual.app import App
from tui.ui.textual_patches.driver import driver_class
from tui.ui.textual_patches.sheet import lighten
from tui.ui.send.progress import status_cell
from tui.ui.send.send_rows import columns
from tui.ui.theme import DARK
from tui.ui.widgets.table import Row, Table

class Live(App):
    def __init__(self):
        super().__init__(driver_class=driver_class())
        self.register_theme(DARK)
        self.theme = DARK.name
        lighten(self)
        self.beats = 0
    def get_theme_variable_defaults(self):
        return DARK.variables
    def compose(self):
        yield Table(columns(30), markers=False)
    def row(self, number):
        percent = (self.beats * 6 + number * 7) // 10 % 101
        row = SimpleNamespace(state=SimpleNamespace(value="in progress"), percent=percent, on_server=False)
        name = f"Document {{number}}.docx"
        return Row(str(number), (str(number), name, "", "10.1 kB", status_cell(row)))
    def on_mount(self):
        self.query_one(Table).show([self.row(n) for n in range({ROWS})])
        self.set_interval({PAINT_SECONDS}, self.beat)
    def beat(self):
        self.beats += 1
        table = self.query_one(Table)
        for number in range({ROWS}):
            row = self.row(number)
            if row.cells != table.rows[number].cells:
                table.update_row(number, row)

Live().run()
"""


def measured(bytecode: Path, slowness: float) -> Iterator[tuple[str, float, float, str]]:
    """Rows of the bench: the name, the figure, its limit and the unit. ``slowness`` is that of the machine."""
    environ = {"PYTHONPYCACHEPREFIX": str(bytecode), "PYTHONPATH": os.getcwd()}
    with Program([sys.executable, "-c", CODE], environ) as program:
        program.until("Document 29.docx")
        program.until(" %")
        program.during(1.0)
        size, cpu = program.bytes, program.cpu()
        program.during(SECONDS)
        yield f"{ROWS} rows live, bytes a second", (program.bytes - size) / SECONDS / 1000, 4, "KB/s"
        yield f"{ROWS} rows live, processor", (program.cpu() - cpu) / SECONDS * 100, 2 * slowness, "%"
