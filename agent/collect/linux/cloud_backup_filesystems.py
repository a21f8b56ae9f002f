"""Types of file systems, as the table of mounts names them: which lie on a server, and which only look as if."""

from collections.abc import Mapping

from checks.cloud_backup.fact import Product

REMOTE: Mapping[str, Product] = {
    "fuse.rclone": Product.RCLONE, "fuse.onedriver": Product.ONEDRIVE,
    "fuse.google-drive-ocamlfuse": Product.GOOGLE_DRIVE, "fuse.sshfs": Product.SFTP_SERVER,
    "davfs": Product.WEBDAV_SERVER, "fuse.davfs": Product.WEBDAV_SERVER, "fuse.davfs2": Product.WEBDAV_SERVER,
    "fuse.webdavfs": Product.WEBDAV_SERVER, "fuse.curlftpfs": Product.FILE_SERVER, "fuse.smbnetfs": Product.FILE_SERVER,
    "cifs": Product.FILE_SERVER, "smb3": Product.FILE_SERVER, "smbfs": Product.FILE_SERVER, "nfs": Product.FILE_SERVER,
    "nfs4": Product.FILE_SERVER, "afs": Product.FILE_SERVER, "ceph": Product.FILE_SERVER,
    "fuse.glusterfs": Product.FILE_SERVER, "fuse.s3fs": Product.OBJECT_STORE, "fuse.goofys": Product.OBJECT_STORE,
    "fuse.gcsfuse": Product.OBJECT_STORE, "fuse.blobfuse": Product.OBJECT_STORE, "fuse.blobfuse2": Product.OBJECT_STORE,
    "fuse.mount-s3": Product.OBJECT_STORE, "fuse.juicefs": Product.OBJECT_STORE, "fuse.seadrive": Product.SEAFILE,
    "fuse.pcloud": Product.PCLOUD, "fuse.pcloud.fs": Product.PCLOUD, "fuse.pfs": Product.PCLOUD,
    "fuse.idrive": Product.IDRIVE, "fuse.megafs": Product.MEGA, "fuse.mega": Product.MEGA,
    "fuse.icloud": Product.ICLOUD,
}  # fmt: skip
"""File system type -> what stands behind it."""
LOCAL = frozenset(
    {
        "fuse.lxcfs", "fuse.portal", "fuse.snapfuse", "fuse.ntfs-3g", "fuse.ntfs", "fuse.exfat", "fuse.encfs",
        "fuse.gocryptfs", "fuse.cryfs", "fuse.securefs", "fuse.squashfuse", "fuse.archivemount", "fuse.ltfs",
        "fuse.jmtpfs", "fuse.simple-mtpfs", "fuse.aft-mtp-mount", "fuse.ifuse", "fuse.apfs-fuse", "fuse.bcachefs",
        "fuse.vmware-vmblock", "fuse.vmhgfs-fuse", "fuse.gvfsd-fuse", "fuse.kio-fuse", "fuse.fuse-overlayfs",
        "fuse.dislocker", "fuse.xfs_fuse", "fuse.zfs-fuse",
    }
)  # fmt: skip
"""Disks, phones and the like that go through FUSE too. gvfs and kio are looked into by the path."""
UNKNOWN = frozenset({"fuse", "autofs"})
"""A program that does not say its name, and a place where something is mounted as soon as it is used."""
DESKTOP = {"fuse.gvfsd-fuse": ":", "fuse.kio-fuse": "/"}
"""Mounts of the file manager's own connections -> what ends the name of the connection's kind below them."""
CONNECTIONS: Mapping[str, Product] = {
    "google-drive": Product.GOOGLE_DRIVE, "gdrive": Product.GOOGLE_DRIVE, "onedrive": Product.ONEDRIVE,
    "dav": Product.WEBDAV_SERVER, "davs": Product.WEBDAV_SERVER, "webdav": Product.WEBDAV_SERVER,
    "webdavs": Product.WEBDAV_SERVER, "smb-share": Product.FILE_SERVER, "smb": Product.FILE_SERVER,
    "afp-volume": Product.FILE_SERVER, "nfs": Product.FILE_SERVER, "ftp": Product.FILE_SERVER,
    "sftp": Product.SFTP_SERVER, "fish": Product.SFTP_SERVER, "google-photos": Product.GOOGLE_PHOTOS,
}  # fmt: skip
