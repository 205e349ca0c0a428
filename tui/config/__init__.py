"""Settings and where they come from: one file, the environment, stored sign-ins, and the system's standard folders.

The file is TOML; each of its keys can be overridden by an environment variable, ``SENTLINKS_`` and the key in capitals.
The first of these that sets a value wins: option, environment, stored sign-in, file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..files.trusted_paths import Untrusted, check_path, close_folder, open_trusted
from ..rules.errors import Failed, InvalidValue
from ..rules.text import printable
from .keys import KEYS, MAIL_PREFIX, MAIL_PROGRAMS, meant, typed
from .private import unusable
from .sign_ins import LOCAL, SignIns, server_key

DEFAULT_PORT = 8480

#: The origin of values that come from a stored sign-in.
STORED = "the stored sign-in"


class Places(NamedTuple):
    """Where this user's settings, documents' bytes and logs are kept; absolute paths."""

    config: Path
    data: Path
    state: Path


class Setting(NamedTuple):
    """A value and where it comes from, in words."""

    value: Any
    origin: str


class ServerChoice(NamedTuple):
    """The server and the token to use.

    No server means the local one; no token means the local server's own, or none.
    """

    server: Setting | None
    token: Setting | None


def places(environ: Mapping[str, str] = os.environ) -> Places:
    """The paths to use: below ``SENTLINKS_HOME`` if it is set, else in the system's standard folders.

    Raises :class:`InvalidValue`.
    """
    home = environ.get("SENTLINKS_HOME")
    if home:
        try:
            root = Path(home).expanduser().absolute()
        except RuntimeError:
            raise InvalidValue(
                "config.home", f"SENTLINKS_HOME names a user who doesn't exist: {printable(home)}."
            ) from None
        return Places(root / "config.toml", root / "data", root / "state")
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("sentlinks", appauthor=False)
    return Places(dirs.user_config_path / "config.toml", dirs.user_data_path, dirs.user_state_path)


class Config:
    """The settings, each with its origin."""

    def __init__(self, paths: Places, file: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self.places = paths
        self.sign_ins = SignIns(paths.state, use_keyring=lambda: self.uses_keyring)
        self.work_sign_ins = SignIns(paths.state, "work-sign-ins", lambda: self.uses_keyring)
        self._file = file
        self._environ = environ

    @property
    def uses_keyring(self) -> bool:
        """Whether sign-ins are kept in the system's keyring."""
        # SENTLINKS_HOME replaces all of the system's standard folders, so everything is kept in it.
        wanted: bool = self.value("keyring", not self._environ.get("SENTLINKS_HOME"))
        return wanted

    def setting(self, key: str) -> Setting | None:
        """The value of ``key`` from the environment or the file. Raises :class:`InvalidValue` if it has the wrong
        type."""
        return self.from_environment(key) or self.from_file(key)

    def from_environment(self, key: str) -> Setting | None:
        """The value of ``key`` from the environment."""
        name = f"SENTLINKS_{key.upper()}"
        text = self._environ.get(name)
        return Setting(typed(key, text, name, Path.cwd), name) if text else None

    def from_file(self, key: str) -> Setting | None:
        """The value of ``key`` from the file."""
        if key not in self._file:
            return None
        origin = str(self.places.config)
        value = typed(
            key, self._file[key], f"{key} in {printable(origin)}", lambda: self.places.config.parent
        )
        return None if value == "" else Setting(value, origin)

    def value(self, key: str, default: Any = None) -> Any:
        """The value of ``key``, or ``default`` if it is not set."""
        found = self.setting(key)
        return default if found is None else found.value

    def one_of(self, key: str, values: tuple[str, ...]) -> str:
        """The value of ``key``, by default the first of ``values``. Raises :class:`InvalidValue` for any other."""
        found = self.setting(key)
        if found is None:
            return values[0]
        if found.value not in values:
            # Imported late, here and below: only mistakes need it, and the app appears sooner.
            from ..rules.similar import with_question

            message = (
                f"{key} from {printable(found.origin)} must be one of {', '.join(values)}, "
                f"not {printable(found.value)}."
            )
            raise InvalidValue("config.value", with_question(message, str(found.value), values), key)
        return str(found.value)

    @property
    def data(self) -> Path:
        """The local server's data folder. Raises :class:`Failed` if others can change it."""
        folder: Path = self.value("data", self.places.data)
        try:
            check_path(folder)
        except Untrusted as error:
            raise unusable(folder, error) from error
        return folder

    def choose(self, server: str | None = None) -> ServerChoice:
        """The server to use, and the token for it. ``server`` is the value of ``--server``.

        A token from a sign-in is sent only to the server that issued it, and so is the file's if the file names a
        server; one from the environment is sent to whichever server is used.
        """
        chosen = self.server(server)
        return ServerChoice(chosen, self._token(LOCAL if chosen is None else chosen.value))

    def server(self, option: str | None = None) -> Setting | None:
        """The server to use, as in :meth:`choose`."""
        if option is not None:
            return Setting(option, "--server")
        if found := self.from_environment("server"):
            return found
        if current := self.sign_ins.current:
            return None if current == LOCAL else Setting(current, STORED)
        return self.from_file("server")

    @property
    def work_server(self) -> Setting | None:
        """The separate Work server to use, from the environment, a stored sign-in, or the file."""
        if found := self.from_environment("work_server"):
            return found
        if current := self.work_sign_ins.current:
            return Setting(current, STORED)
        return self.from_file("work_server")

    def _token(self, server: str) -> Setting | None:
        if found := self.from_environment("token"):
            return found
        if sign_in := self.sign_ins.of(server):
            return Setting(sign_in.token, STORED)
        return self.of_the_file("token", "server", server)

    def of_the_file(self, key: str, owner: str, server: str) -> Setting | None:
        """The file's value of ``key`` for ``server``, unless the file's key ``owner`` names another server."""
        named = self.from_file(owner)
        if named and server_key(named.value) != server_key(server):
            return None
        return self.from_file(key)


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read the configuration. Raises :class:`InvalidValue` if the file is malformed or has unknown keys."""
    environ = os.environ if environ is None else environ
    paths = places(environ)
    shown = printable(str(paths.config))
    text = _read(paths)
    if text is None:
        return Config(paths, {}, environ)
    # Imported late: most users have no file, and the app appears sooner without the parser.
    import tomllib

    try:
        # Some editors put a byte-order mark before the text.
        file = tomllib.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        # Beyond what these two say of themselves, a number can have too many digits.
        raise InvalidValue(
            "config.malformed",
            f"The configuration {shown} is malformed: {printable(str(error))}. Correct it there.",
        ) from error
    for key in file:
        if key not in KEYS:
            raise InvalidValue(
                "config.unknown_key",
                f"The configuration {shown} has no key {printable(key)}{meant(key)}",
                key,
            )
    return Config(paths, file, environ)


def _read(paths: Places) -> bytes | None:
    """The configuration's content, if there is one. Raises :class:`Failed`, also if it can't be relied on.

    Then no sign-in of the state folder is used either.
    """
    try:
        close_folder(paths.state)
    except Untrusted as error:
        raise unusable(paths.state, error) from error
    except OSError:
        # It isn't there; or it can't be used, which is said by what wants to use it.
        pass
    try:
        with os.fdopen(open_trusted(paths.config), "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        # An advice ends with a command, after which there is no full stop.
        end = printable(error.advice) if isinstance(error, Untrusted) else f"{error.strerror}."
        raise Failed(
            "config.unreadable", f"The configuration {printable(str(paths.config))} cannot be read: {end}"
        ) from error


def mail_values(config: Config) -> dict[str, Any]:
    """The keys about the user's e-mail that are set. Raises :class:`InvalidValue` for an unknown mail program."""
    found = {key: config.setting(key) for key in KEYS if key.startswith(MAIL_PREFIX)}
    values = {key: setting.value for key, setting in found.items() if setting is not None}
    return values | {"mail_program": config.one_of("mail_program", MAIL_PROGRAMS)}
