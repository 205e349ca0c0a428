"""EML messages: header lines, an empty line, the body. ``Html: yes`` adds the body as HTML too."""

from __future__ import annotations

import html
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage

OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "pdf": "application/pdf",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "csv": "text/csv",
}


def make(text: str, slug: str, attachments: Sequence[tuple[str, bytes]]) -> bytes:
    head, _, body = text.partition("\n\n")
    headers = [line.split(": ", 1) for line in head.splitlines()]
    message = EmailMessage(policy=policy.SMTP)
    with_html = False
    for name, value in headers:
        if name == "Html":
            with_html = True
        else:
            message[name] = value
    message["Message-ID"] = f"<{slug}@mail.harlow-finch.example>"
    message.set_content(body + "\n", cte="quoted-printable")
    if with_html:
        paragraphs = "\n".join(
            f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in body.split("\n\n")
        )
        message.add_alternative(paragraphs + "\n", subtype="html", cte="quoted-printable")
    for name, data in attachments:
        main, _, sub = TYPES[name.rpartition(".")[2]].partition("/")
        charset = {"charset": "utf-8"} if main == "text" else None
        message.add_attachment(data, maintype=main, subtype=sub, filename=name, params=charset)
    # The library's own boundaries are random.
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_part_{number}_{slug}")
    return message.as_bytes()
