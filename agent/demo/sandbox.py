"""Starts the programs that virtual phones are made of, none of which can touch the person's files or phones."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import psutil

from agent.collect.host import CollectError, find_tool

PACKAGES: Mapping[str, str] = {"adb": "adb", "bwrap": "bubblewrap", "mksh": "mksh", "toybox": "toybox"}
"""Each program that is needed, with Debian's package for it."""
SHELL = "/system/bin/sh"
APPLETS = (
    "base64", "basename", "cat", "chmod", "chown", "cmp", "comm", "cp", "cut", "date", "df", "dirname", "du", "echo",
    "egrep", "env", "expand", "fgrep", "file", "find", "free", "grep", "groups", "gunzip", "head", "hostname",
    "id", "kill", "killall", "ln", "ls", "md5sum", "mkdir", "mkfifo", "mktemp", "mount", "mv", "nice", "nl", "nohup",
    "od", "paste", "patch", "pgrep", "pidof", "pkill", "printenv", "printf", "pwd", "readlink", "realpath", "renice",
    "rm", "rmdir", "sed", "seq", "setsid", "sha1sum", "sha256sum", "sleep", "sort", "split", "stat", "strings", "sync",
    "tac", "tail", "tar", "tee", "time", "timeout", "touch", "true", "truncate", "uname", "uniq", "unix2dos",
    "uptime", "usleep", "wc", "which", "whoami", "xargs", "xxd", "yes", "zcat",
)  # fmt: skip
"""Programs which phones have and Debian's toybox knows."""
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/product/bin:/system/bin:/system/xbin:/odm/bin:/vendor/bin", "HOME": "/", "USER": "shell",
    "LOGNAME": "shell", "SHELL": SHELL, "ANDROID_ROOT": "/system", "ANDROID_DATA": "/data", "TMPDIR": "/data/local/tmp",
    "EXTERNAL_STORAGE": "/sdcard", "HOSTNAME": "phone",
}  # fmt: skip
OWN = ("/storage", "/android/pictures")
"""What a phone whose storage can be written changes in its system."""
FOLDERS = ("system/bin", "system/xbin", "data/local/tmp", "storage/emulated", "proc", "dev", "android", "etc")
ACCOUNTS: Mapping[str, str] = {
    "passwd": "root:x:0:0::/:/system/bin/sh\nshell:x:2000:2000::/:/system/bin/sh\n",
    "group": "root:x:0:\nshell:x:2000:\n",
}
"""Where the programs look account names up; a phone has them built in."""
SUPERVISOR = """\
/system/bin/sh -c "$1"
code=$? ends=$2
set -- /proc/[0-9]*
print -rn -- "$#$ends" >/android/asked
exit $code
"""
"""Runs the line in a shell of its own and counts who is still there: this shell, and what the line left."""
ALWAYS_THERE = 1


MOVING = frozenset({psutil.STATUS_RUNNING, psutil.STATUS_SLEEPING, psutil.STATUS_DISK_SLEEP})
HOLDS_WITHIN_S = 2.0
LOOK_AGAIN_S = 0.002
Child = subprocess.Popen[bytes]


class SandboxError(Exception):
    """A program could not be started. The text says which, and what it said, for a person."""


def missing_packages() -> tuple[str, ...]:
    """Debian's packages that the person would have to install first."""
    return tuple(sorted(package for tool, package in PACKAGES.items() if not _there(tool)))


def _there(tool: str) -> bool:
    try:
        find_tool(tool)
    except CollectError:
        return False
    return True


