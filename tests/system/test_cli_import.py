"""``sentlinks import``: what becomes of a folder tree, what is refused, and what is printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tests.support.users.work import Worker, add_person
from tests.system.command import Client
from tests.system.importing import counts, imported, listed


def test_a_tree_becomes_a_workspace(server: ServerProcess, client: Client, tree: Path) -> None:
    found = imported(client, tree, "Halyard – Ω")
    assert found["workspace"]["name"] == "Halyard – Ω"
    assert counts(found) == (5, 0, 0, 0)
    assert listed(server, found["workspace"]["id"]) == {
        "Offer.docx": (1, b"offer"),
        "Letters": {"First.txt": (1, b"first"), "Old": {"Second.pdf": (1, b"second")}},
        "README": (1, b"read me"),
        "empty.csv": (1, b""),
        "Nothing": {},
    }
    with Worker(server) as work:
        paper = work.items("documents", name="offer", container_id=found["workspace"]["id"])[0]
        assert (paper["author"], paper["type"], paper["default_security"]) == ("DJONES", "WORDX", "public")
        assert work.data(f"workspaces/{found['workspace']['id']}")["default_security"] == "public"


def test_run_again_what_has_changed_becomes_a_version(
    server: ServerProcess, client: Client, tree: Path
) -> None:
    """Changes are found by content, not by date; unchanged files are skipped, documents of deleted files are kept."""
    first = imported(client, tree, "Again")
    os.utime(tree / "Offer.docx", (1, 1))
    client.file("tree/Letters/First.txt", "FIRST")
    client.file("tree/Letters/New.txt", "new")
    client.file("tree/Fresh/x.txt", "x")
    (tree / "README").unlink()
    second = imported(client, tree, "Again")
    assert second["workspace"] == first["workspace"]
    assert counts(second) == (2, 1, 3, 0)
    assert listed(server, first["workspace"]["id"]) == {
        "Offer.docx": (1, b"offer"),
        "Letters": {
            "First.txt": (2, b"FIRST"), "New.txt": (1, b"new"), "Old": {"Second.pdf": (1, b"second")},
        },
        "Fresh": {"x.txt": (1, b"x")},
        "README": (1, b"read me"),
        "empty.csv": (1, b""),
        "Nothing": {},
    }  # fmt: skip
    # Same date and size, other content.
    times = os.stat(tree / "Offer.docx").st_mtime_ns
    client.file("tree/Offer.docx", "0ffer")
    os.utime(tree / "Offer.docx", ns=(times, times))
    assert counts(imported(client, tree, "Again")) == (0, 1, 5, 0)
    assert counts(imported(client, tree, "Again")) == (0, 0, 6, 0)


def test_names_are_taken_as_they_are(server: ServerProcess, client: Client) -> None:
    names = [
        "a:b*c?.txt", 'quote".txt', "back\\slash.txt", "esc\x1b[31m.txt", "rtl\u202e.txt", ".hidden", "x.tar.gz",
        "秘密.docx", "dots...", "Same.txt", "same.txt", "no.extensionatalltolong", "%41.txt", "-dash.txt",
        "emoji 👩‍💼.txt",
    ]  # fmt: skip
    for number, name in enumerate(names):
        client.file(f"odd/{name}", str(number))
    (client.cwd / "odd" / "Ordner – ?" / "inner <b>").mkdir(parents=True)
    client.file("odd/Ordner – ?/inner <b>/x.txt", "x")
    found = imported(client, client.cwd / "odd", "Odd names")
    assert counts(found) == (len(names) + 1, 0, 0, 0)
    there = listed(server, found["workspace"]["id"])
    assert there.pop("Ordner – ?") == {"inner <b>": {"x.txt": (1, b"x")}}
    assert there == {name: (1, str(number).encode()) for number, name in enumerate(names)}
    assert counts(imported(client, client.cwd / "odd", "Odd names")) == (0, 0, len(names) + 1, 0)


@more
def test_names_that_are_one_in_work_keep_apart(server: ServerProcess, client: Client) -> None:
    """``A.TXT`` and ``A.txt`` are both *A* with the extension *txt*: they are matched by content."""
    client.file("twins/A.TXT", "upper")
    client.file("twins/A.txt", "lower")
    tree = client.cwd / "twins"
    assert counts(imported(client, tree, "Twins")) == (2, 0, 0, 0)
    assert counts(imported(client, tree, "Twins")) == (0, 0, 2, 0)
    client.file("twins/A.TXT", "changed")
    assert counts(imported(client, tree, "Twins")) == (0, 1, 1, 0)
    found = imported(client, tree, "Twins")
    assert counts(found) == (0, 0, 2, 0)
    with Worker(server) as work:
        papers = work.items(f"folders/{found['workspace']['id']}/children")
        assert sorted(work.download(paper["id"]).content for paper in papers) == [b"changed", b"lower"]


def test_links_out_of_the_tree_are_refused(server: ServerProcess, client: Client, tmp_path: Path) -> None:
    """S10: nothing outside the tree gets into the library, whichever way a symbolic link leads there."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("secret")
    client.file("linked/real/a.txt", "a")
    client.file("linked next door/key.txt", "its folder's name begins like that of the tree")
    root = client.cwd / "linked"
    for name, target in (
        ("next door.txt", client.cwd / "linked next door" / "key.txt"),
        ("to file.txt", secret / "key.txt"),
        ("to folder", secret),
        ("relative.txt", "../../secret/key.txt"),
        ("by parent.txt", root / "real" / ".." / ".." / ".." / "secret" / "key.txt"),
        ("to etc", "/etc"),
        ("nowhere.txt", "gone"),
        ("circle", "circle"),
        ("self", "."),
        ("up", ".."),
        ("inside.txt", "real/a.txt"),
        ("chain.txt", "inside.txt"),
        ("into secret.txt", "to folder/key.txt"),
        ("inner", "real"),
    ):
        (root / name).symlink_to(target)
    os.mkfifo(root / "pipe")
    found = imported(client, root, "Linked", status=1)
    codes = {failure["path"]: failure["code"] for failure in found["failed"]}
    assert codes == {
        "to file.txt": "link.outside", "to folder": "link.outside", "relative.txt": "link.outside",
        "by parent.txt": "link.outside", "to etc": "link.outside", "up": "link.outside",
        "into secret.txt": "link.outside", "next door.txt": "link.outside", "nowhere.txt": "file.missing",
        "circle": "link.outside", "self": "link.folder", "inner": "link.folder", "pipe": "file.special",
    }  # fmt: skip
    there = listed(server, found["workspace"]["id"])
    assert there == {"real": {"a.txt": (1, b"a")}, "inside.txt": (1, b"a"), "chain.txt": (1, b"a")}
    assert "secret" not in str(there)


