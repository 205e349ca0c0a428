"""Signed heads of the audit's chains: what is kept elsewhere, so that a chain that is cut later is missed.

A head says how many rows a chain has and what they are, by a digest over all of them that takes no key. The server
signs the heads (Ed25519); whoever keeps them needs nothing of the server's to check the signature, or to hold them
against the digests of the chains of a later day.
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
#: What the lines after the heads begin with, and what they are called in JSON.
_LAST = ("fingerprint", "key", "signature")
_LAST_IN_JSON = ("fingerprint", "public_key", "signature")
_KEY, _SIGNATURE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")


class Head(NamedTuple):
    """``digest`` is that of the first ``sequence`` rows of the chain ``subject``."""

    subject: str
    sequence: int
    digest: str


class SignedHeads(NamedTuple):
    """Heads of the moment ``at`` (RFC 3339). Key (32 bytes) and signature (64) are hexadecimal."""

    at: str
    heads: Sequence[Head]
    public_key: str
    signature: str

    @property
    def fingerprint(self) -> str:
        return fingerprint(bytes.fromhex(self.public_key))


class Kept(NamedTuple):
    """What there is now of a chain: how many rows, at most as many as were asked for, and their digest."""

    rows: int
    digest: str | None


def row_digest(before: bytes, parts: Iterable[bytes]) -> bytes:
    """The digest of a chain up to a row, whose ``parts`` follow rows with the digest ``before``."""
    made = hashlib.sha256()
    for part in (before, *parts):
        made.update(len(part).to_bytes(8, "big") + part)
    return made.digest()


def fingerprint(public_key: bytes) -> str:
    """By what people know a key, as ssh writes it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public_key).digest()).decode().rstrip("=")


def signed_text(at: str, heads: Iterable[Head]) -> bytes:
    """What is signed."""
    lines = [_FORM, f"at {at}", *(f"{h.subject} {h.sequence} {h.digest}" for h in heads)]
    return "".join(f"{line}\n" for line in lines).encode("ascii", "surrogateescape")


def check_signature(signed: SignedHeads) -> None:
    """Raises :class:`InvalidValue` where somebody has changed the heads, the key or the signature."""
    # It takes a while to import, and few commands need it.
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


def check_fingerprint(told: str, public_key: str) -> None:
    """Raises :class:`InvalidValue` where a file says another fingerprint than that of its key."""
    if told != fingerprint(bytes.fromhex(public_key)):
        raise InvalidValue(
            "heads.signature",
            "The fingerprint in this file doesn't match its key, so the file was changed; use another copy.",
        )


def compare(head: Head, now: Kept) -> tuple[int, str] | None:
    """The first row that is not as it was when ``head`` was signed, as far as can be told, and what it is; ``None``
    where all are."""
    if now.rows == 0:
        return 1, "the whole chain is missing"
    if now.digest is None:
        return now.rows + 1, "it is missing: the chain was cut"
    if now.digest != head.digest:
        return head.sequence, "it, or one before it, was rewritten"
    return None


# ---------------------------------------------------------------- as a file


def written(signed: SignedHeads) -> str:
    """The lines of a file to be kept."""
    text = signed_text(signed.at, signed.heads).decode("ascii")
    return f"{text}fingerprint {signed.fingerprint}\nkey {signed.public_key}\nsignature {signed.signature}\n"


def read(text: str) -> SignedHeads:
    """What :func:`written` wrote, or the same as JSON. Raises :class:`InvalidValue` where it is neither, names no
    chain, or one twice, or where its fingerprint is not that of its key."""
    try:
        signed = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidValue(
            "heads.unreadable", "This is not a file of signed heads; make one with: sentlinks audit heads"
        ) from error
    if not signed.heads:
        raise InvalidValue("heads.none", "This file has no heads, so there is nothing to compare.")
    twice = [subject for subject, count in Counter(h.subject for h in signed.heads).items() if count > 1]
    if twice:
        raise InvalidValue(
            "heads.twice", f"This file has more than one head of {twice[0]}; use another copy."
        )
    return signed


def _from_json(text: str) -> SignedHeads:
    found = json.loads(text)
    heads = [Head(str(h["id"]), int(h["sequence"]), str(h["digest"])) for h in found["heads"]]
    lines = signed_text(str(found["at"]), heads).decode("ascii")
    last = "".join(f"{name} {found[at]}\n" for name, at in zip(_LAST, _LAST_IN_JSON, strict=True))
    return _from_lines(f"{lines}{last}")


def _from_lines(text: str) -> SignedHeads:
    form, at, *lines = text.rstrip().splitlines()
    told, key, signature = (
        _value(line, name) for line, name in zip(lines[-len(_LAST) :], _LAST, strict=True)
    )
    if not text.isascii() or form != _FORM or not _KEY.fullmatch(key) or not _SIGNATURE.fullmatch(signature):
        raise ValueError(form)
    heads = []
    for line in lines[: -len(_LAST)]:
        match = _HEAD.fullmatch(line)
        if match is None:
            raise ValueError(line)
        heads.append(Head(match[1], int(match[2]), match[3]))
    check_fingerprint(told, key)
    return SignedHeads(_value(at, "at"), heads, key, signature)


def _value(line: str, name: str) -> str:
    if not line.startswith(f"{name} "):
        raise ValueError(line)
    return line.removeprefix(f"{name} ")
