"""Sentences that were changed because nobody understood them at once, and that must not come back on a screen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import tui

ROOT = Path(tui.__file__).parent
#: What was said, as regular expressions; each with what is said now.
OLD = {
    r"Share the password another way": "Tell the password by phone or text",
    r"the recipient is asked for it": "recipients must enter it",
    r"^required; |; policy: ": "required: 12+ characters of 3 kinds",
    r"^at least \{|at least \d+ characters, ": "12+ characters",
    r"[Tt]he policy (requires|lets|permits)": "Your firm requires a password.",
    r"not a date; try": "can't be read as a date",
    r"downloads are out of range": "Allow 1 to 1,000,000 downloads.",
    r"Kept as your note|This is your note": "For your records only: anyone with the link can open it.",
    r"Stopped before (it|anything) was published|nothing is left on the server": "Not sent: you stopped it.",
    r"settings.* stay as they are\.$": "Resuming keeps its password, expiry and limit.",
    r"\{main\.unseen_links\}\}? resumes": "R shows it.",
    r"^Unfinished send$": "Resume send",
    r"You haven't seen the": "Your last send finished in the background.",
    r"none was set when the send began": "no password (can't be changed now)",
    r"it is lost: it can't be recovered": "You haven't shown or copied the password; it can't be shown again.",
    r"What you typed or changed here": "Your changes will be lost.",
    r"reset to 0\.$|same link, no upload": "“tab.pdf” is live again, 0 of 2 downloads.",
    r"^keep(: | \()|^kept; ": "unchanged (set)",
    r"\bslowed\b|^Slowed$": "wrong passwords",
    r"It is not published|None of (them|the selected documents) is published": "“Offer.pdf” is already off.",
    r"This folder is empty\. Choose documents": "Nothing sent yet.",
    r"Nothing here contains": "No name here contains “anna”",
    r"isn't available here": "“Members” is for a Sent folder.",
    r"Copied to tmux's buffer|Also kept for 24 hours": "Copied to tmux (prefix ] pastes). Backup until …",
    r"^Local links:": "These links work on this machine only.",
    r"^Details and history$|^Activity of the document$": "Details; Activity; All activity",
    r"Where you are signed in": "Sessions; Manage sessions",
    r"People who can sign in": "Manage users",
    r"^Yes: nothing is sent without one": "If on, every link needs one.",
    r"^Time for a download$|^Refused passwords$": "Download window; Forbidden passwords",
    r"^(Write changes only|Live folders|Smooth scrolling)$": "Redraw only changes; Update folders live; Animations",
    r"You can change the keys of commands there": "Saved in config.toml; key bindings go under [keys].",
    r"1 new versions|\} new versions": "1 new version, 2 unchanged",
    r"needs a terminal; in a script": "No terminal. For scripts see: sentlinks send --help",
    r"It wasn't asked, or didn't reply": "Terminal not identified.",
    r"^Not shown: ": "5 columns hidden; --json or a wider terminal shows them.",
    r"List sends that are under way": "List unfinished sends.",
    r"^In Work$": "Copy kept as ACTIVE!82",
    r"%Y-%m-%d %H:%M": "Wed 25 Nov 2026, 13:05",
}
#: What isn't read by people on a screen: a record in Work's history, and names of folders that must sort by date.
EXACT = {"sending/job/work_history.py", "rules/folder.py"}


def _said(tree: ast.Module) -> Iterator[str]:
    """The texts of a module, those of f-strings with ``{`` for their values; not its docstrings, but those of commands,
    which are their help."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and not (isinstance(node, ast.FunctionDef) and _is_command(node))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield ast.unparse(node)[2:-1]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            # Also the parts of an f-string: a sentence may begin or end with one.
            yield node.value


def _is_command(node: ast.FunctionDef) -> bool:
    return any(
        "command(" in ast.unparse(each) or "group(" in ast.unparse(each) for each in node.decorator_list
    )


def test_no_old_sentence_comes_back() -> None:
    found = []
    any_of_them = re.compile("|".join(f"(?:{old})" for old in OLD))
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for text in filter(any_of_them.search, _said(ast.parse(path.read_text()))):
            found += [
                f"{name}: {text!r}; say {new!r}"
                for old, new in OLD.items()
                if re.search(old, text) and not (name in EXACT and old.startswith("%Y"))
            ]
    for path in sorted(ROOT.rglob("guides/*.md")):
        for line in path.read_text().splitlines():
            found += [
                f"{path.name}: {line!r}; say {new!r}" for old, new in OLD.items() if re.search(old, line)
            ]
    assert not found, "\n".join(found)


def test_the_old_sentences_would_be_found() -> None:
    """As constants, in f-strings, and in the help of a command."""
    source = '''
"""It is not published."""
SAID = "It is not published."
def tell(at): return f"of {at:%Y-%m-%d %H:%M}: {at} new versions"
@click.command("people")
def people(): "People who can sign in."
'''
    said = list(_said(ast.parse(source)))
    for old in (r"It is not published", "%Y-%m-%d %H:%M", r"\} new versions", "People who can sign in"):
        assert sum(bool(re.search(old, text)) for text in said) >= 1, old
    assert said.count("It is not published.") == 1
