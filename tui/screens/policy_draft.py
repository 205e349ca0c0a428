"""The policy as it is being edited: what is in force, and what it is to be. No Textual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from ..rules import policy as rules
from ..rules.policy import Policy

if TYPE_CHECKING:
    from ..wire.share import PolicyBody


class PolicyDraft:
    """Nothing of it is in force before it is saved. Rules are called by the names of the policy's fields."""

    def __init__(self, body: PolicyBody) -> None:
        self._before = self._policy = Policy.of(body.model_dump())

    def text(self, rule: str) -> str:
        """The value as it is typed; empty where nothing is asked."""
        value = getattr(self._policy, rule)
        if isinstance(value, tuple):
            return "\n".join(value)
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    def shown(self, rule: str) -> str:
        """The value as a list shows it."""
        value = getattr(self._policy, rule)
        if isinstance(value, tuple):
            return f"{len(value):,} more"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "–" if value is None else str(value)

    def is_on(self, rule: str) -> bool:
        """Whether a rule that is yes or no is yes."""
        return bool(getattr(self._policy, rule))

    def is_changed(self, rule: str) -> bool:
        """Whether a value is another one than is in force."""
        return bool(getattr(self._policy, rule) != getattr(self._before, rule))

    @property
    def changes(self) -> dict[str, str]:
        """What is to be changed, as it is typed."""
        return {rule: self.text(rule) for rule in asdict(self._policy) if self.is_changed(rule)}

    def check(self, rule: str, text: str) -> None:
        """Raises :class:`InvalidValue` where the rule cannot have that value."""
        rules.changed(self._policy, {rule: text})

    def set(self, rule: str, text: str) -> None:
        """Gives a rule another value. Raises :class:`InvalidValue` where it cannot have it."""
        self._policy = rules.changed(self._policy, {rule: text})

    def take_over(self, body: PolicyBody, changes: Mapping[str, str]) -> None:
        """``body`` is in force now, and ``changes`` are wanted all the same."""
        self._before = Policy.of(body.model_dump())
        self._policy = replace(self._before, **{rule: getattr(self._policy, rule) for rule in changes})
