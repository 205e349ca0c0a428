"""What senders and recipients do with sent documents, in any order: a server is compared with its model."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.support.checks.model import KEEP, Grant, ModelDocument
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import RECEIPTS
from tests.support.users.share import Sender, problem

PASSWORDS = ("Blue-Heron-48", "Grey-Heron-49")
#: Time until the expiry; some of these are reached exactly by the steps of the clock.
SPANS = [timedelta(seconds=n) for n in (60, 600, 3600)]
STEPS = [timedelta(seconds=n) for n in (2, 38, 60, 540, 600, 3600)]
#: The most documents at a time that are not purged.
MOST_DOCUMENTS = 3

spans = st.sampled_from(SPANS) | st.none()
limits = st.integers(1, 3) | st.none()
passwords = st.none() | st.sampled_from(PASSWORDS)
kept = st.just(KEEP)
presses = st.sampled_from([f"press-of-a-page-{n}" for n in range(3)])
places = st.integers(0, MOST_DOCUMENTS - 1)
with_documents = precondition(lambda self: self.models)


class Documents(RuleBasedStateMachine):
    """Each run has a user of its own; the clock stands still unless a step moves it."""

    server: ClassVar[ServerProcess]
    now: ClassVar[datetime]
    steps: ClassVar[int]
    people: ClassVar[itertools.count[int]]

    @initialize()
    def begin(self) -> None:
        self.models: list[ModelDocument] = []
        self.grants: list[Grant] = []
        self.unpublished_at: list[datetime] = []
        self.deleted_at: list[datetime] = []
        self.in_trash = False
        with Sender(self.server) as admin:
            self.me = admin.add_user(f"P{next(self.people)}")
        self.folder = self.me.folder
        self.guest = self.server.guest()

    def teardown(self) -> None:
        if not hasattr(self, "guest"):
            return
        try:
            for model in self.models:
                self._compare_audit(model)
            assert self.me.get("/audit/verify")["broken"] is None
        finally:
            self.me.http.close()
            self.guest.close()

    # ------------------------------------------------------------ the owner

    @precondition(lambda self: sum(model.state != "purged" for model in self.models) < MOST_DOCUMENTS)
    @rule(password=passwords, span=spans, permitted=limits)
    def publish(self, password: str | None, span: timedelta | None, permitted: int | None) -> None:
        expires_at = None if span is None else self.now + span
        content = b"document %d" % len(self.models)
        sent = self.me.open(
            self.folder,
            password=password,
            expires_at=_text(expires_at),
            downloads_permitted=permitted,
        )
        upload = self.me.upload(sent["id"], content)
        answer = self.me.publish(sent["id"], upload, f"{len(self.models)}.txt", content)
        assert answer.status_code == 201, answer.text
        document = answer.json()
        self.models.append(
            ModelDocument(document["id"], document["url"], content, password, expires_at, permitted)
        )

    @with_documents
    @rule(place=places)
    def unpublish(self, place: int) -> None:
        model = self._document(place)
        answer = self.me.request("POST", f"/documents/{model.id}/unpublish")
        if self._is_there(model, answer):
            model.unpublish(self.now)
            if model.unpublished_at is not None:
                self.unpublished_at.append(model.unpublished_at)

    @precondition(lambda self: self.unpublished_at)
    @rule(place=places, back=st.integers(0, 3), times=st.integers(1, 2))
    def undo_unpublish(self, place: int, back: int, times: int) -> None:
        """Undoes the unpublishing of any document, as if it was the one unpublished at some earlier moment."""
        model = self._document(place)
        meant = self.unpublished_at[-1 - back % len(self.unpublished_at)]
        for _ in range(times):
            body = {"unpublished_at": _text(meant)}
            answer = self.me.request("POST", f"/documents/{model.id}/unpublish/undo", json=body)
            if not self._is_there(model, answer):
                return
            code = model.undo(self.now, meant)
            if code:
                problem(answer, 409, code)
            else:
                published = model.state == "published"
                assert (answer.status_code, answer.json()["published"]) == (200, published), answer.text

    @with_documents
    @rule(
        place=places,
        password=kept | passwords,
        span=kept | spans,
        permitted=kept | limits,
        new_address=st.sampled_from((False, False, True)),
    )
    def resend(self, place: int, password: Any, span: Any, permitted: Any, new_address: bool) -> None:
        model = self._document(place)
        expires_at = self.now + span if isinstance(span, timedelta) else span
        given = {
            "password": password,
            "expires_at": expires_at if expires_at is KEEP else _text(expires_at),
            "downloads_permitted": permitted,
        }
        body = {key: value for key, value in given.items() if value is not KEEP}
        answer = self.me.request(
            "POST", f"/documents/{model.id}/resend", json={**body, "new_address": new_address}
        )
        if not self._is_there(model, answer):
            return
        if model.resend(self.now, password, expires_at, permitted):
            assert answer.status_code == 200, answer.text
            if new_address:
                old, model.url = model.url, answer.json()["url"]
                model.last_download = None
                assert old != model.url
                assert self.guest.get(old).status_code == 404
        elif model.state == "trashed":
            problem(answer, 404, "document.in_trash")
        else:
            problem(answer, 422, "expires.past")

    @with_documents
    @rule(place=places)
    def delete(self, place: int) -> None:
        model = self._document(place)
        if self._is_there(model, self.me.request("DELETE", f"/documents/{model.id}")):
            model.delete(self.now)
            if model.deleted_at is not None:
                self.deleted_at.append(model.deleted_at)

    @precondition(lambda self: self.deleted_at)
    @rule(place=places, back=st.integers(0, 3), times=st.integers(1, 2))
    def undo_delete(self, place: int, back: int, times: int) -> None:
        """Undoes the deletion of any document, as if it was the one deleted at some earlier moment."""
        model = self._document(place)
        meant = self.deleted_at[-1 - back % len(self.deleted_at)]
        for _ in range(times):
            answer = self.me.request("POST", f"/trash/{model.id}/undo", json={"deleted_at": _text(meant)})
            if not self._is_there(model, answer):
                return
            code = model.undelete(self.now, meant)
            if code:
                problem(answer, 409, code)
            else:
                published = model.state == "published"
                assert (answer.status_code, answer.json()["published"]) == (200, published), answer.text

    @with_documents
    @rule(place=places)
    def restore(self, place: int) -> None:
        model = self._document(place)
        if self._is_there(model, self.me.request("POST", f"/trash/{model.id}/restore")):
            model.restore(self.now)

    @precondition(lambda self: any(model.state == "trashed" for model in self.models))
    @rule()
    def empty_the_trash(self) -> None:
        purged = sum(model.purge(self.now) for model in self.models)
        assert self.me.post("/trash/empty") == {"purged": purged}

    @with_documents
    @rule(place=places)
    def fetch_uncounted(self, place: int) -> None:
        """The owner's own access to a document: works for an unpublished one too, and is never counted."""
        model = self._document(place)
        answer = self.me.request("GET", f"/documents/{model.id}/content")
        model.settle(self.now)
        if model.state in ("published", "unpublished"):
            assert answer.content == model.content
            model.note("fetched", self.now)
        else:
            assert answer.status_code == 404

    # ------------------------------------------------------------ recipients

    @with_documents
    @rule(place=places, method=st.sampled_from(("GET", "GET", "HEAD")))
    def open(self, place: int, method: str) -> None:
        model = self._document(place)
        expected = model.open(self.now) if method == "GET" else 200 if model.alive(self.now) else 404
        assert self.guest.request(method, model.url).status_code == expected

    @with_documents
    @rule(place=places, times=st.integers(1, 3), fetched=st.booleans())
    def download(self, place: int, times: int, fetched: bool) -> None:
        """With the right password, if there is one."""
        model = self._document(place)
        for _ in range(times):
            self._press(model, model.password)
            if fetched and self.grants:
                self.fetch(0)

    @with_documents
    @rule(place=places, password=st.sampled_from((*PASSWORDS, "wrong", None)), ident=st.none() | presses)
    def try_to_download(self, place: int, password: str | None, ident: str | None) -> None:
        self._press(self._document(place), password, ident)

    @with_documents
    @rule(place=places, ident=presses, times=st.integers(1, 3), right=st.booleans())
    def press_twice(self, place: int, ident: str, times: int, right: bool) -> None:
        """Repeats the same press, which may also be from an earlier page."""
        model = self._document(place)
        for _ in range(times):
            self._press(model, model.password if right else "wrong", ident)

    @with_documents
    @rule(place=places, count=st.integers(5, 8))
    def guess(self, place: int, count: int) -> None:
        for _ in range(count):
            self._press(self._document(place), "guessed")

    @precondition(lambda self: self.grants)
    @rule(back=st.integers(0, 5))
    def fetch(self, back: int) -> None:
        grant = self.grants[-1 - back % len(self.grants)]
        good = grant.good(self.now)
        answer = self.guest.get(grant.address)
        assert answer.status_code == (200 if good else 404)
        if good:
            assert answer.content == grant.document.content
            grant.fetched(self.now)

    def _press(self, model: ModelDocument, password: str | None, ident: str | None = None) -> None:
        had = model.presses.get((model.settings, ident or ""))
        expected = model.press(self.now, password, ident)
        fields = {"password": password, "press": ident}
        answer = self.guest.post(model.url, data={name: value for name, value in fields.items() if value})
        assert answer.status_code == expected, (expected, answer.text)
        assert ("retry-after" in answer.headers) == (expected == 429)
        if expected == 303 and had:
            assert answer.headers["location"] == had.address
        elif expected == 303:
            ends = self.now + timedelta(hours=1)
            grant = Grant(answer.headers["location"], model, model.settings, ends)
            assert grant.address not in {known.address for known in self.grants}
            self.grants.append(grant)
            if ident:
                model.presses[model.settings, ident] = grant

    # ------------------------------------------------------------ time

    @rule(step=st.sampled_from(STEPS))
    def turn_the_clock(self, step: timedelta) -> None:
        type(self).now += step
        self.server.stop_clock(self.now)

    # ------------------------------------------------------------ what must hold after each step

    @invariant()
    def the_folder_tells_the_truth(self) -> None:
        if not hasattr(self, "guest"):
            return
        type(self).steps += 1
        listed = {d["id"]: d for d in self.me.get("/documents", limit=500)["documents"]}
        trash = {}
        # What was empty before and nothing was put into: what would be there instead is missing in the other list.
        before, self.in_trash = self.in_trash, any(model.state == "trashed" for model in self.models)
        if before or self.in_trash:
            trash = {d["id"]: d for d in self.me.get("/trash", limit=500)["documents"]}
        for model in self.models:
            expected = model.shown(self.now)
            assert (model.id in listed, model.id in trash) == (
                model.state in ("published", "unpublished"),
                model.state == "trashed",
            ), model.state
            if model.state != "purged":
                seen = listed.get(model.id) or trash[model.id]
                for name in ("expires_at", "last_download_at", "unpublished_at"):
                    seen[name] = seen[name] and datetime.fromisoformat(seen[name])
                assert {key: seen[key] for key in expected} == expected

    def _document(self, place: int) -> ModelDocument:
        """A document that is not purged, as long as there is one."""
        left = [model for model in self.models if model.state != "purged"] or self.models
        return left[place % len(left)]

    def _is_there(self, model: ModelDocument, answer: httpx.Response) -> bool:
        if model.state == "purged":
            problem(answer, 404, "document.unknown")
            return False
        return True

    def _compare_audit(self, model: ModelDocument) -> None:
        model.settle(self.now)
        rows = reversed(self.me.get(f"/documents/{model.id}/audit", limit=500)["events"])
        # Receipts are written after the last byte, whenever that is received: their own tests wait for them.
        kept_rows = [row for row in rows if row["event"] not in RECEIPTS]
        seen = [(row["event"], datetime.fromisoformat(row["at"])) for row in kept_rows]
        assert [event for event, _ in seen[:2]] == ["sent", "published"]
        assert seen[2:] == model.events


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def drive(server: ServerProcess, examples: int, steps: int, *, random: bool = False) -> int:
    """Runs the state machine and returns how many steps were taken; from now on it controls the server's clock."""
    Documents.server = server
    Documents.now = datetime.now(UTC).replace(microsecond=0)
    Documents.steps = 0
    Documents.people = itertools.count()
    server.stop_clock(Documents.now)
    run_state_machine_as_test(
        Documents,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=not random,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Documents.steps
