"""``sentlinks completion``: the completion scripts for shells."""

from __future__ import annotations

import click

from .base.options import Choice
from .base.output import say

SHELLS = ("bash", "zsh", "fish")
#: The variable that a shell sets to ask for completions; click derives its name from the command's.
VARIABLE = "_SENTLINKS_COMPLETE"


@click.command("completion")
@click.argument("shell", type=Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash, in ~/.bashrc:
      eval "$(sentlinks completion bash)"
    zsh, in ~/.zshrc, after compinit:
      eval "$(sentlinks completion zsh)"
    fish, once:
      sentlinks completion fish > ~/.config/fish/completions/sentlinks.fish
    """
    from click.shell_completion import get_completion_class

    from .base.group import group

    kind = get_completion_class(shell)
    assert kind is not None
    completer = kind(group, {}, "sentlinks", VARIABLE)
    # Not source(), which starts bash to check its version.
    for line in (completer.source_template % completer.source_vars()).strip().splitlines():
        say(line)
