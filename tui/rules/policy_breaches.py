"""What the policy says of a link's settings."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta, tzinfo

from . import dates
from .errors import PolicyBreach
from .policy import Policy

#: The kinds of characters, in words.
_KINDS = "a–z, A–Z, 0–9, other"
#: How much later than the last permitted moment an expiration may be, as clocks differ.
GRACE = timedelta(seconds=60)


def kinds(password: str) -> int:
    """How many of the four kinds of characters the password has."""
    return sum(
        (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not (c.islower() or c.isupper() or c.isdigit()) for c in password),
        )
    )


def password_rules(policy: Policy) -> tuple[str, ...]:
    """The policy's requirements for a password in words, the longest wording first; empty if there are none."""
    least, classes = policy.password_min_length or 0, policy.password_classes or 0
    if least > 1 and classes > 1:
        return (
            f"{least}+ characters of {classes} kinds ({_KINDS})",
            f"{least}+ characters of {classes} kinds",
            f"{least}+ chars, {classes} kinds",
        )
    if least > 1:
        return (f"{least}+ characters",)
    if classes > 1:
        return (f"{classes} kinds ({_KINDS})", f"{classes} kinds of characters", f"{classes} kinds")
    return ()


def _breach(code: str, message: str, field: str) -> PolicyBreach:
    return PolicyBreach(f"policy.{code}", message, field)


def check_password(policy: Policy, password: str | None, refused: Container[str] = ()) -> PolicyBreach | None:
    """How ``password`` (``None``: no password) breaks the policy. ``refused`` holds passwords in lower case."""
    if not password:
        if policy.password_required:
            return _breach(
                "password_required", "Your firm requires a password; type one, or have one made.", "password"
            )
        return None
    least = policy.password_min_length or 0
    if len(password) < least:
        return _breach(
            "password_too_short",
            f"Your firm requires a password of at least {least} characters.",
            "password",
        )
    if kinds(password) < (policy.password_classes or 0):
        return _breach(
            "password_too_plain",
            f"Your firm requires {policy.password_classes} kinds of characters in a password ({_KINDS}).",
            "password",
        )
    own = {p.lower() for p in policy.password_refused or ()}
    if password.lower() in refused or password.lower() in own:
        return _breach(
            "password_refused",
            "That password is too common; choose another.",
            "password",
        )
    return None


def check_expiry(
    policy: Policy, expires_at: datetime | None, now: datetime, zone: tzinfo | None = None
) -> PolicyBreach | None:
    """How the expiration breaks the policy.

    The maximum duration has a minute of grace, and includes the whole of its last day in ``zone`` (the system's time
    zone if ``None``).
    """
    if expires_at is None:
        if policy.expires_required:
            return _breach("expires_required", "Your firm requires an expiration date; give one.", "expires")
        return None
    if policy.expires_max:
        last = now + dates.parse_span(policy.expires_max)
        end = dates.end_of_day(last.astimezone(zone).date(), zone) + timedelta(microseconds=999_999)
        if expires_at > max(last + GRACE, end):
            return _breach(
                "expires_too_far",
                f"Your firm lets links last {dates.span_text(policy.expires_max)} at most; "
                "give an earlier expiration date.",
                "expires",
            )
    return None


def check_downloads(policy: Policy, permitted: int | None) -> PolicyBreach | None:
    """How the download limit breaks the policy."""
    if permitted is None:
        if policy.downloads_required:
            return _breach(
                "downloads_required", "Your firm requires a download limit; give one.", "downloads"
            )
        return None
    if policy.downloads_max and permitted > policy.downloads_max:
        return _breach(
            "downloads_too_many",
            f"Your firm permits at most {policy.downloads_max:,} downloads; give a lower number.",
            "downloads",
        )
    return None
