"""Signed heads of the audit's chains: stored elsewhere, they reveal if a chain is truncated later.

A head has the number of rows of a chain and an unkeyed digest over all of them. The server signs the heads (Ed25519);
checking the signature, or comparing the heads with the digests of the chains at a later time, needs no secret of the
server.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .errors import InvalidValue

_FORM = "sentlinks audit heads 1"
_HEAD = re.compile(r"([!-~]{1,64}) ([1-9][0-9]{0,9}) ([0-9a-f]{64})")
#: The keywords of the lines after the heads, and the corresponding names in JSON.
_LAST = ("fingerprint", "key", "signature")
_LAST_IN_JSON = ("fingerprint", "public_key", "signature")
_KEY, _SIGNATURE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")


class Head(NamedTuple):
    """``digest`` covers the first ``sequence`` rows of the chain ``subject``."""

    subject: str
    sequence: int
    digest: str


class SignedHeads(NamedTuple):
    """Heads at the time ``at`` (RFC 3339). Key (32 bytes) and signature (64) are hexadecimal."""

    at: str
    heads: Sequence[Head]
    public_key: str
    signature: str

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint, by which people compare keys."""
        return fingerprint(bytes.fromhex(self.public_key))


class ChainHead(NamedTuple):
    """The current state of a chain: its number of rows, up to the number requested, and their digest."""

    rows: int
    digest: str | None


def row_digest(before: bytes, parts: Iterable[bytes]) -> bytes:
    """The digest of a chain up to the row with these ``parts``; ``before`` is the digest of the rows before it."""
    hasher = hashlib.sha256()
    for part in (before, *parts):
        hasher.update(len(part).to_bytes(8, "big") + part)
    return hasher.digest()


def fingerprint(public_key: bytes) -> str:
    """The fingerprint of a key, in the format of ssh."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public_key).digest()).decode().rstrip("=")


def signed_text(at: str, heads: Iterable[Head]) -> bytes:
    """What a signature is of: a line each for the form, the time and the heads, in ASCII."""
    lines = [_FORM, f"at {at}", *(f"{h.subject} {h.sequence} {h.digest}" for h in heads)]
    return "".join(f"{line}\n" for line in lines).encode("ascii", "surrogateescape")


def check_signature(signed: SignedHeads) -> None:
    """Raise :class:`InvalidValue` if the heads, the key or the signature were changed."""
    # Slow to import, and few commands need it.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.public_key))
    try:
        key.verify(bytes.fromhex(signed.signature), signed_text(signed.at, signed.heads))
    except InvalidSignature:
        raise InvalidValue(
            "heads.signature",
            "These heads were changed after they were signed; use another copy of the file.",
        ) from None


def check_fingerprint(claimed: str, public_key: str) -> None:
    """Raise :class:`InvalidValue` if the fingerprint in a file isn't that of its key."""
    if claimed != fingerprint(bytes.fromhex(public_key)):
        raise InvalidValue(
            "heads.signature",
            "The fingerprint in this file doesn't match its key, so the file was changed; use another copy.",
        )


def compare(head: Head, now: ChainHead) -> tuple[int, str] | None:
    """The first row known to differ from when ``head`` was signed, and how it differs; ``None`` if no row does."""
    if now.rows == 0:
        return 1, "the whole chain is missing"
    if now.digest is None:
        return now.rows + 1, "it is missing: the chain was cut"
    if now.digest != head.digest:
        return head.sequence, "it, or one before it, was rewritten"
    return None


# ---------------------------------------------------------------- the file format


def written(signed: SignedHeads) -> str:
    """The content of a file with the signed heads."""
    text = signed_text(signed.at, signed.heads).decode("ascii")
    return f"{text}fingerprint {signed.fingerprint}\nkey {signed.public_key}\nsignature {signed.signature}\n"


def read(text: str) -> SignedHeads:
    """Parse the text of :func:`written`, or the same as JSON.

    Raises :class:`InvalidValue` if it is neither, has no head, has two heads of the same chain, or has a fingerprint
    that isn't that of its key.
    """
    try:
        signed = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidValue(
            "heads.unreadable", "This is not a file of signed heads; make one with: sentlinks audit heads"
        ) from error
    if not signed.heads:
        raise InvalidValue("heads.none", "This file has no heads, so there is nothing to compare.")
    duplicates = [subject for subject, count in Counter(h.subject for h in signed.heads).items() if count > 1]
    if duplicates:
        raise InvalidValue(
            "heads.twice", f"This file has more than one head of {duplicates[0]}; use another copy."
        )
    return signed


def _from_json(text: str) -> SignedHeads:
    data = json.loads(text)
    heads = [Head(str(h["id"]), int(h["sequence"]), str(h["digest"])) for h in data["heads"]]
    lines = signed_text(str(data["at"]), heads).decode("ascii")
    last = "".join(f"{name} {data[at]}\n" for name, at in zip(_LAST, _LAST_IN_JSON, strict=True))
    return _from_lines(f"{lines}{last}")


def _from_lines(text: str) -> SignedHeads:
    form, at, *lines = text.rstrip().splitlines()
    claimed, key, signature = map(_value, lines[-len(_LAST) :], _LAST)
    if not text.isascii() or form != _FORM or not _KEY.fullmatch(key) or not _SIGNATURE.fullmatch(signature):
        raise ValueError(form)
    heads = []
    for line in lines[: -len(_LAST)]:
        match = _HEAD.fullmatch(line)
        if match is None:
            raise ValueError(line)
        heads.append(Head(match[1], int(match[2]), match[3]))
    check_fingerprint(claimed, key)
    return SignedHeads(_value(at, "at"), heads, key, signature)


def _value(line: str, name: str) -> str:
    if not line.startswith(f"{name} "):
        raise ValueError(line)
    return line.removeprefix(f"{name} ")
