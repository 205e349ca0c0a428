"""Presets that are written into the configuration: everything else in it stays as it is."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config.edited_file import store_preset
from tui.config.preferences import store
from tui.rules.errors import Failed
from tui.rules.presets import Preset, read_presets

VALUES: dict[str, str | int | bool] = {"password": True, "expires": "7d", "downloads": 5, "notify": False}


def stored(tmp_path: Path, before: str, name: str = "client") -> str:
    file = tmp_path / "config.toml"
    file.write_text(before)
    store_preset(file, name, VALUES)
    assert tomllib.loads(file.read_text())["presets"][name].items() >= VALUES.items()
    return file.read_text()


def test_a_preset_is_added_at_the_end(tmp_path: Path) -> None:
    written = '[presets.client]\npassword = true\nexpires = "7d"\ndownloads = 5\nnotify = false\n'
    assert stored(tmp_path, "") == written
    before = '# mine\ntheme = "dark" # at night\n\n[keys]\n"folder.unpublish" = "x"'
    assert stored(tmp_path, before) == f"{before}\n\n{written}"
    assert '[presets."B\u00fcro 3"]' in stored(tmp_path, before, "B\u00fcro 3")


def test_one_that_is_there_gets_the_new_values_and_keeps_its_comments(tmp_path: Path) -> None:
    before = """[presets.court]
expires = "1d"

# for Anna
[presets . "client"] # hers
expires = "2d"  # short
to = [
    "anna@x.example",
]
# the end

[hooks]
expires = ["x"]
"""
    assert (
        stored(tmp_path, before)
        == """[presets.court]
expires = "1d"

# for Anna
[presets . "client"] # hers
expires = "7d"  # short
to = [
    "anna@x.example",
]
password = true
downloads = 5
notify = false
# the end

[hooks]
expires = ["x"]
"""
    )


@pytest.mark.parametrize(
    "before",
    [
        'presets = { client = { expires = "1d" } }\n',
        '[presets]\nclient = { expires = "1d" }\n',
        'presets = "client: expires=1d"\n',
        '[presets]\nclient = "7d"\n',
        "[presets.client]\nexpires = '''\n7d'''\n",
        "no TOML",
    ],
)
def test_what_cannot_be_edited_is_refused_and_stays(tmp_path: Path, before: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(before)
    with pytest.raises(Failed, match="was not changed"):
        store_preset(file, "client", VALUES)
    assert file.read_text() == before


def test_it_is_written_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "config.toml").symlink_to(tmp_path / "kept" / "config.toml")
    store(tmp_path / "config.toml", "theme", "light")
    store_preset(tmp_path / "config.toml", "client", VALUES)
    assert (tmp_path / "config.toml").is_symlink()
    assert tomllib.loads((tmp_path / "kept" / "config.toml").read_text())["theme"] == "light"


@given(
    st.fixed_dictionaries(
        {
            "password": st.sampled_from(["make", "none"]),
            "expires": st.sampled_from(["7d", "next friday", "none", "31.12.2030"]),
            "downloads": st.sampled_from(["5", "1,000", "none"]),
            "notify": st.sampled_from(["on", "off"]),
        }
    )
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]
) -> None:
    preset, file = Preset("R&D v1.2", texts), tmp_path_factory.mktemp("home") / "config.toml"
    store_preset(file, preset.name, preset.values)
    (found,) = read_presets(tomllib.loads(file.read_text())["presets"], datetime.now(UTC))
    assert found == preset
