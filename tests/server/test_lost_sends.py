"""A send or folder that the server loses in the middle, and refusals on the way: what is sent again, and what isn't."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Call, LoseAnswer, Say, refusal
from tests.support.sends.dying import Sends, files
from tests.support.sends.jobs import (
    PIECE,
    Bytes,
    count_sent,
    error_of,
    fetch,
    job_of,
    job_of_versions,
    states,
)
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.clients.share import ShareClient
from tui.clients.work import WorkClient
from tui.rules.errors import NotFound, NotSignedIn

GONE = refusal(404, "send.unknown", "There is no such send.")
FOLDER_GONE = refusal(409, "folder.gone", "The folder was deleted.")
UPLOAD_FOLDER_GONE = refusal(404, "folder.gone", "The folder was deleted.")


@pytest.mark.parametrize(
    ("path", "gone"),
    [("/uploads", UPLOAD_FOLDER_GONE), ("/documents", GONE), ("/batch", GONE), ("/batch", FOLDER_GONE)],
    ids=["uploads-folder", "documents-send", "batch-send", "batch-folder"],
)
async def test_what_is_lost_once_is_opened_again(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, path: str, gone: Say
) -> None:
    proxy.spoil("POST", gone, path)
    contents = [b"a", b"b"] if path == "/batch" else [os.urandom(2 * PIECE)]
    job = job_of(
        share, *(Bytes(f"{i}.bin", content) for i, content in enumerate(contents)), downloads_permitted=3
    )
    await job.run()
    assert [fetch(server, document) for document in job.documents] == contents
    assert {document.downloads_permitted for document in job.documents} == {3}
    assert sum(seen.path.endswith("/sends") for seen in proxy.seen) == 2


@pytest.mark.parametrize("path", ["/uploads", "/batch"])
async def test_what_is_lost_again_and_again_fails(share: ShareClient, proxy: Misbehaving, path: str) -> None:
    proxy.spoil("POST", GONE, path, times=ALWAYS)
    count, size = (2, 1) if path == "/batch" else (1, PIECE + 1)
    job = job_of(share, *(Bytes(f"{i}.bin", b"x" * size) for i in range(count)))
    await job.run()
    assert states(job) == ["failed"] * count
    assert error_of(job).code == "send.gone"
    assert proxy.count("POST", path) == 2
    proxy.behave()
    await job.run()
    assert states(job) == ["succeeded"] * count


async def test_an_upload_that_is_refused_is_begun_anew_the_next_time(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    proxy.spoil("POST", refusal(404, "not_found", "There is no such address."), "/uploads")
    content = os.urandom(2 * PIECE)
    job = job_of(share, Bytes("a.bin", content))
    await job.run()
    assert isinstance(error_of(job), NotFound)
    await job.run()
    assert fetch(server, job.documents[0]) == content


async def test_after_signing_in_again_nothing_is_uploaded_again(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving
) -> None:
    proxy.spoil("POST", refusal(401, "token.invalid", "The token is invalid."), "/documents")
    content = os.urandom(2 * PIECE)
    job = job_of(share, Bytes("a.bin", content))
    await job.run()
    assert isinstance(error_of(job), NotSignedIn)
    await job.run()
    assert fetch(server, job.documents[0]) == content
    assert proxy.count("POST", "/uploads") == 1


async def test_a_document_that_is_refused_leaves_no_upload(share: ShareClient, proxy: Misbehaving) -> None:
    proxy.spoil("POST", refusal(422, "name.forbidden_character", "The name is wrong."), "/documents")
    job = job_of(share, Bytes("a.bin", os.urandom(2 * PIECE)))
    await job.run()
    assert error_of(job).code == "name.forbidden_character"
    assert proxy.count("DELETE", "/uploads") == 1
    await job.run()
    assert states(job) == ["succeeded"]


async def test_a_name_that_another_document_has_is_no_proof_that_it_was_published(
    share: ShareClient, proxy: Misbehaving
) -> None:
    before = await count_sent(share)
    proxy.spoil("POST", refusal(409, "name.taken", "The name is taken."), "/documents")
    job = job_of(share, Bytes("a.bin", os.urandom(2 * PIECE)))
    await job.run()
    assert error_of(job).code == "name.taken"
    assert await count_sent(share) == before


async def test_files_that_all_vanish_fail_without_a_request(
    share: ShareClient, proxy: Misbehaving, tmp_path: Path, dying: Sends
) -> None:
    paths = files(tmp_path, 10, 20)

    def vanish() -> None:
        for path in paths:
            path.unlink()

    proxy.spoil("POST", Call(vanish), "/sends")
    job = dying.begin(paths)
    await job.run()
    assert [error_of(job, index).code for index in range(2)] == ["file.missing"] * 2
    assert proxy.count("POST", "/batch") == 0


async def test_small_documents_that_changed_after_they_were_published_unheard_are_published_once(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    before = await count_sent(share)
    paths = files(tmp_path, 10, 20)
    proxy.spoil("POST", LoseAnswer(), "/batch", times=ALWAYS)
    job = dying.begin(paths)
    await job.run()
    assert states(job) == ["failed"] * 2
    paths[0].write_bytes(b"other content")
    proxy.behave()
    await job.run()
    assert [document.size for document in job.documents] == [10, 20]
    assert await count_sent(share) == before + 2
    job.links_shown()
    assert dying.left == []


# ---------------------------------------------------------------- versions in Work


def in_work(worker: Worker, *names: str) -> list[str]:
    """The ids of new documents."""
    workspace = worker.workspace("Lost sends")
    return [worker.upload(workspace, name, name.encode())["id"] for name in names]


async def test_a_version_on_the_same_server_survives_a_lost_send(
    server: ServerProcess, worker: Worker, share: ShareClient, proxy: Misbehaving
) -> None:
    (ident,) = in_work(worker, "offer")
    job = await job_of_versions(share, WorkClient(share.http), ident)
    proxy.spoil("POST", GONE, "/versions")
    await job.run()
    assert fetch(server, job.documents[0]) == b"offer"
    assert proxy.count("POST", "/uploads") == 0


async def test_a_version_that_the_server_refuses_fails_with_its_reason(
    server: ServerProcess, worker: Worker, share: ShareClient, proxy: Misbehaving
) -> None:
    (ident,) = in_work(worker, "offer")
    job = await job_of_versions(share, WorkClient(share.http), ident)
    proxy.spoil("POST", refusal(404, "version.unknown", "There is no such version."), "/versions")
    await job.run()
    assert error_of(job).message.startswith(f"Version 1 of offer.txt ({ident}) was deleted")
    proxy.spoil("POST", refusal(409, "name.taken", "The name is taken."), "/versions")
    await job.run()
    assert error_of(job).code == "name.taken"
    await job.run()
    assert states(job) == ["succeeded"]


async def test_small_versions_of_another_work_server_are_noted_in_its_history(
    server: ServerProcess, worker: Worker, share: ShareClient, proxy: Misbehaving
) -> None:
    """They are published in one request, and one of them fails."""
    idents = in_work(worker, "offer", "letter", "gone")
    job = await job_of_versions(share, WorkClient(share.http, apart=True), *idents)
    worker.request("DELETE", f"documents/{idents[2]}").raise_for_status()
    await job.run()
    assert states(job) == ["succeeded", "succeeded", "failed"]
    assert error_of(job, 2).message.startswith("Version 1 of gone.txt")
    assert proxy.count("POST", "/batch") == 1
    for ident in idents[:2]:
        assert worker.history(ident, activity="share")[:1] == ["SHARED"]
