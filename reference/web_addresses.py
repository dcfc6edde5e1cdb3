"""Permitted web addresses: https, and http only on this machine or to hosts that configuration names."""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit


def address_fault(url: str, plain_hosts: Collection[str] = ()) -> str | None:
    """Return why keys or records must not be fetched from the address, None where they may.

    Over http whoever stands between can replace what is answered. It is accepted from this machine (RFC 8252
    section 7.3) and from the hosts that configuration names: `plain_hosts`, lower case, without port.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no web address"
    if parts.scheme not in ("http", "https") or not host:
        return "is no http or https address"
    if parts.scheme == "http" and not _is_loopback(host) and host not in plain_hosts:
        return f"is plain http: use https, or name `{host}` in `plain_http_hosts` where the network itself is protected"
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
