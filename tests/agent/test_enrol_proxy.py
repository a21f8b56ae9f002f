"""Which proxy leads to the console: the environment's, or GNOME's where a server is named by hand."""

from typing import Any

import pytest
from fakes import recorded_host

from agent.collect.recorded import RecordedHost
from agent.enrolment_proxy import SCHEMA, system_proxies

URL = "https://console.example"
VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: Any) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def gnome(
    mode: str = "'manual'", host: str = "'proxy.example'", port: str = "3128", ignore: str = "@as []", **environ: str
) -> RecordedHost:
    general = f"{SCHEMA} mode {mode}\n{SCHEMA} ignore-hosts {ignore}\n"
    secure = f"{SCHEMA}.https host {host}\n{SCHEMA}.https port {port}\n"
    return recorded_host(
        files={"/usr/lib/x86_64-linux-gnu/gio/modules/libdconfsettings.so": ""},
        commands={
            ("gsettings", "list-recursively", SCHEMA): general,
            ("gsettings", "list-recursively", f"{SCHEMA}.https"): secure,
        },
        environ={"XDG_CURRENT_DESKTOP": "GNOME", **environ},
    )


def test_server_that_is_set_in_gnome_is_used() -> None:
    assert system_proxies(URL, gnome()) == {"https": "http://proxy.example:3128"}


def test_environment_speaks_first(monkeypatch: Any) -> None:
    monkeypatch.setenv("https_proxy", "http://other.example:1")
    assert system_proxies(URL, gnome())["https"] == "http://other.example:1"
    monkeypatch.setenv("no_proxy", "console.example")
    assert system_proxies(URL, gnome()) == {}


@pytest.mark.parametrize(
    "host",
    [
        gnome(mode="'none'"), gnome(mode="'auto'"), gnome(host="''"), gnome(port="0"), gnome(port="70000"),
        gnome(port="'x'"), gnome(host="'a/b@c'"), gnome(ignore="['console.example']"), gnome(ignore="['*.example']"),
        gnome(XDG_CURRENT_DESKTOP="KDE"), gnome(GSETTINGS_BACKEND="memory"), recorded_host(),
    ],
)  # fmt: skip
def test_all_else_is_the_direct_way(host: RecordedHost) -> None:
    assert system_proxies(URL, host) == {}


def test_other_hosts_that_are_left_out_are_others() -> None:
    assert system_proxies(URL, gnome(ignore="['le.example', 'localhost']")) != {}


def test_console_on_this_laptop_has_no_proxy() -> None:
    assert system_proxies("http://localhost:8080", gnome()) == {}
