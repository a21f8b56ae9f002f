"""What the clinician reads before they agree: who would see what of their devices, and what nobody ever sees."""

import textwrap
from collections.abc import Iterator, Sequence

from agent.enrolment import Practice
from checks.model import Ownership

WIDTH = 80
TAKEN_FOR = {
    Ownership.PERSONAL: "your own device",
    Ownership.PRACTICE_OWNED: "a device of the practice",
    Ownership.DEDICATED_CAMERA: "a device of the practice that only takes pictures",
}
SEES = (
    'for each check a verdict, such as "screen lock: to fix", with numbers in bands',
    'how many pictures look clinical and how old they are, in bands: "6-20", "1-7 days"',
    "the model, the version of the system, and whose the device is",
    "when it was checked, by which version of scrubin and of the policy, and which checks you answered yourself",
    "what a policy that it is still writing would make of it: a verdict and the checks that would fail",
)
NEVER = (
    "a picture, a preview, or what is in one",
    "names of files and folders, and places where pictures were taken",
    "your accounts, contacts, messages and patients",
    "which apps you have, save those that its policy names",
    "serial numbers, and where you are",
)
MEANS = (
    "It sends this laptop its policy and waivers, signed. It can't change, delete or look at anything here. "
    "You can leave at any time: scrubin leave"
)
BYTES = "Read the exact bytes that would be sent, now or later: scrubin report --show"


def offer_text(practice: Practice, ownership: Ownership, group: str, url: str, *, waiting: int = 0) -> str:
    """The whole text above the question."""
    whole = [
        f"{practice.name} asks whether this laptop, and phones that you plug into it, are fit to hold patients' "
        "pictures. Reports go to:",
        f"  {url}",
        "",
        f"{practice.name} sees, of this laptop and of each phone:",
        *_points(SEES),
        "",
        "It never sees:",
        *_points(NEVER),
        "",
        MEANS,
        f"It takes this laptop for {TAKEN_FOR[ownership]}{f', in the group {group}' if group else ''}.",
    ]
    if waiting:
        whole.append(f"{_waits(waiting)} here from before, which it gets, too.")
    if practice.ask:
        whole.append(f"Questions: {practice.ask}")
    whole += ["", BYTES]
    return "\n".join(part for line in whole for part in _fitted(line)) + "\n"


def _waits(count: int) -> str:
    return "1 report waits" if count == 1 else f"{count} reports wait"


def _points(items: Sequence[str]) -> Iterator[str]:
    return (f"  - {item}" for item in items)


def _fitted(line: str) -> list[str]:
    hang = "    " if line.startswith("  - ") else ""
    return textwrap.wrap(line, WIDTH, subsequent_indent=hang, break_on_hyphens=False) or [""]
