"""The entry that opens the page: what a desktop needs, under the name by which notifications find it."""

import configparser
import xml.etree.ElementTree as ET
from pathlib import Path

from agent.shift.bell import DESKTOP_ENTRY

LINUX = Path(__file__).parents[2] / "packaging" / "linux"


def entry() -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(LINUX / f"{DESKTOP_ENTRY}.desktop")
    return dict(parser["Desktop Entry"])


def test_it_opens_the_persons_page_without_a_terminal() -> None:
    said = entry()
    assert (said["Type"], said["Exec"], said["Terminal"]) == ("Application", "scrubin page", "false")
    assert {"Name", "Comment", "Categories"} <= set(said)
    assert "NoDisplay" not in said


def test_lists_end_as_the_standard_asks() -> None:
    assert all(entry()[key].endswith(";") for key in ("Categories", "Keywords"))


def test_its_icon_is_there_and_is_a_picture_without_scripts() -> None:
    root = ET.parse(LINUX / f"{entry()['Icon']}.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {one.tag.rpartition("}")[2] for one in root.iter()} == {"svg", "path"}
