"""Colours as every screen shows them: by a picture's own profile, turned into sRGB. Runs in the darkroom only."""

import io
from functools import cache
from typing import cast

from PIL import Image, ImageCms

MOST_PROFILE_BYTES = 4 << 20
STEPS = (0, 51, 102, 153, 204, 255)
SAME = 3
"""Levels of 255 by which a profile may differ from sRGB and still be taken for it: nobody sees so little."""


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The same look in sRGB. A profile that is broken, or not for RGB, changes nothing."""
    transform = _transform(profile)
    if transform is None or image.mode != "RGB":
        return image
    return cast(Image.Image, ImageCms.applyTransform(image, transform))


def is_srgb(profile: bytes | None) -> bool:
    """Whether leaving the profile out changes nothing that can be seen."""
    transform = _transform(profile)
    if transform is None:
        return True
    before = _cube()
    after = cast(Image.Image, ImageCms.applyTransform(before, transform))
    return all(abs(a - b) <= SAME for a, b in zip(before.tobytes(), after.tobytes(), strict=True))


def _transform(profile: bytes | None) -> ImageCms.ImageCmsTransform | None:
    if not profile or len(profile) > MOST_PROFILE_BYTES:
        return None
    try:
        read = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if read.profile.xcolor_space.strip() != "RGB":
            return None
        return ImageCms.buildTransform(read, _srgb(), "RGB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return None


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@cache
def _cube() -> Image.Image:
    """Colours from all over, a dot each."""
    dots = bytes(level for r in STEPS for g in STEPS for b in STEPS for level in (r, g, b))
    return Image.frombytes("RGB", (len(dots) // 3, 1), dots)
