"""`GET /healthz`, for whatever watches over the console's machine."""

from reports.console.console import as_json
from reports.console.health import Watch
from reports.console.model import Access, Ask, Endpoint, Reply

WATCH = Watch()


def show(ask: Ask) -> Reply:
    """200 while all is well, 503 otherwise."""
    seen = WATCH.look(ask.console)
    parts = {"database": seen.database, "jobs": seen.jobs, "alert_path": seen.alert_path}
    words = {name: "ok" if well else "failing" for name, well in parts.items()}
    return as_json({"status": "ok" if seen.ok else "failing", **words}, status=200 if seen.ok else 503)


ENDPOINTS = (Endpoint(method="GET", path="/healthz", name="healthz", access=Access.ANYBODY, run=show),)
