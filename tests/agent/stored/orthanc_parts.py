"""Debian's own Orthanc with its DICOMweb plugin as a process of the test, and pictures put in as a PACS gets them."""

import contextlib
import hashlib
import io
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import generate_uid

PROGRAM = "/usr/sbin/Orthanc"
PLUGIN = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"
PHOTOGRAPH, JPEG = "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.840.10008.1.2.4.50"
TRIES = 5
"""The port that was free may be taken when Orthanc comes to it."""


@dataclass(frozen=True)
class Orthanc:
    """One that runs."""

    root: str
    login: str = ""

    @property
    def url(self) -> str:
        return f"{self.root}/dicom-web"

    def store(self, data: bytes, *, patient: str | None, uid: str = "") -> None:
        """Put a picture in by STOW-RS, under its own UID unless another is named."""
        wrapped = wrapped_up(data, patient=patient, uid=uid or uid_of(data))
        body = b"--x\r\nContent-Type: application/dicom\r\n\r\n" + wrapped + b"\r\n--x--\r\n"
        kind = 'multipart/related; type="application/dicom"; boundary=x'
        self._ask(
            "POST", "/dicom-web/studies", data=body, headers={"Content-Type": kind, "Accept": "application/dicom+json"}
        )

    def empty(self) -> None:
        """Take everything out."""
        for one in self._ask("GET", "/patients").json():
            self._ask("DELETE", f"/patients/{one}")

    def _ask(self, method: str, path: str, **more: object) -> requests.Response:
        name, _, password = self.login.partition(":")
        answer = requests.request(
            method, f"{self.root}{path}", auth=(name, password) if name else None, timeout=30, **more
        )
        answer.raise_for_status()
        return answer


def uid_of(data: bytes) -> str:
    """As the contract has it, reckoned apart from the product."""
    return f"2.25.{int(hashlib.sha256(data).hexdigest()[:32], 16)}"


def wrapped_up(data: bytes, *, patient: str | None, uid: str) -> bytes:
    """The JPEG unchanged inside a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = PHOTOGRAPH, uid, JPEG
    whole = Dataset()
    whole.file_meta, whole.SOPClassUID, whole.SOPInstanceUID = meta, PHOTOGRAPH, uid
    whole.StudyInstanceUID, whole.SeriesInstanceUID, whole.Modality = generate_uid(), generate_uid(), "XC"
    if patient is not None:
        whole.PatientID = patient
    whole.Rows, whole.Columns, whole.SamplesPerPixel, whole.PhotometricInterpretation = 48, 64, 3, "YBR_FULL_422"
    whole.BitsAllocated, whole.BitsStored, whole.HighBit, whole.PixelRepresentation = 8, 8, 7, 0
    whole.PlanarConfiguration, whole.PixelData = 0, encapsulate([data])
    whole["PixelData"].is_undefined_length = True
    file = io.BytesIO()
    whole.save_as(file, enforce_file_format=True)
    return file.getvalue()


@contextlib.contextmanager
def orthanc(folder: Path, *, login: str = "") -> Iterator[Orthanc]:
    """`login`: name and password with a colon between, for one that asks for them."""
    for _ in range(TRIES):
        port = _free_port()
        process = _started(folder, port, login)
        assert process.stderr is not None
        if _is_up(process.stderr):
            break
        process.wait(30)
        process.stderr.close()
    else:
        raise AssertionError("Orthanc does not start")
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    try:
        yield Orthanc(root=f"http://127.0.0.1:{port}", login=login)
    finally:
        process.kill()  # nothing of it is kept, and it takes seconds to close down
        process.wait(30)
        drain.join(30)
        process.stderr.close()


def _started(folder: Path, port: int, login: str) -> subprocess.Popen[bytes]:
    name, _, password = login.partition(":")
    settings = {
        "Name": "TEST", "HttpPort": port, "RemoteAccessAllowed": False, "DicomServerEnabled": False,
        "StorageDirectory": str(folder), "IndexDirectory": str(folder), "Plugins": [PLUGIN],
        "AuthenticationEnabled": bool(login), "RegisteredUsers": {name: password} if name else {},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }  # fmt: skip
    file = folder / "orthanc.json"
    file.write_text(json.dumps(settings))
    return subprocess.Popen([PROGRAM, str(file)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)


def _is_up(log: IO[bytes]) -> bool:
    """Whether it says that it has started, before it ends."""
    return any(b"Orthanc has started" in line for line in log)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
