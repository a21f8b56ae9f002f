"""`scrubin --version` beside the least that any Python command with arguments costs. Usage: startup.py [REPEATS]."""

import sys
from pathlib import Path

from table import Row, ratio_row, show
from timing import medians

BIN = Path(sys.executable).parent


def rows(repeats: int = 31) -> list[Row]:
    """The measure, as a ratio."""
    least = [sys.executable, "-c", "import argparse; argparse.ArgumentParser().parse_args()"]
    taken = medians({"ours": [[str(BIN / "scrubin"), "--version"]], "least": [least]}, repeats=repeats)
    return [
        ratio_row("scrubin --version", taken["ours"], beside="python and argparse", beside_s=taken["least"], limit=1.5)
    ]


if __name__ == "__main__":
    show(rows(*(int(word) for word in sys.argv[1:])))
