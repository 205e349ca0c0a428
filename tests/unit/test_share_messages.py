"""What Share accepts: the limits of its messages, each at the limit and one beyond it; and what is left out."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from tui.clients import share as share_client
from tui.rules.policy import Policy
from tui.wire import audit, batch, changes, folders, link_fields, people, policy, share, work

DIGEST = "ab" * 32
SOURCE = {"label": "file:x"}
PAPER = {"name": "x", "size": 1, "sha256": DIGEST, "source": SOURCE, "key": "k"}


def takes(kind: Any, value: Any) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def part(sequence: Any) -> dict[str, Any]:
    return {"subject": "c", "sequence": sequence}


#: A message, what it accepts, and what it rejects.
EDGES: list[tuple[Any, list[Any], list[Any]]] = [
    (
        link_fields.Addresses,
        [["x" * 1024], ["x"] * 1000],
        [["x" * 1025], ["x"] * 1001],
    ),
    (
        share.SetRecipients,
        [{"recipients": [], "documents": ["x" * 64]}, {"recipients": [], "documents": ["x"] * 1000}],
        [{"recipients": [], "documents": ["x" * 65]}, {"recipients": [], "documents": ["x"] * 1001}],
    ),
    (share.Source, [{"label": "x"}, {"label": "x" * 1024}], [{"label": ""}, {"label": "x" * 1025}]),
    *(
        (
            kind,
            [{**usual, "zone_offset": minutes} for minutes in (-1440, 1440)],
            [{**usual, "zone_offset": minutes} for minutes in (-1441, 1441)],
        )
        for kind, usual in (
            (folders.EnsureFolder, {"generation": 0, "shortcut": True}),
            (share.OpenSend, {"folder": "f"}),
            (share.Resend, {}),
        )
    ),
    (
        share.OpenSend,
        [{"folder": "f", "password": "x" * 4096}, {"folder": "f", "expires_at": "2026-11-27T09:00:00Z"}],
        [
            {"folder": "f", "password": "x" * 4097},
            {"folder": "f", "expires_at": "2026-11-27T09:00:00"},
            {"folder": "f", "downloads_permitted": "3"},
            {"folder": "f", "notify": 1},
        ],
    ),
    (
        share.Resend,
        [{"password": "x" * 4096}, {"notify": True}],
        [{"password": "x" * 4097}, {"downloads_permitted": 1.0}, {"notify": 1}],
    ),
    (
        share.Publish,
        [{"upload": "u", "name": "x" * 1024, "sha256": DIGEST, "source": SOURCE}],
        [
            {"upload": "u", "name": "x" * 1025, "sha256": DIGEST, "source": SOURCE},
            {"upload": "u", "name": "x", "sha256": DIGEST.upper(), "source": SOURCE},
            {"upload": "u", "name": "x", "sha256": DIGEST[1:], "source": SOURCE},
        ],
    ),
    (
        share.PublishVersion,
        [{"version": "x" * 64, "name": "x" * 1024, "sha256": DIGEST}],
        [
            {"version": "x" * 65, "name": "x", "sha256": DIGEST},
            {"version": "x", "name": "x" * 1025, "sha256": DIGEST},
        ],
    ),
    (
        changes.ToChange,
        [{"id": "x" * 64, "done_at": "2026-11-20T09:00:00Z"}],
        [{"id": "x" * 65}, {"id": "x", "done_at": 0}, {"id": "x", "done_at": "2026-11-20T09:00:00"}],
    ),
    (share.UndoUnpublish, [{"unpublished_at": "2026-11-20T09:00:00+01:00"}], [{"unpublished_at": 1.5}]),
    (folders.AddMember, [{"name": "x"}, {"name": "x" * 255}], [{"name": ""}, {"name": "x" * 256}]),
    (
        policy.PolicyChange,
        [
            {"x" * 64: "x" * 500_000},
            {"x": 0},
            {"x": 10**9},
            {"x": True},
            {"x": None},
            {"x": ["x" * 1024]},
            {"x": ["x"] * 20_000},
            {str(number): None for number in range(32)},
        ],
        [
            {"x" * 65: ""},
            {"x": "x" * 500_001},
            {"x": -1},
            {"x": 10**9 + 1},
            {"x": 1.5},
            {"x": 1.0},
            {"x": ["x" * 1025]},
            {"x": ["x"] * 20_001},
            {str(number): None for number in range(33)},
        ],
    ),
    (
        audit.ChainPart,
        [part(1), part(2**31 - 1), {**part(1), "subject": "!" * 64}],
        [part(0), part(2**31), part("1"), {**part(1), "subject": "!" * 65}, {**part(1), "subject": "a b"}],
    ),
    (audit.LookUpHeads, [{"chains": [part(1)] * 1000}], [{"chains": [part(1)] * 1001}]),
    (
        batch.BatchHead,
        [{"documents": [PAPER]}, {"documents": [PAPER] * 64}],
        [{"documents": []}, {"documents": [PAPER] * 65}],
    ),
    (
        batch.BatchDocument,
        [
            {**PAPER, "size": 0},
            {**PAPER, "size": 8 * 1024 * 1024},
            {**PAPER, "name": "x" * 1024},
            {**PAPER, "key": "x" * 255},
        ],
        [
            {**PAPER, "size": -1},
            {**PAPER, "size": 8 * 1024 * 1024 + 1},
            {**PAPER, "size": "1"},
            {**PAPER, "name": "x" * 1025},
            {**PAPER, "key": "x" * 256},
            {**PAPER, "key": ""},
            {**PAPER, "key": "a b"},
        ],
    ),
    (
        people.SignIn,
        [{"user": "x", "password": ""}, {"user": "x" * 255, "password": "x" * 4096}],
        [
            {"user": "", "password": ""},
            {"user": "x" * 256, "password": ""},
            {"user": "x", "password": "x" * 4097},
        ],
    ),
    (
        people.NewUser,
        [{"name": "", "password": "x" * 4096}, {"name": "x" * 255, "password": ""}],
        [
            {"name": "x" * 256, "password": ""},
            {"name": "x", "password": "x" * 4097},
            {"name": "x", "password": "", "admin": 1},
        ],
    ),
    *(
        (kind, [{**usual, field: "x" * 255}], [{**usual, field: "x" * 256}])
        for kind, usual in ((people.NewUser, {"name": "x", "password": ""}), (people.UserChange, {}))
        for field in ("full_name", "email")
    ),
    (
        people.NewPassword,
        [{"password": "x" * 4096, "present": "x" * 4096}],
        [{"password": "x" * 4097}, {"password": "", "present": "x" * 4097}],
    ),
]


@pytest.mark.parametrize(("kind", "good", "bad"), EDGES)
def test_the_edges_of_a_message(kind: Any, good: list[Any], bad: list[Any]) -> None:
    assert [str(value)[:80] for value in good if not takes(kind, value)] == []
    assert [str(value)[:80] for value in bad if takes(kind, value)] == []


@pytest.mark.parametrize(
    ("kind", "given", "left_out"),
    [
        (folders.EnsureFolder, {"generation": 0, "shortcut": True}, {"zone_offset": 0}),
        (
            share.OpenSend,
            {"folder": "f"},
            {"password": None, "expires_at": None, "downloads_permitted": None, "zone_offset": 0},
        ),
        (share.Resend, {}, {"new_address": False, "zone_offset": 0}),
        (people.NewUser, {"name": "x", "password": "x"}, {"admin": False}),
    ],
)
def test_what_is_left_out(kind: type[BaseModel], given: dict[str, Any], left_out: dict[str, Any]) -> None:
    found = kind.model_validate({**given, "unknown": 1})
    assert {name: getattr(found, name) for name in left_out} == left_out
    assert found.model_fields_set == set(given)


def test_what_is_counted_of_a_new_folder_and_person() -> None:
    moment = "2026-11-27T09:00:00Z"
    folder = {"id": "f", "name": "F", "work_id": "A!1", "owner": "X", "current": True, "created_at": moment}
    found = folders.Folder.model_validate(folder)
    assert (found.role, found.documents, found.published) == ("owner", 0, 0)
    user = {"id": "X", "name": "X", "admin": False, "created_at": moment}
    assert people.User.model_validate(user).published == 0


def test_what_a_server_of_an_earlier_release_does_not_say() -> None:
    moment = "2026-11-27T09:00:00Z"
    me = share.Me.model_validate(
        {"user": "X", "admin": False, "version": "0", "public_url": "http://x", "now": moment}
    )
    assert (me.versions, me.notifications, me.batch_bytes) == (False, False, 4_194_304)
    ref = {"id": "f", "name": "F"}
    send = share.Send.model_validate(
        {
            "id": "s", "folder": ref, "has_password": False, "expires_at": None, "downloads_permitted": None,
            "created_at": moment,
        }
    )  # fmt: skip
    assert (send.notify, send.recipients) == (False, [])
    document = share.Document.model_validate(
        {
            "id": "d", "work_id": "A!1.1", "name": "x", "folder": ref, "url": None, "size": 0, "sha256": DIGEST,
            "published": True, "reason": None, "has_password": False, "locked": False, "expires_at": None,
            "downloads_permitted": None, "downloads": 0, "last_download_at": None, "sent_at": moment, "source": "x",
        }
    )  # fmt: skip
    assert (document.throttled, document.delivered, document.notify, document.recipients) == (
        False,
        0,
        False,
        [],
    )
    assert (document.send_id, document.deleted_at, document.unpublished_at) == (None, None, None)


def test_the_size_of_a_batch() -> None:
    assert (batch.MOST_DOCUMENTS, batch.MOST_BYTES, batch.MOST_HEAD) == (64, 8_388_608, 262_144)


def test_works_codes_of_what_history_tells() -> None:
    """As in iManage's documentation; and our own, which is none of theirs."""
    names = """LAUNCH VIEW CHECKOUT CHECKIN PROFILEEDIT CLOSE NEWDOCUMENT NEWDOCVER SECURITYCHANGE COPYDOC PRINT MAIL
        - DELETE - - - RELEASE EXPORT MODIFY"""
    expected = {name: code for code, name in enumerate(names.split()) if name != "-"}
    shared = {"SHARED": 60, "SHARE_EXPIRATION_MODIFIED": 61, "SHARE_REVOKED": 62}
    assert expected | shared | {"PREVIEW": 1001} == work.ACTIVITY_CODES


def test_the_client_reads_a_policy_up_to_its_first_wrong_password() -> None:
    response = httpx.Response(
        200, json={"password_refused": ["one", "two"], "unknown": {}, "grant_seconds": None}
    )
    assert share_client._policy_of(response) == Policy(password_refused=("one", "two"))
    with pytest.raises(ValidationError) as caught:
        share_client._PolicyAnswer.model_validate({"password_refused": [{}] * 1000})
    assert caught.value.error_count() == 1
