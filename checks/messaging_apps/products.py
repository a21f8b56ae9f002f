"""What messaging apps are called, and the identifiers under which stores and policies know them."""

from collections.abc import Iterable, Mapping

from checks.messaging_apps.fact import Chat

AS_OF = "2026-11"
"""When the list was last gone through; look again each year.

The apps for text messages that every phone has are left out: nobody can do without one. So are apps made for hospitals,
which a practice has chosen itself, and apps whose mere name says something of a person's private life.
"""

TITLES: Mapping[Chat, str] = {
    Chat.DISCORD: "Discord",
    Chat.ELEMENT: "Element",
    Chat.GOOGLE_CHAT: "Google Chat",
    Chat.IMO: "imo",
    Chat.KAKAOTALK: "KakaoTalk",
    Chat.LINE: "LINE",
    Chat.MESSENGER: "Messenger",
    Chat.QQ: "QQ",
    Chat.SESSION: "Session",
    Chat.SIGNAL: "Signal",
    Chat.SKYPE: "Skype",
    Chat.SLACK: "Slack",
    Chat.SNAPCHAT: "Snapchat",
    Chat.TEAMS: "Microsoft Teams",
    Chat.TELEGRAM: "Telegram",
    Chat.THREEMA: "Threema",
    Chat.VIBER: "Viber",
    Chat.WECHAT: "WeChat",
    Chat.WHATSAPP: "WhatsApp",
    Chat.WHATSAPP_BUSINESS: "WhatsApp Business",
    Chat.WIRE: "Wire",
    Chat.ZALO: "Zalo",
}
"""As their makers write them; complete, which a test holds."""

IDENTIFIERS: Mapping[str, Chat] = {
    "com.discord": Chat.DISCORD,
    "im.vector.app": Chat.ELEMENT,
    "io.element.android.x": Chat.ELEMENT,
    "com.google.android.apps.dynamite": Chat.GOOGLE_CHAT,
    "com.imo.android.imoim": Chat.IMO,
    "com.kakao.talk": Chat.KAKAOTALK,
    "jp.naver.line.android": Chat.LINE,
    "com.facebook.orca": Chat.MESSENGER,
    "com.facebook.mlite": Chat.MESSENGER,
    "com.tencent.mobileqq": Chat.QQ,
    "network.loki.messenger": Chat.SESSION,
    "org.thoughtcrime.securesms": Chat.SIGNAL,
    "com.skype.raider": Chat.SKYPE,
    "com.Slack": Chat.SLACK,
    "com.snapchat.android": Chat.SNAPCHAT,
    "com.microsoft.teams": Chat.TEAMS,
    "org.telegram.messenger": Chat.TELEGRAM,
    "org.telegram.messenger.web": Chat.TELEGRAM,
    "org.thunderdog.challegram": Chat.TELEGRAM,
    "org.telegram.plus": Chat.TELEGRAM,
    "ch.threema.app": Chat.THREEMA,
    "ch.threema.app.libre": Chat.THREEMA,
    "ch.threema.app.work": Chat.THREEMA,
    "com.viber.voip": Chat.VIBER,
    "com.tencent.mm": Chat.WECHAT,
    "com.whatsapp": Chat.WHATSAPP,
    "com.whatsapp.w4b": Chat.WHATSAPP_BUSINESS,
    "com.wire": Chat.WIRE,
    "com.zing.zalo": Chat.ZALO,
}
"""An app's identifier -> the app, whichever of its editions it is."""


def named(identifiers: Iterable[str]) -> tuple[Chat, ...]:
    """The messaging apps among a policy's approved apps, each once; a policy may also use our own word for one."""
    words = {one.value: one for one in Chat}
    found = {words.get(name) or IDENTIFIERS.get(name) for name in identifiers}
    return tuple(one for one in Chat if one in found)
