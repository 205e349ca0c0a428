"""The installation's key: what is derived from it, and how secrets are stored.

The key is ``DIR/key`` (0600) or ``SENTLINKS_KEY``. It is never in the database, which only stores a check value. The
secrets of links and tokens are looked up by a keyed hash; the owner's copy of a link is sealed with the key. The heads
of the audit are signed with a different key (``DIR/signing.key``), since those who verify them have its public half.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import re
import secrets
import stat
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from ...rules.errors import Failed
from .files import create_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_HEX_KEY = re.compile(r"[0-9a-f]{64}")
#: The most that is read of a key's file; a key is shorter.
_MOST_KEY = 1024
KEY_BYTES = 32


class KeyLost(Failed):
    """There is no key, which is an error unless the installation is new."""


class WrongContentKey(Failed):
    """The key of a content can't be unwrapped."""


class _Wrapper:
    """What one key of the installation wraps the keys of contents with."""

    def __init__(self, master: bytes) -> None:
        self.master = master
        self.id = _derived(master, "id of the key that wraps").hex()[:32]

    @cached_property
    def cipher(self) -> AESGCM:
        # The library takes 7 MB, which a server doesn't need before its first document.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(_derived(self.master, "wrap contents' keys"))


class Keys:
    """A key for each purpose, derived from the installation's key of 32 bytes.

    That key can be changed while the installation is used: the next one wraps the keys of contents from then on
    (:meth:`learn`). All else stays derived from the first (:meth:`take_first`). ``file`` is where it was read, if
    anywhere.
    """

    def __init__(self, master: bytes, file: Path | None = None) -> None:
        self.file = file
        #: The id of the key in the file, or in the environment.
        self.kept_id = ""
        self._take(master)

    def _take(self, master: bytes) -> None:
        self._newest = _Wrapper(master)
        self.kept_id = self._newest.id
        self._wrappers = {self.kept_id: self._newest}
        #: Stored in the database, so that a server with a different key refuses to start.
        self.check = check_of(master)
        #: What earlier versions stored there, whose audit had no anchor in the database.
        self.earlier_check = _derived(master, "check")
        self.take_first(master)

    def take_first(self, first: bytes) -> None:
        """Derive all but what wraps from ``first``, the key that the installation was made with."""
        self.first = first
        self._lookup = _derived(first, "lookup")
        self._audit = _derived(first, "audit")
        self._grant = _derived(first, "grant")
        self._attempt = _derived(first, "attempt")
        self._seal_key = _derived(first, "seal")

    # ------------------------------------------------------------ another key in its place

    @property
    def wrapping_id(self) -> str:
        """Which key wraps the keys of contents; stored with them, and tells nothing of it."""
        return self._newest.id

    @property
    def newest(self) -> str:
        """The key that wraps, as it is written into its file."""
        return self._newest.master.hex()

    def knows(self, ident: str) -> bool:
        """Whether what the key with that id has wrapped can be unwrapped."""
        return ident in self._wrappers

    def learn(self, master: bytes) -> None:
        """Wrap with that key from now on; what others have wrapped can still be unwrapped."""
        wrapper = _Wrapper(master)
        self._newest = self._wrappers.setdefault(wrapper.id, wrapper)

    def read_again(self, ident: str) -> None:
        """Learn the key with that id, if it is in the file by now, or next to it."""
        for path in self._files():
            with suppress(Failed, FileNotFoundError):
                master = _parsed(_read_private(path), path, "key.malformed")
                if _Wrapper(master).id == ident:
                    self.learn(master)

    def has_next(self) -> bool:
        """Whether the newest key is in the file next to its own."""
        for path in self._files()[1:]:
            with suppress(Failed, FileNotFoundError):
                return _read_private(path) == self.newest
        return False

    def take_next(self, check: bytes) -> bool:
        """Take the key in the file next to its own in place of that, if it is the one with this check: whoever changed
        the key was stopped before the file was replaced."""
        for path in self._files()[1:]:
            with suppress(Failed, FileNotFoundError):
                master = _parsed(_read_private(path), path, "key.malformed")
                if check_of(master) == check:
                    self._take(master)
                    # It isn't in its file yet.
                    self.kept_id = ""
                    return True
        return False

    def _files(self) -> list[Path]:
        return [] if self.file is None else [self.file, next_file(self.file)]

    # ------------------------------------------------------------

    def lookup(self, secret: str) -> bytes:
        """The keyed hash by which a token or a link is looked up."""
        return hmac.digest(self._lookup, secret.encode("utf-8", "surrogatepass"), "sha256")

    def audit_mac(self, *parts: bytes) -> bytes:
        """The MAC of a part of the audit, such as a row or a seal."""
        return _mac(self._audit, *parts)

    def grant_secret(self, document_id: str, settings: int, press: str) -> str:
        """The secret of the grant for a press: 192 bits, like :func:`new_secret`, and the same each time."""
        parts = (document_id.encode(), str(settings).encode(), press.encode())
        return _mac(self._grant, *parts)[:24].hex()

    def attempt(self, document_id: str, settings: int, press: str, password: str) -> bytes:
        """A digest that identifies repeated attempts with the same password in the same press.

        The id of the press is random and not stored anywhere, so database and key together don't reveal the password.
        """
        typed = password.encode("utf-8", "surrogatepass")
        return _mac(self._attempt, document_id.encode(), str(settings).encode(), press.encode(), typed)

    @cached_property
    def _seal(self) -> AESGCM:
        # The library takes 7 MB, which a server doesn't need before its first link.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._seal_key)

    def wrap(self, secret: bytes, context: str) -> bytes:
        """Encrypt the key of a content, bound to ``context`` (the key of its row)."""
        nonce = secrets.token_bytes(12)
        return nonce + self._newest.cipher.encrypt(nonce, secret, context.encode())

    def unwrap(self, wrapped: bytes, wrapped_by: str, context: str) -> bytes:
        """Decrypt what :meth:`wrap` returned. Raises :class:`Failed` if another key has wrapped it, or it was changed
        or moved to another row."""
        from cryptography.exceptions import InvalidTag

        try:
            wrapper = self._wrappers.get(wrapped_by)
            if wrapper is not None:
                return wrapper.cipher.decrypt(wrapped[:12], wrapped[12:], context.encode())
        except (InvalidTag, ValueError):
            pass
        raise WrongContentKey(
            "key.wrong",
            "The key of a stored document belongs to another installation, or was changed by hand.",
        )

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt ``text``, bound to ``context`` (the id of what it belongs to)."""
        nonce = secrets.token_bytes(12)
        return nonce + self._seal.encrypt(nonce, text.encode(), context.encode())

    def unseal(self, sealed: bytes, context: str) -> str:
        """Decrypt what :meth:`seal` returned. Raises :class:`Failed` if it was sealed with another key or context."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._seal.decrypt(sealed[:12], sealed[12:], context.encode()).decode()
        except InvalidTag:
            raise Failed("key.wrong", "A stored link was sealed with a different key.") from None


