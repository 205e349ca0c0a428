"""What the app asks of its own driver, which isn't imported on every platform."""

from __future__ import annotations

from abc import abstractmethod

from textual.driver import Driver


class OwnDriver(Driver):
    """What the app's own driver does besides what every driver does."""

    @abstractmethod
    def leave_mouse_alone(self, alone: bool) -> None:
        """Stop or resume using the mouse."""

    @abstractmethod
    def forget(self) -> None:
        """Forget what the terminal shows."""

    @abstractmethod
    def set_title(self, title: str) -> None:
        """Give the terminal a title, until the app ends or is suspended."""

    @property
    @abstractmethod
    def has_title(self) -> bool:
        """Whether the app has given it one."""

    @abstractmethod
    def follow_scheme(self) -> None:
        """Have the terminal report when it changes between dark and light, until the app ends or is suspended."""

    @abstractmethod
    def write_aside(self, sequence: str) -> None:
        """Write what changes nothing on the screen."""
