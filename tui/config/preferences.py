"""The user's preferences for the app (colours, painting, keys), read from the configuration and written back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..rules.text import printable
from . import mail_values
from .keys import CARRIES, MAIL_PREFIX

if TYPE_CHECKING:
    from ..rules.presets import Preset
    from . import Config
    from .mail import MailPreferences

_NONE: Mapping[str, Any] = MappingProxyType({})

#: The values of ``theme``; ``auto`` follows the terminal.
THEMES = ("auto", "dark", "light", "contrast", "16", "mono")
#: Themes of Textual's, which ``theme`` may name, too; not those that use the terminal's own sixteen colours.
TEXTUAL_THEMES = (
    "atom-one-dark", "atom-one-light", "catppuccin-frappe", "catppuccin-latte", "catppuccin-macchiato",
    "catppuccin-mocha", "dracula", "flexoki", "gruvbox", "monokai", "nord", "rose-pine", "rose-pine-dawn",
    "rose-pine-moon", "solarized-dark", "solarized-light", "textual-dark", "textual-light", "tokyo-night",
)  # fmt: skip
#: The folder of the user's own themes, beside the configuration, and the ending of their files.
_THEMES_FOLDER, _THEME_ENDING = "themes", ".toml"
#: The values of ``alerts``; see :func:`tui.terminal.alerts.alert`.
ALERTS = ("off", "bell", "osc9", "osc777", "osc99")


class Preferences(NamedTuple):
    """``file`` is where changes are saved, ``None`` for nowhere. ``keys`` maps commands' names to their keys."""

    theme: str = "auto"
    #: Write only cells that changed to the terminal.
    cell_diff: bool = True
    #: Pages of text scroll smoothly.
    animation: bool = False
    #: The folder follows the server's events.
    live: bool = True
    #: The app uses the mouse. If not, the terminal selects text with it as usual.
    mouse: bool = True
    #: What copied links look like: a name or a template of :mod:`tui.terminal.copy_format`.
    copy_format: str = "links"
    #: How the terminal alerts the user of what recipients do: one of :data:`ALERTS`.
    alerts: str = "off"
    #: Whether documents are looked into before they are sent: one of ``keys.CARRIES``.
    carries: str = "off"
    #: The keys of the configuration that are about e-mail; :attr:`mail` has them with their defaults.
    mail_values: Mapping[str, Any] = _NONE
    #: Passwords may be kept in the system's keyring.
    keyring: bool = False
    keys: Mapping[str, str] = _NONE
    #: The user's own.
    presets: tuple[Preset, ...] = ()
    file: Path | None = None

    @property
    def mail(self) -> MailPreferences:
        """The user's e-mail. Imported late: the app appears sooner without it."""
        from .mail import MailPreferences

        return MailPreferences(**self.mail_values)

    @property
    def themes_folder(self) -> Path | None:
        """Where the user's own themes are."""
        return None if self.file is None else self.file.parent / _THEMES_FOLDER

    def value(self, name: str) -> Any:
        """The value of a key of the configuration."""
        return getattr(self.mail if name.startswith(MAIL_PREFIX) else self, name)

    def with_value(self, name: str, value: str | bool) -> Preferences:
        """A copy with another value of a setting (not of ``keys``, ``presets`` or ``file``)."""
        if name.startswith(MAIL_PREFIX):
            return self._replace(mail_values={**self.mail_values, name: value})
        return self._replace(**{name: value})  # type: ignore[arg-type]

    def with_preset(self, preset: Preset) -> Preferences:
        """A copy with a preset more, or another one in place of the one of that name, of which settings stay that the
        new one doesn't have."""
        known = {each.name: each for each in self.presets}
        before = known[preset.name].texts if preset.name in known else {}
        known[preset.name] = replace(preset, texts={**before, **preset.texts})
        return self._replace(presets=tuple(known.values()))


def of(config: Config) -> Preferences:
    """The preferences in the configuration. Raises :class:`InvalidValue` for an unknown theme, mail program, command or
    key, and for a preset that is wrong."""
    return Preferences(
        theme=theme_name(config),
        cell_diff=config.value("cell_diff", True),
        animation=config.value("animation", False),
        live=config.value("live", True),
        mouse=config.value("mouse", True),
        copy_format=copy_format(config),
        alerts=config.one_of("alerts", ALERTS),
        carries=config.one_of("carries", CARRIES),
        mail_values=mail_values(config),
        keyring=config.uses_keyring,
        keys=checked_keys(config),
        presets=checked_presets(config),
        file=config.places.config,
    )


def theme_name(config: Config) -> str:
    """The name of the theme: one of the app's or Textual's, or of the user's own. Raises :class:`InvalidValue` for
    any other."""
    found = config.setting("theme")
    if found is None or found.value in THEMES or found.value in TEXTUAL_THEMES:
        return THEMES[0] if found is None else str(found.value)
    folder = config.places.config.parent / _THEMES_FOLDER
    own = own_themes(folder)
    if found.value in own:
        return str(found.value)
    from ..rules.errors import InvalidValue
    from ..rules.similar import with_question

    message = (
        f"theme from {printable(found.origin)} must be one of {', '.join(THEMES)}, not {printable(found.value)}; or "
        f"another one that the settings in the app list, or a file in {printable(str(folder))}."
    )
    known = (*THEMES, *TEXTUAL_THEMES, *own)
    raise InvalidValue("config.value", with_question(message, str(found.value), known), "theme")


def own_themes(folder: Path | None) -> list[str]:
    """The names of the user's own themes in a folder. One that is named like another isn't among them."""
    try:
        names = sorted(each.name.removesuffix(_THEME_ENDING) for each in folder.iterdir()) if folder else []
        names = [name for name in names if folder and own_theme_file(folder, name).is_file()]
    except OSError:
        return []
    return [name for name in names if name not in (*THEMES, *TEXTUAL_THEMES) and printable(name) == name]


def own_theme_file(folder: Path, name: str) -> Path:
    """The file of one of the user's own themes."""
    return folder / f"{name}{_THEME_ENDING}"


def copy_format(config: Config) -> str:
    """The format of copied links. Raises :class:`InvalidValue` for one that is neither known nor a template."""
    found = config.setting("copy_format")
    if found is None:
        return "links"
    # Imported late: only users with a format of their own need it.
    from ..terminal.copy_format import check_format

    return check_format(found.value, found.origin)


def checked_keys(config: Config) -> Mapping[str, str]:
    """The user's own keys of commands. Raises :class:`InvalidValue` for an unknown command or key."""
    found = config.setting("keys")
    if found is None:
        return {}
    # Imported late: only users with their own keys need it.
    from ..commands.keymap import checked

    return checked(found.value, f"[keys] of {printable(found.origin)}")


def checked_presets(config: Config) -> tuple[Preset, ...]:
    """The user's own presets. Raises :class:`InvalidValue` for one with an unknown setting or a wrong value."""
    found = config.setting("presets")
    if found is None:
        return ()
    # Imported late: only users with presets need it.
    from datetime import UTC, datetime

    from ..rules.errors import InvalidValue
    from ..rules.presets import read_presets

    try:
        return read_presets(found.value, datetime.now(UTC))
    except InvalidValue as error:
        message = f"presets from {printable(found.origin)}: {error.message}"
        raise InvalidValue(error.code, message, "presets") from error


def store(file: Path, key: str, value: str | bool) -> None:
    """Write one key of the configuration, and leave the rest of the file as it is. Raises :class:`Failed`."""
    from .edited_file import edit, with_key

    edit(file, lambda text: with_key(text, key, value), lambda found: {**found, key: value})
