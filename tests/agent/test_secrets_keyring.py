"""Secrets in the system's store: trusted backends by name, time limits, and a real gnome-keyring."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from agent.secrets import SERVICE, Lack, NoStore, Store, StoreError, StoreFault
from agent.secrets_keyring import ALLOWED, PROBE, WINDOWS, choose, open_keyring

SECRET_SERVICE = "keyring.backends.SecretService.Keyring"


class MemoryBackend:
    """A keyring backend that remembers."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def called(name: str, kind: type = MemoryBackend, **content: Any) -> Any:
    """A backend whose class has the name of a real one."""
    module, _, last = name.rpartition(".")
    return type(last, (kind,), {"__module__": module, "__qualname__": last, **content})()


def chain(*names: str) -> Any:
    return called("keyring.backends.chainer.ChainerBackend", backends=[called(name) for name in names])


def opened(backend: Any, timeout_s: float = 30.0) -> Store:
    store = open_keyring(timeout_s=timeout_s, find=lambda: backend)
    assert not isinstance(store, NoStore), store
    return store


@pytest.mark.parametrize("name", ALLOWED)
def test_named_backends_are_taken(name: str) -> None:
    store = opened(called(name))
    store.set("smtp-password", "x")
    assert store.get("smtp-password") == "x"
    store.delete("smtp-password")
    assert store.get("smtp-password") is None


@pytest.mark.parametrize(
    "name",
    ["keyring.backends.null.Keyring", "keyrings.alt.file.PlaintextKeyring", "keyrings.alt.file.EncryptedKeyring",
     "keyring.backends.kwallet.DBusKeyring", "evil.keyring.backends.SecretService.Keyring"],
)  # fmt: skip
def test_every_other_backend_is_refused_by_its_name(name: str) -> None:
    lack = open_keyring(timeout_s=30, find=lambda: called(name))
    assert isinstance(lack, NoStore)
    assert lack.lack is Lack.NOT_TRUSTED
    assert name in lack.reason


def test_no_keyring_is_told_from_a_wrong_one() -> None:
    lack = open_keyring(timeout_s=30, find=lambda: called("keyring.backends.fail.Keyring"))
    assert isinstance(lack, NoStore)
    assert lack.lack is Lack.NONE_RUNS


@pytest.mark.parametrize(
    ("names", "taken"),
    [((SECRET_SERVICE, "keyrings.alt.file.PlaintextKeyring"), SECRET_SERVICE),
     (("keyrings.alt.file.PlaintextKeyring", SECRET_SERVICE), SECRET_SERVICE),
     (("keyrings.alt.file.PlaintextKeyring",), None), ((), None)],
)  # fmt: skip
def test_of_a_chain_only_the_trusted_link_is_used(names: tuple[str, ...], taken: str | None) -> None:
    found = chain(*names)
    backend, name = choose(found)
    assert (backend is not None) is (taken is not None)
    assert taken is None or name == taken
    assert backend is not found


@pytest.mark.parametrize(("characters", "fits"), [(1280, True), (1281, False)])
def test_windows_takes_2560_bytes_of_utf16(characters: int, fits: bool) -> None:
    store = opened(called(WINDOWS))
    if fits:
        store.set("key", "x" * characters)
        return
    with pytest.raises(StoreError) as caught:
        store.set("key", "x" * characters)
    assert caught.value.fault is StoreFault.TOO_LARGE


def test_other_systems_take_more() -> None:
    opened(called(SECRET_SERVICE)).set("key", "x" * 16_000)


def test_a_backend_that_only_pretends_is_found_out() -> None:
    backend = called(SECRET_SERVICE, set_password=lambda *_: None)
    with pytest.raises(StoreError, match="did not keep"):
        opened(backend).set("key", "x")


def test_a_backend_that_hangs_is_given_up_and_not_asked_again() -> None:
    calls: list[str] = []
    never = threading.Event()

    def hang(_self: Any, _service: str, name: str) -> str | None:
        calls.append(name)
        if name != PROBE:
            never.wait()
        return None

    store = opened(called(SECRET_SERVICE, get_password=hang), timeout_s=0.5)
    for _ in range(2):
        with pytest.raises(StoreError) as caught:
            store.get("key")
        assert caught.value.fault is StoreFault.TIMED_OUT
    never.set()
    assert calls == [PROBE, "key"]


