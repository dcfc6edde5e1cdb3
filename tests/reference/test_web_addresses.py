"""Keys and records come over TLS, from this machine, or from a host that configuration names."""

import pytest

from reference.web_addresses import address_fault

PLAIN = "is plain http: use https, or name `{}` in `plain_http_hosts` where the network itself is protected"


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://id.example.vn/jwks", None),
        ("http://127.0.0.1:8990/jwks", None),
        ("http://127.8.9.1/jwks", None),
        ("http://[::1]:8990/jwks", None),
        ("http://localhost:8990/jwks", None),
        ("http://platform.internal:8080/", None),
        ("http://PLATFORM.internal/", None),
        ("http://id.example.vn/jwks", PLAIN.format("id.example.vn")),
        ("http://localhost.example.vn/", PLAIN.format("localhost.example.vn")),
        ("http://127.0.0.1@id.example.vn/", PLAIN.format("id.example.vn")),
        ("http://10.0.0.1/", PLAIN.format("10.0.0.1")),
        ("ftp://127.0.0.1/", "is no http or https address"),
        ("https:///jwks", "is no http or https address"),
        ("https://[::1/jwks", "is no web address"),
        ("https://id.example.vn:99999/", "is no web address"),
    ],
)
def test_an_address_is_asked_only_where_nobody_stands_between(url: str, fault: str | None) -> None:
    assert address_fault(url, ("platform.internal",)) == fault
