"""Documents looked into as the worker does it, each in a process that is forked from one that has warmed up.

``python -m tests.support.carried.trial``: reads requests from standard input, a JSON line each with the name of a
document and the path of its bytes, and writes a line for each with what came of it.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui.rules.carried import KINDS

ROOT = Path(__file__).resolve().parents[3]
_ESCAPED = 70


@dataclass(frozen=True)
class Trial:
    """What came of a document: how its process ended (a signal is negative), what it said, which exception nothing has
    caught, the megabytes that it took, the seconds, and those of a processor."""

    name: str
    status: int
    messages: list[dict[str, Any]] = field(default_factory=list)
    escaped: str = ""
    memory: float = 0.0
    seconds: float = 0.0
    processor: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """The counts of what was found."""
        found: dict[str, int] = {}
        for message in self.messages:
            for record in message.get("findings", ()):
                assert record["kind"] in KINDS
                found[record["kind"]] = found.get(record["kind"], 0) + record["count"]
        return found

    @property
    def last(self) -> dict[str, Any]:
        """The last message, with how much was looked into."""
        return self.messages[-1] if self.messages else {}


def trials(documents: Iterable[tuple[str, bytes]], folder: Path, job: str = "inspect") -> Iterator[Trial]:
    """Look into documents, one after another."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.carried.trial", job],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    with process:
        for name, content in documents:
            path = folder / "document"
            path.write_bytes(content)
            process.stdin.write(json.dumps([name, str(path)]) + "\n")
            process.stdin.flush()
            yield Trial(name, **json.loads(process.stdout.readline()))
        process.stdin.close()
    assert process.returncode == 0


def main(arguments: Sequence[str]) -> None:
    from tui.inspection.boxed import warm_up

    logging.disable()
    warm_up.warm_up()
    for line in sys.stdin:
        name, path = json.loads(line)
        sys.stdout.write(json.dumps(_in_a_process_of_its_own(arguments[0], name, path)) + "\n")
        sys.stdout.flush()


def _in_a_process_of_its_own(job: str, name: str, path: str) -> dict[str, Any]:
    began = time.monotonic()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _be_the_worker(job, name, path, writing)
    os.close(writing)
    said = b""
    while data := os.read(reading, 1 << 16):
        said += data
    os.close(reading)
    _, status, usage = os.wait4(pid, 0)
    messages = [json.loads(line) for line in said.splitlines()]
    escaped = next((each["escaped"] for each in messages if "escaped" in each), "")
    return {
        "status": os.waitstatus_to_exitcode(status),
        "messages": [each for each in messages if "escaped" not in each],
        "escaped": escaped,
        "memory": usage.ru_maxrss / 1024,
        "seconds": time.monotonic() - began,
        "processor": usage.ru_utime + usage.ru_stime,
    }


def _be_the_worker(job: str, name: str, path: str, writing: int) -> None:
    from tui.inspection.boxed import box
    from tui.inspection.boxed.document import DocumentBytes
    from tui.inspection.boxed.main import answers

    document = DocumentBytes(os.open(path, os.O_RDONLY))
    # A process that ends itself by a signal isn't asked about.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    box.shut()
    status = 0
    try:
        for message in answers({"job": job, "name": name}, document):
            os.write(writing, json.dumps(message).encode() + b"\n")
    except MemoryError:
        os.write(writing, b'{"failed": "limits"}\n')
    except BaseException as error:
        status = _ESCAPED
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
        os.write(writing, json.dumps({"escaped": f"{type(error).__name__} at {where}"}).encode() + b"\n")
    os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