def test_a_library_that_hangs_while_it_looks_is_given_up() -> None:
    never = threading.Event()
    lack = open_keyring(timeout_s=0.2, find=never.wait)
    never.set()
    assert isinstance(lack, NoStore)
    assert lack.lack is Lack.TIMED_OUT


def test_a_fault_of_the_library_is_told_without_its_message() -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("/home/clin/.local/share/keyrings/login.keyring")

    lack = open_keyring(timeout_s=30, find=lambda: called(SECRET_SERVICE, get_password=fail))
    assert isinstance(lack, NoStore)
    assert (lack.lack, lack.reason) == (Lack.FAILED, "The keyring failed (RuntimeError).")


CHILD = """
import json, sys
from agent.secrets import NoStore, open_store
store = open_store(in_file=None, timeout_s=60)
if isinstance(store, NoStore):
    print(json.dumps({"lack": store.lack, "reason": store.reason}))
else:
    store.set("smtp-password", "s3cret")
    first = store.get("smtp-password")
    store.delete("smtp-password")
    print(json.dumps({"kind": store.kind, "first": first, "then": store.get("smtp-password")}))
"""
UNLOCK = "printf %s testpw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "


def in_session(tmp_path: Path, *, bus: bool, before: str = "", **environ: str) -> dict[str, Any]:
    """What a child process with a home of its own finds, with or without a session bus."""
    (tmp_path / "run").mkdir(mode=0o700)
    places = {"HOME": tmp_path, "XDG_DATA_HOME": tmp_path / "data", "XDG_CONFIG_HOME": tmp_path / "config",
              "XDG_RUNTIME_DIR": tmp_path / "run", "XDG_CACHE_HOME": tmp_path / "cache"}  # fmt: skip
    argv = ["bash", "-c", f'{before}exec "$0" -c "$1"', sys.executable, CHILD]
    done = subprocess.run(
        ["dbus-run-session", "--", *argv] if bus else argv, capture_output=True, text=True, check=False, timeout=120,
        cwd=tmp_path, env={"PATH": os.environ["PATH"], **{name: str(path) for name, path in places.items()}, **environ},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_an_unlocked_gnome_keyring_keeps_secrets(tmp_path: Path) -> None:
    seen = in_session(tmp_path, bus=True, before=UNLOCK)
    assert seen == {"kind": "Secret Service", "first": "s3cret", "then": None}


def test_a_locked_gnome_keyring_is_said_to_be_locked(tmp_path: Path) -> None:
    assert in_session(tmp_path, bus=True)["lack"] == Lack.LOCKED


def test_without_a_bus_there_is_no_keyring(tmp_path: Path) -> None:
    assert in_session(tmp_path, bus=False)["lack"] == Lack.NONE_RUNS


@pytest.mark.parametrize("bus", [True, False])
def test_the_null_keyring_is_refused_though_it_takes_everything(tmp_path: Path, bus: bool) -> None:
    # Without a bus nothing would end the daemon that UNLOCK starts.
    before, null = UNLOCK if bus else "", "keyring.backends.null.Keyring"
    seen = in_session(tmp_path, bus=bus, before=before, PYTHON_KEYRING_BACKEND=null)
    assert seen["lack"] == Lack.NOT_TRUSTED
    assert null in seen["reason"]


def test_a_keyringrc_that_names_the_null_keyring_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    assert in_session(tmp_path, bus=False)["lack"] == Lack.NOT_TRUSTED


def test_a_backend_that_does_not_exist_is_a_failure_and_no_traceback(tmp_path: Path) -> None:
    seen = in_session(tmp_path, bus=False, PYTHON_KEYRING_BACKEND="no.such.Keyring")
    assert seen["lack"] == Lack.FAILED


def test_the_service_name_is_ours() -> None:
    backend = called(SECRET_SERVICE)
    opened(backend).set("key", "x")
    assert list(backend.kept) == [(SERVICE, "key")]