def build(root: str) -> None:
    """Lay out a phone's system below an empty folder: its shell and programs. Raises SandboxError, OSError."""
    for folder in FOLDERS:
        os.makedirs(os.path.join(root, folder))
    programs = {find_tool("mksh"): "system/bin/sh", find_tool("toybox"): "system/bin/toybox"}
    copies = {**programs, **{path: path.lstrip("/") for path in _libraries(tuple(programs))}}
    for path, inside in copies.items():
        os.makedirs(os.path.dirname(os.path.join(root, inside)), exist_ok=True)
        shutil.copy(path, os.path.join(root, inside))
    for name, text in ACCOUNTS.items():
        with open(os.path.join(root, "etc", name), "w", encoding="ascii") as stream:
            stream.write(text)
    for name in APPLETS:
        os.symlink("toybox", os.path.join(root, "system/bin", name))


def _libraries(programs: Sequence[str]) -> set[str]:
    """Paths of the shared libraries that programs of this system load."""
    done = subprocess.run(
        [find_tool("ldd"), *programs], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    words = {word for line in done.stdout.splitlines() if ":" not in line for word in line.split()}
    return {word for word in words if word.startswith("/") and os.path.isfile(word)}


def shell(root: str, storage: str | None, line: str, *, ends: str, user: int, merged: bool, writable: bool) -> Child:
    """Start a phone's shell on one line: no network, nothing but `root` and `storage`, both read-only.

    `writable`: but for its storage, with its cards, and what its media store knows of them. `ends` is what ends a
    record in the phone's /android/asked. Raises SandboxError.
    """
    command = [
        find_tool("bwrap"), "--unshare-all", "--as-pid-1", "--die-with-parent", "--new-session",
        "--uid", str(user), "--gid", str(user), "--cap-drop", "ALL", "--hostname", "phone", "--clearenv",
        "--ro-bind", root, "/", "--proc", "/proc", "--dev", "/dev",
    ]  # fmt: skip
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    if writable:
        for own in OWN:
            command += ["--bind", f"{root}{own}", own]
    if storage is not None:
        command += ["--bind" if writable else "--ro-bind", storage, "/storage/emulated/0"]
    command += ["--chdir", "/", "--", SHELL, "-c", SUPERVISOR, SHELL, line, ends]
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE, env={}, cwd="/", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise SandboxError(f"bwrap could not be started: {error.strerror}") from error


def adb_server(port: int, home: str) -> Child:
    """Start an adb server of our own, which keeps its key in `home`. Raises SandboxError.

    It sees no USB at all: two servers on one laptop would fight for the person's real phones. Nor does it look for
    emulators. It dies with us.
    """
    command = [
        find_tool("bwrap"), "--unshare-pid", "--as-pid-1", "--unshare-ipc", "--die-with-parent", "--new-session",
        "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",  # noqa: S108 - the server's own
        "--bind", home, home, "--chdir", "/", "--", find_tool("adb"), "-P", str(port), "nodaemon", "server",
    ]  # fmt: skip
    environment = {"HOME": home, "PATH": os.defpath, "ADB_LOCAL_TRANSPORT_MAX_PORT": "1"}
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment, cwd="/", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise SandboxError(f"bwrap could not be started: {error.strerror}") from error


def end(child: Child, *, patience_s: float = 0.0) -> None:
    """Wait for a program that was told to end, and end all of it when it takes too long. Any number of times."""
    try:
        child.wait(timeout=patience_s)
    except subprocess.TimeoutExpired:
        _kill(child)
        child.wait()


def _kill(child: Child) -> None:
    """bwrap killed while it starts leaves what it started to live on: so it is held, and its children go first."""
    with contextlib.suppress(psutil.NoSuchProcess):
        outer = psutil.Process(child.pid)
        outer.suspend()
        deadline = time.monotonic() + HOLDS_WITHIN_S
        while outer.status() in MOVING and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_S)
        for inner in outer.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                inner.kill()
    child.kill()


def scrubin(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run this very program with the terminal that we have. Returns its exit code."""
    code = "import sys; from agent.cli import main; sys.exit(main())"
    # -P: else Python would first look for its modules in the working folder.
    done = subprocess.run([sys.executable, "-P", "-c", code, *arguments], env=dict(environment), check=False)
    return done.returncode
