"""Signed heads of the audit chains: what is signed, what their file says, and what is found missing later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tui.rules import heads
from tui.rules.errors import InvalidValue
from tui.rules.heads import ChainHead, Head, SignedHeads

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AT = "2026-11-27T09:00:00Z"
TWO = [Head("document:1", 12, "ab" * 32), Head("person:2", 1, "0f" * 32)]


def signed(*found: Head) -> SignedHeads:
    signature = KEY.sign(heads.signed_text(AT, found)).hex()
    return SignedHeads(AT, list(found), KEY.public_key().public_bytes_raw().hex(), signature)


def as_json(of: SignedHeads, **changed: object) -> str:
    found = [{"id": h.subject, "sequence": h.sequence, "digest": h.digest} for h in of.heads]
    whole = {"at": of.at, "heads": found, "fingerprint": of.fingerprint}
    return json.dumps({**whole, "public_key": of.public_key, "signature": of.signature, **changed})


def code(act: Callable[[], object]) -> str:
    with pytest.raises(InvalidValue) as caught:
        act()
    return caught.value.code


def test_a_digest_is_over_the_one_before_and_each_part_with_its_length() -> None:
    whole = b"".join(len(part).to_bytes(8, "big") + part for part in (b"before", b"a", b"bc"))
    assert heads.row_digest(b"before", [b"a", b"bc"]) == hashlib.sha256(whole).digest()
    assert heads.row_digest(b"", [b"a", b"bc"]) != heads.row_digest(b"", [b"ab", b"c"])


def test_a_fingerprint_is_as_ssh_writes_it() -> None:
    assert heads.fingerprint(b"\0" * 32) == "SHA256:Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU"


def test_what_was_signed_is_read_again_from_lines_and_from_json() -> None:
    kept = signed(*TWO)
    assert heads.read(heads.written(kept)) == kept
    assert heads.read(as_json(kept)) == kept
    assert heads.read("  \n" + as_json(kept)) == kept
    heads.check_signature(kept)


@pytest.mark.parametrize(
    "changed",
    [
        {"at": "2026-11-27T09:00:01Z"},
        {"heads": [TWO[1], TWO[0]]},
        {"heads": TWO[:1]},
        {"signature": "00" * 64},
        {"public_key": Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_change_breaks_the_signature(changed: dict[str, Any]) -> None:
    assert code(lambda: heads.check_signature(signed(*TWO)._replace(**changed))) == "heads.signature"


def test_a_file_with_the_fingerprint_of_another_key_was_changed() -> None:
    kept = signed(*TWO)
    other = heads.written(kept).replace("fingerprint SHA256:", "fingerprint SHA256:x")
    assert code(lambda: heads.read(other)) == "heads.signature"


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda text: "",
        lambda text: "{",
        lambda text: "[" * 100_000,
        lambda text: '{"a":' * 100_000,
        lambda text: text.replace("heads 1", "heads 2"),
        lambda text: text.replace("at 2026", "on 2026"),
        lambda text: text.replace("document:1 12", "document:1 0"),
        lambda text: text.replace("document:1 12", "document:1  12"),
        lambda text: text.replace("document:1", "d" * 65),
        lambda text: text.replace("document:1", "dökument:1"),
        lambda text: text.replace("ab" * 32, "AB" * 32),
        lambda text: text.replace("key ", "key 0", 1),
        lambda text: text.rstrip() + "0\n",
        lambda text: text.partition("signature")[0],
    ],
)
def test_what_is_no_such_file(spoiled: Callable[[str], str]) -> None:
    text = spoiled(heads.written(signed(*TWO)))
    assert code(lambda: heads.read(text)) == "heads.unreadable"


@pytest.mark.parametrize(
    "changed",
    [
        {"heads": None},
        {"heads": [1]},
        {"heads": [{"id": "document:1", "sequence": float("inf"), "digest": "ab" * 32}]},
        {"at": "now\nsignature x"},
    ],
)
def test_what_is_no_such_json(changed: dict[str, object]) -> None:
    assert code(lambda: heads.read(as_json(signed(*TWO), **changed))) == "heads.unreadable"


def test_a_file_names_each_chain_once_and_at_least_one() -> None:
    assert code(lambda: heads.read(heads.written(signed()))) == "heads.none"
    assert code(lambda: heads.read(heads.written(signed(TWO[0], TWO[1], TWO[0])))) == "heads.twice"


@pytest.mark.parametrize(
    ("now", "row"),
    [
        (ChainHead(12, "ab" * 32), None),
        (ChainHead(0, None), 1),
        (ChainHead(7, None), 8),
        (ChainHead(1, None), 2),
        (ChainHead(12, "aa" * 32), 12),
        (ChainHead(12, "ac" * 32), 12),
    ],
)
def test_the_first_row_that_is_not_as_it_was(now: ChainHead, row: int | None) -> None:
    found = heads.compare(TWO[0], now)
    assert (found and found[0]) == row
