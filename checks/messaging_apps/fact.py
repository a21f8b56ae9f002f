"""What can be seen of messaging apps: which of those that we know are there, never with whom anybody writes."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact


class Chat(StrEnum):
    """Messaging apps with which pictures are sent. Policies may name them."""

    DISCORD = "discord"
    ELEMENT = "element"
    GOOGLE_CHAT = "google_chat"
    IMO = "imo"
    KAKAOTALK = "kakaotalk"
    LINE = "line"
    MESSENGER = "messenger"
    QQ = "qq"
    SESSION = "session"
    SIGNAL = "signal"
    SKYPE = "skype"
    SLACK = "slack"
    SNAPCHAT = "snapchat"
    TEAMS = "teams"
    TELEGRAM = "telegram"
    THREEMA = "threema"
    VIBER = "viber"
    WECHAT = "wechat"
    WHATSAPP = "whatsapp"
    WHATSAPP_BUSINESS = "whatsapp_business"
    WIRE = "wire"
    ZALO = "zalo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One messaging app that is installed for the device's owner."""

    app: Chat
    runs: bool | None
    """It is not switched off. None: the system would not say. A gap's part is the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagingApps(Fact):
    """Apps of the device's owner. What other profiles hold is not part of it."""

    found: tuple[Found, ...]
    """Each app once, in the order of Chat."""
