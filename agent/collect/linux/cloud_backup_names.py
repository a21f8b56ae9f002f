"""Programs that may send pictures away, by the names under which Linux runs them."""

from collections.abc import Mapping

from checks.cloud_backup.fact import Product

PROGRAMS: Mapping[str, Product] = {
    "nextcloud": Product.NEXTCLOUD, "nextcloud-desktop-client": Product.NEXTCLOUD, "nextcloudcmd": Product.NEXTCLOUD,
    "nextcloud-client": Product.NEXTCLOUD, "com.nextcloud.desktopclient.nextcloud": Product.NEXTCLOUD,
    "owncloud": Product.OWNCLOUD, "owncloudcmd": Product.OWNCLOUD, "com.owncloud.desktop-client": Product.OWNCLOUD,
    "onedrive": Product.ONEDRIVE, "onedriver": Product.ONEDRIVE, "onedriver-launcher": Product.ONEDRIVE,
    "dropbox": Product.DROPBOX, "dropboxd": Product.DROPBOX, "com.dropbox.client": Product.DROPBOX,
    "maestral": Product.DROPBOX, "maestral_qt": Product.DROPBOX, "maestral-qt": Product.DROPBOX,
    "google-drive-ocamlfuse": Product.GOOGLE_DRIVE, "google-drive-oc": Product.GOOGLE_DRIVE,
    "gphotos-uploader-cli": Product.GOOGLE_PHOTOS, "gphotos-uploade": Product.GOOGLE_PHOTOS,
    "insync": Product.INSYNC, "insync-headless": Product.INSYNC,
    "rclone": Product.RCLONE, "rclonefs": Product.RCLONE,
    "megasync": Product.MEGA, "mega-cmd-server": Product.MEGA, "mega-cmd": Product.MEGA,
    "nz.mega.megasync": Product.MEGA,
    "pcloud": Product.PCLOUD, "pcloudcc": Product.PCLOUD,
    "cloud-drive-ui": Product.SYNOLOGY_DRIVE, "cloud-drive-daemon": Product.SYNOLOGY_DRIVE,
    "cloud-drive-dae": Product.SYNOLOGY_DRIVE, "synology-drive": Product.SYNOLOGY_DRIVE,
    "com.synology.synologydrive": Product.SYNOLOGY_DRIVE,
    "syncthing": Product.SYNCTHING, "syncthing-gtk": Product.SYNCTHING, "syncthingtray": Product.SYNCTHING,
    "me.kozec.syncthingtk": Product.SYNCTHING, "com.github.zocker_160.syncthingy": Product.SYNCTHING,
    "seaf-daemon": Product.SEAFILE, "seafile-applet": Product.SEAFILE, "seafile": Product.SEAFILE,
    "seadrive": Product.SEAFILE, "com.seafile.client": Product.SEAFILE,
    "rslsync": Product.RESILIO_SYNC, "jottad": Product.JOTTACLOUD, "tresorit": Product.TRESORIT,
    "spideroakone": Product.SPIDEROAK, "spideroak": Product.SPIDEROAK,
    "idrive": Product.IDRIVE, "idrivecron": Product.IDRIVE,
    "crashplan": Product.CRASHPLAN, "crashplanservice": Product.CRASHPLAN, "crashplanserv": Product.CRASHPLAN,
    "deja-dup": Product.DEJA_DUP, "deja-dup-monitor": Product.DEJA_DUP, "deja-dup-monito": Product.DEJA_DUP,
    "org.gnome.dejadup": Product.DEJA_DUP,
    "pika-backup": Product.PIKA_BACKUP, "pika-backup-monitor": Product.PIKA_BACKUP,
    "pika-backup-mon": Product.PIKA_BACKUP, "org.gnome.world.pikabackup": Product.PIKA_BACKUP,
    "vorta": Product.VORTA, "com.borgbase.vorta": Product.VORTA,
    "borg": Product.BORG, "borgmatic": Product.BORG, "restic": Product.RESTIC, "resticprofile": Product.RESTIC,
    "autorestic": Product.RESTIC, "backrest": Product.RESTIC, "duplicity": Product.DUPLICITY,
    "duply": Product.DUPLICITY, "duplicati": Product.DUPLICATI, "duplicati-server": Product.DUPLICATI,
    "duplicati-serve": Product.DUPLICATI, "duplicati.gui.trayicon.exe": Product.DUPLICATI,
    "duplicati.server.exe": Product.DUPLICATI, "kopia": Product.KOPIA, "kopia-ui": Product.KOPIA,
    "backintime": Product.BACK_IN_TIME, "backintime-qt": Product.BACK_IN_TIME, "timeshift": Product.TIMESHIFT,
    "rsync": Product.RSYNC, "lsyncd": Product.RSYNC, "sshfs": Product.SFTP_SERVER,
    "scp": Product.SFTP_SERVER, "aws": Product.OBJECT_STORE, "azcopy": Product.OBJECT_STORE,
    "s3fs": Product.OBJECT_STORE, "s3cmd": Product.OBJECT_STORE, "gsutil": Product.OBJECT_STORE,
    "b2": Product.OBJECT_STORE,
}  # fmt: skip
"""Program, flatpak id or file name in lower case; long names also as the kernel cuts them, at 15 characters."""
INTERPRETERS = frozenset(
    {
        "python",
        "python3",
        *(f"python3.{minor}" for minor in range(8, 16)),
        "perl",
        "java",
        "mono",
        "mono-sgen",
        "dotnet",
    }
)
"""Programs that run some clients: the client's name is then among the arguments."""
INSIDE: Mapping[str, Product] = {
    "maestral": Product.DROPBOX, "vorta": Product.VORTA, "duplicati": Product.DUPLICATI,
    "crashplan": Product.CRASHPLAN, "idrivecron": Product.IDRIVE, "borgmatic": Product.BORG,
    "duplicity": Product.DUPLICITY, "backintime": Product.BACK_IN_TIME,
}  # fmt: skip
"""What to look for in an interpreter's first arguments."""
SYSTEM_WIDE = frozenset(
    {
        Product.RCLONE, Product.BORG, Product.RESTIC, Product.DUPLICITY, Product.DUPLICATI, Product.KOPIA,
        Product.CRASHPLAN, Product.IDRIVE, Product.SPIDEROAK, Product.BACK_IN_TIME, Product.RSYNC,
    }
)  # fmt: skip
"""Run by another account, such as root, these may still copy this person's home folder."""
