"""The one way out by HTTPS: to an address that was resolved once and found public, without redirects, within a time.

Whoever sets a channel chooses where the console connects to. So a name is resolved, each of its addresses is judged,
and the connection goes to the address that was judged: asking a second time could bring another one.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from reports.console.alerts.outside import Outside
from reports.console.alerts.undelivered import Undelivered

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
WHOLE_S = 25.0
MOST_ANSWER = 64 << 10
MOST_URL = 1000
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    retry_after: str
    content: bytes
    """Cut off at 64 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What goes out."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def post(outside: Outside, parcel: Parcel, *, allowed: Sequence[Network] = ()) -> Answer:
    """Send and read the answer. `allowed`: private networks that IT opened. Raises Undelivered."""
    target = httpx2.URL(checked(parcel.url))
    address = _judged(outside, target.host, target.port or 443, allowed)
    pinned = target.copy_with(host=str(address))
    headers = {**parcel.headers, "host": target.netloc.decode("ascii"), "user-agent": "scrubin"}
    try:
        return asyncio.run(_post(outside, pinned, target.host, parcel.body, headers))
    except TimeoutError as error:
        raise Undelivered("The receiver did not answer in time.") from error
    except ssl.SSLError as error:
        raise Undelivered(_certificate(error)) from error
    except httpx2.HTTPError as error:
        raise Undelivered(_broken(error)) from error


async def _post(outside: Outside, url: httpx2.URL, name: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    async with (
        asyncio.timeout(WHOLE_S),
        httpx2.AsyncClient(verify=outside.tls(), trust_env=False, follow_redirects=False, timeout=WHOLE_S) as client,
        client.stream("POST", url, content=body, headers=headers, extensions={"sni_hostname": name}) as answer,
    ):
        content = b""
        async for part in answer.aiter_raw():  # as it came: an answer that unpacks to gigabytes stays small
            content += part
            if len(content) > MOST_ANSWER:
                break
        retry_after = answer.headers.get("retry-after", "")
        return Answer(status=answer.status_code, retry_after=retry_after, content=content[:MOST_ANSWER])


def checked(url: str) -> str:
    """An address that we would send to. Raises Undelivered."""
    try:
        parts = urlsplit(url)
        port = parts.port
        httpx2.URL(url)  # which knows more that is no address, and would say so to a job
    except (ValueError, httpx2.InvalidURL) as error:
        raise Undelivered("The address is not one.") from error
    if (
        parts.scheme != "https"
        or not parts.hostname
        or len(url) > MOST_URL
        or not url.isascii()
        or not url.isprintable()
    ):
        raise Undelivered("The address must begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None or port == 0 or " " in url:
        raise Undelivered("The address must hold no user name, password or blank.")
    return url


def _judged(outside: Outside, host: str, port: int, allowed: Sequence[Network]) -> Address:
    try:
        found = [ipaddress.ip_address(one.partition("%")[0]) for one in outside.resolve(host, port)]
    except (OSError, ValueError) as error:
        raise Undelivered("The receiver's name can't be resolved.") from error
    if not found:
        raise Undelivered("The receiver's name can't be resolved.")
    if not all(may_reach(one, allowed) for one in found):
        raise Undelivered("The receiver is in a private network, which is not allowed here.")
    return found[0]


def may_reach(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Public ones, and what IT opened; never what speaks for the machine's own network card or for many at once."""
    inner = _inner(address)
    if inner.is_link_local or inner.is_multicast or inner.is_unspecified:
        return False
    return inner.is_global or any(inner in one for one in allowed if one.version == inner.version)


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address


def _broken(error: httpx2.HTTPError) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "The receiver did not answer in time."
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return _certificate(cause)
        cause = cause.__cause__ or cause.__context__
    return "The receiver can't be reached, or the connection broke."


def _certificate(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The receiver could not prove who it is ({error.verify_message})."[:200]
    return "No encrypted connection with the receiver came about."
