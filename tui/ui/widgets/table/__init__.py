"""The app's table: what it holds (``model``), how it is drawn (``renderer``), a cell edited in place
(``cell_editor``), and the widget that puts them together (``table``)."""

from ....locations.rows import Cell, Column, Row
from .table import Table

__all__ = ["Cell", "Column", "Row", "Table"]
