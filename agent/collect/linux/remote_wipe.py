"""Linux: which management products this laptop is enrolled with."""

from collections.abc import Callable, Mapping

from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.linux import remote_wipe_agents as agents
from agent.collect.linux import remote_wipe_microsoft as microsoft
from checks.evidence import Gap
from checks.model import Platform
from checks.remote_wipe.fact import Enrolment, Product, RemoteWipe

LOOKS: Mapping[Product, Callable[[Host], Enrolment | None]] = {
    Product.INTUNE: microsoft.intune,
    Product.ENTRA: microsoft.entra,
    Product.FLEET: agents.fleet,
    Product.JUMPCLOUD: agents.jumpcloud,
    Product.LANDSCAPE: agents.landscape,
    Product.PREY: agents.prey,
    Product.WORKSPACE_ONE: agents.workspace_one,
}
"""How each product is looked for; None where nothing of it is here."""
CANARY = Canary(
    files={
        "{home}/.config/intune/registration.toml": "registration.toml",
        # An enrolment that may wipe would rightly end in a question, so each of them is planted as left.
        **dict.fromkeys((*agents.KEPT_AT, *agents.HUB_PROGRAMS), "left.txt"),
    },
    reason="cannot_wipe",
)


def probe(host: Host) -> RemoteWipe:
    """Look for each product by itself; one that cannot be seen is listed with a gap."""
    gaps: list[Gap] = []
    found: list[Enrolment] = []
    for product, look in LOOKS.items():
        try:
            one = look(host)
        except CollectError as error:
            gaps.append(Gap(part=product, why=error.why, detail=error.detail))
            one = Enrolment(product=product, enrolled=None)
        if one is not None:
            found.append(one)
    return RemoteWipe(platform=Platform.LINUX, enrolments=tuple(found), gaps=tuple(gaps))