def test_the_folder_itself_may_be_a_link(server: ServerProcess, client: Client, tree: Path) -> None:
    (client.cwd / "alias").symlink_to(tree)
    assert counts(imported(client, client.cwd / "alias", "By a link")) == (5, 0, 0, 0)


def test_what_cannot_be_read_is_named_and_the_rest_is_done(client: Client, tree: Path) -> None:
    raw = os.fsencode(tree) + b"/bad\xff.txt"
    Path(os.fsdecode(raw)).write_text("x")
    (tree / "   ").write_text("blank")
    found = imported(client, tree, "Unreadable", status=1)
    assert {(f["path"], f["code"]) for f in found["failed"]} == {
        ("bad\ufffd.txt", "name.unreadable"),
        ("   ", "name.blank"),
    }
    assert found["added"] == 5


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_permission(client: Client, tree: Path) -> None:
    (tree / "README").chmod(0)
    (tree / "Letters").chmod(0)
    found = imported(client, tree, "Closed", status=1)
    (tree / "Letters").chmod(0o700)
    assert {f["code"] for f in found["failed"]} == {"file.unreadable", "folder.unreadable"}


@few(1)
@pytest.mark.parametrize("security", ["view", "private"])
def test_security_of_a_new_workspace(
    server: ServerProcess, client: Client, tree: Path, security: str
) -> None:
    found = imported(client, tree, f"As {security}", "--security", security)
    with Worker(server) as work:
        assert work.data(f"workspaces/{found['workspace']['id']}")["default_security"] == security
    assert counts(imported(client, tree, f"As {security}", "--security", security)) == (0, 0, 5, 0)
    done = client("import", tree, "--workspace", f"As {security}", "--security", "public", "--json")
    assert (done.status, done.error) == (2, "workspace.security")


def test_a_workspace_that_is_somebody_elses(server: ServerProcess, client: Client, tree: Path) -> None:
    token = add_person(server, "OWNER")
    with Worker(server, token) as owner:
        owner.workspace("Theirs to show", default_security="view")
        owner.workspace("Theirs to hide", default_security="private")
        shared = owner.workspace("Theirs to use")
    done = client("import", tree, "--workspace", "Theirs to show", "--json")
    assert (done.status, done.error) == (4, "workspace.read_only")
    assert imported(client, tree, "Theirs to use")["workspace"]["id"] == shared
    # A hidden workspace does not exist for others, so importing creates one of their own.
    assert counts(imported(client, tree, "Theirs to hide")) == (5, 0, 0, 0)


@few(2)
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["missing", "--workspace", "W"], 2),
        (["a.txt", "--workspace", "W"], 2),
        (["folder", "--workspace", " "], 2),
        (["folder"], 2),
        (["folder", "--workspace", "W", "--security", "inherit"], 2),
        (["--workspace", "W"], 2),
    ],
)
def test_command_lines_that_are_wrong(client: Client, arguments: list[str], status: int) -> None:
    client.file("a.txt")
    (client.cwd / "folder").mkdir()
    done = client("import", *arguments, "--json")
    assert done.status == status
    assert done.error


def test_an_import_without_json_says_what_it_did(client: Client, tree: Path) -> None:
    done = client("import", tree, "--workspace", "In words")
    assert done.out.endswith("5 added\n")
    assert done.err == ""


@more
def test_a_progress_bar_on_a_terminal_only(client: Client, tree: Path) -> None:
    for number in range(30):
        client.file(f"tree/many/{number}.txt", str(number))
    with Sentlinks(["import", str(tree), "--workspace", "Shown"], client.environ) as terminal:
        assert terminal.wait() == 0
        assert b"%" in terminal.written
        assert "35 added" in terminal.text.replace("\n", "")
    assert "%" not in client("import", tree, "--workspace", "Shown").err


@more
def test_many_files_in_little_memory(client: Client) -> None:
    """Memory does not grow with the number of files: six times as many need hardly more."""

    def memory(count: int) -> float:
        folder = client.cwd / f"many{count}"
        for number in range(count):
            client.file(f"many{count}/{number % 10}/{number}.txt", str(number))
        # Not what ``resource`` tells: that begins with the memory of the process that starts it.
        code = (
            "import sys; from tui.cli import main; status = main(sys.argv[1:]); "
            "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr); sys.exit(status)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "import", str(folder), "--workspace", f"Many {count}", "--json"],
            cwd=client.cwd, env={**os.environ, **client.environ}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert f'"added": {count}' in done.stdout
        return int(done.stderr.split()[-1]) / 1024

    few, many = memory(20), memory(120)
    assert many < few + 0.75, f"{few:.1f} MB, then {many:.1f} MB"
