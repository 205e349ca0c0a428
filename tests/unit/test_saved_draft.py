"""The file of a draft (M2): it is private (S22), whole or not there, and never over another file."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from tests.support.mail.drafts import END, OFFER
from tui.mail.draft import compose
from tui.mail.message import save, to_eml
from tui.rules.errors import Failed, InvalidValue
from tui.rules.text import printable

LONG = pytest.param("x" * 300, id="long")


def test_a_saved_draft_is_private(tmp_path: Path) -> None:
    """S22, M2."""
    draft = compose([OFFER], "DJONES")
    earlier = os.umask(0)
    try:
        path = save(draft, tmp_path / "Offer.eml", at=END)
    finally:
        os.umask(earlier)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == to_eml(draft, at=END)
    assert list(tmp_path.iterdir()) == [path]


def test_never_over_a_file_that_is_there(tmp_path: Path) -> None:
    draft = compose([OFFER], "DJONES")
    path = tmp_path / "Offer.eml"
    path.write_text("precious")
    with pytest.raises(InvalidValue) as caught:
        save(draft, path)
    assert caught.value.code == "mail.exists"
    assert path.read_text() == "precious"
    save(draft, path, overwrite=True)
    assert b"\r\nX-Unsent: 1\r\n" in path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("overwrite", [True, False])
def test_no_link_is_followed(tmp_path: Path, overwrite: bool) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name, target in (("to file", victim), ("dangling", tmp_path / "nothing")):
        path = tmp_path / name
        path.symlink_to(target)
        if overwrite:
            save(compose([OFFER], "DJONES"), path, overwrite=True)
            assert not path.is_symlink()
        else:
            with pytest.raises(InvalidValue):
                save(compose([OFFER], "DJONES"), path)
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("place", ["missing/Offer.eml", ".", "a file/Offer.eml", LONG, "nul\x00"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_a_place_that_cannot_be(tmp_path: Path, place: str, overwrite: bool) -> None:
    """A missing path, a folder or an impossible name: exit status 2, and nothing left behind."""
    (tmp_path / "a file").write_text("")
    with pytest.raises(InvalidValue) as caught:
        save(compose([OFFER], "DJONES"), tmp_path / place, overwrite=overwrite)
    assert caught.value.code == "mail.path"
    assert printable(caught.value.message) == caught.value.message
    assert [p.name for p in tmp_path.iterdir()] == ["a file"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_draft_that_cannot_be_written_whole_is_not_there(tmp_path: Path, overwrite: bool) -> None:
    """As with a full disk: exit status 1, nothing left behind, and an existing file is kept."""
    path = tmp_path / "Offer.eml"
    if overwrite:
        path.write_text("earlier")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        with pytest.raises(Failed) as caught:
            save(compose([OFFER], "DJONES"), path, overwrite=overwrite)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.exit_status == 1
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("Offer.eml", "earlier")] * overwrite
