"""What mails say: the text beside the HTML, with the same words."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from reports.console.alerts.mailing import Mail
from reports.console.alerts.words import grouped
from reports.console.console import Console
from reports.web.words import moment

TEMPLATES = {"now": "mail_now.html", "probe": "mail_now.html", "digest": "mail_digest.html"}
FOOT = (
    "Devices are named by code or by the label that you gave them; who they belong to is in the console, behind your "
    "sign-in. No counts of pictures are in this e-mail."
)


def mail_of(console: Console, content: Mapping[str, Any], *, message_id: str, at: int) -> Mail:
    """Of what was queued."""
    zone = ZoneInfo(content["timezone"])
    values = {
        **content,
        "when": moment(content["at"], zone),
        "sections": grouped(content["items"]),
        "link": console.public_url,
        "foot": FOOT,
    }
    html = console.jinja.get_template(TEMPLATES[content["kind"]]).render(**values)
    text = digest_text(values) if content["kind"] == "digest" else now_text(values)
    return Mail(id=message_id, at=at, subject=f"scrubin: {content['headline']}", text=text, html=html)


def now_text(values: Mapping[str, Any]) -> str:
    """News that could not wait."""
    return _joined([*_head(values), *_sections(values), *_link(values), *_foot(values)])


def digest_text(values: Mapping[str, Any]) -> str:
    """The day's."""
    none = [] if values["items"] else ["Nothing needs you.", ""]
    return _joined(
        [*_head(values), *none, *_sections(values), *_link(values), *_counts(values), *_since(values),
         "IS THIS E-MAIL ITSELF WORKING?", *values["working"], "", *_foot(values)]
    )  # fmt: skip


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(" ".join(line.split()) if line.strip() else "" for line in lines) + "\n"


def _head(values: Mapping[str, Any]) -> list[str]:
    return [f"scrubin for {values['practice']}", values["when"], ""]


def _sections(values: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for heading, items in values["sections"]:
        lines += [heading.upper(), *(_line(one) for one in items), ""]
    return [*lines, *(["There is more: see the console.", ""] if values["more"] else [])]


def _line(one: Mapping[str, Any]) -> str:
    return f"- {one['name']}: {one['says']}" if one["name"] else f"- {one['says']}"


def _link(values: Mapping[str, Any]) -> list[str]:
    return [f"Open the console: {values['link']}/" if values["link"] else "Open the console to see more.", ""]


def _counts(values: Mapping[str, Any]) -> list[str]:
    rows = [f"{one['name']}: {one['today']} (yesterday {one['yesterday']})" for one in values["counts"]]
    return ["WHERE THINGS STAND", *rows, ""]


def _since(values: Mapping[str, Any]) -> list[str]:
    said = [("New", values["fresh"]), ("Fixed", values["fixed"])]
    lines = [f"{word}: {one['name']}, {one['says']}" for word, items in said for one in items]
    return ["SINCE THE LAST DIGEST", *(lines or ["Nothing has changed."]), ""]


def _foot(values: Mapping[str, Any]) -> list[str]:
    change = [f"Change or stop it: {values['link']}/channels"] if values["link"] else []
    return ["--", values["foot"], *change]
