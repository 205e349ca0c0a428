"""Nothing that was closed stays in memory: an app that runs for days must not grow."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.cells import cached_cell_len
from textual._context import visible_screen_stack
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from tests.support.app.app import app_for, main_screen, running, screen_of, until
from tests.support.checks.long import more, some
from tests.support.pictures.scene_start import STANDS_AT, back, send_some
from tests.support.pictures.scenes import SCENES
from tests.support.servers.server import ROOT, ServerProcess
from tui.ui.base.help import Help
from tui.ui.base.question import Question

#: Scenes that open something; the two that send come last, since they leave documents behind.
DIALOGS = (
    "versions",
    "send",
    "delete",
    "resend",
    "menu",
    "facts",
    "help",
    "members",
    "audit-filtered",
    "policy",
    "settings",
    "sign-in",
    "rename",
    "palette",
    "code",
    "draft",
    "links",
)


@pytest.fixture(scope="module")
def filled_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("filled") / "data"
    arguments = ("--public-url", "https://links.harlow.example")
    with ServerProcess(data, sample=True, arguments=arguments, stands_at=STANDS_AT) as server:
        send_some(server)
        yield server


def forget() -> None:
    """Drops what the test itself keeps: the screens that it painted last, also in cancelled timeouts. asyncio frees
    those only after a minute, or when there are many."""
    visible_screen_stack.set([])
    loop = asyncio.get_running_loop()
    for _ in range(1000):
        loop.call_later(60, print).cancel()


def in_memory() -> weakref.WeakSet[Screen[Any]]:
    """The screens that are in memory, or whose widgets are."""
    gc.collect()
    here = [found for found in gc.get_objects() if isinstance(found, Widget)]
    screens = [found if isinstance(found, Screen) else found._parent for found in here]
    return weakref.WeakSet(found for found in screens if isinstance(found, Screen))


def closed(pilot: Pilot[Any], others: weakref.WeakSet[Screen[Any]]) -> list[Screen[Any]]:
    """The closed screens that are still in memory. ``others`` were there before the test: what another one has left,
    also by failing, doesn't matter here."""
    return [s for s in in_memory() if s not in pilot.app.screen_stack and s not in others]


async def test_no_dialog_is_kept_once_it_is_closed(filled_server: ServerProcess, tmp_path: Path) -> None:
    others = in_memory()
    app = app_for(filled_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        for name in some(5, DIALOGS):
            await SCENES[name](pilot)
            await back(pilot)
        forget()
        # To look is dear, so it is done once: what is kept says itself what it is.
        await until(pilot, lambda: not closed(pilot, others), "an end of all that was closed")


async def test_who_painted_while_a_dialog_was_open_does_not_keep_it(
    filled_server: ServerProcess, tmp_path: Path
) -> None:
    """Every widget paints in its own context, which lives as long as the widget."""
    others = in_memory()
    async with running(filled_server, tmp_path, size=(80, 24)) as (pilot, main):
        app = pilot.app
        main.run_worker(main.confirm("Really?", yes="Yes", no="No"))
        await screen_of(pilot, Question)
        await pilot.press("f1")
        await screen_of(pilot, Help)
        context = copy_context()
        context.run(lambda: app.screen._compositor.render_update(screen_stack=app._background_screens))
        assert any(isinstance(screen, Question) for screen in context[visible_screen_stack])
        await back(pilot)
        forget()
        await until(pilot, lambda: not closed(pilot, others), "an end of all that was closed")


@more
async def test_what_was_closed_is_looked_for_in_time(filled_server: ServerProcess, tmp_path: Path) -> None:
    """Closed screens are collected without waiting until garbage is a quarter of all objects."""
    async with running(filled_server, tmp_path, size=(80, 24)) as (pilot, main):
        app = pilot.app
        gc.disable()
        try:
            helps: list[weakref.ref[Screen[Any]]] = []
            for _ in range(12):
                await pilot.press("f1")
                helps.append(weakref.ref(await screen_of(pilot, Help)))
                await pilot.press("escape")
                await until(pilot, lambda: app.screen is main and not closing(app))
            assert sum(ref() is not None for ref in helps) <= 10
        finally:
            gc.enable()


def closing(app: App[Any]) -> bool:
    """Whether a closed help screen is still in the app's registry."""
    return any(isinstance(found, Help) for found in app._registry)


async def test_no_connection_is_kept_for_each_sign_in(filled_server: ServerProcess, tmp_path: Path) -> None:
    def open_ones() -> int:
        gc.collect()
        clients = [found for found in gc.get_objects() if isinstance(found, httpx.AsyncClient)]
        return sum(not client.is_closed for client in clients)

    async with running(filled_server, tmp_path, size=(80, 24)) as (_pilot, main):
        before = open_ones()
        for name in ("MKELLER", "TOKAFOR", "MKELLER"):
            await main.session.sign_in(name, "Blue-Harbour7")
            assert main.session.me.user == name
        assert open_ones() == before


def test_the_words_of_the_password_list_are_all_that_is_kept_of_it() -> None:
    """The library that they come from would also keep ranks for six languages."""
    program = (
        "import sys; from tui.rules.common_passwords import common_passwords as words\n"
        "before = sys.getallocatedblocks()\n"
        "kept = words()\n"
        "print(len(kept), 'letmein' in kept, sys.getallocatedblocks() - before, 'zxcvbn' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, known, blocks, whole = result.stdout.split()
    assert (count, known, whole) == ("10000", "True", "False")
    assert int(blocks) < 12_000


async def test_what_was_typed_is_not_remembered(filled_server: ServerProcess, tmp_path: Path) -> None:
    """Textual caches the widths of 4,096 texts, along with the texts."""
    app = app_for(filled_server, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        for number in range(3000):
            cached_cell_len(f"{number} {'x' * 5000}")
        await pilot.press("f1")
        await screen_of(pilot, Help)
        await pilot.press("escape")
        await until(
            pilot,
            lambda: app.screen is main and cached_cell_len.cache_info().currsize < 1000,
        )


async def test_the_sender_of_the_last_message_is_not_kept(
    filled_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(filled_server, tmp_path, size=(80, 24)) as (pilot, main):
        app = pilot.app
        bars = [main.table.vertical_scrollbar, main.places.vertical_scrollbar]
        await pilot.press("f1")
        help_ref = weakref.ref(await screen_of(pilot, Help))
        await until(pilot, lambda: all(bar.is_running for bar in bars))
        for bar in bars:
            with help_ref()._context():  # type: ignore[union-attr]
                bar.check_idle()
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)
        await pilot.pause()

        def gone() -> bool:
            gc.collect()
            return help_ref() is None

        await until(pilot, gone, "the end of the screen")


def test_the_clients_are_imported_twice_at_the_same_time() -> None:
    """Concurrent imports do no harm, as when the user presses f5 while the app is starting."""
    program = """
import sys
from threading import Thread
sys.setswitchinterval(1e-6)
from tui.session.session import _import_clients
failed = []
def often():
    try:
        for _ in range(2000):
            _import_clients()
    except BaseException as error:
        failed.append(error)
threads = [Thread(target=often) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(failed, sys.modules.get("httpx._main"))
"""
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["[]", "None"]
