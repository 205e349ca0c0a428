"""Changes to the configuration file: comments, other keys and their order stay as they are."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from ..files.private_files import write_private
from ..rules.errors import Failed
from ..rules.text import printable
from .private import private_folder

#: What a line begins with that may be the title of a table.
_TITLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
#: Names that TOML takes without quotation marks.
_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: Whoever reads the file to change it must not miss the change of another thread.
_ONE_AT_A_TIME = Lock()


def edit(
    file: Path, change: Callable[[str], str], wanted: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> None:
    """Change the text of the file, which may not exist yet, so that it has the keys that are ``wanted``, made from
    those that it has. If it is a link, as programs that keep configurations elsewhere make one, the file that it leads
    to is written. Raises :class:`Failed`."""
    with _ONE_AT_A_TIME:
        _edit(file, change, wanted)


def _edit(
    file: Path, change: Callable[[str], str], wanted: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> None:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        text = ""
    except NotADirectoryError:
        # The folder can't be made either, which says why.
        text = ""
    except OSError as error:
        raise _unchanged(file, os.strerror(error.errno or 0)) from error
    except UnicodeDecodeError as error:
        raise _unchanged(file, "it isn't text in UTF-8; correct it by hand") from error
    new = change(text)
    try:
        right = tomllib.loads(new) == wanted(tomllib.loads(text))
    except (ValueError, RecursionError):
        right = False
    if not right:
        raise _unchanged(file, "it is written in a way that this program can't edit; change it by hand")
    private_folder(file.parent)
    try:
        write_private(Path(os.path.realpath(file)), new.encode())
    except OSError as error:
        raise _unchanged(file, os.strerror(error.errno or 0)) from error


def store_preset(file: Path, name: str, values: Mapping[str, str | int | bool]) -> None:
    """Write a preset; of one that is there, other settings than ``values`` stay. Raises :class:`Failed`."""

    def wanted(found: dict[str, Any]) -> Mapping[str, Any]:
        presets = found.get("presets", {})
        if not isinstance(presets, dict) or not isinstance(presets.get(name, {}), dict):
            raise ValueError
        return {**found, "presets": {**presets, name: {**presets.get(name, {}), **values}}}

    edit(file, lambda text: _with_table(text, ("presets", name), values), wanted)


def with_key(text: str, key: str, value: str | bool) -> str:
    """Return a configuration with another value of one of its keys."""
    title = _TITLE.search(text)
    head, tail = (text[: title.start()], text[title.start() :]) if title else (text, "")
    if (changed := _with_value(head, key, value)) is not None:
        return changed + tail
    head = head if not head.strip() or head.endswith("\n") else head + "\n"
    # One blank line is kept before the first table.
    has_blank_line = head.endswith("\n\n")
    return (
        (head[:-1] if tail and has_blank_line else head)
        + _assignment(key, value)
        + "\n"
        + ("\n" if tail else "")
        + tail
    )


def _with_table(text: str, path: tuple[str, str], values: Mapping[str, str | int | bool]) -> str:
    """The configuration with other values in the table of that path, at its end if there is none yet."""
    titles = [found.start() for found in _TITLE.finditer(text)]
    begin = next((at for at in titles if _path_of(text, at) == path), None)
    if begin is None:
        before = text if not text.strip() or text.endswith("\n") else text + "\n"
        title = ".".join(each if _BARE.fullmatch(each) else _as_toml(each) for each in path)
        lines = [f"[{title}]", *(_assignment(key, value) for key, value in values.items())]
        return before + ("\n" if before.strip() else "") + "\n".join(lines) + "\n"
    end = next((at for at in titles if at > begin), len(text))
    table = text[begin:end]
    for key, value in values.items():
        changed = _with_value(table, key, value)
        table = changed if changed is not None else _with_line(table, _assignment(key, value))
    return text[:begin] + table + text[end:]


def _path_of(text: str, at: int) -> tuple[str, ...]:
    """The path of the table whose title begins there; empty if that is none."""
    end = text.find("\n", at)
    try:
        found: Any = tomllib.loads(text[at : end if end >= 0 else len(text)])
    except (ValueError, RecursionError):
        return ()
    path: list[str] = []
    while isinstance(found, dict) and found:
        ((name, found),) = found.items()
        path.append(name)
    return tuple(path)


def _with_value(text: str, key: str, value: str | int | bool) -> str | None:
    """The text with another value of a key, and what follows it on its line; ``None`` if it doesn't have the key."""
    assignment = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=[^\n#]*?(?=[ \t]*(?:#|$))", re.MULTILINE)
    if not assignment.search(text):
        return None
    return assignment.sub(lambda _: _assignment(key, value), text, count=1)


def _with_line(table: str, line: str) -> str:
    """The table with one more line, before what may be a comment on the next one."""
    lines = table.splitlines()
    last = max(at for at, each in enumerate(lines) if each.strip() and not each.lstrip().startswith("#"))
    return "\n".join([*lines[: last + 1], line, *lines[last + 1 :], ""])


def _assignment(key: str, value: str | int | bool) -> str:
    return f"{key} = {_as_toml(value)}"


def _as_toml(value: str | int | bool) -> str:
    return json.dumps(value, ensure_ascii=False)


def _unchanged(file: Path, why: str) -> Failed:
    return Failed("config.unwritable", f"The configuration {printable(str(file))} was not changed: {why}.")
