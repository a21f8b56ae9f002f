"""Fleet, JumpCloud, Landscape, Prey, Workspace ONE: the file that each writes when it is enrolled, and its program."""

import re
from dataclasses import dataclass

from agent.collect.host import CollectError, Host
from checks.evidence import Why
from checks.remote_wipe.fact import Enrolment, Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """How one product shows."""

    product: Product
    kept_at: str
    """The file that it writes when it is enrolled."""
    enrolled: re.Pattern[str]
    """What stands in that file then."""
    programs: frozenset[str]
    """Names of its running program, lower case; cut at 15 characters as Linux cuts them."""


FLEET = Agent(
    product=Product.FLEET,
    kept_at="/opt/orbit/secret-orbit-node-key.txt",
    enrolled=re.compile(r"\A[ \t\r\n]{0,9}[\w+/=-]{8,200}[ \t\r\n]{0,9}\Z", re.ASCII),
    programs=frozenset({"orbit"}),
)
JUMPCLOUD = Agent(
    product=Product.JUMPCLOUD,
    kept_at="/opt/jc/jcagent.conf",
    enrolled=re.compile(r'"systemKey"[ \t]{0,9}:[ \t]{0,9}"\w'),
    programs=frozenset({"jumpcloud-agent", "jcagent"}),
)
LANDSCAPE = Agent(
    product=Product.LANDSCAPE,
    kept_at="/etc/landscape/client.conf",
    enrolled=re.compile(r"^account_name[ \t]{0,9}=[ \t]{0,9}\w", re.MULTILINE),
    programs=frozenset({"landscape-client", "landscape-clien"}),
)
PREY = Agent(
    product=Product.PREY,
    kept_at="/etc/prey/prey.conf",
    enrolled=re.compile(r"^[ \t]{0,9}device_key[ \t]{0,9}=[ \t]{0,9}\w", re.MULTILINE),
    programs=frozenset({"prey", "prey-actions", "prx"}),
)
PROGRAMS = FLEET.programs | JUMPCLOUD.programs | LANDSCAPE.programs | PREY.programs
"""Asked for together, so that the list of processes is read once."""
KEPT_AT = (FLEET.kept_at, JUMPCLOUD.kept_at, LANDSCAPE.kept_at, PREY.kept_at)
HUB_PROGRAMS = tuple(
    f"{folder}/ws1HubUtil"
    for folder in (
        "/usr/bin", "/opt/vmware/ws1-hub/bin", "/opt/omnissa/ws1-hub/bin", "/opt/Workspace-ONE-Intelligent-Hub/bin"
    )
)  # fmt: skip
"""Where Workspace ONE's tool has been installed over the years."""


def fleet(host: Host) -> Enrolment | None:
    """The node key is written by a successful enrolment; it is root's, its folder is open."""
    return _seen(host, FLEET)


def jumpcloud(host: Host) -> Enrolment | None:
    """The configuration is root's and so is its folder."""
    return _seen(host, JUMPCLOUD)


def landscape(host: Host) -> Enrolment | None:
    """The configuration belongs to the client's own account."""
    return _seen(host, LANDSCAPE)


def prey(host: Host) -> Enrolment | None:
    """Installed without an account, its configuration lacks the device's key."""
    return _seen(host, PREY)


def workspace_one(host: Host) -> Enrolment | None:
    """Its state is root's, so the most that shows is that its tool is installed. Raises NOT_SAID then."""
    if any(_program(host, path) for path in HUB_PROGRAMS):
        raise CollectError(Why.NOT_SAID, "Workspace ONE is installed")
    return None


def _seen(host: Host, agent: Agent) -> Enrolment | None:
    enrolled = _enrolled(host, agent)
    if enrolled is None:
        return None
    running = _runs(host, agent) if enrolled else None
    return Enrolment(product=agent.product, enrolled=enrolled, running=running)


def _enrolled(host: Host, agent: Agent) -> bool | None:
    """None where nothing of it is here. A file that only root may read is proof by being there."""
    try:
        return agent.enrolled.search(host.read(agent.kept_at)) is not None
    except CollectError as error:
        if error.why is Why.NOT_FOUND:
            return _absent(host, agent)
        if error.why is not Why.NOT_PERMITTED:
            raise
    folder, _, name = agent.kept_at.rpartition("/")
    if name in host.names(folder):
        return True
    raise CollectError(Why.NOT_PERMITTED, folder)


def _absent(host: Host, agent: Agent) -> bool | None:
    """None, unless its program runs without its file: it keeps it elsewhere, or has yet to enrol. Raises NOT_SAID."""
    if _runs(host, agent):
        raise CollectError(Why.NOT_SAID, f"{agent.product} runs without its file")
    return None


def _runs(host: Host, agent: Agent) -> bool:
    return any(one.name in agent.programs for one in host.processes(PROGRAMS))


def _program(host: Host, path: str) -> bool:
    """Whether a program is there: binaries are no text, and scripts say so in their first line."""
    try:
        return host.read(path).startswith("#!")
    except CollectError as error:
        if error.why is Why.NOT_FOUND:
            return False
        if error.why in {Why.UNPARSABLE, Why.TOO_LARGE, Why.NOT_PERMITTED}:
            return True
        raise
