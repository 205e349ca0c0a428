"""What other mail programs read in a message whose attachments were replaced with links."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.support.mail.messages import SAMPLES, URL, Sample, opened, written
from tests.support.real_parts import need
from tests.support.terminal.terminal import Terminal

SECONDS = 60


@pytest.fixture(scope="module")
def read_by_notmuch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What notmuch reads in all samples with links, by the samples' names."""
    need("notmuch")
    folder = tmp_path_factory.mktemp("mail")
    for number, sample in enumerate(SAMPLES.values()):
        (folder / f"{number}.eml").write_bytes(written(opened(sample.raw))[0])
    config = folder / "config"
    config.write_text(f"[database]\npath={folder}\n[new]\nignore=config\n")

    def notmuch(*words: str) -> bytes:
        command = ["notmuch", f"--config={config}", *words]
        return subprocess.run(command, check=True, timeout=SECONDS, capture_output=True).stdout

    notmuch("new", "--quiet")
    shown = json.loads(notmuch("show", "--format=json", "--include-html", "--entire-thread=false", "*"))
    names = list(SAMPLES)
    found = {}
    for each in _messages(shown):
        for file in each["filename"]:
            found[names[int(Path(file).stem)]] = each
    return found


def _messages(shown: Any) -> Iterator[dict[str, Any]]:
    """All messages in notmuch's nested lists."""
    if isinstance(shown, dict):
        yield shown
    elif isinstance(shown, list):
        for each in shown:
            yield from _messages(each)


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    """All parts in a message, but not those of an attached one."""
    yield part
    if isinstance(part.get("content"), list) and part["content-type"].startswith("multipart/"):
        for each in part["content"]:
            yield from _parts(each)


@pytest.mark.parametrize("name", SAMPLES)
def test_notmuch_reads_the_links(name: str, read_by_notmuch: dict[str, Any]) -> None:
    """Each text has every link once, and the attachments are gone. (It uses GMime, not Python's library.)"""
    sample: Sample = SAMPLES[name]
    message = read_by_notmuch[name]
    parts = [part for root in message["body"] for part in _parts(root)]
    # One that stays may have the same name.
    assert sum(part.get("filename") in sample.names for part in parts) <= sample.left
    texts = [
        part
        for part in parts
        if part["content-type"] in ("text/plain", "text/html") and URL in str(part.get("content"))
    ]
    assert len(texts) == (max(1, sample.texts) if sample.names else 0)
    for part in texts:
        times = 2 if part["content-type"] == "text/html" else 1
        assert part["content"].count(URL) == len(sample.names) * times
        for number, _ in enumerate(sample.names):
            assert f"{URL}{number}" in part["content"]
            assert f"{number} Müller.pdf" in unescape(part["content"])


@pytest.fixture(scope="module")
def read_by_neomutt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What neomutt shows of all samples with links, by the samples' names."""
    need("neomutt")
    folder = tmp_path_factory.mktemp("neomutt")
    box, out = folder / "box", folder / "out"
    for name in ("cur", "new", "tmp"):
        (box / name).mkdir(parents=True)
    out.mkdir()
    for number, sample in enumerate(SAMPLES.values()):
        # Its own header says which one it is: the order is neomutt's.
        head = f"X-Sample: {number}\n".encode()
        (box / "cur" / f"{number}:2,S").write_bytes(head + written(opened(sample.raw))[0])
    (folder / "keep").write_text(f'#!/bin/sh\nexec cat > "$(mktemp {out}/XXXXXX)"\n')
    (folder / "keep").chmod(0o755)
    (folder / "mailcap").write_text("text/html; cat; copiousoutput\n")
    (folder / "rc").write_text(
        f"set folder={folder} spoolfile={box} wait_key=no pipe_decode=yes pipe_split=yes beep=no quit=yes\n"
        f"set charset=utf-8 weed=no mailcap_path={folder}/mailcap\nauto_view text/html\n"
        "unalternative_order *\nalternative_order text/plain text/html\n"
    )
    environ = {"HOME": str(folder), "LC_ALL": "C.UTF-8"}
    with Terminal(["neomutt", "-n", "-F", str(folder / "rc"), "-f", str(box)], environ, 120, 40) as terminal:
        terminal.wait_for(f"[Msgs:{len(SAMPLES)}/")
        # T tags all messages, and ;| pipes those that are tagged. Each prompt discards what was typed before it came.
        terminal.type("T")
        terminal.wait_for("Tag messages matching:")
        terminal.type("~A\r")
        terminal.wait_for(f"Tag:{len(SAMPLES)} ")
        terminal.type(";|")
        terminal.wait_for("to command:")
        terminal.type(f"{folder}/keep\r")
        while len(list(out.iterdir())) < len(SAMPLES):
            terminal.during(0.05)
        terminal.type("x")
        assert terminal.wait() == 0
    names = list(SAMPLES)
    found: dict[str, str] = {}
    for file in out.iterdir():
        text = file.read_text(errors="replace")
        sample_number = re.search(r"^X-Sample: (\d+)$", text, re.MULTILINE)
        assert sample_number is not None, text
        found[names[int(sample_number[1])]] = text
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_neomutt_shows_the_links(name: str, read_by_neomutt: dict[str, str]) -> None:
    """Of two texts it shows the plain one."""
    sample: Sample = SAMPLES[name]
    shown = read_by_neomutt[name]
    for number, _ in enumerate(sample.names):
        assert f"{URL}{number}" in shown
        assert f"{number} Müller.pdf" in unescape(shown)
