"""Asking for the settings of links: for whom, the password, the expiry, the download limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...rules import dates
from ...rules.address_book import LOOK_ALIKE, odd_last
from ...rules.addresses import mailbox_of, parse_options
from ...rules.allowed_recipients import check_recipients
from ...rules.common_passwords import common_passwords
from ...rules.display import counted
from ...rules.errors import InvalidValue
from ...rules.look_alikes import look_alikes
from ...rules.typed_settings import TYPED, typed_value
from ..base.output import note
from .asking import Questions

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...rules.policy import Policy

_SPANS = ("7d", "14d", "30d")
_LIMITS = (1, 2, 5)
#: Earlier recipients that are read out.
_MOST_EARLIER = 9
_UNCHANGED, _AS_USUAL = "Unchanged", ", as usual in your firm"


@dataclass(frozen=True)
class ServerFacts:
    """What the questions depend on: the policy, the server's time, and whom one has sent to."""

    rules: Policy
    now: datetime
    earlier: Sequence[str]


async def server_facts(share: ShareClient) -> ServerFacts:
    """Ask the server for them."""
    me, rules = await share.me(), await share.policy()
    return ServerFacts(rules, me.now, await share.sends.earlier_recipients())


@dataclass
class AskedSettings:
    """The answers: options by their names as the command has them, a typed password, and recipients."""

    options: dict[str, Any]
    password: str | None = None
    recipients: tuple[str, ...] = ()


class SettingsQuestions:
    """Asks for the settings that the options of a command leave out. ``kept``: of documents that have some."""

    def __init__(
        self, questions: Questions, facts: ServerFacts, given: Mapping[str, Any], *, kept: bool
    ) -> None:
        self._questions = questions
        self._facts = facts
        self._given = given
        self._kept = kept

    def ask(self, *, recipients: bool) -> AskedSettings:
        """Ask for all that is missing; for ``recipients`` only if they are."""
        asked = AskedSettings({})
        if recipients:
            asked.recipients = self._recipients()
        # A preset has all that isn't given.
        if self._given.get("preset") is None:
            if not self._has("password_stdin", "generate_password", "no_password"):
                self._ask_password(asked)
            if not self._has("expires", "no_expires"):
                self._ask_expiry(asked)
            if not self._has("downloads", "no_downloads"):
                self._ask_downloads(asked)
        return asked

    def _has(self, *names: str) -> bool:
        return any(self._given.get(name) not in (None, False) for name in names)

    # ------------------------------------------------------------ for whom

    def _recipients(self) -> tuple[str, ...]:
        odd = look_alikes(map(mailbox_of, self._facts.earlier))
        earlier = odd_last(self._facts.earlier, odd)[:_MOST_EARLIER]
        nobody = "unchanged" if self._kept else "nobody"
        question = (
            f"Whom are the links for? It is kept as your note. Addresses with commas, or Enter for {nobody}:"
        )
        if earlier:
            note("You have sent to:")
            for number, each in enumerate(earlier, 1):
                note(f"{number}. {each}{LOOK_ALIKE if mailbox_of(each) in odd else ''}")
            question = question.replace("Addresses", "Addresses or numbers")

        def read(text: str) -> tuple[str, ...]:
            words = [word.strip() for word in text.split(",")]
            named = [
                earlier[int(word) - 1] if word.isdecimal() and 0 < int(word[:9]) <= len(earlier) else word
                for word in words
                if word
            ]
            found = parse_options((",".join(named),)) if named else ()
            if breach := check_recipients(self._facts.rules, found):
                raise breach
            return found

        return self._questions.checked(question, read)

    # ------------------------------------------------------------ the password

    def _ask_password(self, asked: AskedSettings) -> None:
        ways = {"make": "Make one that can be said on the telephone", "type": "Type one"}
        if self._kept:
            ways = {"": _UNCHANGED, **ways}
        if not TYPED["password"].is_required(self._facts.rules):
            none = {"none": "No password"}
            ways = {**ways, **none} if self._kept else {**none, **ways}
        chosen = list(ways)[self._questions.choice("Password:", list(ways.values()))]
        if chosen == "make":
            asked.options["generate_password"] = True
        elif chosen == "none" and self._kept:
            asked.options["no_password"] = True
        elif chosen == "type":
            asked.password = self._typed_password()

    def _typed_password(self) -> str:
        common = common_passwords()

        def read(text: str) -> str:
            typed_value("password", text, self._facts.rules, self._facts.now, common)
            return text

        while True:
            first = self._questions.hidden("Type the password; it isn't shown:", read)
            if self._questions.hidden("Once more:", lambda text: text) == first:
                return first
            note("These were different.")

    # ------------------------------------------------------------ expiry and limit

    def _ask_expiry(self, asked: AskedSettings) -> None:
        rules = self._facts.rules
        usual = rules.expires_default if not self._kept else None
        spans = [*([usual] if usual else []), *(span for span in _SPANS if span != usual)]
        texts = {
            dates.spelled_out(span): dates.span_text(span) + (_AS_USUAL if span == usual else "")
            for span in spans
            if self._is_allowed("expires", dates.spelled_out(span))
        }
        self._ask_typed(
            asked,
            "expires",
            "Expiration date:",
            texts,
            "No expiration date",
            "Another one",
            "A day like friday or 31 Dec, or a span like 7d:",
        )

    def _ask_downloads(self, asked: AskedSettings) -> None:
        usual = self._facts.rules.downloads_default if not self._kept else None
        limits = [*([usual] if usual else []), *(each for each in _LIMITS if each != usual)]
        texts = {
            str(each): counted(each, "download") + (_AS_USUAL if each == usual else "")
            for each in limits
            if self._is_allowed("downloads", str(each))
        }
        self._ask_typed(
            asked, "downloads", "Downloads permitted:", texts, "No limit", "Another number", "A whole number:"
        )

    def _ask_typed(
        self,
        asked: AskedSettings,
        name: str,
        title: str,
        texts: Mapping[str, str],
        none: str,
        another: str,
        question: str,
    ) -> None:
        """Ask for a setting that is one of ``texts`` (by what has to be typed for them), ``none``, or typed."""
        has_usual = getattr(self._facts.rules, f"{name}_default") is not None and not self._kept
        ways = dict(texts)
        if self._is_allowed(name, ""):
            # First, unless something else is usual.
            ways = {**ways, "none": none} if has_usual or self._kept else {"none": none, **ways}
        if self._kept:
            ways = {"": _UNCHANGED, **ways}
        ways["another"] = another
        chosen = list(ways)[self._questions.choice(title, list(ways.values()))]
        if chosen == "another":
            chosen = self._questions.checked(question, lambda text: self._typed(name, text))
        if chosen == "none":
            asked.options[f"no_{name}"] = True
        elif chosen:
            asked.options[name] = chosen

    def _typed(self, name: str, text: str) -> str:
        if not text:
            raise InvalidValue("answer.missing", f"Type something like {TYPED[name].example}.")
        typed_value(name, text, self._facts.rules, self._facts.now, ())
        return text

    def _is_allowed(self, name: str, text: str) -> bool:
        try:
            typed_value(name, text, self._facts.rules, self._facts.now, ())
        except InvalidValue:
            return False
        return True
