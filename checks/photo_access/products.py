"""What social apps are called."""

from collections.abc import Mapping

from checks.photo_access.fact import Social

TITLES: Mapping[Social, str] = {
    Social.BEREAL: "BeReal",
    Social.BLUESKY: "Bluesky",
    Social.DISCORD: "Discord",
    Social.FACEBOOK: "Facebook",
    Social.INSTAGRAM: "Instagram",
    Social.KAKAOTALK: "KakaoTalk",
    Social.LINE: "LINE",
    Social.LINKEDIN: "LinkedIn",
    Social.MASTODON: "Mastodon",
    Social.MESSENGER: "Messenger",
    Social.PINTEREST: "Pinterest",
    Social.REDDIT: "Reddit",
    Social.SIGNAL: "Signal",
    Social.SKYPE: "Skype",
    Social.SNAPCHAT: "Snapchat",
    Social.TEAMS: "Microsoft Teams",
    Social.TELEGRAM: "Telegram",
    Social.THREADS: "Threads",
    Social.THREEMA: "Threema",
    Social.TIKTOK: "TikTok",
    Social.TUMBLR: "Tumblr",
    Social.VIBER: "Viber",
    Social.VK: "VK",
    Social.WECHAT: "WeChat",
    Social.WEIBO: "Weibo",
    Social.WHATSAPP: "WhatsApp",
    Social.WHATSAPP_BUSINESS: "WhatsApp Business",
    Social.X: "X",
    Social.XIAOHONGSHU: "Xiaohongshu",
}
"""As their makers write them; complete, which a test holds."""
