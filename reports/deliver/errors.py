"""Why a letter did not arrive, in a closed set, and whether trying again by itself may help."""

from enum import StrEnum


class Reason(StrEnum):
    """What stood in the way."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke."""
    TIMEOUT = "timeout"
    BUSY = "busy"
    """The receiver asks to come back later."""
    NO_TLS = "no_tls"
    """The server offers no encryption, or something between us and it hides the offer."""
    CERTIFICATE = "certificate"
    """The server cannot prove who it is."""
    PORTAL = "portal"
    """Something else answers in the practice's place, such as the sign-in page of a guest network."""
    PROXY = "proxy"
    """The way leads through a proxy that does not let us pass."""
    CLOCK = "clock"
    """This laptop's clock and the practice's are too far apart."""
    BASELESS = "baseless"
    """Word of no change since a report that the receiver does not have."""
    REVOKED = "revoked"
    """The practice has ended this enrolment."""
    AUTH = "auth"
    """The receiver does not accept our name and password."""
    ADDRESS = "address"
    """The sender's or a recipient's address is not accepted."""
    FOLDER_MISSING = "folder_missing"
    FOLDER_DENIED = "folder_denied"
    """The folder may not be written to."""
    NO_SPACE = "no_space"
    REJECTED = "rejected"
    """The receiver will not have this letter."""
    TOO_LARGE = "too_large"
    CONFLICT = "conflict"
    """Something else is already stored under this letter's id."""
    UNREADABLE = "unreadable"
    """The letter is not what this transport can carry."""


ABOUT_THE_LETTER = frozenset({Reason.REJECTED, Reason.TOO_LARGE, Reason.CONFLICT, Reason.UNREADABLE, Reason.BASELESS})
"""The fault is in one letter, so that later ones may pass it. All other reasons would meet the next letter as well."""


class TransportError(Exception):
    """A letter has not arrived."""

    def __init__(self, *, permanent: bool, reason: Reason, sentence: str, not_before_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        """Trying again brings nothing until a person has changed something."""
        self.reason = reason
        self.sentence = sentence
        """For a person. Made of our words and numbers; of the receiver's it quotes no more than the names in its
        certificate, escaped, and never a secret."""
        self.not_before_s = not_before_s
        """How long the receiver asks us to stay away; 0 where it does not say."""
