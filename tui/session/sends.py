"""What the app's sends need of the session: what is read before one begins, and the job that sends or resumes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from ..config.last_settings import LastSettings
from ..rules.errors import Problem
from ..rules.link_settings import FLAGS
from ..rules.spoken_passwords import made_password
from ..sending.job.job import OnChange, SendJob
from ..sending.job.look_ahead import LookAhead
from ..sending.resuming import planned, resumed, with_password

if TYPE_CHECKING:
    from pathlib import Path

    from ..clients.retries import RetryPolicy
    from ..clients.share import ShareClient
    from ..clients.target import Target
    from ..clients.work import WorkClient
    from ..rules.link_settings import LinkSettings
    from ..rules.policy import Policy
    from ..sending.journal.journal import Journal
    from ..sending.plan import Plan
    from ..sending.resuming import SendStatus
    from ..wire.share import Me
    from .journals import Journals

    class SendConnection(Protocol):
        """Who is signed in, and where."""

        target: Target
        share: ShareClient
        work: WorkClient
        me: Me
        demo: bool
        #: Where what is kept between sends is, if it is.
        state: Path | None
        journals: Journals

        def now(self) -> datetime:
            """The present moment by the server's clock."""

        def note_time(self, me: Me) -> None:
            """Note the server's time."""

        async def start_server(self) -> None:
            """Start the server if it is a local one and no longer running. Raises :class:`Problem`."""

        async def load_mail_templates(self) -> None:
            """Load the administrator's templates of the e-mail."""


#: For how many seconds a send may begin with what was read before its dialog opened. Longer ago, the shortcut to the
#: folder may have been removed elsewhere. What matters in any case, the server checks itself.
FRESH_SECONDS = 300.0
#: Two clocks that have drifted this many seconds apart: one of them was set, or stood still while the machine slept.
_DRIFT_SECONDS = 2.0


