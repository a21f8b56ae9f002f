"""Approved apps of a policy become the limit of the check on messaging apps, and never loosen a higher layer."""

import pytest
from policy_example import header

from checks.messaging_apps.check import CHECK
from checks.messaging_apps.fact import Chat
from checks.model import Ownership
from checks.policy import compose
from checks.policy_file import read_layer

S, W = Chat.SIGNAL, Chat.WHATSAPP
APPS = '[apps]\napproved = ["com.whatsapp", "com.example.imaging"]\n'
OWN = '[checks.messaging_apps]\napproved = ["signal"]\n'


@pytest.mark.parametrize(
    ("hospital", "practice", "baseline", "approved"),
    [
        ("", "", "", ()),
        ("", APPS, "", (W,)),
        ("", OWN, "", (S,)),
        ("", OWN, "[apps]\napproved = []\n", (S,)),
        ("", APPS + OWN, "", (S,)),
        (APPS, OWN, "", (W,)),
        (OWN, APPS, "", (S,)),
        ("[apps]\napproved = []\n", OWN, "", ()),
    ],
)
def test_approved_apps_reach_the_check(hospital: str, practice: str, baseline: str, approved: tuple[Chat, ...]) -> None:
    bodies = {"hospital": hospital, "practice": practice, "baseline": baseline}
    layers = [
        read_layer((header(name) + body).encode(), file=f"{name}.toml", checks=[CHECK]) for name, body in bodies.items()
    ]
    where = compose(layers, [CHECK])
    assert where.rule(CHECK, Ownership.PERSONAL).limits.approved == approved
