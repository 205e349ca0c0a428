"""The installation's key: what is derived from it, and how secrets are kept.

The key is ``DIR/key`` (0600) or ``SENTLINKS_KEY``; it is never in the database, which keeps only a check of
it. Addresses and tokens are looked up by a keyed hash; the owner's copy of an address is sealed with it. The key that
signs the audit's heads is another one (``DIR/signing.key``), since whoever checks them has half of it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from pathlib import Path
from shlex import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..rules.errors import Failed

_FORM = re.compile(r"[0-9a-f]{64}")


class Keys:
    """Keys for each purpose, derived from the installation's key of 32 bytes."""

    def __init__(self, master: bytes) -> None:
        def derive(purpose: str) -> bytes:
            return hmac.new(master, purpose.encode(), hashlib.sha256).digest()

        self._lookup = derive("lookup")
        self._audit = derive("audit")
        self._grant = derive("grant")
        self._attempt = derive("attempt")
        self._seal = AESGCM(derive("seal"))
        #: Kept in the database, so that a server with another key refuses to start.
        self.check = derive("check of an anchored audit")
        #: What an earlier version kept there, whose audit had no anchor in the database.
        self.earlier_check = derive("check")

    def lookup(self, secret: str) -> bytes:
        """The keyed hash under which a token or an address is found."""
        return hmac.new(self._lookup, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

    def audit_mac(self, *parts: bytes) -> bytes:
        """The mac of an audit row."""
        return _mac(self._audit, *parts)

    def grant_secret(self, document_id: str, settings: int, press: str) -> str:
        """The secret of the grant that a press gets: 192 bits, as :func:`new_secret`, and the same each time."""
        parts = (document_id.encode(), str(settings).encode(), press.encode())
        return _mac(self._grant, *parts)[:24].hex()

    def attempt(self, document_id: str, settings: int, press: str, password: str) -> bytes:
        """By what the same password in the same press is known again.

        The id of the press is random and kept nowhere: database and key together do not tell the password.
        """
        typed = password.encode("utf-8", "surrogatepass")
        return _mac(self._attempt, document_id.encode(), str(settings).encode(), press.encode(), typed)

    def seal(self, text: str, context: str) -> bytes:
        """``text`` encrypted, good only for the same ``context`` (the id of what it belongs to)."""
        nonce = secrets.token_bytes(12)
        return nonce + self._seal.encrypt(nonce, text.encode(), context.encode())

    def unseal(self, sealed: bytes, context: str) -> str:
        """What :meth:`seal` was given. Raises :class:`Failed` where it was made with another key."""
        try:
            return self._seal.decrypt(sealed[:12], sealed[12:], context.encode()).decode()
        except InvalidTag:
            raise Failed("key.wrong", "A kept address was sealed with another key.") from None


def _mac(key: bytes, *parts: bytes) -> bytes:
    """Each part is length-prefixed."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8, "big") + part)
    return mac.digest()


def new_secret() -> str:
    """A token for an address, a grant or an access: 192 bits, letters and digits only."""
    return secrets.token_hex(24)


def new_id() -> str:
    """An id that cannot be guessed: 128 bits in hexadecimal."""
    return secrets.token_hex(16)


def _check_private(path: Path) -> None:
    """Raises :class:`Failed` where others can read or change the key, as ssh does of its own."""
    facts = path.stat()
    if facts.st_uid not in (os.geteuid(), 0):
        raise Failed("key.owner", f"The key {path} belongs to another user. Run the server as that user.")
    if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Failed(
            "key.permissions", f"Others can use the key {path}. Mend it with: chmod 600 {quote(str(path))}"
        )


def _make_private(path: Path, text: str) -> bool:
    """Writes a key of mode 0600; ``False`` where there is one already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


class SigningKey:
    """Signs the heads of the audit: ``DIR/signing.key``, made once for an installation."""

    def __init__(self, private: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        #: The 32 bytes that others check signatures with.
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> bytes:
        return self._private.sign(text)


def make_signing_key(data: Path) -> SigningKey:
    """The signing key of a new installation; one that lies there is taken."""
    _make_private(data / "signing.key", secrets.token_bytes(32).hex())
    return load_signing_key(data)


def load_signing_key(data: Path, public: bytes | None = None) -> SigningKey:
    """The signing key, which must be the one that belongs to ``public``.

    Raises :class:`Failed` where it is lost, is another one, is no key, or is not this user's alone.
    """
    path = data / "signing.key"
    try:
        _check_private(path)
        text = path.read_text().strip()
    except FileNotFoundError:
        raise Failed(
            "signing_key.lost",
            f"The key that signs the audit's heads is lost ({path}). Put it back from a backup, or from another "
            "machine of this installation.",
        ) from None
    if not _FORM.fullmatch(text):
        raise Failed("signing_key.malformed", f"The key in {path} is not 64 hexadecimal digits.")
    key = SigningKey(bytes.fromhex(text))
    if public is not None and key.public != public:
        raise Failed(
            "signing_key.wrong",
            f"The key in {path} is not the one that has signed this audit's heads. Put the right one back.",
        )
    return key


def load_keys(data: Path) -> Keys:
    """The keys of the installation; makes ``DIR/key`` where there is none and no ``SENTLINKS_KEY``.

    Raises :class:`Failed` where the key is no key, or is not this user's alone.
    """
    text = os.environ.get("SENTLINKS_KEY") or ""
    path = data / "key"
    if not text:
        text = secrets.token_hex(32)
        if not _make_private(path, text):
            _check_private(path)
            text = path.read_text().strip()
    if not _FORM.fullmatch(text):
        raise Failed("key.malformed", f"The key in SENTLINKS_KEY or {path} is not 64 hexadecimal digits.")
    return Keys(bytes.fromhex(text))
