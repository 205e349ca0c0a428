"""``sentlinks completion``: the scripts by which shells complete command lines."""

from __future__ import annotations

import click

from .output import say

SHELLS = ("bash", "zsh", "fish")
#: What a shell sets when it asks for completions, as click names it after the command.
VARIABLE = "_SENTLINKS_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
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

    from .group import group

    kind = get_completion_class(shell)
    assert kind is not None
    completer = kind(group, {}, "sentlinks", VARIABLE)
    # Not by source(), which starts a bash to see how old it is.
    for line in (completer.source_template % completer.source_vars()).strip().splitlines():
        say(line)
