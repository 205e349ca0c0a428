"""What the help of commands has in addition to click's: groups of commands, and examples."""

from __future__ import annotations

import click

#: The commands in the order of the help, the common ones first.
GROUPS = {
    "Send": ("send", "resend", "links", "unpublish", "delete", "mail", "sends", "inspect", "smart-attach"),
    "Look": ("audit", "watch", "get", "trash", "folders", "favorites", "unlock"),
    "Documents of Work": ("find", "import", "checkout", "checkin", "release"),
    "You": ("login", "logout", "whoami", "sessions", "doctor", "template", "completion", "help"),
    "The server": ("demo", "serve", "server", "admin", "policy", "user"),
}

#: An example for each command, by its words.
EXAMPLES = {
    "send": (
        "sentlinks send offer.pdf --expires 7d --downloads 2",
        "sentlinks send ACTIVE:453 --to anna@example.com --drafts",
    ),
    "resend": ("sentlinks resend 3f9a2c --expires 2w --no-password",),
    "links": ("sentlinks links --all", "sentlinks links --to anna --not-collected"),
    "unpublish": ("sentlinks unpublish 3f9a2c",),
    "delete": ("sentlinks delete 3f9a2c 81d0aa",),
    "mail": ("sentlinks mail 3f9a2c --to anna@example.com --drafts",),
    "sends": ("sentlinks sends --json",),
    "inspect": ("sentlinks inspect offer.docx", "sentlinks inspect *.pdf --fail-on comments,covered_text"),
    "smart-attach": ("sentlinks smart-attach message.eml --over 5MB --expires 7d > new.eml",),
    "audit": ("sentlinks audit 3f9a2c", "sentlinks audit --verify"),
    "watch": ("sentlinks watch --json >> events.jsonl", "sentlinks watch --until delivered 3f9a2c --timeout 2d"),
    "audit accept": ("sentlinks audit accept --data /srv/sentlinks",),
    "get": ("sentlinks get 3f9a2c --output copy.pdf",),
    "trash list": ("sentlinks trash list",),
    "trash restore": ("sentlinks trash restore 3f9a2c",),
    "trash empty": ("sentlinks trash empty --yes",),
    "folders list": ("sentlinks folders list",),
    "folders delete": ("sentlinks folders delete 3f9a2c",),
    "folders members": ("sentlinks folders members 3f9a2c --add MKELLER",),
    "favorites list": ("sentlinks favorites list",),
    "favorites add": ("sentlinks favorites add 3f9a2c",),
    "favorites rename": ("sentlinks favorites rename 3f9a2c 'Board papers'",),
    "favorites remove": ("sentlinks favorites remove 3f9a2c",),
    "unlock": ("sentlinks unlock 3f9a2c",),
    "find": ("sentlinks find warranty",),
    "import": ("sentlinks import matter/ --workspace 'Halyard - Share Sale'",),
    "checkout": ("sentlinks checkout ACTIVE:453",),
    "checkin": ("sentlinks checkin ACTIVE:453.1 letter.docx",),
    "release": ("sentlinks release ACTIVE:453",),
    "login": ("sentlinks login anna --server https://links.example.com",),
    "logout": ("sentlinks logout",),
    "whoami": ("sentlinks whoami",),
    "sessions list": ("sentlinks sessions list",),
    "sessions revoke": ("sentlinks sessions revoke --others",),
    "doctor": ("sentlinks doctor --copy-test",),
    "template check": ("sentlinks template check letter.txt",),
    "completion": ('eval "$(sentlinks completion bash)"',),
    "help": ("sentlinks help sending", "sentlinks help clipboard tmux"),
    "demo": ("sentlinks demo",),
    "serve": ("sentlinks serve --data /srv/sentlinks --public-url https://links.example.com",),
    "server status": ("sentlinks server status",),
    "server stop": ("sentlinks server stop",),
    "admin rotate-key": ("sentlinks admin rotate-key --data /srv/sentlinks",),
    "admin move-store": ("sentlinks admin move-store folder s3://documents/sentlinks",),
    "admin seal": ("sentlinks admin seal --begin --data /srv/sentlinks",),
    "admin check": ("sentlinks admin check --data /srv/sentlinks --for 1h",),
    "policy show": ("sentlinks policy show",),
    "policy set": ("sentlinks policy set password_required=true expires_max=30d",),
    "user add": ("sentlinks user add anna --password-stdin < password.txt",),
    "user list": ("sentlinks user list",),
    "user set": ("sentlinks user set anna --full-name 'Anna Keller'",),
    "user passwd": ("sentlinks user passwd anna --password-stdin < passwords.txt",),
    "user remove": ("sentlinks user remove anna --yes",),
}  # fmt: skip


def add_examples(command: click.Command, path: str) -> None:
    """End the help of a command, and of those below it, with its examples."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            add_examples(each, f"{path} {name}")
    examples = EXAMPLES.get(path, ())
    if examples:
        lines = ["Examples:" if len(examples) > 1 else "Example:", *(f"  {line}" for line in examples)]
        command.epilog = "\b\n" + "\n".join(lines)