def _derived(master: bytes, purpose: str) -> bytes:
    return hmac.new(master, purpose.encode(), hashlib.sha256).digest()


def check_of(master: bytes) -> bytes:
    """What the database stores of the key with which the installation is opened."""
    return _derived(master, "check of an anchored audit")


def next_file(file: Path) -> Path:
    """Where the key lies that is about to take the place of the one in ``file``."""
    return file.with_name(f"{file.name}.new")


def _mac(key: bytes, *parts: bytes) -> bytes:
    """The MAC of ``parts``, each prefixed with its length."""
    # In one call: a hash object that is updated part by part takes ten times as long, and each document has four MACs.
    return hmac.digest(key, b"".join([len(part).to_bytes(8, "big") + part for part in parts]), "sha256")


def new_secret() -> str:
    """A random secret for a link, a grant or an access token: 192 bits, letters and digits only."""
    return secrets.token_hex(24)


def new_id() -> str:
    """A random id that can't be guessed: 128 bits in hexadecimal."""
    return secrets.token_hex(16)


def _check_private(path: Path, stats: os.stat_result) -> None:
    """Raise :class:`Failed` if it isn't a file, or others can read or change the key, as ssh does for its keys."""
    if not stat.S_ISREG(stats.st_mode):
        raise Failed(
            "key.no_file", f"The key {path} isn't a file. Move it away, and restore the key from a backup."
        )
    if stats.st_uid not in (os.geteuid(), 0):
        raise Failed("key.owner", f"The key {path} belongs to another user. Run the server as that user.")
    if stats.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Failed(
            "key.permissions",
            f"Other users can access the key {path}. Fix it with: chmod 600 {quote(str(path))}",
        )


