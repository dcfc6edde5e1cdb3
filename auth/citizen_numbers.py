"""What may hold a citizen number where none may stand: case numbers, reasons, names of operations."""

import re

from reference.normal_form import nfkc

_LIKE_A_NUMBER = re.compile(r"\d{9}|(?<!\d)\d{3}([\W_]+)\d{3}(?:\1\d{3}){1,2}(?!\d)")


def may_hold_a_number(text: str) -> bool:
    """Tell whether nine digits stand in a row, or in threes as people write them.

    A citizen number has twelve. Fewer are enough: one that was cut still says when and where somebody was born, and
    the numbers of before had nine. Digits of any script and raised ones count.
    """
    return _LIKE_A_NUMBER.search(nfkc(text)) is not None
