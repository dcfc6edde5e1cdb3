"""Ages of persons, as the law counts them."""

from datetime import date

AGE_OF_MAJORITY = 18  # Civil Code 2015 art. 20


def age(born: date, today: date) -> int:
    """Return the completed years of age; a birthday on 29 February counts on 1 March in common years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
