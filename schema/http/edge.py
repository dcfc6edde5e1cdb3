"""What every request passes first, whatever its path."""

from typing import Final

from starlette.middleware import Middleware

from schema.http.header_limits import HeaderLimits
from schema.http.request_id import RequestIds

EDGE: Final = (Middleware(RequestIds), Middleware(HeaderLimits))
"""In their order: what is refused has an id and a line in the log too."""
