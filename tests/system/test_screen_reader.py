"""What a screen reader says of a plain terminal: yasr reads aloud what appears, to a synthesizer that notes it."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

from tests.support.terminal.copying import need
from tests.support.terminal.terminal import SECONDS, Terminal
from tests.system.command import Client

PASSWORD = "Corr3ct-horse-battery"
#: A server of the protocol that Emacspeak's servers speak: what it is sent is kept.
_SYNTHESIZER = "#!/bin/sh\nexec cat >> '{spoken}'\n"
_SETTINGS = """
[options]
synthesizer=emacspeak server
synthesizer port=|{synthesizer}
cursor tracking=full
key echo=off
special=off
up and down arrows=speak line
DisableKey=6925
"""


class Reader:
    """A screen reader with a program in it."""

    def __init__(self, folder: Path) -> None:
        self._spoken = folder / "spoken"
        self._spoken.touch()
        synthesizer, self._settings = folder / "synthesizer", folder / "yasr.conf"
        synthesizer.write_text(_SYNTHESIZER.format(spoken=self._spoken))
        synthesizer.chmod(0o700)
        self._settings.write_text(_SETTINGS.format(synthesizer=synthesizer))

    def command(self, *words: str) -> list[str]:
        """Reads aloud what ``words`` writes."""
        return ["yasr", "-C", str(self._settings), *words]

    @property
    def said(self) -> str:
        """All that was said, in one line: where it pauses depends on how fast the program writes."""
        texts = re.findall(
            r"^(?:q|tts_say) \{(.*)\}$", self._spoken.read_text("utf-8", "replace"), re.MULTILINE
        )
        return " ".join(" ".join(texts).split())

    def hear(self, terminal: Terminal, words: str) -> None:
        """Waits until these words were said."""
        end = time.monotonic() + SECONDS
        while words not in self.said:
            terminal.during(0.05)
            assert time.monotonic() < end, f"{words!r} isn't said, but {self.said!r} of:\n{terminal.text}"


#: What is said before each answer, with the choices.
QUESTIONS = (
    ("Whom are the links for? It is kept as your note. Addresses with commas, or Enter for nobody:", ""),
    ("Password: 1. No password 2. Make one that can be said on the telephone 3. Type one", "3"),
    ("Type the password; it isn't shown:", PASSWORD),
    ("Once more:", PASSWORD),
    ("Expiration date: 1. No expiration date 2. 7 days 3. 14 days 4. 30 days 5. Another one", "2"),
    ("Downloads permitted: 1. No limit 2. 1 download 3. 2 downloads 4. 5 downloads 5. Another number", "2"),
    ("Send 1 document now? y or n:", "y"),
)


def test_the_questions_of_a_send_are_said_once(client: Client, tmp_path: Path) -> None:
    """Each with its choices, then the link; never what is typed as a password."""
    need("yasr")
    client.file("Offer.pdf")
    reader = Reader(tmp_path)
    command = reader.command(str(Path(sys.executable).with_name("sentlinks")), "send", "Offer.pdf")
    environ = {**client.environ, "ACCESSIBLE": "1", "LANG": "C.UTF-8"}
    with Terminal(command, environ, 120, 50, cwd=client.cwd) as terminal:
        for question, answer in QUESTIONS:
            reader.hear(terminal, question)
            # Each waits until what there is to choose was said, too.
            if answer in ("2", "3"):
                reader.hear(terminal, f"{question} Number, or Enter for 1:")
            terminal.type(f"{answer}\n")
        reader.hear(terminal, "Offer.pdf: http")
        terminal.wait()
    said = reader.said
    assert [said.count(question) for question, _ in QUESTIONS] == [1] * len(QUESTIONS)
    assert [said.index(question) for question, _ in QUESTIONS] == sorted(
        said.index(question) for question, _ in QUESTIONS
    )
    assert PASSWORD not in said
    assert client("links", "--json").documents[0]["url"] in said
