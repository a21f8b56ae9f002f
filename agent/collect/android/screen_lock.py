"""Android: does the phone lock by itself, does it need a credential to open, may anything else open it."""

from agent.collect.android import screen_lock_delay as delay
from agent.collect.android.answers import answer, any_says
from agent.collect.android.commands import LOCK, TRUST
from agent.collect.android.maker import maker
from agent.collect.android.screen_lock_credential import credential
from agent.collect.android.screen_lock_trust import beside, extended
from agent.collect.android.settings import settings
from agent.collect.canary import Canary
from agent.collect.host import Host
from agent.collect.observe import attempt
from checks.evidence import Gap
from checks.screen_lock.fact import Desktop, ScreenLock

CANARY = Canary(answers={LOCK.argv: "lock_settings"}, reason="no_password")


def probe(host: Host) -> ScreenLock:
    """Look at every part by itself, so that one that fails leaves the others.

    Android has no switch for the lock besides the credential, asks for it as soon as it is locked, and starts into
    the lock: those parts are as they should be on every phone.
    """
    gaps: list[Gap] = []
    password = attempt(gaps, "password", lambda: credential(host))
    idle_s = attempt(gaps, "idle", lambda: delay.idle_s(host))
    stays_on = attempt(gaps, "stays_on", lambda: delay.stays_on(host))
    extended_unlock = attempt(gaps, "extended_unlock", lambda: _extended(host))
    return ScreenLock(
        desktop=Desktop.ANDROID,
        maker=attempt([], "maker", lambda: maker(host)),
        locks=True,
        idle_s=idle_s,
        grace_s=0,
        on_resume=True,
        password=password,
        auto_login=False,
        stays_on=stays_on,
        extended_unlock=extended_unlock,
        gaps=tuple(gaps),
    )


def _extended(host: Host) -> bool:
    return any_says((lambda: extended(answer(host, TRUST)), lambda: beside(settings(host, "secure"))))
