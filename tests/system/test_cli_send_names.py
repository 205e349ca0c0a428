"""The names under which ``sentlinks send`` sends files: their own, made harmless, or those that are typed."""

from __future__ import annotations

import os

import pytest

from tests.support.checks.long import few
from tests.system.command import Client
from tests.system.links import count

# ---------------------------------------------------------------- names of files


def test_the_same_file_twice_gets_a_number(client: Client) -> None:
    client.file("a.txt", "a")
    done = client("send", "a.txt", "a.txt", "--json")
    assert [d["name"] for d in done.documents] == ["a.txt", "a (2).txt"]
    assert "“a.txt” is sent as “a (2).txt”: it is given twice, and gets another link." in done.err
    client.file("sub/a.txt", "another")
    done = client("send", "a.txt", "sub/a.txt", client.cwd / "a.txt", "--json")
    assert "“a.txt” is sent as “a (2).txt”: another document is called so." in done.err
    assert "“a.txt” is sent as “a (3).txt”: it is given twice, and gets another link." in done.err


def test_a_path_may_be_absolute_or_in_a_folder_or_begin_with_a_dash(client: Client) -> None:
    absolute = client.file("a.txt", "a")
    client.file("-b.txt", "b")
    client.file("sub/c.txt", "c")
    done = client("send", "--json", "--", absolute, "-b.txt", "sub/c.txt")
    assert [d["name"] for d in done.documents] == ["a.txt", "-b.txt", "c.txt"]
    assert [d["source"] for d in done.documents] == ["file:a.txt", "file:-b.txt", "file:c.txt"]


def test_a_hostile_name_is_made_harmless(client: Client) -> None:
    """A file name that breaks the naming rules is treated like one from Work; nothing controls the terminal."""
    client.file("evil\x1b[31m\nname?.txt", "x")
    done = client("send", "evil\x1b[31m\nname?.txt", "--json")
    assert done.documents[0]["name"] == "evil_[31m_name_.txt"
    assert "\x1b" not in done.out + done.err
    client.file("=cmd|calc<1>.csv", "x")
    done = client(
        "send", "=cmd|calc<1>.csv", "--name", "evil\x1b[31m\nname?.txt=Offer", "evil\x1b[31m\nname?.txt"
    )
    assert done.status == 0
    why = "“=cmd|calc<1>.csv” is sent as “=cmd_calc_1_.csv”: link names can't have | < >."
    assert done.err.count("is sent as") == 1, "who types a name knows it"
    assert why in done.err
    table = client("links")
    assert "\x1b" not in table.out
    missing = client("send", "no\x1b[31m.txt")
    assert missing.status == 2
    assert "\x1b" not in missing.err


def test_a_name_of_bytes_that_are_no_text(client: Client) -> None:
    path = os.path.join(os.fsencode(client.cwd), b"caf\xe9.txt")
    with open(path, "wb") as file:
        file.write(b"x")
    done = client("send", os.fsdecode(path), "--json")
    assert done.status == 0, done.err
    assert done.documents[0]["name"] == "caf_.txt"


# ---------------------------------------------------------------- names that are typed


@few(3)
@pytest.mark.parametrize(
    ("items", "typed", "expected"),
    [
        (["a.txt", "b.txt"], ["b.txt=Offer"], ["a.txt", "Offer.txt"]),
        (["a.txt", "b.txt"], ["a.txt=b.txt", "b.txt=a.txt"], ["b.txt", "a.txt"]),
        (["a.txt", "a.txt"], ["a.txt=one", "a.txt=two"], ["one.txt", "two.txt"]),
        (["a.txt", "a.txt"], ["a.txt=one"], ["one.txt", "a.txt"]),
        (["sub/a.txt", "a.txt"], ["sub/a.txt=one"], ["one.txt", "a.txt"]),
        (["a", "a=b"], ["a=b=x"], ["a", "x"]),
        (["a", "a=b"], ["a=x=y"], ["x=y", "a=b"]),
        (["a.txt"], ["a.txt=Übersicht 2026.txt"], ["Übersicht 2026.txt"]),
    ],
)
def test_names_typed(client: Client, items: list[str], typed: list[str], expected: list[str]) -> None:
    """A name goes to the longest item that matches; the n-th name for an item goes to its n-th mention."""
    for name in items:
        client.file(name, name)
    names = [part for value in typed for part in ("--name", value)]
    done = client("send", *items, *names, "--json")
    assert done.status == 0, done.err
    assert [d["name"] for d in done.documents] == expected


@few(3)
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("a.txt=x/y", "the character /"),
        ("a.txt=x:y", "the character :"),
        ("a.txt=", "empty"),
        ("a.txt=...", "needs a letter or a digit"),
        ("a.txt=b.txt", "twice"),
        ("a.txt=B.TXT", "twice"),
        ("a.txt=" + "x" * 300, "bytes long"),
        ("c.txt=x", "matches no item"),
        ("a.txt", "matches no item"),
    ],
)
def test_names_refused(client: Client, typed: str, words: str) -> None:
    client.file("a.txt")
    client.file("b.txt")
    before = count(client)
    done = client("send", "a.txt", "b.txt", "--name", typed, "--json")
    assert done.status == 2
    assert done.error.startswith("name.")
    assert words in done.err
    assert count(client) == before


def test_more_names_than_mentions(client: Client) -> None:
    client.file("a.txt")
    done = client("send", "a.txt", "--name", "a.txt=x", "--name", "a.txt=y", "--json")
    assert (done.status, done.error) == (2, "name.too_many")
