"""Whose press counts: a person's, or a program's that we take at its word; never one whose headers say otherwise (S3,
S24, decision 2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import events, names_of, path_of, press, seen

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
#: What a browser sends with a person's press on our page.
PERSON = {
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-User": "?1",
}
PASSWORD = "Blue-Heron-42"


@pytest.fixture(scope="module")
def document(server: ServerProcess) -> dict[str, Any]:
    return publish(server, b"content", "offer.pdf")


def which_counted(
    server: ServerProcess, document: dict[str, Any], presses: list[tuple[str, dict[str, str]]]
) -> list[bool]:
    """Which of the presses, each at a path (that of the document, if empty) and with headers, are counted; after the
    others, the page is shown again."""
    before = seen(server, document)["downloads"]
    found = []
    with server.guest() as guest:
        for path, headers in presses:
            answer = guest.post(path or path_of(document), headers=headers)
            assert answer.status_code in (200, 303), headers
            found.append(answer.status_code == 303)
            assert found[-1] or "Press the button to download" in answer.text, headers
    assert seen(server, document)["downloads"] - before == sum(found)
    return found


def counted(server: ServerProcess, document: dict[str, Any], path: str = "", **headers: str) -> bool:
    """Whether a press with these headers is counted."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return which_counted(server, document, [(path, named)]) == [True]


SCANNERS = (
    CHROME.replace("Chrome/", "HeadlessChrome/"),
    "Mozilla/5.0 (Unknown; Linux) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Viber/23.2.0",
    "facebookexternalhit/1.1;kakaotalk-scrap/1.0; +https://devtalk.kakao.com/",
    "Mozilla/5.0 (compatible; Google-Safety; +http://www.google.com/bot.html)",
    "facebookcatalog/1.0",
    "Mozilla/5.0 (compatible; SafeLinks)",
    "Mozilla/5.0 (compatible; Barracuda Sentinel)",
    "Mozilla/5.0 (Windows NT 10.0) Proofpoint URL Defense",
    "Mimecast Scanner",
    "Microsoft Office Existence Discovery",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "WhatsApp/2.23.20.0",
    "Mattermost-Bot/1.1",
    "TelegramBot (like TwitterBot)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15 Applebot/0.1",
)


def test_what_calls_itself_a_scanner_counts_nothing(server: ServerProcess) -> None:
    """Whatever else it sends: a person's headers are easily faked. Its views are recorded as scans too."""
    document = publish(server, b"content", "offer.pdf", downloads_permitted=1)
    guarded = publish(server, b"content", "guarded.pdf", downloads_permitted=1, password=PASSWORD)
    with server.guest() as guest:
        for number, agent in enumerate(SCANNERS):
            guest.headers.update({"User-Agent": agent, **PERSON})
            guest.get(path_of(document))
            assert "Press the button to download" in press(guest, document).text, agent
            assert press(guest, guarded, PASSWORD if number % 2 else "wrong").status_code == 200
        for name in PERSON:
            guest.headers.pop(name)
        guest.get(path_of(guarded))
        assert "Press the button to download" in press(guest, document).text
        assert press(guest, guarded, PASSWORD).status_code == 200
    for sent in (document, guarded):
        assert (seen(server, sent)["downloads"], seen(server, sent)["published"]) == (0, True)
        assert names_of(events(server, sent["id"])) == ["scanned"]


TAKEN_AT_THEIR_WORD = [
    CHROME,
    SAFARI,
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    # A phone brand
    CHROME.replace("X11; Linux x86_64", "Linux; Android 12; CUBOT NOTE 30"),
    CHROME.replace("X11; Linux x86_64", "Linux; Android 11; CUBOT"),
    # Messengers with a built-in browser
    CHROME + " KAKAOTALK/10.4.5 (INAPP)",
    SAFARI + " [FBAN/FBIOS;FBAV/450.0]",
    CHROME + " Mattermost/5.9.0 Electron/32.0",
    # Programs, taken at their word
    "curl/8.14.1",
    "Wget/1.25.0",
    "HTTPie/3.2.4",
    "aria2/1.37.0",
    "",
]


def test_others_are_taken_at_their_word(server: ServerProcess, document: dict[str, Any]) -> None:
    presses = [
        ("", {"User-Agent": agent, **(PERSON if "Chrome/" in agent or "Firefox/" in agent else {})})
        for agent in TAKEN_AT_THEIR_WORD
    ]
    assert which_counted(server, document, presses) == [True] * len(presses)


