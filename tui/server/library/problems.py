"""What the library refuses: problems with the codes of Work's protocol, whose library it is."""

from __future__ import annotations

from ...rules.errors import Conflict, InvalidValue, NotAllowed, NotFound


class BadRequest(InvalidValue):
    """A value that Work's protocol does not take."""

    http_status = 400


def no_record() -> NotFound:
    """The one error for what is not there and for what one may not see."""
    return NotFound("NRC_NO_RECORD", "There is no such record, or you have no access to it.")


def invalid(field: str, message: str) -> BadRequest:
    """A parameter, or a field of a body, that is wrong."""
    return BadRequest("NRC_INVALID_PARAM", message, field)


def invalid_profile(field: str, message: str) -> BadRequest:
    """A field of a profile that is wrong."""
    return BadRequest("NRC_INVALID_PROFILE", message, field)


def not_indexed(field: str) -> BadRequest:
    """A filter that exists and is not served here: an error, since all documents would be the wrong answer."""
    return BadRequest("NRC_INDEX_UNAVAILABLE", f"This library has no index for {field}; leave it out.", field)


def no_access(message: str = "You may read this, but not change it.") -> NotAllowed:
    return NotAllowed("NRC_ACCESS_DENIED", message)


def checked_out_by(name: str) -> Conflict:
    return Conflict("NRC_CHECKED_OUT", f"{name} has this version checked out; try again when it is released.")
