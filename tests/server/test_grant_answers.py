"""What a grant answers: ranges, headers, and the name in its address (S2, S5, S12, S13, S27)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.grants import CONTENT, SIZE
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, path_of, seen, take


@pytest.fixture(scope="module")
def shared(server: ServerProcess) -> dict[str, Any]:
    """A document for tests that download little of it."""
    return publish(server, CONTENT, "ranges.bin")


def shortened(value: object) -> str:
    """What names a test in the report."""
    return str(value)[:30]


class TestRanges:
    @few(4)
    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ("bytes=0-0", 0, 0),
            ("bytes=0-99", 0, 99),
            ("bytes=100-", 100, SIZE - 1),
            ("bytes=-7", SIZE - 7, SIZE - 1),
            (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
            ("bytes=5-999999999999", 5, SIZE - 1),
            ("bytes=-999999999999", 0, SIZE - 1),
            (f"bytes=0-{'9' * 20}", 0, SIZE - 1),
            (f"bytes=5-{'9' * 5000}", 5, SIZE - 1),
            (f"bytes=-{'9' * 5000}", 0, SIZE - 1),
            (f"bytes={'0' * 5000}5-{'0' * 5000}9", 5, 9),
            ("Bytes = 3-4", 3, 4),
        ],
        ids=shortened,
    )
    def test_a_single_range(
        self, server: ServerProcess, shared: dict[str, Any], asked: str, first: int, last: int
    ) -> None:
        with server.guest() as guest:
            answer = guest.get(take(guest, shared), headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
        assert answer.headers["content-length"] == str(last - first + 1)
        assert answer.content == CONTENT[first : last + 1]

    @few(3)
    @pytest.mark.parametrize(
        "asked",
        [
            "bytes=0-1,5-6",
            "bytes=9-3",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "lines=0-1",
            "bytes=0-1-2",
            "bytes=٣-٤".encode().decode("latin-1"),
        ],
    )
    def test_anything_else_is_the_whole_file(
        self, server: ServerProcess, shared: dict[str, Any], asked: str
    ) -> None:
        with server.guest() as guest:
            answer = guest.get(take(guest, shared), headers={b"Range": asked.encode("latin-1")})
        assert (answer.status_code, answer.content) == (200, CONTENT)
        assert "content-range" not in answer.headers

    @few(2)
    @pytest.mark.parametrize(
        "asked",
        [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", f"bytes={'9' * 5000}-", "bytes=-0"],
        ids=shortened,
    )
    def test_a_range_behind_the_end(self, server: ServerProcess, shared: dict[str, Any], asked: str) -> None:
        with server.guest() as guest:
            answer = guest.get(take(guest, shared), headers={"Range": asked})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{SIZE}"
        assert answer.content == b""

    def test_if_range(self, server: ServerProcess, shared: dict[str, Any]) -> None:
        """S27: the ETag is strong; if it doesn't match, the whole file is sent."""
        with server.guest() as guest:
            etag = guest.head(take(guest, shared)).headers["etag"]
            assert re.fullmatch(r'"[^"]+"', etag)
            for tag, status in (
                (etag, 206),
                ('"other"', 200),
                (f"W/{etag}", 200),
                ("Tue, 01 Jan 2030 00:00:00 GMT", 200),
            ):
                answer = guest.get(take(guest, shared), headers={"Range": "bytes=0-9", "If-Range": tag})
                assert answer.status_code == status, tag

    def test_head_tells_what_get_would(self, server: ServerProcess, shared: dict[str, Any]) -> None:
        """S2, S5: it sends no bytes, whatever its headers; a range is for GET only (RFC 9110, 14.2)."""
        with server.guest() as guest:
            grant = take(guest, shared)
            for _ in range(10):
                heads = [guest.head(grant), guest.head(grant, headers={"Range": "bytes=0-9"})]
            got = guest.get(grant)
        for head in heads:
            assert (head.status_code, head.content) == (200, b"")
            assert dict(head.headers) | {"date": ""} == dict(got.headers) | {"date": ""}

    def test_an_empty_file(self, server: ServerProcess) -> None:
        document = publish(server, b"", "empty.txt")
        with server.guest() as guest:
            grant = take(guest, document)
            for _ in range(5):
                answer = guest.get(grant)
                assert (answer.status_code, answer.content) == (200, b"")
                assert answer.headers["content-length"] == "0"
            assert guest.get(grant, headers={"Range": "bytes=0-"}).status_code == 416
            assert guest.head(grant).status_code == 200
        assert seen(server, document)["downloads"] == 1


