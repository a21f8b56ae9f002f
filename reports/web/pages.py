"""Templates and static files: a part's own first, then those that all parts share."""

from pathlib import Path

import jinja2
from starlette.staticfiles import StaticFiles

from reports.web import words

SHARED = Path(__file__).parent


def environment(*folders: Path) -> jinja2.Environment:
    """Whatever is put into a template is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, SHARED / "templates"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(words.FILTERS)
    return made


def static(folder: Path) -> StaticFiles:
    """A part's own files, and the style sheet, icon and scripts of the house."""
    return StaticFiles(directory=folder, packages=[("reports.web", "static")])
