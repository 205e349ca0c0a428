"""The key that signs the heads of the audit."""

from __future__ import annotations

import secrets
from pathlib import Path

from ...rules.errors import Failed
from .files import create_private
from .key_files import parsed_key, read_private


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
        text = read_private(path)
    except FileNotFoundError:
        raise Failed(
            "signing_key.lost",
            f"The key that signs the audit's heads is missing ({path}). Restore it from a backup, or copy it from "
            "another machine of this installation.",
        ) from None
    key = SigningKey(parsed_key(text, path, "signing_key.malformed"))
    if public is not None and key.public != public:
        raise Failed(
            "signing_key.wrong",
            f"The key in {path} isn't the one that signed this audit's heads. Restore the right one.",
        )
    return key
