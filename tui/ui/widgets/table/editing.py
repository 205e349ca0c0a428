"""Editing a cell in place: the editor takes the keys until its text is saved or discarded. No Textual."""

from __future__ import annotations

from collections.abc import Callable

from .cell_editor import CellEditor


class CellEditing:
    """Owns the editor of the row under the cursor while there is one."""

    def __init__(self, toggled: Callable[[], None], report: Callable[[str | None], None]) -> None:
        """``toggled`` is called when editing starts or ends; ``report`` is called with what is wrong with the text
        whenever the text changes, and with ``None`` when it is no longer edited."""
        self.editor: CellEditor | None = None
        self._toggled = toggled
        self._report = report

    def begin(self, editor: CellEditor) -> None:
        """Start editing a cell."""
        self.editor = editor
        self._toggled()
        self._report(editor.error)

    def end(self) -> None:
        """Discard what was typed."""
        if self.editor is not None:
            self.editor = None
            self._toggled()

    def cancel(self) -> None:
        """Discard what was typed, and report that editing has ended."""
        self.end()
        self._report(None)

    def keep(self) -> bool:
        """Stop editing and save the text; if the text is wrong, do nothing and return ``False``."""
        editor = self.editor
        if editor is None:
            return True
        if editor.error:
            return False
        self.end()
        if editor.changed:
            editor.keep(editor.text)
        else:
            self._report(None)
        return True

    def takes(self, key: str, character: str | None) -> bool:
        """Return whether a key types or moves the caret in the editor."""
        return self.editor is not None and CellEditor.takes(key, character)

    def press(self, key: str, character: str | None) -> None:
        """Handle a key in the editor."""
        if self.editor is not None:
            self.editor.press(key, character)
            self._report(self.editor.error)

    def insert(self, text: str) -> bool:
        """Insert text at the caret; return whether a cell is being edited."""
        if self.editor is None:
            return False
        self.editor.insert(text)
        self._report(self.editor.error)
        return True