def _read_private(path: Path) -> str:
    """The text of a key file, whatever bytes it has. Raises :class:`FileNotFoundError`, and :class:`Failed` if others
    can access it, it is a link, or it can't be read."""
    try:
        # What is checked is what is read: no link is followed, and the name isn't looked up a second time.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _check_private(path, os.fstat(handle))
            return os.read(handle, _MOST_KEY).decode("utf-8", "replace").strip()
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink() and path.exists():
            target, shown = quote(os.path.realpath(path)), quote(str(path))
            raise Failed(
                "key.link",
                f"The key {path} is a link, which isn't followed. Put the file in its place: mv {target} {shown}",
            ) from error
        advice = "Run the server as its owner."
        if error.errno not in (errno.EACCES, errno.EPERM):
            advice = "Move it away, and restore the key from a backup."
        raise Failed(
            "key.unreadable", f"The key {path} can't be read ({error.strerror}). {advice}"
        ) from error


def _parsed(text: str, path: Path, code: str) -> bytes:
    """The bytes of a key. Raises :class:`Failed`."""
    if not _HEX_KEY.fullmatch(text):
        what = "isn't 64 hexadecimal digits" if text else "is empty"
        raise Failed(
            code,
            f"The key in {path} {what}. Restore it from a backup, or copy it from another machine of this "
            "installation. If nothing was ever kept in this data folder, delete the file: a new one is made.",
        )
    return bytes.fromhex(text)


class SigningKey:
    """The key that signs the heads of the audit: ``DIR/signing.key``, created once for an installation."""

    def __init__(self, private: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._private = Ed25519PrivateKey.from_private_bytes(private)
        #: The public key, 32 bytes, with which others verify signatures.
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> bytes:
        """An Ed25519 signature, 64 bytes."""
        return self._private.sign(text)


def make_signing_key(data: Path) -> SigningKey:
    """Return the signing key of a new installation; an existing file is used as it is."""
    create_private(data / "signing.key", secrets.token_bytes(32).hex())
    return load_signing_key(data)


def load_signing_key(data: Path, public: bytes | None = None) -> SigningKey:
    """Load the signing key, which must be the one that belongs to ``public``, if given.

    Raises :class:`Failed` if it is missing, malformed, a different one, or accessible to other users.
    """
    path = data / "signing.key"
    try:
        text = _read_private(path)
    except FileNotFoundError:
        raise Failed(
            "signing_key.lost",
            f"The key that signs the audit's heads is missing ({path}). Restore it from a backup, or copy it from "
            "another machine of this installation.",
        ) from None
    key = SigningKey(_parsed(text, path, "signing_key.malformed"))
    if public is not None and key.public != public:
        raise Failed(
            "signing_key.wrong",
            f"The key in {path} isn't the one that signed this audit's heads. Restore the right one.",
        )
    return key


def make_keys(data: Path) -> Keys:
    """Create the key of a new installation, ``DIR/key``, and load it; an existing one is used as it is."""
    create_private(data / "key", secrets.token_hex(32))
    return load_keys(data)


def load_keys(data: Path) -> Keys:
    """Load the keys of the installation, from ``SENTLINKS_KEY`` or ``DIR/key``.

    Raises :class:`KeyLost` if there is neither, :class:`Failed` if the key is malformed or accessible to other users.
    """
    given = key_of_environment("SENTLINKS_KEY")
    if given is not None:
        return Keys(given)
    path = data / "key"
    try:
        text = _read_private(path)
    except FileNotFoundError:
        raise KeyLost(
            "key.lost",
            f"This installation's key is missing ({path}). Without it, no link can be opened and no one "
            "can sign in. Restore it from a backup, copy it from another machine of this installation, or "
            "give it in SENTLINKS_KEY.",
        ) from None
    return Keys(_parsed(text, path, "key.malformed"), path)


def key_of_environment(name: str) -> bytes | None:
    """A key that an environment variable gives. Raises :class:`Failed` if it isn't one."""
    text = os.environ.get(name) or ""
    if not text:
        return None
    if not _HEX_KEY.fullmatch(text):
        raise Failed("key.malformed", f"The key in {name} isn't 64 hexadecimal digits.")
    return bytes.fromhex(text)
