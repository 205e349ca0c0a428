"""The receipts that the sender sees for a download: delivered in full, or how far it got before it broke off."""

from __future__ import annotations

import itertools
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.grants import Reader
from tests.support.users.publish import publish
from tests.support.users.recipient import act, from_network, receipts, seen, take
from tests.support.users.share import Sender, until
from tui.server.pages.deliveries import _MAX_PIECES, DeliveredRange, merged

KIB = 1024
SIZE = 100_000
CONTENT = bytes(range(250)) * 400
LARGE = bytes(1_000_000) * 40


def part(guest: httpx.Client, grant: str, start: int, end: int) -> None:
    """Fetches the bytes from ``start`` up to but not including ``end``."""
    answer = guest.get(grant, headers={"Range": f"bytes={start}-{end - 1}"})
    assert answer.status_code == 206


def break_off(server: ServerProcess, grant: str, after: int) -> None:
    """Hangs up as soon as ``after`` bytes have arrived."""
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port or 0)) as line:
        line.sendall(f"GET {grant} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        came = 0
        while came < after:
            came += len(line.recv(65536))


@pytest.fixture
def document(server: ServerProcess) -> dict[str, Any]:
    return publish(server, CONTENT, "offer.pdf")


def test_a_whole_file_is_delivered(server: ServerProcess, document: dict[str, Any]) -> None:
    """Recorded once per grant, however often it is fetched; a new press gets its own receipt."""
    with server.guest() as guest:
        grant = take(guest, document)
        guest.head(grant)
        for _ in range(2):
            assert guest.get(grant).content == CONTENT
        assert receipts(server, document) == [("delivered", None)]
        guest.get(take(guest, document))
    assert receipts(server, document, 2) == [("delivered", None)] * 2
    after = seen(server, document)
    assert (after["downloads"], after["delivered"]) == (2, 2)
    act(server, document, "resend")
    assert seen(server, document)["delivered"] == 0


def test_parts_are_put_together(server: ServerProcess, document: dict[str, Any]) -> None:
    """In any order and over several connections; fetching the same part twice adds nothing."""
    with server.guest() as guest:
        grant = take(guest, document)
        for start, end in ((60_000, SIZE), (0, 30_000), (0, 30_000), (20_000, 50_000)):
            part(guest, grant, start, end)
        assert receipts(server, document, 0) == []
        part(guest, grant, 50_000, 60_000)
        assert receipts(server, document) == [("delivered", None)]


def test_an_empty_file_is_delivered(server: ServerProcess) -> None:
    document = publish(server, b"", "empty.txt")
    with server.guest() as guest:
        assert guest.get(take(guest, document)).content == b""
    assert receipts(server, document) == [("delivered", None)]


def test_the_receipt_says_where_it_broke_off(server: ServerProcess) -> None:
    """Recorded once per grant and network, with how much had arrived; what arrives later completes it."""
    document = publish(server, LARGE, "large.bin")
    with server.guest() as guest:
        grant = take(guest, document)
        break_off(server, grant, 10_000_000)
        ((event, percent),) = receipts(server, document)
        assert event == "broken off"
        # Bytes still in the buffers of either end's system are not known to have arrived.
        assert percent is not None
        assert 15 <= percent <= 50
        break_off(server, grant, 1_000_000)
        guest.get(grant, headers={"Range": "bytes=1000000-"})
    assert [event for event, _ in receipts(server, document, 2)] == ["broken off", "delivered"]


def test_a_download_that_goes_on_where_it_broke_off_is_delivered(server: ServerProcess) -> None:
    """As programs resume it: behind the last byte that they have, which the server doesn't know to have arrived."""
    document = publish(server, LARGE, "large.bin")
    place = urlsplit(server.url)
    with server.guest() as guest:
        grant = take(guest, document)
        came = 0
        for _ in range(2):
            with socket.create_connection((place.hostname, place.port or 0)) as line:
                line.sendall(f"GET {grant} HTTP/1.1\r\nHost: x\r\nRange: bytes={came}-\r\n\r\n".encode())
                body = line.recv(4096).partition(b"\r\n\r\n")[2]
                # The server waits until the system takes more from it; by then, much has come since it last looked.
                until(lambda line=line: server.unacknowledged(line) > 800 * KIB)
                came += len(body)
                for _ in range(40):
                    came += len(line.recv(KIB * KIB))
        guest.get(grant, headers={"Range": f"bytes={came}-"})
    assert [event for event, _ in receipts(server, document, 2)] == ["broken off", "delivered"]


def test_what_was_still_on_its_way_has_not_arrived(server: ServerProcess) -> None:
    """Also if a reader who had stood still hangs up: what the system then drops looks as if it had been taken."""
    document = publish(server, LARGE, "large.bin")
    place = urlsplit(server.url)
    with server.guest() as guest, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * KIB)
        line.connect((place.hostname, place.port))
        line.sendall(f"GET {take(guest, document)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        # One percent of the file would be 390 KiB.
        until(lambda: server.unacknowledged(line) > 800 * KIB)
    assert receipts(server, document) == [("broken off", 0)]


def test_what_an_earlier_response_left_on_its_way_does_not_count(server: ServerProcess) -> None:
    """It is in the same buffer of the system, and may be more than what came of the next one."""
    small, document = publish(server, LARGE[: 400 * KIB], "small.bin"), publish(server, LARGE, "large.bin")
    place = urlsplit(server.url)
    with server.guest() as guest, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
        line.connect((place.hostname, place.port))
        for each in (small, document):
            line.sendall(f"GET {take(guest, each)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: server.unacknowledged(line) > 800 * KIB)
    assert receipts(server, document) == [("broken off", 0)]


def test_what_lies_unread_when_a_reader_hangs_up_has_not_arrived(server: ServerProcess) -> None:
    """Though its system has acknowledged all of it."""
    document = publish(server, CONTENT[: 10 * KIB], "small.bin", downloads_permitted=1)
    with server.guest() as guest:
        grant = take(guest, document)
        assert len(Reader(server, grant).cut(10)) < 10 * KIB
        assert receipts(server, document) == [("broken off", 99)]
        query = "SELECT delivered_at, bytes_permitted FROM grants WHERE document_id = ?"
        assert look(server, query, document["id"]) == [(None, None)]
        for _ in range(4):
            assert guest.get(grant).status_code == 200
    assert [event for event, _ in receipts(server, document, 2)] == ["broken off", "delivered"]


def test_a_reader_who_wants_the_connection_closed(server: ServerProcess, document: dict[str, Any]) -> None:
    """Gets its end with the last byte; what it has read is known all the same."""
    with server.guest() as guest:
        reader = Reader(server, take(guest, document), headers="Connection: close\r\n")
        with reader.sock:
            assert reader.read(10 * SIZE).endswith(CONTENT)
            assert receipts(server, document, 0) == []
    assert receipts(server, document) == [("delivered", None)]


def test_a_reader_who_keeps_the_connection(server: ServerProcess, document: dict[str, Any]) -> None:
    """Idle, after it has acknowledged everything, it has it."""
    with server.guest() as guest:
        assert guest.get(take(guest, document)).content == CONTENT
        assert receipts(server, document) == [("delivered", None)]


def test_more_pieces_than_are_kept(server: ServerProcess) -> None:
    """What is forgotten of them has to come again."""
    size = 4 * (_MAX_PIECES + 4)
    document = publish(server, CONTENT[:size], "pieces.bin", downloads_permitted=1)
    with server.guest() as guest:
        grant = take(guest, document)
        for start in range(0, size, 4):
            part(guest, grant, start, start + 2)
        # What lies between those that are kept, and then between the others: everything has come once.
        part(guest, grant, 2, 4 * _MAX_PIECES)
        for start in range(4 * _MAX_PIECES + 2, size, 4):
            part(guest, grant, start, start + 2)
        assert receipts(server, document, 0) == []
        assert guest.get(grant).content == CONTENT[:size]
    assert receipts(server, document) == [("delivered", None)]


def test_each_network_gets_a_receipt(server: ServerProcess, document: dict[str, Any]) -> None:
    with from_network(server, 2) as presser, from_network(server, 3) as other:
        grant = take(presser, document)
        presser.get(grant)
        other.get(grant)
    assert receipts(server, document, 2) == [("delivered", None)] * 2
    after = seen(server, document)
    assert (after["downloads"], after["delivered"]) == (1, 1)


def test_two_processes_put_one_file_together(restored_server: ServerProcess) -> None:
    document = publish(restored_server, CONTENT, "offer.pdf")
    with (
        ServerProcess(restored_server.data) as second,
        restored_server.guest() as one,
        second.guest() as other,
    ):
        grant = take(one, document)
        part(one, grant, 0, 50_000)
        part(other, grant, 50_000, SIZE)
        assert receipts(restored_server, document) == [("delivered", None)]
        with Sender(restored_server) as sender:
            assert sender.get("/audit/verify")["broken"] is None


def given_piece(start: int, length: int, on_the_way: int = 0) -> DeliveredRange:
    return DeliveredRange(start, start + length, start + length + on_the_way)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=40))
