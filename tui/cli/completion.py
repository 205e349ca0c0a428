"""``sentlinks completion``: the completion scripts for shells."""

from __future__ import annotations

import click

from .base.exit_status import COMPLETE
from .base.options import Choice
from .base.output import say

SHELLS = ("bash", "zsh", "fish")
#: What is put into click's scripts, so that no space follows a word that ends with an equals sign. fish adds none.
_NO_SPACE = {
    "bash": {
        "    return 0\n": "    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n\n    return 0\n",
    },
    "zsh": {
        "        compadd -U -V unsorted -a completions\n": (
            "        if [[ $completions[1] == *= ]]; then\n"
            "            compadd -U -S '' -V unsorted -a completions\n"
            "        else\n"
            "            compadd -U -V unsorted -a completions\n"
            "        fi\n"
        ),
    },
}


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
    completer = kind(group, {}, "sentlinks", COMPLETE)
    # Not source(), which starts bash to check its version.
    script = completer.source_template % completer.source_vars()
    for before, after in _NO_SPACE.get(shell, {}).items():
        script = script.replace(before, after)
    for line in script.strip().splitlines():
        say(line)
