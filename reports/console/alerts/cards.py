"""The same news as a card for Microsoft Teams or blocks for Slack: plain lines and a link that needs sign-in."""

from collections.abc import Mapping
from typing import Any

from reports.console.alerts.words import grouped

MOST_LINES = 20
SLACK_HEADER, SLACK_SECTION = 150, 2900
MARKUP = "\\`*_[]()#~>|!"


def card(content: Mapping[str, Any], link: str) -> dict[str, Any]:
    """An Adaptive Card 1.4."""
    body: list[dict[str, Any]] = [_text(content["headline"], weight="Bolder", size="Medium")]
    for heading, lines, more in _sections(content):
        body.append(_text(heading, weight="Bolder", spacing="Medium"))
        facts = [{"title": marked_down(name), "value": marked_down(says)} for name, says in lines]
        body.append({"type": "FactSet", "facts": facts})
        if more:
            body.append(_text("And more: see the console."))
    made: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "Full"},
    }
    if link:
        made["actions"] = [{"type": "Action.OpenUrl", "title": "Open the console", "url": link}]
    return made


def workflow(content: Mapping[str, Any], link: str) -> dict[str, Any]:
    """As the Workflows template "When a Teams webhook request is received" takes it."""
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card(content, link)}
    return {"type": "message", "attachments": [attachment]}


def slack(content: Mapping[str, Any], link: str) -> dict[str, Any]:
    """For an incoming webhook; `text` is what notifications show."""
    headline = _flat(content["headline"])[:SLACK_HEADER]
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": headline}}]
    for heading, lines, more in _sections(content):
        shown = [f"*{escaped(heading)}*", *(f"{escaped(name)} {escaped(says)}".strip() for name, says in lines)]
        text = "\n".join([*shown, *(["And more: see the console."] if more else [])])
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": text[:SLACK_SECTION]}})
    if link:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": f"<{link}|Open the console>"}})
    return {"text": escaped(headline), "blocks": blocks}


def escaped(text: str) -> str:
    """For Slack: a label can neither ping a channel nor make a link, nor bold what stands beside it."""
    plain = _flat(text).translate({ord(mark): "\u2009" for mark in "*_~`"})
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sections(content: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]], bool]]:
    found = [
        (heading, [(one["name"], one["says"]) for one in items[:MOST_LINES]], len(items) > MOST_LINES)
        for heading, items in grouped(content.get("items", ()))
    ]
    counts = [(one["name"], f"{one['today']} (yesterday {one['yesterday']})") for one in content.get("counts", ())]
    return [*found, *([("Where things stand", counts, False)] if counts else [])]


def _text(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": marked_down(text), "wrap": True, **more}


def marked_down(text: str) -> str:
    """For a TextBlock, which reads Markdown: a practice's name makes no link there."""
    return "".join(f"\\{mark}" if mark in MARKUP else mark for mark in _flat(text))


def _flat(text: str) -> str:
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
