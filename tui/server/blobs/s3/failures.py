"""What an S3 store, or the way to it, says when it fails."""

from __future__ import annotations

import logging
import re

from ..base import StoreAway

log = logging.getLogger("sentlinks")

_CODE = re.compile(r"<Code>(\w{1,64})</Code>")
_MISSING = re.compile(r"Generic S3 error: Missing (\w{1,64})")
_STATUS = re.compile(r"status code: (\d{3})")
NO_BUCKET, BEYOND = "NoSuchBucket", "<Code>InvalidRange</Code>"
#: Where a machine of AWS is asked for its credentials, if none are given.
_OWN_CREDENTIALS = "/latest/api/token"
#: What it says of a request that is a quarter of an hour old by its clock, or yet to come.
SKEWED = "RequestTimeTooSkewed"
#: What no waiting helps against: someone has to give the server other credentials, or set a clock.
_REFUSED = frozenset(
    {
        "AccessDenied", "AuthorizationHeaderMalformed", "ExpiredToken", "InvalidAccessKeyId", "InvalidSecurity",
        "InvalidToken", SKEWED, "SignatureDoesNotMatch", "TokenRefreshRequired",
    }
)  # fmt: skip
#: What several stores say when they are full, or as much is in them as is allowed.
_FULL = frozenset({"InsufficientCapacity", "QuotaExceeded", "XMinioStorageFull"})


def failure_of(error: Exception) -> StoreAway:
    """What an error of the library means."""
    text = str(error)
    found = _CODE.search(text)
    code = found[1] if found else ""
    if code == NO_BUCKET:
        return StoreAway("The store has no such bucket", gone=True)
    if _OWN_CREDENTIALS in text:
        return StoreAway("The server has no credentials for the store (AWS_ACCESS_KEY_ID)", refuses=True)
    missing = _MISSING.search(text)
    if missing is not None:
        return StoreAway(
            f"The environment for the store isn't complete (AWS_...): missing {missing[1]}", refuses=True
        )
    status = _STATUS.search(text)
    said = code or (f"status {status[1]}" if status else "no answer")
    if code in _FULL or (status is not None and status[1] == "507"):
        return StoreAway(f"The store has no room ({said})")
    if code == SKEWED:
        return StoreAway(f"The server's clock is another than the store's ({code})", refuses=True)
    from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

    if code in _REFUSED or isinstance(error, PermissionDeniedError | UnauthenticatedError):
        shown = f" ({code})" if code else ""
        return StoreAway(f"The store refuses the server's credentials{shown}", refuses=True)
    return StoreAway(f"The store can't be reached ({said})")


class StoreOutage:
    """Whether the store is away now. The log says when that begins, and when it is over."""

    def __init__(self) -> None:
        self._failure: StoreAway | None = None

    @property
    def is_on(self) -> bool:
        """Whether the last request has failed."""
        return self._failure is not None

    def begin(self, failure: StoreAway) -> None:
        """Note a failure."""
        before, self._failure = self._failure, failure
        # Of one outage, each request may say something else: the answer to one for a length has only a status.
        if before is None or before.refuses != failure.refuses:
            log.error("documents can't be read or stored: %s", failure.why)

    def end(self) -> None:
        """Note that the store has answered."""
        if self._failure is not None:
            log.info("documents can be read and stored again")
        self._failure = None
