"""What every request passes first, whatever its path."""

from typing import Final

from starlette.middleware import Middleware

from schema.header_limits import HeaderLimits
from schema.request_id import RequestIds

EDGE: Final = (Middleware(RequestIds), Middleware(HeaderLimits))
"""In their order: what is refused has an id and a line in the log too."""
