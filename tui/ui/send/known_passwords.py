"""What is known of the passwords that are typed into a dialog."""

from __future__ import annotations

from ...rules.policy import Policy
from ...rules.spoken_passwords import made_password


class KnownPasswords:
    """Which were made here, which the user had shown, and whether the one typed last is hard to guess."""

    def __init__(self) -> None:
        self._made: set[str] = set()
        self._shown: set[str] = set()
        #: The password whose strength was estimated last, and the result.
        self._estimated: tuple[str, bool] | None = None

    def make(self, policy: Policy) -> str:
        """Make a password that the policy accepts."""
        password = made_password(policy)
        self._made.add(password)
        return password

    def is_made(self, password: str) -> bool:
        """Whether it was made here."""
        return password in self._made

    def show(self, password: str) -> None:
        """Note that the user had it shown."""
        self._shown.add(password)

    def was_shown(self, password: str) -> bool:
        """Whether the user had it shown."""
        return password in self._shown

    def is_strong(self, password: str) -> bool | None:
        """Whether it is hard to guess; ``None`` if that isn't known yet."""
        if password in self._made:
            return True
        if self._estimated is None or self._estimated[0] != password:
            return None
        return self._estimated[1]

    def note_strength(self, password: str, *, is_strong: bool) -> None:
        """Note how hard it is to guess; of an empty one, only that no other is remembered."""
        self._estimated = (password, is_strong) if password else None

    def is_stale(self, password: str) -> bool:
        """Whether the strength has to be estimated, or an estimate forgotten."""
        return self.is_strong(password) is None if password else self._estimated is not None

    def forget(self) -> None:
        """Forget those that were made and shown."""
        self._made.clear()
        self._shown.clear()
