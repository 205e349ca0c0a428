"""How Work's responses are read: anything odd is left out and never hides the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tui.wire import work, work_reading

PAPER = {"id": "ACTIVE!453.2", "wstype": "document", "name": "Offer", "extension": "docx"}
DIGEST = "0123456789abcdef" * 4


def paper(**more: Any) -> work.Document:
    found = work_reading.document({**PAPER, **more})
    assert found is not None
    return found


def test_number_and_version_come_from_the_id_where_they_are_not_said() -> None:
    assert (paper().document_number, paper().version) == (453, 2)
    found = paper(document_number=7, version=9)
    assert (found.document_number, found.version) == (7, 9)
    found = paper(id=f"ACTIVE!{'9' * 18}.2")
    assert (found.document_number, found.version) == (10**18 - 1, 2)
    for odd in (
        "ACTIVE!453",
        "ACTIVE!453.x",
        "ACTIVE!453.2.1",
        "453.²",
        f"ACTIVE!{'9' * 19}.2",
        "1." + "9" * 5000,
    ):
        found = paper(id=odd)
        assert (found.document_number, found.version) == (None, None), odd


@pytest.mark.parametrize(
    ("name", "extension", "whole"),
    [
        ("Offer", "docx", "Offer.docx"),
        ("Offer", " .DOCX ", "Offer.docx"),
        ("Offer.DOCX", "docx", "Offer.DOCX"),
        ("Offer", "", "Offer"),
        ("Offer", None, "Offer"),
        ("Offerdocx", "docx", "Offerdocx.docx"),
        (7, "docx", "7.docx"),
        ({}, "docx", ".docx"),
    ],
)
def test_file_names(name: Any, extension: Any, whole: str) -> None:
    assert paper(name=name, extension=extension).file_name == whole


@pytest.mark.parametrize(
    ("told", "by"),
    [
        ({"is_checked_out": True, "in_use_by": "ANNA"}, "ANNA"),
        ({"is_checked_out": True}, ""),
        ({"is_checked_out": False, "is_in_use": True, "in_use_by": "ANNA"}, None),
        ({"in_use": True, "in_use_by": "ANNA"}, "ANNA"),
        ({"is_in_use": False, "in_use_by": "ANNA"}, None),
        ({"in_use_by": "ANNA"}, None),
        ({"is_checked_out": "perhaps", "is_in_use": True}, ""),
    ],
)
def test_who_has_it_checked_out(told: dict[str, Any], by: str | None) -> None:
    assert paper(**told).checked_out_by == by


@pytest.mark.parametrize(
    ("checksum", "digest"),
    [
        (f"SHA256:{DIGEST}", DIGEST),
        (f"sha-256: {DIGEST.upper()} ", DIGEST),
        (DIGEST, DIGEST),
        (f"SHA1:{DIGEST}", None),
        (f"SHA256:{DIGEST}0", None),
        (f"SHA256:{DIGEST[:-1]}", None),
        (f"SHA256:{DIGEST[:-1]}g", None),
        (None, None),
        (17, None),
    ],
)
def test_checksums(checksum: Any, digest: str | None) -> None:
    assert paper(checksum=checksum).sha256 == digest


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2026-11-27T09:00:00Z", datetime(2026, 11, 27, 9, tzinfo=UTC)),
        ("2026-11-27T09:00:00", datetime(2026, 11, 27, 9, tzinfo=UTC)),
        ("2026-11-27T11:00:00+02:00", datetime(2026, 11, 27, 9, tzinfo=UTC)),
        ("yesterday", None),
        ([], None),
    ],
)
def test_moments(raw: Any, moment: datetime | None) -> None:
    assert paper(edit_date=raw).edit_date == moment


def test_values_of_another_kind_are_missing() -> None:
    found = paper(size="12", author=7, comment=[], is_external="maybe", is_latest="true", version="x")
    assert (found.size, found.author, found.comment, found.is_external) == (12, "7", None, None)
    assert (found.is_latest, found.version) == (True, 2)


def test_what_history_tells() -> None:
    raw = {"activity": "EXPORT", "activity_code": 18, "activity_date": "2026-11-27T09:00:00", "user": "ANNA"}
    at = datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert work_reading.activity(raw) == work.Activity(name="EXPORT", code=18, at=at, user="ANNA")
    assert work_reading.activity({"name": "EXPORT", "code": "18", "at": "then"}) == work.Activity(
        name="EXPORT", code=18, at=None
    )


def test_tokens_and_libraries() -> None:
    found = work_reading.tokens(
        {"access_token": "a", "refresh_token": "r", "expires_in": "3600", "scope": "user"}
    )
    assert found == work.Tokens(access_token="a", refresh_token="r", expires_in=3600)
    library = work_reading.library({"id": "ACTIVE", "type": "worksite", "is_hidden": False})
    assert library == work.Library(id="ACTIVE", kind="worksite", is_hidden=False)


def test_what_is_no_message() -> None:
    odd: tuple[Any, ...] = (None, 7, [], "x", {}, {"id": 7}, {"name": "Offer"})
    for raw in odd:
        assert work_reading.document(raw) is None
        assert work_reading.container(raw) is None
        assert work_reading.entry(raw) is None
        assert work_reading.shortcut(raw) is None
        assert work_reading.library(raw) is None
        assert work_reading.tokens(raw) is None
    assert work_reading.activity(7) is None


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ({"wstype": "document"}, work.Document),
        ({"wstype": " EMAIL "}, work.Document),
        ({"wstype": "folder"}, work.Container),
        ({"wstype": "workspace"}, work.Container),
        ({"wstype": "tab"}, work.Container),
        ({"wstype": "document_shortcut", "target": {"id": "A!1.1"}}, work.Shortcut),
        ({"wstype": "category"}, work.Shortcut),
        ({"wstype": "shelf"}, None),
        ({"id": "A!1.1"}, work.Document),
        ({"id": "A!1", "target": {"id": "A!1.1"}}, work.Shortcut),
        ({"id": "A!1", "folder_type": "regular"}, work.Container),
        ({"id": "A!1", "has_subfolders": False}, work.Container),
        ({"id": "A!1"}, None),
        ({"id": None}, None),
    ],
)
def test_entries_of_a_mixed_list(raw: dict[str, Any], kind: type[work.Entry] | None) -> None:
    found = work_reading.entry({"id": "A!1", **raw})
    assert type(found) is (kind or type(None))


def test_a_shortcut_needs_where_it_leads() -> None:
    assert (
        work_reading.shortcut({"id": "A!1", "wstype": "folder_shortcut", "target": {"wstype": "folder"}})
        is None
    )
    found = work_reading.shortcut({"id": "A!1", "target": {"id": "A!2", "wstype": " Folder "}})
    assert found is not None
    assert found.target is not None
    assert (found.target.wstype, found.is_category) == ("folder", False)
    category = work_reading.shortcut({"id": "A!1", "wstype": "category"})
    assert category is not None
    assert category.is_category


def test_containers() -> None:
    space = work_reading.container({"id": "A!1", "wstype": "WORKSPACE", "view_type": "iManage_Share"})
    assert space is not None
    assert space.is_workspace
    folder = work_reading.container({"id": "A!1", "wstype": "folder"})
    assert folder is not None
    assert not folder.is_workspace


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"data": [1, 2]}, [1, 2]),
        ({"data": {"results": [1]}}, [1]),
        ({"data": {"results": None}}, []),
        ({"data": 7}, []),
        ({}, []),
        ([1], [1]),
        (None, []),
    ],
)
def test_lists(raw: Any, found: list[int]) -> None:
    assert work_reading.items(raw) == found


def test_discovery() -> None:
    user = {"customer_id": 5, "id": "DJONES", "name": "Dana", "email": "d@x"}
    others = [{"name": "v1", "url": "/v1"}, {"name": "v3", "url": "/v3"}]
    versions = [*others, 7, {"name": "v2", "url": 7}, {"name": "v2", "url": "/x/v2"}]
    libraries = [{"alias": "ACTIVE", "id": "A"}, {"id": "OLD"}, {"alias": 7}, 7]
    whole = {"user": user, "work": {"libraries": libraries}, "versions": versions, "dms_version": "10"}
    found = work_reading.discovery({"data": whole})
    assert found is not None
    assert (found.customer_id, found.user_id, found.user_name, found.email) == (5, "DJONES", "Dana", "d@x")
    assert (found.library, found.libraries, found.url) == ("ACTIVE", ("ACTIVE", "OLD"), "/x/v2")
    assert found.dms_version == "10"
    whole["work"] = {"libraries": libraries, "preferred_library": "OLD"}
    preferred = work_reading.discovery({"data": whole})
    assert preferred is not None
    assert preferred.library == "OLD"


@pytest.mark.parametrize("raw", [None, 7, {}, {"data": {}}, {"data": {"else": 1}}, {"data": 7}])
def test_what_is_no_discovery(raw: Any) -> None:
    assert work_reading.discovery(raw) is None


@pytest.mark.parametrize("key", ["user", "work", "versions"])
def test_discovery_that_says_little(key: str) -> None:
    found = work_reading.discovery({"data": {key: None}})
    assert found is not None
    assert (found.customer_id, found.user_id, found.library, found.libraries) == (1, "", "", ())
    assert found.url == work.USUAL_PATH
    assert work.Discovery(url="/x").customer_id == 1
