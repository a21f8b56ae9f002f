"""The clinician's page in a process of its own: start, first byte, a whole check of the laptop, memory.

Usage: page.py [REPEATS]. Beside the first byte stands what `scrubin status` takes to read the same facts, beside the
whole check what `scrubin check` takes.
"""

import contextlib
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from idle_daemon import rss_mb
from table import Row, show
from timing import once

SCRUBIN = str(Path(sys.executable).with_name("scrubin"))
REPEATS = 21
FIRST_BYTE_S = 1.0
WHOLE_S = 10.0
PATIENCE_S = 120.0
AGAIN_S = 0.05


@dataclass(kw_only=True)
class Window:
    """A browser without eyes: one session."""

    host: str
    cookie: str = ""

    def ask(self, path: str, *, method: str = "GET") -> tuple[float, str]:
        """Seconds to the first byte, and the answer."""
        port = int(self.host.rpartition(":")[2])
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        sent = {"Host": self.host, "Cookie": self.cookie, "Sec-Fetch-Site": "same-origin"}
        if method == "POST":
            sent |= {"Origin": f"http://{self.host}", "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(link):
            began = time.perf_counter()
            link.request(method, path, headers=sent, body="" if method == "POST" else None)
            answer = link.getresponse()
            first_s = time.perf_counter() - began
            if found := answer.getheader("set-cookie"):
                self.cookie = found.partition(";")[0]
            return first_s, answer.read().decode()

    def until_rest(self) -> None:
        """Until no check runs."""
        deadline = time.monotonic() + PATIENCE_S
        while 'id="stop"' in self.ask("/now")[1]:
            if time.monotonic() > deadline:
                raise SystemExit("the check did not end")
            time.sleep(AGAIN_S)


@contextlib.contextmanager
def running(environ: dict[str, str]) -> Iterator[tuple[int, Window, float]]:
    """The page's process, a window that followed its link, and the seconds until the link was there."""
    began = time.perf_counter()
    with subprocess.Popen(
        [SCRUBIN, "page", "--no-browser"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        try:
            assert child.stdout is not None
            link = urlsplit(child.stdout.readline().strip())
            started_s = time.perf_counter() - began
            window = Window(host=link.netloc)
            window.ask(link.path)
            yield child.pid, window, started_s
        finally:
            child.terminate()


def rows(repeats: int = REPEATS) -> list[Row]:
    """The measures."""
    with tempfile.TemporaryDirectory(prefix="scrubin-bench-") as home:
        environ = _places(Path(home))
        terminal_s = once([SCRUBIN, "check"], environ)  # leaves the facts that the page shows at once
        status_s = statistics.median(once([SCRUBIN, "status"], environ) for _ in range(5))
        with running(environ) as (pid, window, started_s):
            first_s = window.ask("/")[0]  # with facts of another process, while a check begins
            window.until_rest()
            seen_s = statistics.median(window.ask("/")[0] for _ in range(repeats))
            whole_s = _clicked(window)
            memory = rss_mb(pid)
    return [
        Row(measure="page, start to link", seen=f"{started_s:.2f} s"),
        _kept("page, first byte with facts of before", first_s, f"scrubin status {status_s:.2f} s", FIRST_BYTE_S),
        _kept("page, first byte after its own check", seen_s, "", FIRST_BYTE_S),
        _kept("page, click to renewed laptop", whole_s, f"scrubin check {terminal_s:.2f} s", WHOLE_S),
        Row(measure="page, memory after a check", seen=f"{memory:.0f} MB"),
    ]


def _clicked(window: Window) -> float:
    began = time.perf_counter()
    window.ask("/check", method="POST")
    window.until_rest()
    return time.perf_counter() - began


def _kept(measure: str, seen_s: float, beside: str, limit_s: float) -> Row:
    target = f"under {limit_s:g} s"
    return Row(measure=measure, seen=f"{seen_s * 1000:.0f} ms", beside=beside, target=target, kept=seen_s < limit_s)


def _places(home: Path) -> dict[str, str]:
    for name in ("Pictures", "run"):
        (home / name).mkdir(mode=0o700)
    own = {"HOME": home, "XDG_RUNTIME_DIR": home / "run", "XDG_STATE_HOME": home / "state",
           "XDG_CONFIG_HOME": home / "config", "SCRUBIN_SYSTEM_CONFIG": home / "etc"}  # fmt: skip
    return {**os.environ, **{name: str(path) for name, path in own.items()}}


if __name__ == "__main__":
    show(rows(*(int(word) for word in sys.argv[1:])))
