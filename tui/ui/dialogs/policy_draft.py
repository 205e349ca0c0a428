"""The policy as it is being edited: its current values, and the new ones. No Textual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from ...rules import policy as rules
from ...rules.policy import Policy
from ...rules.preset_lines import names_of


class PolicyDraft:
    """Changes apply only when saved. Rules are identified by the names of the policy's fields."""

    def __init__(self, policy: Policy) -> None:
        self._before = self._policy = policy

    def text(self, rule: str) -> str:
        """The value as it is typed; empty if the rule is unset."""
        return rules.typed_text(rule, getattr(self._policy, rule))

    def shown(self, rule: str) -> str:
        """The value as a list shows it."""
        value = getattr(self._policy, rule)
        if isinstance(value, tuple) and rule == "password_refused":
            return f"{len(value):,} more"
        if isinstance(value, tuple) and rule == "presets":
            return ", ".join(names_of(value))
        if isinstance(value, bool):
            return "yes" if value else "no"
        return rules.typed_text(rule, value) or "–"

    def is_on(self, rule: str) -> bool:
        """Whether a yes/no rule is on."""
        return bool(getattr(self._policy, rule))

    def is_changed(self, rule: str) -> bool:
        """Whether a value differs from the policy in effect."""
        return bool(getattr(self._policy, rule) != getattr(self._before, rule))

    @property
    def changes(self) -> dict[str, str]:
        """The changed rules, with their values as they are typed."""
        return {rule: self.text(rule) for rule in asdict(self._policy) if self.is_changed(rule)}

    def check(self, rule: str, text: str) -> None:
        """Raise :class:`InvalidValue` if the rule can't have that value."""
        rules.changed(self._policy, {rule: text})

    def set(self, rule: str, text: str) -> None:
        """Give a rule another value. Raises :class:`InvalidValue` if it can't have it."""
        self._policy = rules.changed(self._policy, {rule: text})

    def take_over(self, policy: Policy, changes: Mapping[str, str]) -> None:
        """Make ``policy`` the policy in effect, and keep the changed values of the rules in ``changes``."""
        self._before = policy
        self._policy = replace(self._before, **{rule: getattr(self._policy, rule) for rule in changes})
