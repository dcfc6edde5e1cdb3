"""Residence: periods in units with the codes of their first day, the change of 1 July 2025 among them."""

from collections.abc import Iterator
from datetime import date, timedelta

from sandbox.generator.careers import TODAY
from sandbox.generator.learners import GeneratedLearner
from sandbox.generator.people import Person
from sandbox.generator.provinces import FIRST_DAY_OF_34, LAST_DAY_OF_63, communes, predecessors, successor
from sandbox.generator.schooling import NULL
from sandbox.generator.words import WORD, Words, picked

RECORDED = round(0.4 * WORD)
SETTLED, MOVED_BEFORE, MOVED_AFTER = (round(share * WORD) for share in (0.6, 0.78, 0.9))
STREETS = ("đường Trần Phú", "đường Lê Lợi", "phố Nguyễn Du", "đường Hùng Vương", "tổ dân phố 5", "thôn Đông", "ấp 3")
ONE_DAY = timedelta(days=1)
CHANGE = FIRST_DAY_OF_34.toordinal()


def residence_lines(index: int, learner: GeneratedLearner, person: Person, words: Words) -> Iterator[str]:
    """Yield the lines of a linked learner's residence, for the part whose history is recorded.

    Most stayed where they were born, or moved once before or after the change; the rest live elsewhere for a time.
    Both days of a period belong to it; the next one begins the day after.
    """
    if learner.link_state != "VERIFIED" or words[0] >= RECORDED:
        return
    born = date.fromisoformat(person.birth_date).toordinal() + 14
    birthplace = (person.birth_province, picked(communes(person.birth_province, LAST_DAY_OF_63), words[1]))
    away = successor(person.birth_province) != learner.province
    draw = words[2] if not away else SETTLED + words[2] * (WORD - SETTLED) // WORD
    head = (f"R{index:08d}", person.citizen_id)
    if draw < SETTLED:
        yield _line(head, 0, "PERMANENT", birthplace, born, None, words)
    elif draw < MOVED_BEFORE and born < CHANGE - 60:
        yield from _moved(head, learner, birthplace, (born, _day_between(born + 30, CHANGE - 1, words[3])), words)
    elif draw < MOVED_AFTER:
        yield from _moved(head, learner, birthplace, (born, _day_after_change(words[3])), words)
    else:
        yield _line(head, 0, "PERMANENT", birthplace, born, None, words)
        since = _day_after_change(words[3])
        yield _line(head, 1, "TEMPORARY", _place(learner.province, since, words), since, None, words)


def _moved(
    head: tuple[str, str], learner: GeneratedLearner, birthplace: tuple[str, str], days: tuple[int, int], words: Words
) -> Iterator[str]:
    born, moved = days
    yield _line(head, 0, "PERMANENT", birthplace, born, moved - 1, words)
    yield _line(head, 1, "PERMANENT", _place(learner.province, moved, words), moved, None, words)


def _place(province: str, day: int, words: Words) -> tuple[str, str]:
    """Return province and commune by the codes of that day, somewhere in one of today's provinces."""
    if day >= CHANGE:
        return province, picked(communes(province, FIRST_DAY_OF_34), words[4])
    old = picked(predecessors()[province], words[5])
    return old, picked(communes(old, LAST_DAY_OF_63), words[4])


def _day_between(first: int, last: int, word: int) -> int:
    return first + (word * (last - first) >> 16)


def _day_after_change(word: int) -> int:
    return _day_between(CHANGE, TODAY.toordinal() - 5, word)


def _line(
    head: tuple[str, str],
    position: int,
    kind: str,
    place: tuple[str, str],
    first: int,
    last: int | None,
    words: Words,
) -> str:
    key, person_key = head
    province, commune = place
    address = f"Số {1 + words[6 + position] % 180}, {picked(STREETS, words[8 + position])}"
    until = date.fromordinal(last).isoformat() if last else NULL
    return (
        f"{key}{position}\t{person_key}\t{kind}\t{commune}\t{province}\t{address}"
        f"\t{date.fromordinal(first).isoformat()}\t{until}"
    )
