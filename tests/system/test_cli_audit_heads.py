"""Which files are taken for signed audit heads, and which are refused, whoever has written them (S33)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.checks.long import few
from tests.system.command import Client
from tests.system.kept_heads import against, keep
from tui.rules import heads
from tui.rules.heads import SignedHeads


@few(3)
@pytest.mark.parametrize("change", ["digest", "sequence", "id", "at", "public_key"])
def test_heads_that_somebody_has_changed(client: Client, tmp_path: Path, change: str) -> None:
    file = keep(client, tmp_path, "--json")
    kept = json.loads(file.read_text())
    head = kept["heads"][0]
    head["digest"] = "0" * 64 if change == "digest" else head["digest"]
    head["sequence"] += change == "sequence"
    head["id"] = "elsewhere" if change == "id" else head["id"]
    kept["at"] += "0" if change == "at" else ""
    kept["public_key"] = "1" * 64 if change == "public_key" else kept["public_key"]
    file.write_text(json.dumps(kept))
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.json["error"]["code"]) == (2, "heads.signature")


@few(2)
@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "nothing", "sentlinks audit heads 1\nat x\n", "\xff", "{" * 9999]
)
def test_what_are_no_heads(client: Client, tmp_path: Path, text: str) -> None:
    file = tmp_path / "heads"
    file.write_text(text)
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.error) == (2, "heads.unreadable")


def test_what_heads_are_not_compared_with(client: Client, tmp_path: Path) -> None:
    file = keep(client, tmp_path)
    assert client("audit", "--verify", "--against", str(tmp_path / "missing")).status == 2
    for wrong in (["--against", str(file)], ["x", "--verify", "--against", str(file)], ["heads", "--verify"]):
        assert client("audit", *wrong).status == 2


def signed_by_another(signed: SignedHeads) -> SignedHeads:
    """The same heads, validly signed with another key."""
    key = Ed25519PrivateKey.generate()
    return signed._replace(
        public_key=key.public_key().public_bytes_raw().hex(),
        signature=key.sign(heads.signed_text(signed.at, signed.heads)).hex(),
    )


@pytest.mark.parametrize("form", ["lines", "json"])
def test_heads_that_another_key_has_signed(client: Client, tmp_path: Path, form: str) -> None:
    """Someone who replaces the saved file cannot sign the replacement as the server does."""
    file = keep(client, tmp_path)
    own = heads.read(file.read_text())
    other = signed_by_another(own)
    lie = heads.written(other).replace(other.fingerprint, own.fingerprint)
    if form == "json":
        rows = [{"id": h.subject, "sequence": h.sequence, "digest": h.digest} for h in other.heads]
        lie = json.dumps({"heads": rows, "at": other.at, "public_key": other.public_key,
                          "fingerprint": own.fingerprint, "signature": other.signature})  # fmt: skip
    file.write_text(lie)
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.json.get("error", {}).get("code")) == (2, "heads.signature")
    file.write_text(heads.written(other))
    assert against(client, file) == (
        1,
        [{"id": "key", "sequence": 0, "why": "signed with a different key than this server's"}],
    )
    errors = client("audit", "--verify", "--against", str(file)).err
    assert f"signed with a different key than this server's: {other.fingerprint}" in errors
    assert "continue from these heads" not in errors


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_heads_as_they_come(client: Client, tmp_path: Path, options: tuple[str, ...]) -> None:
    """Heads are read from standard input too, and from a file with a byte order mark and empty lines at the end."""
    text = keep(client, tmp_path, *options).read_text()
    file = tmp_path / "edited"
    file.write_text(f"\ufeff{text}\n\n")
    assert against(client, file) == (0, [])
    done = client("audit", "--verify", "--against", "-", given=text)
    assert (done.status, "All 2 chains" in done.err) == (0, True)


def test_a_file_that_is_too_large(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    with file.open("wb") as large:
        large.truncate((64 << 20) + 1)
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.error) == (2, "heads.unreadable")
    assert "64 MB" in done.err


@pytest.mark.parametrize(("times", "code"), [(0, "heads.none"), (2, "heads.twice")])
def test_files_with_no_heads_or_the_same_twice(client: Client, tmp_path: Path, times: int, code: str) -> None:
    file = keep(client, tmp_path)
    signed = heads.read(file.read_text())
    some = signed._replace(heads=list(signed.heads) * times)
    file.write_text(heads.written(signed_by_another(some)))
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert (done.status, done.error) == (2, code)
