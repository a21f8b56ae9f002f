"""What chat programs keep of their own on a laptop. What a person saves from them lies in Downloads."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from agent.photos.backup_marks import SEALED
from agent.photos.laptop_ground import Ground, Home, shut, standing
from agent.photos.place import Place
from checks.clinical_images.fact import Folder, Origin


class Under(StrEnum):
    """The folder that a path starts from."""

    HOME = "home"
    DATA = "data"
    CONFIG = "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One folder in which a chat program keeps pictures."""

    under: Under
    path: str
    origin: Origin = Origin.UNKNOWN
    sealed: bool = False
    """Encrypted, in whole or in part: that it is there is all that can be seen of the rest."""
    walked: bool = True
    """Files that can be read lie in it."""


CHATS = (
    # Signal wrote plain files until 2024; those that it has encrypted since then lie between them.
    *(
        Chat(under=Under.CONFIG, path=f"{name}/{folder}", origin=origin, sealed=True)
        for name in ("Signal", "Signal Beta", "Session")
        for folder, origin in (
            ("attachments.noindex", Origin.UNKNOWN),
            ("drafts.noindex", Origin.SENT),
            ("downloads.noindex", Origin.RECEIVED),
        )
    ),
    Chat(under=Under.DATA, path="TelegramDesktop/tdata", sealed=True, walked=False),
    Chat(under=Under.HOME, path=".ViberPC"),
    Chat(under=Under.DATA, path="dino/files"),
    Chat(under=Under.DATA, path="gajim/downloads", origin=Origin.RECEIVED),
    Chat(under=Under.DATA, path="gajim/downloads.thumb", origin=Origin.RECEIVED),
)


def places(here: Ground) -> Iterator[Place]:
    """Where each program, in a sandbox or not, has left a folder. Encrypted ones are noted as not looked into."""
    for home in here.homes:
        for chat in CHATS:
            for place in standing(here, f"{_start(home, chat.under)}/{chat.path}", Folder.MESSENGER, chat.origin):
                if chat.sealed:
                    shut(here, place.path, SEALED, Folder.MESSENGER)
                if chat.walked:
                    yield place


def _start(home: Home, under: Under) -> str:
    return {Under.HOME: home.path, Under.DATA: home.data, Under.CONFIG: home.config}[under]
