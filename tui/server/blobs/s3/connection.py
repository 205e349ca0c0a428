"""Connecting to an S3 store, with the credentials and the region of the environment (``AWS_...``)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .address import StoreAddress
from .failures import failure_of

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

_CONNECT_SECONDS = timedelta(seconds=5)


def connected(
    address: StoreAddress, endpoint: str | None, patience: timedelta, seconds: timedelta
) -> S3Store:
    """A connection whose requests are repeated for as long as ``patience``, of which each may take so many
    ``seconds``. Raises :class:`StoreAway` if what the environment says can't be used at all."""
    # The library takes memory that a server with a folder doesn't need.
    from obstore.store import S3Store

    # One request after the other is understood by every store.
    config: S3Config = {"disable_bulk_delete": True}
    if endpoint is not None:
        config |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    try:
        return S3Store(
            address.bucket,
            prefix=address.prefix or None,
            config=config,
            client_options={
                # Whether it is allowed was found out before.
                "allow_http": endpoint is not None,
                "timeout": seconds,
                "connect_timeout": min(seconds, _CONNECT_SECONDS),
            },
            retry_config={
                "max_retries": 1000,
                "retry_timeout": patience,
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=2),
                    "base": 2,
                },
            },
        )
    except Exception as error:
        # Such as one of two credentials.
        raise failure_of(error) from error
