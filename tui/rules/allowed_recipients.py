"""Which recipients the policy allows."""

from __future__ import annotations

from collections.abc import Iterable

from .errors import PolicyBreach
from .policy import Policy


def outsiders(policy: Policy, addresses: Iterable[str]) -> list[str]:
    """Those of valid addresses whose domains the policy doesn't list; none if it lists none."""
    if not policy.recipients_domains:
        return []
    # Few firms list any.
    from .mail_domains import domain_of, is_within

    return [each for each in addresses if not is_within(domain_of(each), policy.recipients_domains)]


def check_recipients(policy: Policy, addresses: Iterable[str]) -> PolicyBreach | None:
    """How valid addresses break the policy, if it doesn't only warn."""
    others = [] if policy.recipients_others == "warn" else outsiders(policy, addresses)
    if not others:
        return None
    from .addresses import mailbox_of

    more, them = (f" and {len(others) - 1:,} more", "them") if len(others) > 1 else ("", "it")
    return PolicyBreach(
        "policy.recipients_domains",
        f"Your firm's policy doesn't allow {mailbox_of(others[0])}{more} as a recipient. Remove {them}, or ask your "
        "administrator.",
        "to",
    )


def domains_sentence(policy: Policy) -> str:
    """Which domains recipients may be at; empty if the policy lists none."""
    if not policy.recipients_domains:
        return ""
    named = ", ".join(policy.recipients_domains[:3])
    more = f" and {len(policy.recipients_domains) - 3:,} more" if len(policy.recipients_domains) > 3 else ""
    return f"To: your firm lists {named}{more}."
