"""The library from the command line: ``import``, ``checkout``, ``checkin``, ``release``, ``find``."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.misbehave import ALWAYS, CutAnswer, Misbehaving, Say
from tests.support.server import ServerProcess
from tests.support.terminal import Sentlinks
from tests.support.work import Worker, add_person
from tests.system.command import SCRIPT, Client, Done

JSON = "application/json"


@pytest.fixture
def tree(client: Client) -> Path:
    client.file("tree/Offer.docx", "offer")
    client.file("tree/Letters/First.txt", "first")
    client.file("tree/Letters/Old/Second.PDF", "second")
    client.file("tree/README", "read me")
    client.file("tree/empty.csv", b"")
    (client.cwd / "tree" / "Nothing").mkdir()
    return client.cwd / "tree"


def imported(client: Client, tree: Path, workspace: str, *more: str, status: int = 0) -> dict[str, Any]:
    done = client("import", tree, "--workspace", workspace, *more, "--json")
    assert done.status == status, done.err
    found: dict[str, Any] = done.json
    assert set(found) == {"workspace", "added", "versions", "unchanged", "failed"}
    assert set(found["workspace"]) == {"id", "name"}
    for failure in found["failed"]:
        assert set(failure) == {"path", "code", "message"}
        assert f"{failure['path']}: {failure['message']}" in done.err
    return found


def counts(found: dict[str, Any]) -> tuple[int, int, int, int]:
    return found["added"], found["versions"], found["unchanged"], len(found["failed"])


def listed(server: ServerProcess, container: str) -> dict[str, Any]:
    """The contents of a container, recursively: names with extensions, versions and bytes."""
    with Worker(server) as work:

        def walk(ident: str) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for item in work.items(f"folders/{ident}/children", limit=9999):
                if item["wstype"] == "document":
                    name = f"{item['name']}.{item['extension']}" if item["extension"] else item["name"]
                    found[name] = (item["version"], work.download(item["id"]).content)
                else:
                    found[item["name"]] = walk(item["id"])
            return found

        return walk(container)


# ---------------------------------------------------------------- import


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
    root = client.cwd / "linked"
    for name, target in (
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
        "into secret.txt": "link.outside", "nowhere.txt": "file.missing", "circle": "link.outside",
        "self": "link.folder", "inner": "link.folder", "pipe": "file.special",
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


@pytest.mark.parametrize("security", ["public", "view", "private"])
def test_security_of_a_new_workspace(
    server: ServerProcess, client: Client, tree: Path, security: str
) -> None:
    found = imported(client, tree, f"As {security}", "--security", security)
    with Worker(server) as work:
        assert work.data(f"workspaces/{found['workspace']['id']}")["default_security"] == security
    assert counts(imported(client, tree, f"As {security}", "--security", security)) == (0, 0, 5, 0)
    other = "private" if security == "public" else "public"
    done = client("import", tree, "--workspace", f"As {security}", "--security", other, "--json")
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
    assert done.out.endswith("5 added, 0 new versions, 0 unchanged, 0 failed\n")
    assert done.err == ""


def test_a_progress_bar_on_a_terminal_only(client: Client, tree: Path) -> None:
    for number in range(30):
        client.file(f"tree/many/{number}.txt", str(number))
    with Sentlinks(["import", str(tree), "--workspace", "Shown"], client.environ) as terminal:
        assert terminal.wait() == 0
        assert b"%" in terminal.written
        assert "35 added, 0 new versions, 0 unchanged, 0 failed" in terminal.text.replace("\n", "")
    assert "%" not in client("import", tree, "--workspace", "Shown").err


def test_many_files_in_little_memory(client: Client) -> None:
    """Memory does not grow with the number of files: ten times as many need hardly more."""

    def memory(count: int) -> float:
        folder = client.cwd / f"many{count}"
        for number in range(count):
            client.file(f"many{count}/{number % 10}/{number}.txt", str(number))
        code = (
            "import resource, sys; from tui.cli import main; status = main(sys.argv[1:]); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(status)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "import", str(folder), "--workspace", f"Many {count}", "--json"],
            cwd=client.cwd, env={**os.environ, **client.environ}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert f'"added": {count}' in done.stdout
        return int(done.stderr.split()[-1]) / 1024

    assert resource.RUSAGE_SELF is not None
    few, many = memory(60), memory(600)
    assert many < few + 15, f"{few:.0f} MB, then {many:.0f} MB"


# ---------------------------------------------------------------- servers that fail


@pytest.fixture
def spoiled(server: ServerProcess, client: Client) -> Any:
    with Misbehaving(server.url) as proxy:
        client.environ = {**client.environ, "SENTLINKS_SERVER": proxy.url}
        yield proxy


def test_an_upload_that_fails_is_named_and_mended_by_the_next_run(
    client: Client, spoiled: Misbehaving, tree: Path
) -> None:
    spoiled.spoil("POST", Say(500, b"<h1>oops</h1>"), "/documents", times=2)
    found = imported(client, tree, "Mended", status=1)
    assert (found["added"], len(found["failed"])) == (3, 2)
    assert counts(imported(client, tree, "Mended")) == (2, 0, 3, 0)


def test_an_answer_that_is_lost_makes_no_second_document(
    server: ServerProcess, client: Client, spoiled: Misbehaving, tree: Path
) -> None:
    spoiled.spoil("POST", CutAnswer(10), "/documents")
    found = imported(client, tree, "Lost", status=1)
    assert found["added"] == 4
    again = imported(client, tree, "Lost")
    assert counts(again) == (0, 0, 5, 0)
    assert len(listed(server, again["workspace"]["id"])) == 5


def test_a_server_that_asks_for_patience(client: Client, spoiled: Misbehaving, tree: Path) -> None:
    spoiled.spoil("POST", Say(429, b"", headers=(("Retry-After", "1"),)), "/documents", times=3)
    assert counts(imported(client, tree, "Patience")) == (5, 0, 0, 0)


def test_a_sign_in_that_ends_midway(client: Client, spoiled: Misbehaving, tree: Path) -> None:
    body = b'{"error": {"code": "NRC_TOKEN_INVALID", "message": "X-Auth-Token is invalid or missing"}}'
    spoiled.spoil("POST", Say(401, body, JSON), "/documents", skip=2, times=ALWAYS)
    done = client("import", tree, "--workspace", "Ended", "--json")
    assert done.status == 1
    assert done.json["added"] == 2
    assert done.json["failed"]
    assert "run it again" in done.err


@pytest.mark.parametrize("code", ["disk_full", "NRC_DISK_FULL", "NRC_QUOTA_KEPT"])
def test_a_server_that_is_full(client: Client, spoiled: Misbehaving, tree: Path, code: str) -> None:
    """When the server's disk or the user's quota is full, nothing more is tried."""
    body = b'{"error": {"code": "%s", "message": "There is no room."}}' % code.encode()
    spoiled.spoil("POST", Say(507, body, JSON), "/documents", times=ALWAYS)
    done = client("import", tree, "--workspace", f"Full {code}", "--json")
    assert (done.status, done.error) == (1, code)


def test_a_server_that_tells_no_digests(server: ServerProcess, client: Client, tree: Path) -> None:
    """Another server's list may lack checksums; the bytes are compared instead."""
    import json

    found = imported(client, tree, "Plain")
    with Worker(server) as work:
        whole = work.get(f"folders/{found['workspace']['id']}/children", total="true")
    for item in whole["data"]:
        item.pop("checksum", None)
        item.pop("iwl", None)
    client.file("tree/Offer.docx", "0ffer")
    with Misbehaving(server.url) as proxy:
        proxy.spoil(
            "GET", Say(200, json.dumps(whole).encode(), JSON), f"/{found['workspace']['id']}/children"
        )
        client.environ = {**client.environ, "SENTLINKS_SERVER": proxy.url}
        assert counts(imported(client, tree, "Plain")) == (0, 1, 4, 0)


