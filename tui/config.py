"""Settings and where they come from: one file, the environment, stored sign-ins, and the system's places.

The file is TOML; each of its keys can be overridden by ``SENTLINKS_`` and the key in capitals. What is in force
is decided in this order: option, environment, stored sign-in, file.
"""

from __future__ import annotations

import fcntl
import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .rules.errors import Failed, InvalidValue
from .rules.text import printable

#: The stored sign-in of the local server, whose address may change.
LOCAL = "local"
DEFAULT_PORT = 8480

_TEXT, _NUMBER, _FLAG, _PATH = "text", "number", "flag", "path"
#: Every key of the file, and what it holds.
KEYS = {
    "server": _TEXT,
    "token": _TEXT,
    "allow_plain": _FLAG,
    "host": _TEXT,
    "port": _NUMBER,
    "data": _PATH,
    "database_url": _TEXT,
    "store": _TEXT,
    "public_url": _TEXT,
    "user": _TEXT,
}
_FLAGS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
_TYPES = {_TEXT: str, _NUMBER: int, _FLAG: bool, _PATH: Path}
_WANTS = {_TEXT: "text in quotes", _NUMBER: "a whole number", _FLAG: "true or false", _PATH: "a path"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where this person's settings, documents' bytes and logs are kept; absolute paths."""

    config: Path
    data: Path
    state: Path


@dataclass(frozen=True, slots=True)
class Setting:
    """A value in force and where it comes from, in words."""

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """A token that a server gave to ``user``."""

    user: str
    token: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The server and the token in force; no server means the local one, no token its own one or none."""

    server: Setting | None
    token: Setting | None


def places(environ: Mapping[str, str] = os.environ) -> Places:
    """The places in force: below ``SENTLINKS_HOME`` where it is set, else the system's own."""
    home = environ.get("SENTLINKS_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        return Places(root / "config.toml", root / "data", root / "state")
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("sentlinks", appauthor=False)
    return Places(dirs.user_config_path / "config.toml", dirs.user_data_path, dirs.user_state_path)


def private_folder(folder: Path) -> Path:
    """Makes ``folder`` so that only this person can look into it (0700). Raises :class:`Failed`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.stat()
        if facts.st_uid == os.geteuid() and facts.st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise Failed(
            "folder.unusable", f"The folder {printable(str(folder))} cannot be used: {error.strerror}."
        ) from error
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Writes a file of mode 0600 in one step, over an older one. The folder must be there."""
    temporary = path.with_name(f".{path.name}-{os.urandom(8).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Waits until no other process holds the lock ``path``, and holds it; answers its file descriptor."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def normalized(url: str) -> str:
    """A server's address in the one spelling under which its sign-in is kept."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url.strip()
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != {"http": 80, "https": 443}.get(parts.scheme):
        host += f":{port}"
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"


class SignIns:
    """The stored sign-ins: a file of mode 0600, one token a server."""

    def __init__(self, state: Path) -> None:
        self._path = state / "sign-ins.json"

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            found = {}
        except (OSError, ValueError) as error:
            raise Failed(
                "sign_ins.unreadable",
                f"The stored sign-ins in {printable(str(self._path))} cannot be read; "
                "remove that file and sign in again.",
            ) from error
        kept = found.get("servers") if isinstance(found, dict) else None
        return {
            "current": found.get("current") if isinstance(found, dict) else None,
            "servers": {
                key: value
                for key, value in (kept if isinstance(kept, dict) else {}).items()
                if isinstance(value, dict)
                and isinstance(value.get("token"), str)
                and isinstance(value.get("user"), str)
            },
        }

    @property
    def current(self) -> str | None:
        """The server last signed in to: an address, or :data:`LOCAL`."""
        kept = self._read()
        return kept["current"] if kept["current"] in kept["servers"] else None

    def of(self, server: str) -> SignIn | None:
        """The sign-in that ``server`` (an address, or :data:`LOCAL`) gave."""
        kept = self._read()["servers"].get(_key(server))
        return SignIn(kept["user"], kept["token"]) if kept else None

    def keep(self, server: str, sign_in: SignIn) -> None:
        """Keeps a sign-in; later commands use its server where nothing else is said."""
        with self._change() as kept:
            kept["servers"][_key(server)] = {"user": sign_in.user, "token": sign_in.token}
            kept["current"] = _key(server)

    def forget(self, server: str) -> None:
        """Forgets what ``server`` gave."""
        with self._change() as kept:
            kept["servers"].pop(_key(server), None)
            if kept["current"] == _key(server):
                kept["current"] = None

    @contextmanager
    def _change(self) -> Iterator[dict[str, Any]]:
        private_folder(self._path.parent)
        try:
            with locked(self._path.with_suffix(".lock")):
                kept = self._read()
                yield kept
                write_private(self._path, json.dumps(kept, indent=1).encode())
        except OSError as error:
            raise Failed(
                "sign_ins.unwritable",
                f"The sign-in cannot be kept in {printable(str(self._path))}: {error.strerror}.",
            ) from error


def _key(server: str) -> str:
    return server if server == LOCAL else normalized(server)


class Config:
    """The settings in force, each with its origin."""

    def __init__(self, where: Places, file: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self.places = where
        self.sign_ins = SignIns(where.state)
        self._file = file
        self._environ = environ

    def setting(self, key: str) -> Setting | None:
        """The value of ``key`` by environment or file. Raises :class:`InvalidValue` for one of a wrong kind."""
        return self._from_environment(key) or self._from_file(key)

    def _from_environment(self, key: str) -> Setting | None:
        name = f"SENTLINKS_{key.upper()}"
        text = self._environ.get(name)
        return Setting(_typed(key, text, name, Path.cwd), name) if text else None

    def _from_file(self, key: str) -> Setting | None:
        if key not in self._file:
            return None
        origin = str(self.places.config)
        value = _typed(
            key, self._file[key], f"{key} in {printable(origin)}", lambda: self.places.config.parent
        )
        return None if value == "" else Setting(value, origin)

    def value(self, key: str, default: Any = None) -> Any:
        """The value of ``key``, or ``default`` where it is not set."""
        found = self.setting(key)
        return default if found is None else found.value

    @property
    def data(self) -> Path:
        """The local server's data folder."""
        folder: Path = self.value("data", self.places.data)
        return folder

    def choose(self, server: str | None = None) -> Choice:
        """Which server to speak with, and with which token. ``server`` is the option of that name.

        A token that a sign-in gave goes to the server that gave it only, and so does the file's where the file
        names a server; one of the environment goes to whatever server is in force.
        """
        chosen = self._server(server)
        return Choice(chosen, self._token(LOCAL if chosen is None else chosen.value))

    def _server(self, option: str | None) -> Setting | None:
        if option is not None:
            return Setting(option, "--server")
        if found := self._from_environment("server"):
            return found
        if current := self.sign_ins.current:
            return None if current == LOCAL else Setting(current, "the stored sign-in")
        return self._from_file("server")

    def _token(self, server: str) -> Setting | None:
        if found := self._from_environment("token"):
            return found
        if sign_in := self.sign_ins.of(server):
            return Setting(sign_in.token, "the stored sign-in")
        owner, token = self._from_file("server"), self._from_file("token")
        if token and owner and _key(owner.value) != _key(server):
            return None
        return token


def _typed(key: str, value: object, name: str, base: Callable[[], Path]) -> Any:
    """``value`` of the environment or the file as what ``key`` holds; paths are taken from ``base``."""
    kind = KEYS[key]
    found = _parsed(kind, value, base) if isinstance(value, str) else value
    if isinstance(found, _TYPES[kind]) and (kind == _FLAG or not isinstance(found, bool)):
        return found
    if found == "":
        return ""
    raise InvalidValue("config.value", f"{name} must be {_WANTS[kind]}.", key)


def _parsed(kind: str, text: str, base: Callable[[], Path]) -> object:
    if kind == _TEXT or not text.strip():
        return text.strip()
    text = text.strip()
    if kind == _NUMBER:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    if kind == _FLAG:
        return _FLAGS.get(text.lower())
    return (base() / Path(text).expanduser()).absolute()


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Reads the configuration. Raises :class:`InvalidValue` where the file is malformed or has unknown keys."""
    environ = os.environ if environ is None else environ
    where = places(environ)
    shown = printable(str(where.config))
    try:
        file = tomllib.loads(where.config.read_bytes().decode())
    except (FileNotFoundError, NotADirectoryError):
        file = {}
    except OSError as error:
        raise Failed(
            "config.unreadable", f"The configuration {shown} cannot be read: {error.strerror}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue(
            "config.malformed", f"The configuration {shown} is malformed: {printable(str(error))}."
        ) from error
    for key in file:
        if key not in KEYS:
            raise InvalidValue(
                "config.unknown_key",
                f"The configuration {shown} has no key {printable(key)}; it has {', '.join(KEYS)}.",
                key,
            )
    return Config(where, file, environ)
