"""The worker leaves nothing behind."""

import weakref
from pathlib import Path

from daemon_fakes import Rig

from agent.daemon import Reason, Trigger


class Ring:
    """Garbage as errors make it: it holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_of_an_audit_does_not_pile_up_in_an_idle_daemon(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    left: list[weakref.ref[Ring]] = []
    rig.next_delivery = lambda: left.append(weakref.ref(Ring()))
    rig.worker.do(Trigger(reason=Reason.START))
    assert left[0]() is None