def test_no_server(client: Client, tree: Path) -> None:
    client.environ = {**client.environ, "SENTLINKS_SERVER": "http://127.0.0.1:1"}
    for arguments in (["import", tree, "--workspace", "W"], ["find", "x"], ["checkout", "ACTIVE!1"]):
        assert client(*arguments, "--json").status == 6


# ---------------------------------------------------------------- check-out


@pytest.fixture
def paper(server: ServerProcess, client: Client) -> dict[str, Any]:
    with Worker(server) as work:
        return work.upload(work.workspace("Desk"), "Offer: final?", b"first", "docx")


@pytest.fixture
def run(client: Client) -> Callable[..., dict[str, Any]]:
    """Runs a command that must succeed, and returns its one document."""

    def command(*arguments: str | Path) -> dict[str, Any]:
        done = client(*arguments, "--json")
        assert done.status == 0, done.err
        assert list(done.json) == ["documents"]
        return dict(done.documents[0])

    return command


def test_out_and_in_again(
    server: ServerProcess, client: Client, paper: dict[str, Any], run: Callable[..., dict[str, Any]]
) -> None:
    out = run("checkout", paper["id"])
    path = client.cwd / "Offer_ final_.docx"
    assert (out["id"], out["is_checked_out"], out["in_use_by"]) == (paper["id"], True, "DJONES")
    assert out["path"] == str(Path("Offer_ final_.docx"))
    assert path.read_bytes() == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    with Worker(server) as work:
        assert work.data(f"documents/{paper['id']}")["checkout_path"] == str(path)
    path.write_text("second")
    back = run("checkin", paper["id"], path)
    assert (back["version"], back["name"], back["extension"]) == (2, "Offer: final?", "docx")
    assert back["is_checked_out"] is False
    with Worker(server) as work:
        assert work.download(back["id"]).content == b"second"
        assert work.data(f"documents/{paper['id']}")["is_checked_out"] is False
        assert "CHECKOUT" in work.history(paper["id"])
        assert work.history(paper["id"])[0] == "CHECKIN"


