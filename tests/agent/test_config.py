"""agent.toml: read, merged, and refused with the key that is wrong."""

from pathlib import Path

import pytest

from agent.collect.host import LocalHost
from agent.config import Config, ConfigError, SecretsIn, Security, Transport, load
from agent.places import Places
from checks.model import Ownership

MAIL = """
[deliver]
transport = "email"
[deliver.email]
host = "mail.example"
from = "a@b.example"
to = ["c@d.example"]
"""


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(
        state=tmp_path / "state", runtime=tmp_path / "run", config=tmp_path / "user", system_config=tmp_path / "system"
    )


def loaded(where: Places, user: str | None = None, system: str | None = None) -> Config:
    for folder, text in ((where.config, user), (where.system_config, system)):
        if text is not None:
            folder.mkdir(exist_ok=True)
            (folder / "agent.toml").write_text(text)
    return load(where, LocalHost(environ={"HOME": "/home/clin"}))


def test_without_a_file_all_is_as_shipped(where: Places) -> None:
    assert loaded(where) == Config()


def test_the_practices_file_beats_the_persons_key_by_key(where: Places) -> None:
    config = loaded(where, 'ownership = "personal"\nphoto_folders = ["~/Clinic/"]', 'ownership = "practice_owned"')
    assert config.ownership is Ownership.PRACTICE_OWNED
    assert config.photo_folders == ("/home/clin/Clinic",)
    assert len(config.files) == 2


def test_folder_transport(where: Places) -> None:
    text = '[deliver]\ntransport = "folder"\nfolder = "/mnt/x"\nmount_point = "/mnt"'
    config = loaded(where, text)
    assert (config.transport, config.folder, config.mount_point) == (Transport.FOLDER, "/mnt/x", "/mnt")


def test_mail_transport_has_safe_defaults(where: Places) -> None:
    mail = loaded(where, MAIL).mail
    assert mail is not None
    assert (mail.port, mail.security, mail.user) == (587, Security.STARTTLS, "")
    tls = loaded(where, MAIL + 'security = "tls"\nuser = "u"').mail
    assert tls is not None
    assert (tls.port, tls.user) == (465, "u")


def test_secrets_go_to_a_file_only_when_asked_by_name(where: Places) -> None:
    assert loaded(where).secrets is SecretsIn.KEYRING
    assert loaded(where, 'secrets = "file"').secrets is SecretsIn.FILE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ownership = 1", "ownership: expected one of personal, practice_owned, dedicated_camera"),
        ('ownership = "mine"', "ownership"),
        ("x = 1", "a key is unknown"),
        ("[", "not TOML"),
        ("ownership = " + "9" * 5000, "not TOML"),
        ('photo_folders = ["relative"]', "absolute"),
        ("photo_folders = [1]", "photo_folders"),
        ('photo_folders = "/a"', "list"),
        (f"photo_folders = {['/a'] * 21}", "at most 20"),
        ('deliver = "x"', "deliver"),
        ('[deliver]\ntransport = "pigeon"', "deliver.transport"),
        ('[deliver]\ntransport = "folder"', "absolute"),
        ('[deliver]\nsmtp = "x"', "deliver"),
        (MAIL.replace("mail.example", "a b"), "deliver.email.host"),
        (MAIL.replace("a@b.example", "a@b\\nBcc: x"), "deliver.email.from"),
        (MAIL.replace('["c@d.example"]', "[]"), "deliver.email.to"),
        (MAIL + "port = 0", "port"),
        (MAIL + "port = 65536", "port"),
        (MAIL + "port = true", "port"),
        (MAIL + 'security = "plain"', "deliver.email.security"),
        (MAIL + 'password = "x"', "deliver.email"),
        ('secrets = "plaintext"', "secrets"),
    ],
)
def test_wrong_configuration_is_refused_with_its_key(where: Places, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        loaded(where, text)


def test_value_is_not_quoted_back(where: Places) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(where, 'ownership = "\\u001b[31mDr Example"')
    assert "Example" not in str(caught.value)


def test_unreadable_configuration_is_an_error_not_a_default(where: Places) -> None:
    where.config.mkdir()
    (where.config / "agent.toml").mkdir()
    with pytest.raises(ConfigError, match="can't be read"):
        load(where, LocalHost(environ={"HOME": "/"}))


def test_largest_port_is_taken(where: Places) -> None:
    mail = loaded(where, MAIL + "port = 65535").mail
    assert mail is not None
    assert mail.port == 65535


@pytest.mark.parametrize("text", ["layer = 7", "[", "\xff"])
def test_wrong_file_of_the_person_is_named_without_the_home_folder(where: Places, text: str) -> None:
    where.config.mkdir()
    (where.config / "agent.toml").write_text(text, "latin-1")
    with pytest.raises(ConfigError) as caught:
        load(where, LocalHost(environ={"HOME": "/"}))
    assert str(caught.value).startswith("~/.config/scrubin/agent.toml: ")
    assert str(where.config) not in str(caught.value)
