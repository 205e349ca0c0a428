"""Editing a cell in place: the editor takes the keys until its text is kept, or given up. No Textual."""

from __future__ import annotations

from collections.abc import Callable

from .cell_editor import CellEditor


class CellEditing:
    """Owns the editor of the row under the cursor, while there is one."""

    def __init__(self, turned: Callable[[], None], tell: Callable[[str | None], None]) -> None:
        """``turned`` is called where a cell is edited from now on, or no longer; ``tell`` with what is wrong with the
        text, whenever that is another one or is edited no longer."""
        self.editor: CellEditor | None = None
        self._turned = turned
        self._tell = tell

    def begin(self, editor: CellEditor) -> None:
        """Edits a cell."""
        self.editor = editor
        self._turned()
        self._tell(editor.error)

    def end(self) -> None:
        """Gives up what was typed."""
        if self.editor is not None:
            self.editor = None
            self._turned()

    def give_up(self) -> None:
        """Gives up what was typed, and tells so."""
        self.end()
        self._tell(None)

    def keep(self) -> bool:
        """Ends the edit and keeps its text; refuses (and answers ``False``) where the text is wrong."""
        editor = self.editor
        if editor is None:
            return True
        if editor.error:
            return False
        self.end()
        if editor.changed:
            editor.keep(editor.text)
        else:
            self._tell(None)
        return True

    def takes(self, key: str, character: str | None) -> bool:
        """Whether a key writes or moves in the editor."""
        return self.editor is not None and CellEditor.takes(key, character)

    def press(self, key: str, character: str | None) -> None:
        """Does what the key does in the editor."""
        if self.editor is not None:
            self.editor.press(key, character)
            self._tell(self.editor.error)

    def insert(self, text: str) -> bool:
        """Writes at the caret; whether a cell is edited."""
        if self.editor is None:
            return False
        self.editor.insert(text)
        self._tell(self.editor.error)
        return True
