"""Who else sees a Secure Sent Links folder: adding and removing its members."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from ...commands.command import HIDDEN
from ...override import override
from ...rules.display import day_and_time
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.menu import open_menu
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from ..widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from ...session import Session
    from ...wire.folders import Folder, Member

_COLUMNS = (Column("Person", 16, flex=1), Column("Added", 18))
WARNING = (
    "Members see everything in the folder, now and later: the list, the activity, and the documents "
    "themselves. You can't hide single documents from them. Only you see the links."
)


class Members(Dialog[str]):
    """The owner adds and removes; a member sees the list. Returns the outcome of a change that the dialog closed on."""

    PLACES = ("members",)
    ABOUT = "Only you see the folder until you add someone. Members can only read; only you send, change and delete."
    DEFAULT_CSS = """
    Members > .box { max-width: 84; }
    Members Table { height: auto; min-height: 4; max-height: 12; }
    Members .warning { height: auto; color: $warn; margin-bottom: 1; }
    Members .line { height: 1; margin-top: 1; }
    Members Label { width: 8; }
    Members Field { width: 1fr; margin-right: 1; }
    Members .buttons { margin-top: 1; }
    Members Button { margin-right: 1; }
    """

    def __init__(self, session: Session, folder: Folder, members: Sequence[Member]) -> None:
        super().__init__()
        self.session = session
        self.heading = f"Members of {printable(folder.name)}"
        self._folder = folder
        self._members = list(members)
        self._owner = folder.role == "owner"
        self._one_by_one = Lock()
        #: The names of those who are being added.
        self._adding: set[str] = set()
        self._last_change = ""

    @override
    def body(self) -> list[Widget]:
        text = (
            WARNING
            if self._owner
            else f"Only {printable(self._folder.owner)} can add and remove people here."
        )
        parts: list[Widget] = [
            Static(text, markup=False, classes="warning"),
            Table(_COLUMNS, markers=False, id="people", empty="Only you can see this folder."),
        ]
        if self._owner:
            parts.append(
                Horizontal(
                    Label("Name"),
                    Field(id="name", compact=True, placeholder="sign-in name", max_length=255),
                    Button("Add", id="add", compact=True, variant="primary"),
                    classes="line",
                )
            )
        parts.append(StatusLine(id="said", lines=2, marked=True))
        buttons = [Button("Remove", id="remove_member", compact=True)] if self._owner else []
        return [*parts, ButtonLine(*buttons, Button("Close", id="close", compact=True), classes="buttons")]

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            "add_member": ScreenCommand(self._go_and_add, self._owner_disabled_reason),
            "remove_member": ScreenCommand(self._remove, self._remove_disabled_reason),
            # For the button.
            "add": ScreenCommand(self._add),
        }

    def _owner_disabled_reason(self) -> str | None:
        return None if self._owner else f"Only {self._folder.owner} can add and remove people here."

    def _remove_disabled_reason(self) -> str | None:
        return self._owner_disabled_reason() or (None if self._members else "No one has been added yet.")

    @property
    def table(self) -> Table:
        """The members, as last loaded."""
        return self.query_one("#people", Table)

    def target_snapshot(self) -> object:
        """The person under the cursor."""
        return self.table.current and self.table.current.key

    @override
    def on_mount(self) -> None:
        self._show(self._members)
        if self._owner:
            # The user is about to type a name: on the list, its letters would be commands.
            self.query_one("#name", Field).focus()
        else:
            self.table.focus()

    def _show(self, members: Sequence[Member]) -> None:
        self._members = list(members)
        rows = [Row(m.id, (m.name, day_and_time(m.added_at)), data=m) for m in members]
        self.table.show(rows, keep=True)
        self.table.styles.height = min(max(len(rows), 1) + 3, 12)
        self.refresh_bindings()

    @override
    def disabled_reason(self, action: str) -> str | None:
        return HIDDEN if action == "menu" and not self._owner else super().disabled_reason(action)

    @property
    def _typed(self) -> str:
        return self.query_one("#name", Field).value.strip() if self._owner else ""

    def _go_and_add(self) -> None:
        """Focus the field; if there is a name in it, add that person."""
        field = self.query_one("#name", Field)
        if self.focused is field or self._typed:
            self._add()
        else:
            field.focus()

    @on(Input.Submitted, "#name")
    def _submitted(self) -> None:
        self._add()

    @worker_action(group="members")
    async def _add(self) -> None:
        name = self._typed
        if not name:
            self.say("Type the person's sign-in name first.", "warn")
            return
        if name in self._adding:
            # A repeated key press.
            return
        self._adding.add(name)
        try:
            # One at a time: each response is the list as it is then.
            with self.changes.change():
                async with self._one_by_one:
                    before = {member.id for member in self._members}
                    members = await self.session.share.add_member(self._folder.id, name)
                    self._show(members)
        finally:
            self._adding.discard(name)
        if self._typed == name:
            # The user may have typed another name by now.
            self.query_one("#name", Field).value = ""
        added = [member.name for member in members if member.id not in before]
        if added:
            self._report_change(f"{printable(added[0])} can now see everything in this folder.", "good")
        else:
            self._report_change(f"{printable(name)} is already a member.")

    def _report_change(self, sentence: str, tone: str = "") -> None:
        self.say(sentence, tone)
        if self.changes.take_close():
            self._last_change = sentence
            self.ask_to_close()

    @property
    @override
    def closed_with(self) -> str:
        return self._last_change

    @worker_action(group="members", command="remove_member")
    async def _remove(self) -> None:
        """Remove the person without asking, since they can be added again."""
        row = self.table.current
        if row is not None:
            with self.changes.change():
                async with self._one_by_one:
                    self._show(await self.session.share.remove_member(self._folder.id, row.key))
            self._report_change(f"{printable(row.name)} can no longer see this folder.", "good")

    @on(Table.MenuWanted)
    def _menu(self, event: Table.MenuWanted) -> None:
        event.stop()
        open_menu(self, event.target_text())

    @property
    @override
    def unsaved(self) -> str:
        return f"Close without adding {printable(self._typed)}?" if self._typed else ""
