"""Where a request comes from: an address as a trusted proxy states it, IPv4 whole or the /64 of IPv6."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from re import compile as pattern

PROXY_HEADERS = ("x-forwarded-for", "forwarded")
"""The headers that proxies state addresses in; the second is RFC 7239's."""
UNKNOWN = b""
"""Stands for a caller without an address, such as one through a socket of the file system."""
_HOPS = 32
"""Addresses of a header that are looked at, from the right."""
_FOR = pattern(r'(?i)(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]*)')

Network = IPv4Network | IPv6Network


def _packed(text: str) -> bytes | None:
    """Return the bytes of an address, None where the text is none. IPv4 in IPv6 is IPv4 (RFC 4291, 2.5.5.2)."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped.packed if address.ipv4_mapped is not None else address.packed
    return address.packed


def _without_port(text: str) -> str:
    """Return the address of `192.0.2.1:80`, `[2001:db8::1]:80` and the like, without a zone."""
    text = text.strip().strip('"')
    if text.startswith("["):
        return text[1:].partition("]")[0].partition("%")[0]
    host, colon, port = text.rpartition(":")
    return host if colon and ":" not in host and port.isdecimal() else text.partition("%")[0]


class Addresses:
    """Tells addresses apart from what callers only claim: nothing is believed that no trusted proxy wrote."""

    def __init__(self, trusted: Iterable[str] = (), header: str = PROXY_HEADERS[0]) -> None:
        """`trusted`: the proxies' networks. `header`: the one that they write, `x-forwarded-for` or `forwarded`.

        One header only: a proxy that writes one of the two passes on whatever the caller put in the other. Raises
        ValueError for a network or a header that is none.
        """
        if header not in PROXY_HEADERS:
            raise ValueError(f"the header of the proxies must be one of {PROXY_HEADERS}")
        self.header = header
        self._trusted: list[Network] = [ip_network(network) for network in trusted]

    def of(self, peer: str | None, lines: Sequence[str]) -> bytes:
        """Return the address, of IPv6 the first 8 bytes. `lines`: the values of the header, as they came.

        The rightmost address that is no trusted proxy's was written by one that is: those before it are claims. What
        is no address stands for the proxy that wrote it.
        """
        address = None if peer is None else _packed(peer)
        if address is None:
            return UNKNOWN
        if self._trusted and self._is_trusted(address):
            for stated in self._stated(lines):
                packed = _packed(stated)
                if packed is None:
                    break
                address = packed
                if not self._is_trusted(address):
                    break
        return address[:8] if len(address) == 16 else address

    def _stated(self, lines: Sequence[str]) -> Iterable[str]:
        elements = ",".join(lines).rsplit(",", _HOPS)[-_HOPS:]
        for element in reversed(elements):
            if self.header == "forwarded":
                named = _FOR.search(element)
                yield _without_port(named.group(1)) if named is not None else ""
            else:
                yield _without_port(element)

    def _is_trusted(self, address: bytes) -> bool:
        known = ip_address(address)
        return any(known.version == network.version and known in network for network in self._trusted)


def lines_of(headers: Iterable[tuple[bytes, bytes]], name: str) -> list[str]:
    """Return the values of a header that may come several times, in their order."""
    wanted = name.encode()
    return [value.decode("latin-1") for key, value in headers if key == wanted]
