"""Who gets in: the browser in which the link was opened, and nobody else on this laptop or off it."""

import socket

import pytest
from visit_parts import Visit, visited

from reports.web.answers import HEADERS
from reports.web.serving import HEAD_BYTES

OTHERS = "This page belongs to somebody who works at this laptop"
ADDRESSES = ("/", "/pictures", "/sent", "/sent/", "/static", "/nothing")


def test_a_link_opens_the_page(visit: Visit) -> None:
    assert visit.get("/").status == 200


def test_a_link_works_once(visit: Visit) -> None:
    again = visit.get("/open/" + visit.opened.link.rpartition("/")[2])
    assert again.status == 403
    assert "used already" in again.text
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_session_no_address_says_anything(visit: Visit, address: str) -> None:
    visit.cookie = ""
    answer = visit.get(address)
    assert (answer.status, OTHERS in answer.text) == (403, True)


def test_without_a_session_no_form_is_taken(visit: Visit) -> None:
    visit.cookie = ""
    assert visit.post("/end").status == 403
    assert not visit.page.stop.is_set()


@pytest.mark.parametrize("cookie", ["scrubin=" + "0" * 64, "scrubin=", "scrubin=x", "other=" + "1" * 64])
def test_a_made_up_session_opens_nothing(visit: Visit, cookie: str) -> None:
    visit.cookie = cookie
    assert visit.get("/").status == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "evil.example", "evil.example:{port}", "{host}.evil.example", ""]
)
def test_under_another_name_nobody_is_let_in(visit: Visit, host: str) -> None:
    visit.sent["Host"] = host.format(port=visit.port, host=visit.opened.host) or "x"
    assert visit.get("/").status == 403
    assert visit.post("/end").status == 403
    assert not visit.page.stop.is_set()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "https://{host}", ""])
def test_a_form_of_another_origin_changes_nothing(visit: Visit, origin: str) -> None:
    visit.sent["Origin"] = origin.format(host=visit.opened.host)
    assert visit.post("/end").status == 403
    assert not visit.page.stop.is_set()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_asks_for_is_not_shown(visit: Visit, site: str) -> None:
    visit.sent["Sec-Fetch-Site"] = site
    assert visit.get("/").status == 403
    assert visit.get("/static/scrubin.css").status == 403


def test_only_a_form_of_ours_is_read(visit: Visit) -> None:
    visit.sent["Content-Type"] = "text/plain"
    assert visit.post("/end").status == 415
    assert not visit.page.stop.is_set()


@pytest.mark.parametrize(
    "fields",
    [{"note": "a\0b"}, {"a\0b": "x"}, {"note": ["x"] * 5000}],
    ids=["character-in-a-value", "character-in-a-name", "too-many"],
)
def test_a_form_that_no_page_of_ours_sends_is_refused(visit: Visit, fields: dict[str, str | list[str]]) -> None:
    assert visit.post("/end", **fields).status == 400
    assert not visit.page.stop.is_set()


@pytest.mark.parametrize("address", ["/", "/nothing", "/open/x", "/static/scrubin.css"])
def test_each_answer_forbids_what_no_page_needs(visit: Visit, address: str) -> None:
    said = visit.get(address).headers
    wanted = HEADERS if not address.startswith("/static") else {}
    assert {name: said.get(name) for name in wanted} == wanted


def test_the_cookie_stays_out_of_scripts_and_other_sites(home: object) -> None:
    with visited() as visit:
        cookie = visit.get("/open/" + visit.opened.link.rpartition("/")[2]).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "domain" not in cookie


def test_a_head_without_an_end_is_cut_off(visit: Visit) -> None:
    with socket.create_connection(("127.0.0.1", visit.port), timeout=30) as flood:
        flood.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|pipe"):
            flood.sendall(b"X: " + b"a" * 256 * HEAD_BYTES)
    assert visit.get("/").status == 200


def test_a_page_that_is_closed_ends(visit: Visit) -> None:
    assert "Your page is closed" in visit.post("/end").text
    assert visit.page.stop.wait(30)
