"""The process of the demo's server: ``python -m tui.cli.server.demo_server HANDLE FOLDER``.

``HANDLE`` is the read end of a pipe. When the pipe is closed the demo has ended; this process then ends too, and
removes ``FOLDER``.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from ...rules.errors import Problem

USER = "DJONES"


def serve_demo(data: Path, handle: int) -> None:
    """Serve the sample matters from ``data`` until the other end of the pipe ``handle`` is closed."""
    from ...sample.load import load
    from ...server.__main__ import run
    from ...server.base.settings import Settings
    from ...server.context import Context

    async def seed(context: Context) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.remove_reader(handle)
            serving.cancel()

        loop.add_reader(handle, stop)
        await load(context)

    run(Settings(data=data, port=0, user=USER, socket=data / "socket"), seed=seed)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> int:
    """Serve until a signal. Returns the exit status; a problem is printed as one line of JSON for who started this."""
    # The running server has its own handlers; until then, these make sure that the folder is removed too.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    os.chdir("/")
    folder = Path(sys.argv[2])
    try:
        serve_demo(folder / "data", int(sys.argv[1]))
    except Problem as error:
        print(json.dumps({"code": error.code, "message": error.message}), flush=True)
        return 1
    except asyncio.CancelledError:
        pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
