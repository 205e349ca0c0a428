"""``python -m tui.sample.make [FOLDER]``: write the sample files and the manifest (here by default)."""

from __future__ import annotations

import sys
from pathlib import Path

from tui.sample.make.build import write


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    sys.stdout.write(f"{write(target)} files in {target}\n")


if __name__ == "__main__":
    main()
