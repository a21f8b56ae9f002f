"""What can be seen of who may connect to a device for debugging."""

from dataclasses import dataclass

from checks.evidence import Fact
from checks.makers import Maker


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbDebugging(Fact):
    """In every field None means that the device would not say."""

    on: bool
    """Debugging is on. Where False, nothing else counts."""
    wireless: bool | None
    """Computers that were paired may connect over the network, encrypted. Part "wireless"."""
    plain: bool | None
    """Computers may connect over the network unencrypted. Part "plain"."""
    by_network: bool | None
    """This audit itself came over the network. Part "route"."""
    asks: bool | None
    """A computer that is new to the device is let in only once its user agrees. Part "asking"."""
    ends: bool | None
    """Trust in a computer that no longer connects runs out. Part "end"."""
    computers: int | None
    """How many computers are let in without being asked about again; the auditing one may be among them.
    Part "computers"."""
    maker: Maker | None = None
    """Its menus differ by maker."""
