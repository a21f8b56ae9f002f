"""Camera apps by the names under which Android knows them."""

import re
from collections.abc import Mapping

from checks.geotagging.fact import CameraApp

AS_OF = "2026-11"
"""When the list was last gone through; look again each year."""

CAMERAS: Mapping[str, CameraApp] = {
    "com.android.camera": CameraApp.BUILT_IN,
    "com.android.camera2": CameraApp.BUILT_IN,
    "com.asus.camera": CameraApp.BUILT_IN,
    "com.hihonor.camera": CameraApp.BUILT_IN,
    "com.hmdglobal.app.camera": CameraApp.BUILT_IN,
    "com.htc.camera": CameraApp.BUILT_IN,
    "com.huawei.camera": CameraApp.BUILT_IN,
    "com.lge.camera": CameraApp.BUILT_IN,
    "com.motorola.camera": CameraApp.BUILT_IN,
    "com.motorola.camera2": CameraApp.BUILT_IN,
    "com.motorola.camera3": CameraApp.BUILT_IN,
    "com.nothing.camera": CameraApp.BUILT_IN,
    "com.oneplus.camera": CameraApp.BUILT_IN,
    "com.oplus.camera": CameraApp.BUILT_IN,
    "com.oppo.camera": CameraApp.BUILT_IN,
    "com.sec.android.app.camera": CameraApp.BUILT_IN,
    "com.sonyericsson.android.camera": CameraApp.BUILT_IN,
    "com.vivo.camera": CameraApp.BUILT_IN,
    "com.sonymobile.photopro": CameraApp.BUILT_IN,
    "jp.co.sony.mc.camera": CameraApp.BUILT_IN,
    "jp.co.sony.mc.camera.app": CameraApp.BUILT_IN,
    "jp.co.sony.mc.videopro": CameraApp.BUILT_IN,
    "org.codeaurora.snapcam": CameraApp.BUILT_IN,
    "org.lineageos.aperture": CameraApp.BUILT_IN,
    "org.lineageos.snap": CameraApp.BUILT_IN,
    "com.google.android.GoogleCamera": CameraApp.GOOGLE,
    "com.google.android.apps.cameralite": CameraApp.GOOGLE,
    "net.sourceforge.opencamera": CameraApp.OPEN_CAMERA,
    "com.samsung.android.app.galaxyraw": CameraApp.OTHER,
}
CALLED_CAMERA = re.compile(r"camera|gcam|[.]cam(?![a-z])", re.IGNORECASE)
"""An app whose name holds one of these, and that may take pictures, is a camera, too. Nobody translates such names."""
