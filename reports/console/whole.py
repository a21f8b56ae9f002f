"""The whole application: every page, the API, and what devices speak to."""

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette

from reports.console.api import routes as api
from reports.console.app import application
from reports.console.console import Console
from reports.console.intake.routes import device_routes
from reports.console.intake.writer import Writer
from reports.console.model import Endpoint
from reports.console.pages import (
    alerts,
    audit,
    channels,
    codes,
    device,
    devices,
    erase,
    findings,
    groups,
    health,
    lost,
    me,
    overview,
    people,
    policy,
    settings,
    sign_in,
    tokens,
    waivers,
)

PARTS = (
    sign_in, me, people, tokens, overview, devices, device, findings, lost, policy, waivers, codes, audit, settings,
    groups, alerts, channels, health, erase, api,
)  # fmt: skip
"""In the order in which addresses are tried."""


def endpoints() -> tuple[Endpoint, ...]:
    """Of all parts."""
    return tuple(endpoint for part in PARTS for endpoint in part.ENDPOINTS)


def whole(console: Console) -> Starlette:
    """Serve it within its lifespan: the writer runs then."""
    writer = Writer(console)

    @contextlib.asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        with writer:
            yield

    return application(console, endpoints(), device_routes(console, writer), lifespan=running)
