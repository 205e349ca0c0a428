"""The password of a dialog's fields: shown, made, and judged in a thread how hard it is to guess."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.widget import Widget

from ...rules.common_passwords import common_passwords, known_by_now
from ...rules.password_strength import strength
from ...rules.text import printable
from ..base.workers import begin_work, lines_that_say
from ..widgets.fit import cells
from ..widgets.status_line import StatusLine
from .known_passwords import KnownPasswords

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...rules.policy import Policy
    from ..base.app_screen import AppScreen
    from ..widgets.field import Field

#: The cells that are left to the note beside a password that is shown.
_LEAST_NOTE = 9


class TypedPassword:
    """What is known of what the password's field holds."""

    def __init__(self, fields: Widget, check: Callable[[], None], tell: Callable[[], None]) -> None:
        """``fields`` run what takes a while. ``check`` shows what is known by now; ``tell`` does, once that it is a
        common one is known, which may make it wrong."""
        self._fields = fields
        self._check = check
        self._tell = tell
        self._known = KnownPasswords()
        #: Whether the list of common passwords is being loaded.
        self._is_loading = False
        #: Whether a password's strength is being estimated.
        self._is_estimating = False

    @property
    def _field(self) -> Field:
        from ..widgets.field import Field

        return self._fields.query_one("#password", Field)

    @property
    def is_made(self) -> bool:
        """Whether it was generated here."""
        return self._known.is_made(self._field.value)

    @property
    def was_shown(self) -> bool:
        """Whether the user had it shown."""
        return self._known.was_shown(self._field.value)

    def is_strong(self) -> bool | None:
        """Whether it is hard to guess; ``None`` if that isn't known yet."""
        return self._known.is_strong(self._field.value)

    def learn(self, *, is_empty: bool) -> None:
        """Begin to find out what isn't known yet. ``is_empty``: there is none, or it is to be removed."""
        if not (is_empty or known_by_now() or self._is_loading):
            self._is_loading = True
            begin_work(self._fields, self._load_common, exclusive=True, group="common passwords")
        if self._known.is_stale(self._field.value) and not self._is_estimating:
            self._is_estimating = True
            begin_work(self._fields, self._estimate, group="password strength")

    async def _load_common(self) -> None:
        field = self._field
        await asyncio.to_thread(common_passwords)
        # The dialog may have been closed.
        if field.is_attached:
            self._tell()

    async def _estimate(self) -> None:
        """Estimate how hard it is to guess, in a thread: it takes up to 0.3 s."""
        field = self._field
        try:
            while (password := field.value) and self._known.is_stale(password):
                found = await asyncio.to_thread(strength, password)
                self._known.note_strength(password, is_strong=found.is_strong)
        finally:
            self._is_estimating = False
        if not password:
            self._known.note_strength("", is_strong=False)
        # The dialog may have been closed.
        if field.is_attached:
            self._check()

    def fit(self) -> None:
        """Give the field the room that the password needs while it is shown, as far as there is any: the beginning of
        one that is made of words looks like a whole one."""
        field = self._field
        if field.password or not field.is_attached or field.parent is None:
            field.styles.width = None
            return
        line = field.parent
        beside = [each for each in line.children if each is not field and not isinstance(each, StatusLine)]
        taken = sum(each.outer_size.width for each in beside) + field.styles.margin.width + _LEAST_NOTE
        needed, room = cells(field.value) + 1, self._fields.size.width - taken
        usual = self._fields.query_one("#expires").size.width
        field.styles.width = needed if usual < needed <= room else None

    def reveal(self, screen: AppScreen) -> None:
        """Show or hide it; on the ``screen`` itself, if the field has no room for all of it."""
        field = self._field
        field.password = not field.password
        self.fit()
        text = f"Password: {printable(field.value)}"
        if field.password:
            for line in lines_that_say(screen, text):
                line.say("")
            return
        self._known.show(field.value)
        if cells(field.value) >= field.size.width:
            screen.say(text)

    def generate(self, policy: Policy) -> None:
        """Fill in a strong one, which stays hidden: others may see the screen."""
        field = self._field
        field.value = self.make(policy)
        field.password = True

    def make(self, policy: Policy) -> str:
        """Make one that the policy accepts, and that counts as made here."""
        return self._known.make(policy)

    def forget(self) -> None:
        """Forget those that were made and shown."""
        self._known.forget()
