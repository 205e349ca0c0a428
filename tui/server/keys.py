"""The installation's key: what is derived from it, and how secrets are kept.

The key is ``DIR/key`` (0600) or ``SENTLINKS_KEY``; it is never in the database, which keeps only a check of
it. Addresses and tokens are looked up by a keyed hash; the owner's copy of an address is sealed with it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
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
        self._seal = AESGCM(derive("seal"))
        #: Kept in the database, so that a server with another key refuses to start.
        self.check = derive("check")

    def lookup(self, secret: str) -> bytes:
        """The keyed hash under which a token or an address is found."""
        return hmac.new(self._lookup, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

    def audit_mac(self, *parts: bytes) -> bytes:
        """The mac of an audit row; each part is length-prefixed."""
        mac = hmac.new(self._audit, digestmod=hashlib.sha256)
        for part in parts:
            mac.update(len(part).to_bytes(8, "big") + part)
        return mac.digest()

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


def new_secret() -> str:
    """A token for an address, a grant or an access: 192 bits, letters and digits only."""
    return secrets.token_hex(24)


def new_id() -> str:
    """An id that cannot be guessed: 128 bits in hexadecimal."""
    return secrets.token_hex(16)


def load_keys(data: Path) -> Keys:
    """The keys of the installation; makes ``DIR/key`` where there is none and no ``SENTLINKS_KEY``."""
    text = os.environ.get("SENTLINKS_KEY") or ""
    path = data / "key"
    if not text:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            text = path.read_text().strip()
        else:
            text = secrets.token_hex(32)
            with os.fdopen(handle, "w") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
    if not _FORM.fullmatch(text):
        raise Failed("key.malformed", f"The key in SENTLINKS_KEY or {path} is not 64 hexadecimal digits.")
    return Keys(bytes.fromhex(text))
