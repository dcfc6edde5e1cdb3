"""Where a request comes from is what a trusted proxy says, and nothing that the caller wrote."""

import pytest

from auth.limits.addresses import UNKNOWN, Addresses

PROXIES = ("10.0.0.0/8", "2001:db8:ffff::/48")
V4 = bytes([203, 0, 113, 7])
V6 = bytes.fromhex("20010db800010002")


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        ("203.0.113.7", [], V4),
        ("203.0.113.7", ["198.51.100.1"], V4),  # nobody trusted wrote that
        ("10.0.0.1", ["203.0.113.7"], V4),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.7"], V4),  # what stands before is the caller's word
        ("10.0.0.1", ["198.51.100.1, 203.0.113.7, 10.1.2.3"], V4),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.7 , 10.1.2.3"], V4),  # several lines are one list
        ("10.0.0.1", ["203.0.113.7:4711"], V4),
        ("10.0.0.1", ["::ffff:203.0.113.7"], V4),
        ("::ffff:10.0.0.1", ["203.0.113.7"], V4),
        ("10.0.0.1", [], bytes([10, 0, 0, 1])),
        ("10.0.0.1", ["198.51.100.1, unknown"], bytes([10, 0, 0, 1])),
        ("10.0.0.1", ["203.0.113.7, not an address, 10.9.9.9"], bytes([10, 9, 9, 9])),
        ("10.0.0.1", [", ".join(["203.0.113.7"] + ["10.0.0.2"] * 100_000)], bytes([10, 0, 0, 2])),
        ("2001:db8:ffff::1", ["2001:db8:1:2:3:4:5:6"], V6),
        ("2001:db8:1:2:9:9:9:9", [], V6),
        ("10.0.0.1", ["[2001:db8:1:2::1]:443"], V6),
        ("fe80::1%eth0", [], bytes.fromhex("fe80000000000000")),
        (None, ["203.0.113.7"], UNKNOWN),
        ("a socket", [], UNKNOWN),
    ],
)
def test_the_rightmost_address_that_is_no_trusted_proxy_counts(
    peer: str | None, lines: list[str], address: bytes
) -> None:
    assert Addresses(PROXIES).of(peer, lines) == address


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ('for=198.51.100.1, for="203.0.113.7:80";proto=https', V4),
        ('By=10.0.0.1; For = "[2001:db8:1:2::1]:443"', V6),
        ("for=203.0.113.7, for=_hidden", bytes([10, 0, 0, 1])),
        ("proto=https", bytes([10, 0, 0, 1])),
    ],
)
def test_a_proxy_may_write_forwarded_instead(line: str, address: bytes) -> None:
    assert Addresses(PROXIES, "forwarded").of("10.0.0.1", [line]) == address


def test_a_network_and_a_header_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="network"):
        Addresses(["everybody"])
    with pytest.raises(ValueError, match="header"):
        Addresses([], "via")