CHANGES: list[dict[str, str]] = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    *({"Sec-Fetch-Mode": mode} for mode in ("cors", "no-cors", "same-origin", "websocket", "")),
    *(
        {"Sec-Fetch-Dest": dest}
        for dest in ("empty", "iframe", "frame", "embed", "object", "image", "script", "")
    ),
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://elsewhere.example"},
]


@pytest.mark.parametrize(("agent", "others"), [(CHROME, PERSON), ("curl/8.14.1", {})], ids=["chrome", "curl"])
def test_one_header_is_enough(
    server: ServerProcess, document: dict[str, Any], agent: str, others: dict[str, str]
) -> None:
    """From a script, a prefetch, a frame or another site, though all else suggests a person, or a program that we take
    at its word."""
    presses = [("", {"User-Agent": agent, **others, **changed}) for changed in CHANGES]
    assert which_counted(server, document, presses) == [False] * len(presses)


PUBLIC = "https://links.example.com/sent"


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose links start with a different address from its own."""
    data = tmp_path_factory.mktemp("proxied") / "data"
    with ServerProcess(data, arguments=("--public-url", PUBLIC)) as server:
        yield server


@pytest.fixture(scope="module")
def far(proxied: ServerProcess) -> dict[str, Any]:
    """A document of that server."""
    return publish(proxied, b"content", "offer.pdf")


ORIGINS: list[tuple[str, dict[str, str], bool]] = [
    ("null", {}, True),
    ("https://links.example.com", {}, True),
    ("https://LINKS.example.com:443", {}, True),
    ("https://links.example.com.", {}, True),
    # Through a proxy that passes on the name it was called by
    ("https://old.example.com", {"Host": "old.example.com"}, True),
    ("https://old.example.com", {"Host": "old.example.com:443"}, True),
    ("https://old.example.com:8443", {"Host": "old.example.com:8443"}, True),
    ("http://old.example.com", {"Host": "old.example.com"}, True),
    ("http://[2001:db8::1]:81", {"Host": "[2001:db8::1]:81"}, True),
    ("https://old.example.com", {"X-Forwarded-Host": "old.example.com"}, True),
    ("https://old.example.com", {"X-Forwarded-Host": "old.example.com, inner.example"}, True),
    # Through one that passes on nothing: the browser says that it is the same site
    ("https://old.example.com", {"Sec-Fetch-Site": "same-origin"}, True),
    ("https://old.example.com", {**PERSON}, True),
    # Any other site's
    ("https://elsewhere.example", {}, False),
    ("https://elsewhere.example", {"Sec-Fetch-Site": "none"}, False),
    ("https://elsewhere.example", {"Host": "links.example.com", **PERSON}, False),
    ("https://links.example.com.elsewhere.example", {}, False),
    ("https://links.example.com:8443", {}, False),
    ("http://links.example.com", {}, False),
    ("https://links.example.com@elsewhere.example", {}, False),
    ("ftp://links.example.com", {}, False),
    ("chrome-extension://abcdefghijklmnop", {}, False),
    ("https://", {}, False),
    ("https://links.example.com:x", {}, False),
    ("https://[::1", {}, False),
    ("*", {}, False),
    ("x" * 10_000, {}, False),
]


class TestOrigin:
    """What counts as another site: anything but the public address and the name that the request was sent to."""

    def test_behind_a_proxy(self, proxied: ServerProcess, far: dict[str, Any]) -> None:
        path = path_of(far).removeprefix("/sent")
        presses = [
            (path, {"User-Agent": CHROME, "Origin": origin, **headers}) for origin, headers, _ in ORIGINS
        ]
        counts = which_counted(proxied, far, presses)
        for (origin, headers, expected), found in zip(ORIGINS, counts, strict=True):
            assert found is expected, (origin, headers)

    def test_its_own_address(self, server: ServerProcess, document: dict[str, Any]) -> None:
        assert counted(server, document, User_Agent=CHROME, Origin=server.url, **PERSON)
        assert not counted(server, document, User_Agent=CHROME, Origin=server.url + "1", **PERSON)
        assert not counted(server, document, User_Agent=CHROME, Origin="http://127.0.0.1:1")


def test_a_public_address_in_its_own_letters(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("letters") / "data"
    with ServerProcess(data, arguments=("--public-url", "https://bücher.example")) as server:
        document = publish(server, b"content", "offer.pdf")
        assert counted(server, document, Origin="https://xn--bcher-kva.example")
