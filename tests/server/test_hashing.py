"""Which passwords wait for which: each network has two slots, and links and people have a queue each."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any

import httpx
import pytest

from tests.support.checks.long import cases
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of
from tests.support.users.work import PASSWORD, add_person

PASSWORDS = "dear"
RIGHT = "Blue-Heron-42"
STRANGERS, PEOPLE = 34, 5
#: Seconds until who was refused tries again: far fewer than the queue takes to be empty.
AGAIN = 0.05


@pytest.fixture
def server_behind(tmp_path: Any) -> Any:
    """A server behind a proxy, which passes on the client's address."""
    with ServerProcess(tmp_path / "data", arguments=("--proxies", "127.0.0.1")) as process:
        yield process


def sign_in(server: ServerProcess, name: str, address: str, password: str = PASSWORD) -> int:
    form = {"grant_type": "password", "username": name, "password": password, "client_id": "web"}
    with server.guest() as guest:
        guest.headers["X-Forwarded-For"] = address
        return guest.post("/auth/oauth2/token", data=form).status_code


def unlock(server: ServerProcess, document: dict[str, Any], address: str, password: str) -> httpx.Response:
    with server.guest() as guest:
        guest.headers["X-Forwarded-For"] = address
        return guest.post(path_of(document), data={"password": password})


@contextmanager
def ended(over: Event) -> Iterator[None]:
    """A stranger's try, which may break off once it is ``over``: what still waits then need not be hashed."""
    try:
        yield
    except httpx.TransportError:
        if not over.is_set():
            raise


def test_strangers_do_not_keep_people_out(server_behind: ServerProcess) -> None:
    """34 connections of one network try names without end while five users sign in with the right password."""
    for number in range(PEOPLE):
        add_person(server_behind, f"P{number}")
    over = Event()

    def strange(number: int) -> None:
        tries = 0
        while not over.is_set():
            with ended(over):
                sign_in(server_behind, f"NOBODY{number}.{tries}", "203.0.113.9", "x")
            tries += 1
            over.wait(AGAIN)

    with ThreadPoolExecutor(STRANGERS + PEOPLE) as threads:
        strangers = [threads.submit(strange, number) for number in range(STRANGERS)]
        try:
            people = [
                threads.submit(sign_in, server_behind, f"P{number}", f"198.51.100.{number}")
                for number in range(PEOPLE)
            ]
            assert [one.result() for one in people] == [200] * PEOPLE
        finally:
            over.set()
            server_behind.stop(signal.SIGKILL)
        for one in strangers:
            one.result()


def test_recipients_do_not_keep_people_out(server_behind: ServerProcess) -> None:
    """However many networks try passwords of links, and however long that queue is."""
    add_person(server_behind, "P0")
    document = publish(server_behind, b"content", "guarded.pdf", password=RIGHT)
    over = Event()

    def strange(number: int) -> None:
        tries = 0
        while not over.is_set():
            tries += 1
            with ended(over):
                unlock(server_behind, document, f"10.{number}.{tries}.1", "wrong")
            over.wait(AGAIN)

    with ThreadPoolExecutor(STRANGERS + 10) as threads:
        strangers = [threads.submit(strange, number) for number in range(STRANGERS + 10)]
        try:
            for _ in range(2):
                assert sign_in(server_behind, "P0", "198.51.100.7") == 200
        finally:
            over.set()
            server_behind.stop(signal.SIGKILL)
        for one in strangers:
            one.result()


GUESSING, KNOWING = cases(24, 60), cases(3, 8)


@pytest.mark.long
def test_whoever_knows_gets_in(server_behind: ServerProcess) -> None:
    """S40: many addresses guess the passwords of a few people, who sign in meanwhile."""
    for number in range(KNOWING):
        add_person(server_behind, f"P{number}")
    over = Event()
    begun = [Event() for _ in range(GUESSING)]

    def guess(number: int) -> None:
        while not over.is_set():
            # On a busy machine they may have to wait for too long: that is theirs.
            with suppress(httpx.TransportError):
                sign_in(server_behind, f"P{number % KNOWING}", f"10.{number}.7.1", "wrong")
            begun[number].set()
            over.wait(AGAIN)

    with ThreadPoolExecutor(GUESSING + KNOWING) as threads:
        guesses = [threads.submit(guess, number) for number in range(GUESSING)]
        try:
            for each in begun:
                each.wait()
            known = [
                threads.submit(sign_in, server_behind, f"P{number}", f"198.51.100.{number}")
                for number in range(KNOWING)
            ]
            assert [one.result() for one in known] == [200] * KNOWING
        finally:
            over.set()
            server_behind.stop(signal.SIGKILL)
        for one in guesses:
            one.result()
