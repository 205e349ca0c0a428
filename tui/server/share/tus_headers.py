"""The headers of tus that a client sends."""

from __future__ import annotations

import base64
import binascii
import re

from fastapi import Request

from ..http.bodies import media_type
from .caller import well_formed
from .uploads import ALGORITHMS, BadHeader, Checksum

CONTENT_TYPE = "application/offset+octet-stream"
_MAX_METADATA = 8192
NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_KEY = re.compile(r"[!-+\--~]+", re.ASCII)
_DIGEST_SIZES = {"sha256": 32, "sha1": 20}


def number(request: Request, name: str) -> int:
    """The whole number in a header. Raises :class:`BadHeader`."""
    text = request.headers.get(name, "")
    if not NUMBER.fullmatch(text):
        raise BadHeader("upload.header", f"The header {name} must be a whole number, zero or more.")
    return int(text)


def metadata_of(text: str) -> dict[str, bytes]:
    """The pairs of ``Upload-Metadata``. Raises :class:`BadHeader` if it is malformed."""
    malformed = BadHeader(
        "upload.metadata", "The header Upload-Metadata must hold pairs of a key and a Base64 value."
    )
    pairs: dict[str, bytes] = {}
    if len(text) > _MAX_METADATA:
        raise BadHeader("upload.metadata", f"The header Upload-Metadata is over {_MAX_METADATA:,} bytes.")
    for part in text.split(",") if text.strip() else ():
        key, _, value = part.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in pairs:
            raise malformed
        try:
            pairs[key] = base64.b64decode(value.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise malformed from None
    return pairs


def chosen_id(value: bytes | None) -> str | None:
    """The id that the client has chosen, if any. Raises :class:`BadHeader` if it doesn't have the form of an id."""
    if value is None:
        return None
    text = value.decode("ascii", "replace")
    if not well_formed(text):
        raise BadHeader("upload.id", "A client's own upload id must be 32 lower-case hexadecimal digits.")
    return text


def checksum(request: Request) -> Checksum | None:
    """The checksum of the body, if there is one. Raises :class:`BadHeader`."""
    text = request.headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadHeader("upload.algorithm", f"The checksum must be one of {', '.join(ALGORITHMS)}.")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != _DIGEST_SIZES[algorithm]:
        raise BadHeader("upload.checksum_form", "The checksum must be a digest in Base64.")
    return Checksum(algorithm, digest)


def is_content(request: Request) -> bool:
    """Whether the body has the type of an upload's bytes."""
    return media_type(request) == CONTENT_TYPE


def has_body(request: Request) -> bool:
    """Whether there is a body."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def wants(request: Request, name: str, value: str) -> bool:
    """Whether a header, which can only be ``value``, is there. Raises :class:`BadHeader`."""
    text = request.headers.get(name)
    if text is not None and text.strip() != value:
        raise BadHeader("upload.header", f"The header {name} can only be {value}.")
    return text is not None
