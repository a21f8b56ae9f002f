"""The way to the practice: that of agent.toml, or of the enrolment."""

from collections.abc import Callable

from agent.config import Config, SecretsIn, Security, Transport
from agent.places import Places
from agent.secrets import NoStore, Store, StoreError, open_store
from reports.deliver import Transport as Way
from reports.deliver.errors import Reason, TransportError

DEVICE_KEY = "device-key"
"""By which the practice's console knows this laptop."""
MAIL_PASSWORD = "mail-password"  # noqa: S105 - the name under which the secret lies
SECRETS_FILE = "secrets.json"


def transport(config: Config, places: Places) -> Way | None:
    """How to send; None where there is no way. Raises TransportError for settings that cannot work."""
    match config.transport:
        case Transport.NONE:
            return None
        case Transport.FOLDER:
            from reports.deliver.folder import Folder

            return Folder(config.folder, mount_point=config.mount_point or None)
        case Transport.EMAIL:
            return _mailer(config, places)
        case Transport.CONSOLE:
            from agent.desk import now
            from agent.enrolment_line import console  # loads TLS and cryptography, as mail does

            return console(config, places, clock=now)


def secrets(config: Config, places: Places) -> Store | NoStore:
    """Where passwords lie."""
    return open_store(in_file=str(places.state / SECRETS_FILE) if config.secrets is SecretsIn.FILE else None)


def _mailer(config: Config, places: Places) -> Way:
    import ssl  # heavy, as mail is: the daemon leaves it to a process of its own

    from reports.deliver import submission
    from reports.deliver.email import Mailer

    mail = config.mail
    assert mail is not None  # load() gives one with Transport.EMAIL
    security = submission.Security.STARTTLS if mail.security is Security.STARTTLS else submission.Security.TLS
    login = submission.Login(user=mail.user, secret=_password(config, places)) if mail.user else None
    server = submission.Server(
        host=mail.host, port=mail.port, security=security, tls=ssl.create_default_context(), login=login
    )
    return Mailer(server, sender=mail.sender, recipients=mail.to)


def _password(config: Config, places: Places) -> Callable[[], str]:
    """Asks the store at each attempt: nothing keeps the password in the daemon's memory."""

    def fetch() -> str:
        store = secrets(config, places)
        if isinstance(store, NoStore):
            raise _no_password(store.reason)
        try:
            value = store.get(MAIL_PASSWORD)
        except StoreError as error:
            raise _no_password(str(error)) from error
        if value is None:
            raise _no_password("no mail password is kept; enter it with: scrubin secret set mail-password")
        return value

    return fetch


def _no_password(sentence: str) -> TransportError:
    return TransportError(permanent=False, reason=Reason.AUTH, sentence=sentence)
