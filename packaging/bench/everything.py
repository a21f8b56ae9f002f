"""All measures in one table. Usage: everything.py [IDLE_SECONDS]; the idle daemon's own target speaks of 600."""

import json
import subprocess
import sys
from pathlib import Path

import audit
import copies
import fleet
import house
import page
import phone
import phone_photos
import photos
import startup
from idle_daemon import TARGET_CPU_S_IN_TEN_MINUTES, TARGET_RSS_MB
from table import Row, show

HERE = Path(__file__).parent
IDLE_S = 60


def main(idle_s: int) -> int:
    """Measure and print. Returns 1 where a target is missed."""
    pictures = [*photos.rows(), *phone_photos.rows(), *copies.rows()]
    rows = [*startup.rows(), *audit.rows(), *phone.rows(), *pictures, *_idle(idle_s), *page.rows(), *fleet.rows()]
    rows += house.rows()
    show(rows)
    return int(any(row.kept is False for row in rows))


def _idle(seconds: int) -> list[Row]:
    command = [sys.executable, str(HERE / "idle_daemon.py"), "--seconds", str(seconds), "--json"]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    if not said:
        return [Row(measure="idle daemon", seen="did not stay up", kept=False)]
    seen = json.loads(said)
    memory, cpu_s = seen["rss_mb"], seen["cpu_s_in_ten_minutes"]
    over = f"over {seconds} s"
    return [
        Row(
            measure=f"idle daemon, memory, {over}",
            seen=f"{memory:.1f} MB",
            target=f"at most {TARGET_RSS_MB:g} MB",
            kept=memory <= TARGET_RSS_MB,
        ),
        Row(
            measure=f"idle daemon, CPU in ten minutes, {over}",
            seen=f"{cpu_s:.2f} s",
            target=f"at most {TARGET_CPU_S_IN_TEN_MINUTES:g} s",
            kept=cpu_s <= TARGET_CPU_S_IN_TEN_MINUTES,
        ),
    ]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else IDLE_S))
