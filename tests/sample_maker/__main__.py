"""``python -m tests.sample_maker [FOLDER]``: write the sample files and the manifest (into the program by default)."""

from __future__ import annotations

import sys
from pathlib import Path

import tui.sample
from tests.sample_maker.build import write


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tui.sample.__file__).parent
    sys.stdout.write(f"{write(target)} files in {target}\n")


if __name__ == "__main__":
    main()
