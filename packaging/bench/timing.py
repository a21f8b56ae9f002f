"""Wall times of commands, taken turn about in one run so that a busy machine is unfair to none of them."""

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence

TIMEOUT_S = 600


def once(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> float:
    """Seconds that a command takes; what it says and how it ends do not matter here."""
    began = time.perf_counter()
    subprocess.run(
        argv, env={**os.environ, **(environ or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, check=False, timeout=TIMEOUT_S,
    )  # fmt: skip
    return time.perf_counter() - began


def medians(
    runs: Mapping[str, Sequence[Sequence[str]]], *, repeats: int, environ: Mapping[str, str] | None = None
) -> dict[str, float]:
    """Median seconds by name. A run is one command or several in a row; the order turns round each time."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for commands in runs.values():
        once(commands[0], environ)  # the first time reads files from the disk
    for turn in range(repeats):
        names = list(runs) if turn % 2 == 0 else list(reversed(runs))
        for name in names:
            taken[name].append(sum(once(argv, environ) for argv in runs[name]))
    return {name: statistics.median(times) for name, times in taken.items()}
