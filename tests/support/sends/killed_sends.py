"""Sends whose program is killed in the middle, and the app that is started after it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import app_for, asked, main_screen, running, screen_of, settled, until
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import HoldAnswer
from tests.support.sends.dying import Sends
from tests.support.sends.jobs import connected
from tests.support.servers.server import ServerProcess
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job import SendJob
from tui.sending.journal.journal import Journal
from tui.sending.plan import Plan
from tui.sending.sources import FileSource
from tui.ui.app import SentlinksApp
from tui.ui.base.question import Question
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.unfinished.interrupted import InterruptedScreen
from tui.ui.widgets.button import Button
from tui.ui.widgets.field import Field
from tui.wire.share import Document

MIB = 1024 * 1024
TO = ("Anna Arp <anna@example.com>", "bernd@example.com")
_EXPIRES = (datetime.now() + timedelta(days=30)).replace(second=0, microsecond=0).astimezone()
#: What is typed in the fields of a send's dialog, and the settings that it means.
GIVEN = {"expires": f"{_EXPIRES:%-d %b %Y %H:%M}", "downloads": "3", "to": ", ".join(TO)}
SETTINGS: dict[str, Any] = {"expires_at": _EXPIRES, "downloads_permitted": 3, "recipients": TO}


async def open_dialog(pilot: Pilot[Any], paths: list[Path]) -> SendDialog:
    """Selects the files of the current folder and opens the dialog of their send."""
    main = await main_screen(pilot)
    await settled(pilot)
    await pilot.press("g", "l")
    await until(pilot, lambda: len(main.table.rows) >= len(paths))
    await settled(pilot)
    await pilot.press("ctrl+a", "s")
    return await screen_of(pilot, SendDialog)


async def killed(
    server: ServerProcess,
    proxy: Misbehaving,
    state: Path,
    paths: list[Path],
    *,
    opened: bool = True,
    generated: bool = False,
    **settings: Any,
) -> None:
    """What a program leaves that sends as the app does, and is killed: as soon as the small files are published, or,
    unless the send is to be ``opened``, before the server has its password, which was ``generated`` or not."""
    proxy.spoil(*(("PATCH", HoldAnswer(), "") if opened else ("POST", HoldAnswer(), "/sends")), times=ALWAYS)
    proxy.seen.clear()
    async with connected(proxy.url, server.token) as (share, _):
        journal = Journal(state, proxy.url, "DJONES")
        journal.password_made = generated
        plan = Plan([FileSource.of(path) for path in paths])
        job = SendJob(share, None, plan, LinkSettings(**settings), journal=journal)
        published = len(paths) - 1 if opened else 0
        await Sends(state, share).ended_after(
            job, lambda: any(seen.held for seen in proxy.seen) and len(job.documents) == published
        )
    proxy.behave()


async def killed_at_the_end(server: ServerProcess, state: Path, url: str = "") -> Document:
    """What a program leaves that has sent a document, and is killed before anyone has seen its link. ``url`` is another
    address for the server."""
    state.mkdir(exist_ok=True)
    file = state / "Letter.txt"
    file.write_text("letter")
    async with connected(url or server.url, server.token) as (share, _):
        journal = Journal(state, url or server.url, "DJONES")
        job = SendJob(share, None, Plan([FileSource.of(file)]), LinkSettings(), journal=journal)
        await job.run()
        journal.release()
    (document,) = job.documents
    return document


async def killed_app(
    server: ServerProcess, proxy: Misbehaving, state: Path, paths: list[Path], *keys: str, **texts: str
) -> None:
    """An app whose process ended in the middle of a send, with the small files published. Before, ``texts`` were typed
    in the fields of its dialog, and ``keys`` pressed."""
    app = app_for(server, state, url=proxy.url)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await open_dialog(pilot, paths)
        for name, text in texts.items():
            dialog.query_one(f"#{name}", Field).value = text
        await pilot.press(*keys)
        proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
        await pilot.press("ctrl+s")
        await asked(pilot, proxy, "PATCH", "")
        await until(pilot, lambda: len(dialog.state.documents) == len(paths) - 1, "the small ones")
        await end(pilot, app)
    proxy.behave()


async def end(pilot: Pilot[Any], app: SentlinksApp) -> None:
    """Ends the app as if it were killed: it releases its journals and sends no more requests."""
    for journal in app.session.journals._held:
        journal.release()
    app.session.share.http.build_request = _no_more  # type: ignore[method-assign]
    app._end(137)
    await until(pilot, lambda: app._exit)


def _no_more(*args: object, **more: object) -> Any:
    raise RuntimeError("this process is no more")


def again(
    server: ServerProcess, proxy: Misbehaving, state: Path
) -> AbstractAsyncContextManager[tuple[Pilot[Any], MainScreen]]:
    """Runs the app once more."""
    return running(server, state, size=(80, 24), url=proxy.url)


async def offered(pilot: Pilot[Any]) -> InterruptedScreen:
    """Has the interrupted send offered."""
    await pilot.press("R")
    return await screen_of(pilot, InterruptedScreen)


def kept(state: Path) -> list[Path]:
    """The journals that are there."""
    return list((state / "sends").iterdir())


async def press_button(pilot: Pilot[Any], ident: str) -> None:
    pilot.app.screen.query_one(f"#{ident}", Button).press()
    await pilot.pause()


async def close_and_unpublish(pilot: Pilot[Any]) -> None:
    """Closes the dialog of a running, partly published send, and unpublishes that part."""
    await pilot.press("escape")
    await screen_of(pilot, Question)
    await pilot.press("y")
    await until(pilot, lambda: "already published" in str(getattr(pilot.app.screen, "text", "")))
    await pilot.press("y")
    await screen_of(pilot, MainScreen)
    await settled(pilot)
