"""The entry point of the command ``sentlinks`` and of ``python -m tui``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return the exit status."""
    from .cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