def test_pieces_are_the_bytes_that_were_given(given_: list[tuple[int, int]]) -> None:
    pieces: list[DeliveredRange] = []
    there: set[int] = set()
    for start, length in given_:
        pieces = merged(pieces, given_piece(start, length))
        there |= set(range(start, start + length))
        assert {byte for each in pieces for byte in range(each.start, each.end)} == there
        assert pieces == sorted(pieces)
        assert all(one.end < other.start for one, other in itertools.pairwise(pieces))


@given(st.permutations([(0, 30, 10), (35, 20, 15), (70, 30, 0)]))
def test_bytes_on_their_way_arrived_if_a_request_goes_on_behind_them(
    given_: list[tuple[int, int, int]],
) -> None:
    """Whichever of the requests is noted first."""
    pieces: list[DeliveredRange] = []
    for each in given_:
        pieces = merged(pieces, given_piece(*each))
    assert pieces == [DeliveredRange(0, 100, 100)]


def test_bytes_on_their_way_did_not_arrive_if_a_request_begins_elsewhere() -> None:
    pieces = merged([given_piece(0, 30, 10)], given_piece(41, 59))
    assert pieces == [DeliveredRange(0, 30, 40), DeliveredRange(41, 100, 100)]


def test_pieces_are_bounded() -> None:
    """The longest pieces are kept; forgetting others can only make a whole file look incomplete."""
    pieces: list[DeliveredRange] = []
    for number in range(1000):
        pieces = merged(pieces, given_piece(10 * number, 1 + (number == 7)))
    assert len(pieces) == 200
    assert given_piece(70, 2) in pieces
