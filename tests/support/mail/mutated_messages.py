"""Messages that are damaged in ways that programs and people damage them, and in others."""

from __future__ import annotations

import random

from tests.support.mail.messages import BROKEN, SAMPLES

#: What is inserted, or takes the place of something.
_SCRAPS = (
    *(b"charset=hex", b"charset=rot13", b"charset=idna", b"charset=punycode", b"charset=unicode_escape"),
    *(b"charset=undefined", b"charset=utf-16", b"charset=iso-2022-jp", b"charset*=x'y", b"charset=\xff\0"),
    *(b"; filename*=utf-8''%ZZ", b"; filename*=x", b"; filename*0=a; filename*2=b", b"; filename**=", b'; filename="'),
    *(b"(" * 5000, b")" * 50, b'"', b"\\", b"=?hex?q?a?=", b"=?utf-8?b?!!?=", b"=?", b"<" * 500),
    *(b"a:" * 5000, b",;:" * 50),
    *(b"\n", b"\r\n", b"\r", b"\n\n", b"\n--xx\n", b"\n--xx--\n", b"--", b"\0", b"\x80\xff", b"\x1b$B", b"=\n", b"=ZZ"),
    *(b"<!--", b"<script>", b"</body>", b"<![CDATA[", b'<a x="', b"begin 644 x\n#0V%T\n`\nend\n", b"X-Sentlinks: a\n"),
    *(b"Content-Type: multipart/mixed\n", b"Content-Type: ;;;\n", b"Content-Transfer-Encoding: x\n", b"To: \xc3\n"),
    *(b"Content-Type: text/html; charset=utf-7\n", b"Content-Disposition: attachment\n", b"To: a@b, (\n"),
)  # fmt: skip


def mutated(seed: int, most: int = 6) -> bytes:
    """A message with up to so many changes; the same for the same ``seed``."""
    chance = random.Random(seed)
    raw = chance.choice([*(sample.raw for sample in SAMPLES.values()), *BROKEN.values()])
    for _ in range(chance.randint(1, most)):
        start = chance.randrange(len(raw) + 1)
        if chance.random() < 0.6:
            # Rather in a header than in the bytes of an attachment.
            places = [at for at in range(len(raw)) if raw[at : at + 1] in b":;=\n"]
            start = chance.choice(places) + 1 if places else start
        end = min(len(raw), start + chance.choice([0, 0, 0, 1, 2, 10, 60]))
        scrap = chance.choice([b"", chance.choice(_SCRAPS), bytes([chance.randrange(256)])])
        raw = raw[:start] + scrap + raw[end:]
    return raw
