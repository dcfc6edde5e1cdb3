"""Values of one operation are made once for each kind and place, and go with it."""

from resolvers.request.memo import Memo, MemoKey

NAMES = MemoKey[list[str]]()
OTHER_NAMES = MemoKey[list[str]]()


def test_a_value_is_made_once_for_its_kind_and_place() -> None:
    memo = Memo()
    first = memo.of(NAMES, "here", list)
    first.append("one")
    assert memo.of(NAMES, "here", list) == ["one"]
    assert (memo.of(NAMES, "there", list), memo.of(OTHER_NAMES, "here", list)) == ([], [])


def test_a_value_that_was_put_is_known_until_the_memo_is_cleared() -> None:
    memo = Memo()
    memo.put(NAMES, ["one"])
    assert (memo.known(NAMES), memo.known(NAMES, "there"), memo.known(OTHER_NAMES)) == (["one"], None, None)
    memo.clear()
    assert memo.known(NAMES) is None
