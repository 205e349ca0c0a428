"""The address of an S3 store, and what the environment says of how to reach it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from ....rules.errors import InvalidValue
from ....rules.text import printable, without_password

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
#: One part of the path: what needs no escaping, in any store.
_PART = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_ALLOWED = "AWS_ALLOW_HTTP"


class StoreAddress(NamedTuple):
    """A bucket, and what the names of all objects in it begin with (empty: nothing)."""

    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        """As it is written in the settings."""
        return f"s3://{self.bucket}/{self.prefix}" if self.prefix else f"s3://{self.bucket}"


def parse_store(url: str) -> StoreAddress:
    """Parse an address like ``s3://bucket/prefix``. Raises :class:`InvalidValue`."""
    scheme, found, rest = url.partition("://")
    bucket, _, path = rest.partition("/")
    parts = path.rstrip("/").split("/") if path.rstrip("/") else []
    is_good = found and scheme == "s3" and _BUCKET.fullmatch(bucket) is not None
    if not is_good or any(not _PART.fullmatch(part) or part in (".", "..") for part in parts):
        raise InvalidValue(
            "store.unknown",
            f"{without_password(url)} isn't a store of documents; write it like s3://bucket/prefix. Leave store out to "
            "keep documents in the data folder.",
            "store",
        )
    return StoreAddress(bucket, "/".join(parts))


def endpoint_of(environ: Mapping[str, str]) -> str | None:
    """Where the store is, if it isn't AWS's own. Raises :class:`InvalidValue` if the way there would be open to
    others."""
    name = next((name for name in _ENDPOINTS if environ.get(name)), None)
    if name is None:
        return None
    endpoint = environ[name]
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
        is_good = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
        is_good = is_good and parts.username is None and not (parts.query or parts.fragment)
    except ValueError:
        host, is_good = "", False
    if not is_good:
        raise InvalidValue(
            "store.endpoint", f"{name} must be an address like https://s3.example.com, without a name."
        )
    if parts.scheme == "http" and not _is_loopback(host) and not allows_http(environ):
        raise InvalidValue(
            "store.plain_http",
            f"The store at {printable(host)} is reached over plain HTTP, so others could delete documents. Use https, "
            f"or set {_ALLOWED}=true if the network between is yours.",
        )
    return endpoint.rstrip("/")


def allows_http(environ: Mapping[str, str]) -> bool:
    """Whether plain HTTP is allowed also to other machines."""
    return environ.get(_ALLOWED, "").strip().lower() in ("true", "1", "yes", "on")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
