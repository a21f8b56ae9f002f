"""What a failed exchange with the practice's server means, in words for a person."""

import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from reports.deliver.errors import Reason, TransportError
from reports.deliver.https_certificate import presented, what_is_wrong

DEEPEST = 12
PORTAL_HINT = "You may be behind a sign-in page. Open your browser once."


def explained(problem: Exception, url: str, proxies: Mapping[str, str]) -> TransportError:
    """The error to raise. A certificate that failed is fetched once more, to be named; nothing is sent to it."""
    if isinstance(problem, TransportError):
        return problem
    causes = list(_causes(problem))
    failed = next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None)
    if failed is not None:
        return _certificate(failed, url, proxies)
    if any(isinstance(one, requests.exceptions.ProxyError | urllib3.exceptions.ProxyError) for one in causes):
        sentence = "The proxy that this laptop is set to use does not let us through to your practice's server."
        return TransportError(permanent=False, reason=Reason.PROXY, sentence=sentence)
    if any(isinstance(one, ssl.SSLError) for one in causes):
        sentence = f"No encrypted connection with your practice's server came about; nothing was sent. {PORTAL_HINT}"
        return TransportError(permanent=False, reason=Reason.NO_TLS, sentence=sentence)
    return _unreachable(causes)


def _unreachable(causes: list[BaseException]) -> TransportError:
    if any(isinstance(one, urllib3.exceptions.NameResolutionError) for one in causes):
        sentence = (
            "Your practice's server is not found by its name: this laptop is offline, or in a network of its own."
        )
        return TransportError(permanent=False, reason=Reason.UNREACHABLE, sentence=sentence)
    refused = any(isinstance(one, urllib3.exceptions.NewConnectionError) for one in causes)  # a timeout, by its class
    if not refused and any(
        isinstance(one, requests.Timeout | TimeoutError | urllib3.exceptions.TimeoutError) for one in causes
    ):
        sentence = "Your practice's server did not answer in time."
        return TransportError(permanent=False, reason=Reason.TIMEOUT, sentence=sentence)
    sentence = "Your practice's server cannot be reached, or the connection broke."
    return TransportError(permanent=False, reason=Reason.UNREACHABLE, sentence=sentence)


def _certificate(failed: ssl.SSLCertVerificationError, url: str, proxies: Mapping[str, str]) -> TransportError:
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = presented(host, parts.port or 443, proxy=proxies.get("https"))
    sentence = f"{what_is_wrong(failed.verify_code, host, shown)} Nothing was sent. {PORTAL_HINT}"
    return TransportError(permanent=False, reason=Reason.CERTIFICATE, sentence=sentence)


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The error and those inside it: libraries hand them on as cause, as context, as `reason` or as an argument."""
    waiting: list[object] = [problem]
    for _ in range(DEEPEST):
        one = next((each for each in waiting if isinstance(each, BaseException)), None)
        if one is None:
            return
        yield one
        waiting = [*waiting[waiting.index(one) + 1 :], getattr(one, "reason", None), *one.args]
        waiting += [one.__cause__, one.__context__]
