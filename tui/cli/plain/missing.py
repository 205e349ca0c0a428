"""What a command asks for on a plain terminal, of what its command line leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...rules.display import counted
from ...terminal.plain import is_plain_terminal
from ..base.common import has_terminal
from .asking import Questions

if TYPE_CHECKING:
    from ..base.common import CommandSession
    from ..send.server_wait import Awaited
    from .settings_questions import AskedSettings, ServerFacts


@dataclass
class Missing:
    """What was asked: the documents, and the options of :class:`AskedSettings`."""

    documents: tuple[str, ...]
    settings: AskedSettings
    #: What was told of documents that can't keep their names.
    told_names: frozenset[str] = frozenset()


def is_asked(session: CommandSession) -> bool:
    """Whether what is missing is asked: on a plain terminal, unless it is a script that reads the answer."""
    return is_plain_terminal() and has_terminal() and not session.json


def ask_for_send(
    session: CommandSession,
    items: tuple[str, ...],
    typed: tuple[str, ...],
    given: Mapping[str, Any],
    recipients: tuple[str, ...],
    awaits: Awaited,
    *,
    asks: bool,
) -> Missing:
    """Ask what is to be sent, and with which settings; for whom as well, if no ``recipients`` are given.

    What is odd about them is told before the last question, as is which documents can't keep their names, but for
    those ``typed``; and, if ``asks``, what the policy warns of is asked.
    """
    from ..send.sending import tell_renamed
    from .document_questions import DocumentQuestions
    from .settings_questions import SettingsQuestions, server_facts

    with Questions("Nothing was sent.") as questions:
        facts = session.share(server_facts)
        items = items or DocumentQuestions(session, questions).ask()
        settings = SettingsQuestions(questions, facts, given, kept=False).ask(recipients=not recipients)
        _look_at(session, settings.recipients or recipients, facts, asks=asks)
        told_names = tell_renamed(session, items, typed, awaits)
        questions.agreed(f"Send {counted(len(items), 'document')} now?")
    return Missing(items, settings, told_names)


def ask_for_resend(
    session: CommandSession,
    ids: tuple[str, ...],
    given: Mapping[str, Any],
    recipients: tuple[str, ...],
    *,
    asks: bool,
) -> Missing:
    """Ask what is to be sent again, and with which settings, as :func:`ask_for_send` does."""
    from .sent_questions import ask_sent
    from .settings_questions import SettingsQuestions, server_facts

    with Questions("Nothing was sent again.") as questions:
        facts = session.share(server_facts)
        ids = ids or ask_sent(session, questions)
        settings = SettingsQuestions(questions, facts, given, kept=True).ask(recipients=not recipients)
        _look_at(session, settings.recipients or recipients, facts, asks=asks)
        questions.agreed(f"Send {counted(len(ids), 'document')} again now?")
    return Missing(ids, settings)


def _look_at(session: CommandSession, recipients: tuple[str, ...], facts: ServerFacts, *, asks: bool) -> None:
    from ..send.recipients import look_at_recipients

    session.share(lambda share: look_at_recipients(session, share, recipients, facts.rules, asks=asks))


def ask_for_links(session: CommandSession) -> tuple[str | None, bool]:
    """Ask which folder is to be listed: its id, and whether it is all."""
    from .sent_questions import ask_folder

    with Questions("Nothing was listed.") as questions:
        return ask_folder(session, questions)
