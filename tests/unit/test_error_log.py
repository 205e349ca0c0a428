"""What the event loop would print goes to a private file and never reaches the terminal."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import anyio
import pytest
from anyio._backends._asyncio import UNIXSocketStream

from tui.config import error_log


def log(folder: Path) -> Path:
    return folder / "state" / error_log.NAME


def test_a_failure_that_nobody_waits_for_is_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        error_log.keep_failures_of(loop, tmp_path / "state")
        loop.call_soon(lambda: dict[str, str]()["what nobody expected"])
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert "KeyError: 'what nobody expected'" in log(tmp_path).read_text()
    assert log(tmp_path).stat().st_mode & 0o777 == 0o600
    assert log(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    assert capfd.readouterr().err == ""


def test_a_time_zone_that_cannot_be_used_hides_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "UTC+24")
        time.tzset()
        error_log.keep(tmp_path / "state", "what has failed")
    time.tzset()
    assert "what has failed" in log(tmp_path).read_text()


@pytest.mark.parametrize("folder", [None, Path("/proc/nowhere")])
def test_without_a_place_nothing_is_kept_and_nothing_printed(
    folder: Path | None, capfd: pytest.CaptureFixture[str]
) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        error_log.keep_failures_of(loop, folder)
        loop.call_soon(lambda: dict[str, str]()["x"])
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert capfd.readouterr().err == ""


def test_an_upload_cancelled_just_when_its_socket_is_ready_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The library behind a Unix socket sets the result of a future that is already cancelled."""

    async def main() -> None:
        error_log.keep_failures_of(asyncio.get_running_loop(), tmp_path / "state")
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        async with UNIXSocketStream(ours) as stream:
            sending = asyncio.create_task(stream.send(bytes(10_000_000)))
            while getattr(stream, "_send_future", None) is None:
                await asyncio.sleep(0)
            cancelled = asyncio.Event()

            def cancel() -> None:
                sending.cancel()
                cancelled.set()

            def drain_and_cancel() -> None:
                while True:
                    try:
                        theirs.recv(1 << 20)
                    except BlockingIOError:
                        break
                # Runs before anything that the loop finds ready later.
                asyncio.get_running_loop().call_soon(cancel)

            asyncio.get_running_loop().call_soon(drain_and_cancel)
            await cancelled.wait()
            with pytest.raises(asyncio.CancelledError):
                await sending
            await anyio.sleep(0)
        theirs.close()

    asyncio.run(main())
    assert capfd.readouterr().err == ""
    assert not log(tmp_path).exists()
