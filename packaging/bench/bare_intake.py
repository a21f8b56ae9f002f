"""What the console's intake is measured beside: one Starlette endpoint that parses a report and inserts it, no more.

Usage: bare_intake.py PORT DATABASE_URL. Each insert is one durable transaction, as whoever answers "taken" owes.
"""

import sys
import time

import msgspec
import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reports.console.store.engine import Store, parse_url

METADATA = sa.MetaData()
TAKEN = sa.Table(
    "taken",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)


def application(store: Store) -> Starlette:
    """The endpoint."""
    METADATA.create_all(store.engine)

    def put(report_id: str, body: bytes) -> None:
        with store.write() as db:
            db.execute(TAKEN.insert().values(id=report_id, received_at=int(time.time()), body=body))

    async def take(request: Request) -> Response:
        body = await request.body()
        await run_in_threadpool(put, msgspec.json.decode(body)["id"], body)
        return JSONResponse({"status": "taken"}, status_code=202)

    return Starlette(routes=[Route("/v1/reports", take, methods=["POST"])])


if __name__ == "__main__":
    app = application(Store(parse_url(sys.argv[2])))
    uvicorn.run(app, port=int(sys.argv[1]), http="httptools", ws="none", log_level="warning", access_log=False)