class Age:
    """How long ago it was created."""

    def __init__(
        self,
        steady: Callable[[], float] = monotonic,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``steady`` counts seconds, and may stand still while the machine sleeps; ``clock`` may be set."""
        self._steady, self._clock = steady, clock
        self._began, self._at = steady(), clock()

    @property
    def is_fresh(self) -> bool:
        """Whether that was at most :data:`FRESH_SECONDS` ago, as far as is certain."""
        counted = self._steady() - self._began
        drift = (self._clock() - self._at).total_seconds() - counted
        return counted <= FRESH_SECONDS and abs(drift) <= _DRIFT_SECONDS


class SendBasis:
    """What was read when a send was asked for: the ``policy``, the ``flags`` (the settings of links that are on or off,
    by default, without those that the user can't have), and what the job would otherwise read again."""

    def __init__(
        self, policy: Policy, flags: dict[str, bool], ahead: LookAhead | None, token: str | None
    ) -> None:
        """``ahead`` was begun with the access token ``token``."""
        self.policy = policy
        self.flags = flags
        self._ahead = ahead
        self._token = token
        self._age = Age()

    def take(self, token: str | None, now: datetime) -> LookAhead | None:
        """Return what the job needn't read again, once; ``now`` is the server's time. ``None`` if that was long ago, or
        somebody else is signed in: ``token`` is the present access token."""
        ahead, self._ahead = self._ahead, None
        if ahead is None or ahead.me is None:
            return None
        if token != self._token or not self._age.is_fresh:
            ahead.close()
            return None
        ahead.me = ahead.me.model_copy(update={"now": now})
        return ahead

    def close(self) -> None:
        """End what is still being read: the send won't begin."""
        if self._ahead is not None:
            self._ahead.close()


@dataclass(frozen=True, slots=True)
class Resumption:
    """An interrupted send that is taken up again. ``job`` is ``None`` if it must be sent as a new one, as soon as its
    password has been typed; ``password`` is a new one, which no one has seen yet."""

    plan: Plan
    basis: SendBasis
    job: SendJob | None
    password: str | None


class Sends:
    """The sends of a session."""

    def __init__(self, session: SendConnection) -> None:
        self._session = session
        self.last = LastSettings(session.state)

    def now(self) -> datetime:
        """The present moment by the server's clock."""
        return self._session.now()

    # ------------------------------------------------------------ before a send

    async def policy(self) -> Policy:
        """Return the policy. What it says of expirations is held against the time, so that is read again, too: this
        machine's clock may have been set since the start, or have stood still while it was suspended."""
        policy, me = await asyncio.gather(self._session.share.policy(), self._session.share.me())
        self._session.note_time(me)
        return policy

    async def begin(self) -> SendBasis:
        """Read what a send begins with, all at once. Raises :class:`Problem`. What can wait is still being read when
        this returns; :meth:`SendBasis.close` ends that."""
        session = self._session
        ahead, token = LookAhead(session.share, session.work, for_later=True), session.target.token
        try:
            me, policy, _ = await asyncio.gather(
                session.share.me(), ahead.required_policy(), session.load_mail_templates()
            )
        except BaseException:
            ahead.close()
            raise
        ahead.me = me
        session.note_time(me)
        return SendBasis(policy, self.flags(policy), ahead, token)

    def flags(self, policy: Policy) -> dict[str, bool]:
        """The settings of links that are on or off, by default; without those that the user can't have."""
        return {
            name: flag.by_default(policy)
            for name, flag in FLAGS.items()
            if not flag.needs or getattr(self._session.me, flag.needs)
        }

    # ------------------------------------------------------------ the job

    def job(self, plan: Plan, settings: LinkSettings, on_change: OnChange, basis: SendBasis) -> SendJob:
        """Create the job of a new send, with its journal."""
        session = self._session
        return SendJob(
            session.share,
            session.work,
            plan,
            settings,
            on_change,
            patience=self._patience(),
            journal=session.journals.new(),
            ahead=basis.take(session.target.token, session.now()),
        )

    async def resume(self, status: SendStatus, journal: Journal) -> Resumption:
        """Create the job that resumes an interrupted send, whose journal this process must hold. Raises
        :class:`Problem`."""
        session = self._session
        policy, _ = await asyncio.gather(self.policy(), session.load_mail_templates())
        plan = await planned(session.work, journal, status)
        status, password = await self.with_known_password(status, policy)
        job = None
        if password is not None or not status.needs_password:
            job = await resumed(
                session.share,
                session.work,
                journal,
                status,
                plan=plan,
                password=password,
                patience=self._patience(),
            )
        basis = SendBasis(policy, self.flags(policy), None, session.target.token)
        return Resumption(plan, basis, job, password)

    async def with_known_password(
        self, status: SendStatus, policy: Policy | None = None
    ) -> tuple[SendStatus, str | None]:
        """Give what is published a new password, and return it, if no one knows the present one. Raises
        :class:`Problem`."""
        if not status.password_unknown:
            return status, None
        policy = policy or await self.policy()
        password = made_password(policy)
        return await with_password(self._session.share, status, password), password

    def _patience(self) -> RetryPolicy:
        """Return how a send waits for the server: for a day. If a local one has ended, it is started again."""
        from ..clients.retries import IN_THE_APP, RetryPolicy

        async def sleep(seconds: float) -> None:
            with suppress(Problem):
                await self._session.start_server()
            await asyncio.sleep(seconds)

        return RetryPolicy(IN_THE_APP, sleep=sleep)

    # ------------------------------------------------------------ while it is sent

    @property
    def token(self) -> str | None:
        """The access token of the person who is signed in."""
        return self._session.target.token

    async def start_server(self) -> None:
        """Start the server if it is a local one and no longer running. Raises :class:`Problem`."""
        await self._session.start_server()

    def can_leave(self, job: SendJob) -> bool:
        """Whether a process of its own can finish a send: not in the demo, whose server ends with the program."""
        return job.journal is not None and not self._session.demo

    async def hand_over(self, journal: Journal, password: str | None) -> None:
        """See :meth:`Journals.hand_over`."""
        await self._session.journals.hand_over(journal, password)
