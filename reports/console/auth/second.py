"""The second factor: codes of six digits from an app (TOTP), none of which is taken twice."""

import io
import re
import secrets

import pyotp
import segno
import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store import tables

STEP_S = 30
ISSUER = "scrubin"
CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """For an authenticator app, in base32."""
    return pyotp.random_base32()


def address_of(secret: str, email: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def drawn(text: str) -> str:
    """A QR code as SVG that needs neither a style nor a second request: black on white in the dark as well."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, svgns=False, nl=False, omitsize=True
    )
    return out.getvalue().decode("ascii")


def step_of(secret: str, code: str, now: int) -> int | None:
    """The time step that a code belongs to: this one, or the one before or after it."""
    given = re.sub(r"\s", "", code[:20])
    if CODE.fullmatch(given) is None:
        return None
    here = now // STEP_S
    made = pyotp.TOTP(secret)
    found = [step for step in (here - 1, here, here + 1) if secrets.compare_digest(made.generate_otp(step), given)]
    return found[-1] if found else None


def sealed(console: Console, person_id: str, secret: str) -> bytes:
    """As it is kept."""
    return console.seal.close(secret.encode(), name=f"totp:{person_id}")


def take(console: Console, person_id: str, code: str) -> bool:
    """Whether the code is right and was not taken before; it is taken then. Raises SealError, StoreError."""
    people = tables.people.c
    with console.store.write() as db:
        row = db.execute(sa.select(people.totp_sealed).where(people.id == person_id)).first()
        if row is None or row.totp_sealed is None:
            return False
        secret = console.seal.open(row.totp_sealed, name=f"totp:{person_id}").decode()
        step = step_of(secret, code, console.now())
        if step is None:
            return False
        newer = tables.people.update().where(people.id == person_id, people.totp_step < step)
        return db.execute(newer.values(totp_step=step)).rowcount == 1
