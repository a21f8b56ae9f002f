"""A real PostgreSQL of Debian's for one test process: started once, with a fresh database for each test."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

SETTINGS = {"fsync": "off", "listen_addresses": "", "max_connections": "100", "timezone": "UTC"}


def programs() -> Path:
    """The folder of the newest version that Debian has installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    assert found, "install the Debian package postgresql (make test does)"
    return found[-1]


class Server:
    """One that runs."""

    def __init__(self, folder: Path, account: str) -> None:
        self.folder, self.account = folder, account
        self._count = 0

    def url(self, database: str) -> sa.URL:
        """For SQLAlchemy."""
        return sa.URL.create(
            "postgresql+psycopg", username=self.account, database=database, query={"host": str(self.folder)}
        )

    def fresh(self, template: str = "template0") -> sa.URL:
        """A new database."""
        self._count += 1
        name = f"fresh_{self._count}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def run(self, line: str) -> None:
        """As its owner, outside any transaction."""
        with psycopg.connect(host=str(self.folder), user=self.account, dbname="postgres", autocommit=True) as db:
            db.execute(line)


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Started in a folder of its own; the path of a socket must be short."""
    folder = Path(tempfile.mkdtemp(prefix="scrubin-pg-", dir="/tmp"))
    account = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    if who:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    try:
        _call([*who, programs() / "initdb", "-D", data, "-U", account, "-A", "trust", "--no-sync", "-E", "UTF8"])
        start = f"{options} -c unix_socket_directories={folder}"
        _call([*who, programs() / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", start, "start"])
        yield Server(folder, account)
    finally:
        if (data / "postmaster.pid").exists():
            _call([*who, programs() / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"])
        shutil.rmtree(folder)


def _call(command: list[object]) -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env=environment, cwd="/", check=False
    )
    assert done.returncode == 0, done.stderr or done.stdout
