"""Marks a method that overrides one of its class's bases and needs no docstring of its own: that of the base holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import override
else:
    # What is above takes milliseconds to import.
    Method = TypeVar("Method")

    def override(method: Method) -> Method:
        """Return the method as it is; mypy checks that a base has it."""
        return method


__all__ = ["override"]
