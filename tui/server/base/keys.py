"""The installation's key: what is derived from it, and how secrets are stored.

The key is ``DIR/key`` (0600) or ``SENTLINKS_KEY``. It is never in the database, which only stores a check value. The
secrets of links and tokens are looked up by a keyed hash; the owner's copy of a link is sealed with the key. The heads
of the audit are signed with a different key (``DIR/signing.key``), since those who verify them have its public half.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ...rules.errors import Failed
from .files import create_private
from .key_files import key_of_environment, parsed_key, read_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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
                master = parsed_key(read_private(path), path, "key.malformed")
                if _Wrapper(master).id == ident:
                    self.learn(master)

    def has_next(self) -> bool:
        """Whether the newest key is in the file next to its own."""
        for path in self._files()[1:]:
            with suppress(Failed, FileNotFoundError):
                return read_private(path) == self.newest
        return False

    def take_next(self, check: bytes) -> bool:
        """Take the key in the file next to its own in place of that, if it is the one with this check: whoever changed
        the key was stopped before the file was replaced."""
        for path in self._files()[1:]:
            with suppress(Failed, FileNotFoundError):
                master = parsed_key(read_private(path), path, "key.malformed")
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
        text = read_private(path)
    except FileNotFoundError:
        raise KeyLost(
            "key.lost",
            f"This installation's key is missing ({path}). Without it, no link can be opened and no one "
            "can sign in. Restore it from a backup, copy it from another machine of this installation, or "
            "give it in SENTLINKS_KEY.",
        ) from None
    return Keys(parsed_key(text, path, "key.malformed"), path)