class TestAddress:
    NAMES = (
        "Übersicht 契約; a=b.pdf",
        "100% #1 & more+.txt",
        "it's (final) $HOME `x` !.pdf",
        "é" * 100 + ".docx",
        "no extension",
        "﷽ שלום مرحبا.pdf",
    )

    @few(2)
    @pytest.mark.parametrize("name", NAMES)
    def test_it_ends_in_the_files_name(self, server: ServerProcess, name: str) -> None:
        """Percent-encoded, so that programs that name a file after its address get the right name."""
        document = publish(server, CONTENT, name)
        with server.guest() as guest:
            grant = take(guest, document)
            assert re.fullmatch(r"/g/[0-9a-f]{48}/[A-Za-z0-9._~%-]+", grant)
            assert unquote(grant.rpartition("/")[2]) == name
            assert guest.get(grant).content == CONTENT

    def test_it_names_no_hidden_file(self, server: ServerProcess) -> None:
        """S34: programs read files such as ``.bash_profile`` by themselves. Wherever a name may become that of a file,
        it has no leading dot; the heading of the page shows the true one."""
        document = publish(server, CONTENT, ".bash_profile")
        with server.guest() as guest:
            answer = guest.post(path_of(document))
            grant = answer.headers["location"]
            head = guest.head(grant)
            page = guest.get(grant.rpartition("/")[0], headers=HTML).text
        assert re.fullmatch(r"/g/[0-9a-f]{48}/_bash_profile", grant)
        assert ".bash_profile" not in answer.text
        assert head.headers["content-disposition"] == (
            "attachment; filename=\"_bash_profile\"; filename*=UTF-8''_bash_profile"
        )
        assert f'href="{grant}"' in page
        assert "<bdi>.bash_profile</bdi>" in page
        assert "sha256sum _bash_profile" in page

    def test_the_name_opens_nothing(self, server: ServerProcess, shared: dict[str, Any]) -> None:
        """Another name, or none, leads to the same file under its own name; a further segment leads nowhere."""
        with server.guest() as guest:
            grant = take(guest, shared).rpartition("/")[0]
            for place in (grant, grant + "/", grant + "/other.exe", grant + "/%00", grant + "/%E9"):
                answer = guest.head(place)
                assert answer.status_code == 200, place
                assert 'filename="ranges.bin"' in answer.headers["content-disposition"]
            for place in (grant + "/a/ranges.bin", grant + "/..%2Franges.bin", grant + "x/ranges.bin"):
                assert guest.get(place).status_code == 404, place

    def test_a_post_gives_the_file(self, server: ServerProcess) -> None:
        """``curl -X POST -L`` and ``--post303`` send one; a browser too gets the file, not the page."""
        document = publish(server, CONTENT, "posted.bin", downloads_permitted=1)
        with server.guest() as guest:
            grant = take(guest, document)
            answer = guest.post(grant, data={"password": "x"}, headers={**HTML, "If-None-Match": "*"})
            assert (answer.status_code, answer.content) == (200, CONTENT)
            part = guest.post(grant, headers={"Range": "bytes=5-9"})
            assert (part.status_code, part.content) == (206, CONTENT[5:10])
            for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
                assert guest.request(method, grant).status_code == 404
        assert seen(server, document)["downloads"] == 1


class TestHeaders:
    def test_a_file_is_handed_over_and_never_shown(self, server: ServerProcess) -> None:
        """S13, S27."""
        for name in ("page.html", "picture.svg", "letter.pdf", "data"):
            document = publish(server, b"<script>alert(1)</script>", name)
            with server.guest() as guest:
                headers = guest.get(take(guest, document)).headers
            assert headers["content-disposition"].startswith("attachment; ")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"] == "sandbox; default-src 'none'"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "private, no-store"
            assert headers["x-robots-tag"] == "noindex"
            assert headers["accept-ranges"] == "bytes"
            expected = "application/pdf" if name.endswith("pdf") else "application/octet-stream"
            assert headers["content-type"] == expected

    def test_both_forms_of_a_name(self, server: ServerProcess) -> None:
        """S12: RFC 6266 and 8187."""
        document = publish(server, b"x", "Übersicht 契約; a=b.pdf")
        with server.guest() as guest:
            headers = guest.get(take(guest, document)).headers
        assert headers["content-disposition"] == (
            'attachment; filename="Ubersicht __; a=b.pdf"; '
            "filename*=UTF-8''%C3%9Cbersicht%20%E5%A5%91%E7%B4%84%3B%20a%3Db.pdf"
        )