def test_a_check_out_writes_no_hidden_file(
    server: ServerProcess, client: Client, run: Callable[..., dict[str, Any]]
) -> None:
    with Worker(server) as work:
        hidden = work.upload(work.workspace("Desk"), ".bash_profile", b"alias ls=rm", "")
    assert run("checkout", hidden["id"])["path"] == "_bash_profile"
    assert os.listdir(client.cwd) == ["_bash_profile"]


def test_the_command_that_gives_it_back_can_be_pasted(client: Client, paper: dict[str, Any]) -> None:
    """The command names the document and the file, and works in a shell exactly as printed."""
    printed = client("checkout", paper["id"]).err
    command = printed.partition("To check it in: ")[2].strip()
    assert command == f"sentlinks checkin '{paper['id']}' 'Offer_ final_.docx'"
    environ = {
        **os.environ,
        **client.environ,
        "PATH": f"{Path(SCRIPT[0]).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        # An interactive bash expands an exclamation mark to earlier commands.
        ["bash", "--norc", "-i", "-c", f"set -H\n{command}"],
        cwd=client.cwd,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ACTIVE" in done.stdout


def test_a_number_alone_is_the_latest(
    server: ServerProcess, client: Client, paper: dict[str, Any], run: Callable[..., dict[str, Any]]
) -> None:
    number = paper["id"].rpartition(".")[0]
    with Worker(server) as work:
        second = work.new_version(paper["id"], "Second", b"2", "txt")
    assert run("checkout", number)["id"] == second["id"]
    assert (client.cwd / "Second.txt").read_bytes() == b"2"
    released = run("release", number)
    assert (released["id"], released["is_checked_out"]) == (second["id"], False)
    # An old version is checked out, with a warning.
    done = client("checkout", paper["id"], "--output", "old.docx", "--json")
    assert done.status == 0
    assert "not the latest version; version 2 is" in done.err
    assert (client.cwd / "old.docx").read_bytes() == b"first"
    client.file("new.pdf", "3")
    third = run("checkin", number, "new.pdf")
    assert (third["version"], third["extension"]) == (3, "pdf")


def test_it_is_never_written_over_a_file(
    server: ServerProcess, client: Client, paper: dict[str, Any], run: Callable[..., dict[str, Any]]
) -> None:
    client.file("Offer_ final_.docx", "mine")
    (client.cwd / "link.docx").symlink_to(client.cwd / "nowhere")
    (client.cwd / "folder").mkdir()
    for arguments in (
        [],
        ["--output", "Offer_ final_.docx"],
        ["--output", "link.docx"],
        ["--output", "no/such"],
    ):
        done = client("checkout", paper["id"], *arguments, "--json")
        assert done.status == 2, done.err
    assert (client.cwd / "Offer_ final_.docx").read_text() == "mine"
    with Worker(server) as work:
        assert work.data(f"documents/{paper['id']}")["is_checked_out"] is False
    assert run("checkout", paper["id"], "--output", "folder")["path"] == "folder/Offer_ final_.docx"
    assert (client.cwd / "folder" / "Offer_ final_.docx").read_bytes() == b"first"


def test_what_somebody_else_has(server: ServerProcess, client: Client, paper: dict[str, Any]) -> None:
    with Worker(server, add_person(server, "HOLDER")) as holder:
        holder.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
        client.file("x.docx")
        for arguments in (["checkout"], ["release"]):
            done = client(*arguments, paper["id"], "--json")
            assert (done.status, done.error) == (1, "NRC_CHECKED_OUT")
            assert "HOLDER" in done.err
        done = client("checkin", paper["id"], "x.docx", "--json")
        assert (done.status, done.error) == (1, "checkout.none")
        assert not (client.cwd / "Offer_ final_.docx").exists()
        assert holder.data(f"documents/{paper['id']}")["in_use_by"] == "HOLDER"


def test_giving_up_what_is_not_checked_out_succeeds(
    paper: dict[str, Any], run: Callable[..., dict[str, Any]]
) -> None:
    for _ in range(2):
        assert run("release", paper["id"])["is_checked_out"] is False


def test_a_document_that_cannot_be_fetched_is_not_checked_out(
    server: ServerProcess, client: Client, spoiled: Misbehaving, paper: dict[str, Any]
) -> None:
    for said in (Say(200, b"other", "application/octet-stream"), Say(500, b""), CutAnswer(100)):
        spoiled.spoil("GET", said, "/download", times=2)
        done = client("checkout", paper["id"], "--json")
        assert done.status == 1, done.err
        assert list(client.cwd.iterdir()) == []
        with Worker(server) as work:
            assert work.data(f"documents/{paper['id']}")["is_checked_out"] is False
        spoiled.behave()


@pytest.mark.parametrize("command", ["checkout", "release", "checkin"])
@pytest.mark.parametrize(
    "ident", ["ACTIVE!999999", "ACTIVE!999999.1", "NOWHERE!1.1", "x", "../../etc", "\x1b[31m"]
)
def test_documents_that_there_are_not(client: Client, command: str, ident: str) -> None:
    client.file("f.txt")
    done = client(command, ident, *(["f.txt"] if command == "checkin" else []), "--json")
    assert done.status == 5, done.err
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("command", ["checkout", "release", "checkin"])
def test_no_document_at_all(client: Client, command: str) -> None:
    client.file("f.txt")
    done = client(command, " ", *(["f.txt"] if command == "checkin" else []))
    assert (done.status, done.err) == (2, "sentlinks: The ID is empty; name a document like ACTIVE!453.\n")


def test_a_file_to_check_in_is_looked_at_first(client: Client, paper: dict[str, Any]) -> None:
    for name in ("missing.txt", "."):
        assert client("checkin", paper["id"], name, "--json").status == 2


def test_what_is_not_ones_own_to_change(server: ServerProcess, client: Client) -> None:
    with Worker(server, add_person(server, "KEEPER")) as keeper:
        space = keeper.workspace("Kept", default_security="view")
        shown = keeper.upload(space, "Shown")
        hidden = keeper.upload(space, "Hidden", default_security="private")
    assert client("checkout", shown["id"], "--json").status == 4
    assert client("checkout", hidden["id"], "--json").status == 5
    assert list(client.cwd.iterdir()) == []


def test_check_outs_in_words(client: Client, paper: dict[str, Any]) -> None:
    done = client("checkout", paper["id"])
    lines = done.out.splitlines()
    assert lines[0].split()[:4] == ["ID", "NAME", "AUTHOR", "EDITED"]
    assert paper["id"] in lines[1]
    assert "sentlinks checkin" in done.err


# ---------------------------------------------------------------- find


@pytest.fixture(scope="module")
def library(server: ServerProcess) -> list[dict[str, Any]]:
    with Worker(server) as work:
        space = work.workspace("Findable")
        return [
            work.upload(space, "Pangolin charter", b"1", "docx", **{"class": "CHARTER"}),
            work.upload(space, "Pangolin lease \x1b[31m", b"2", author="ZOOKEEPER"),
            work.upload(space, "Lease of pangolins", b"3", "pdf"),
        ]


def found(done: Done) -> list[str]:
    assert done.status == 0, done.err
    assert list(done.json) == ["documents"]
    return [document["id"] for document in done.documents]


def test_find_by_name_number_author_and_class(client: Client, library: list[dict[str, Any]]) -> None:
    one, two, three = (paper["id"] for paper in library)
    for text, expected in (
        ("pangolin", [three, two, one]),
        ("PANGO lea", [three, two]),
        ("charter", [one]),
        ("zookeep", [two]),
        ("angolin", []),
        (f"pangolin {library[0]['document_number']}", [one]),
        (one, [one]),
        (one.rpartition(".")[0], [one]),
    ):
        assert found(client("find", text, "--json")) == expected
    shown = client("find", "pangolin charter", "--json").documents[0]
    assert {key: shown[key] for key in ("name", "extension", "class", "document_number")} == {
        "name": "Pangolin charter",
        "extension": "docx",
        "class": "CHARTER",
        "document_number": library[0]["document_number"],
    }


def test_find_in_words(client: Client, library: list[dict[str, Any]]) -> None:
    done = client("find", "pangolin")
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "ID",
        *(p["id"] for p in reversed(library)),
    ]
    assert "\x1b" not in done.out
    assert done.err == ""
    assert client("find", "nothing-of-the-kind").err == "sentlinks: Nothing found.\n"
    for text in (" ", "%", "[/]"):
        assert client("find", text).status == 2
    long = client("find", "x" * 2000)
    assert (long.status, long.err) == (2, "sentlinks: The search is too long; use fewer words.\n")


def test_find_shows_no_more_than_it_is_told_to(client: Client, library: list[dict[str, Any]]) -> None:
    done = client("find", "pangolin", "--limit", "2", "--json")
    assert found(done) == [library[2]["id"], library[1]["id"]]
    assert "More than 2 found" in done.err
    assert client("find", "pangolin", "--limit", "3", "--json").err == ""
    assert client("find", "pangolin", "--limit", "0").status == 2


def test_find_finds_what_was_imported_and_what_was_sent(client: Client, tree: Path) -> None:
    client.file("tree/Quetzal.txt", "q")
    imported(client, tree, "Birds")
    assert len(found(client("find", "quetz", "--json"))) == 1
    client.file("Kestrel.pdf", "k")
    sent = client("send", "Kestrel.pdf", "--json").documents[0]
    assert found(client("find", "kestr", "--json")) == [sent["work_id"]]
