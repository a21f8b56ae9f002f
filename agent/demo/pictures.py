"""What a virtual phone's media store says of the pictures in its storage."""

import os
from collections.abc import Iterator

FIRST_ID = 1000000001
"""Of the pictures; those of films and sound are higher. Each list has its numbers without a hole."""
COLLECTIONS = ("images", "video", "audio")
NUMBERS_EACH = 10_000_000
ENDINGS = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".heic": "image/heic",
    ".mp4": "video/mp4", ".3gp": "video/3gpp", ".m4a": "audio/mp4", ".opus": "audio/ogg",
}  # fmt: skip
APPS_OWN = ("Android/data", "Android/obb")
KINDS = {"image": "images", "video": "video", "audio": "audio"}
"""First half of a type -> the list that it stands in."""
COLUMNS = (
    "_id", "_size", "date_added", "date_modified", "datetaken", "mime_type", "width", "height", "is_trashed",
    "is_pending", "generation_modified", "volume_name", "owner_package_name", "relative_path", "bucket_display_name",
    "_display_name", "_data",
)  # fmt: skip


def furnish(folder: str, storage: str | None) -> None:
    """Write a folder a list, for `content query`: a file a column with a line a picture, and the columns."""
    rows = [] if storage is None else list(_rows(storage))
    for number, collection in enumerate(COLLECTIONS):
        listed = [row for row in rows if KINDS[str(row["mime_type"]).split("/")[0]] == collection]
        _write(os.path.join(folder, collection), listed, FIRST_ID + number * NUMBERS_EACH)


def _write(folder: str, rows: list[dict[str, str | int]], first: int) -> None:
    os.makedirs(folder)
    for column in COLUMNS:
        with open(os.path.join(folder, column), "w", encoding="utf-8", errors="surrogateescape") as stream:
            values = range(first, first + len(rows)) if column == "_id" else (row[column] for row in rows)
            stream.writelines(f"{column}={value}\n" for value in values)
    for name, text in (("columns", ":".join(COLUMNS)), ("before", str(first - 1))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
            stream.write(f"{text}\n")


def _rows(storage: str) -> Iterator[dict[str, str | int]]:
    """As the media scanner would: no hidden folder, none with a .nomedia file, no name with a line end."""
    number = 1
    for where, folders, names in os.walk(storage):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and "\n" not in one)
        if ".nomedia" in names or os.path.relpath(where, storage) in APPS_OWN:
            folders.clear()
            continue
        for name in sorted(names):
            kind = ENDINGS.get(os.path.splitext(name)[1].lower())
            if kind is None or name.startswith(".") or "\n" in name or os.path.islink(os.path.join(where, name)):
                continue
            yield _row(storage, where, name, number) | {"mime_type": kind}
            number += 1


def _row(storage: str, where: str, name: str, number: int) -> dict[str, str | int]:
    seen = os.stat(os.path.join(where, name))
    relative = os.path.relpath(where, storage)
    inside = "" if relative == "." else f"{relative}/"
    return {
        "_size": seen.st_size, "date_added": int(seen.st_mtime), "date_modified": int(seen.st_mtime),
        "datetaken": "NULL", "width": "NULL", "height": "NULL", "is_trashed": 0, "is_pending": 0,
        "generation_modified": number, "volume_name": "external_primary",
        "owner_package_name": _owner(relative), "relative_path": inside or "/",
        "bucket_display_name": os.path.basename(where) if inside else "0",
        "_display_name": name, "_data": f"/storage/emulated/0/{inside}{name}",
    }  # fmt: skip


def _owner(relative: str) -> str:
    """Apps that keep media in the folder named after them own it."""
    parts = relative.split(os.sep)
    return parts[2] if parts[:2] == ["Android", "media"] and len(parts) > 2 else "NULL"
