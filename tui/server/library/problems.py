"""The library's errors, with the codes of Work's protocol."""

from __future__ import annotations

from ...rules.errors import Conflict, InvalidValue, NotAllowed, NotFound


class BadRequest(InvalidValue):
    """A value that Work's protocol doesn't accept."""

    http_status = 400


def no_record() -> NotFound:
    """The same error for what doesn't exist and for what the person may not see."""
    return NotFound("NRC_NO_RECORD", "There is no such record, or you have no access to it.")


def invalid(field: str, message: str) -> BadRequest:
    """An invalid parameter or field of a body."""
    return BadRequest("NRC_INVALID_PARAM", message, field)


def invalid_profile(field: str, message: str) -> BadRequest:
    """An invalid field of a profile."""
    return BadRequest("NRC_INVALID_PROFILE", message, field)


def not_indexed(field: str) -> BadRequest:
    """A filter that exists but isn't supported here: an error, since returning all documents would be wrong."""
    return BadRequest("NRC_INDEX_UNAVAILABLE", f"This library has no index for {field}. Leave it out.", field)


def too_broad() -> BadRequest:
    """A search that takes too long."""
    return BadRequest(
        "NRC_SEARCH_TOO_BROAD",
        "This search takes too long. Search for the beginning of a word, or in a folder.",
    )


def no_access(message: str = "You can read this, but not change it.") -> NotAllowed:
    """The problem if a person may see something, but not do that to it."""
    return NotAllowed("NRC_ACCESS_DENIED", message)


def checked_out_by(name: str) -> Conflict:
    """The problem if somebody else has the version checked out; ``name`` is who."""
    return Conflict("NRC_CHECKED_OUT", f"{name} has this version checked out. Try again when it's released.")
