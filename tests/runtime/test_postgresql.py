"""Whatever a server sends, the event loop turns: what is no message ends the connection."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
import uvloop

from runtime.postgresql import FOLLOWED, LONGEST, connected
from tests.relay import relay
from tests.runtime.broken_server import HANDSHAKE, message, saying
from tests.servers import PostgreSQL

pytestmark = pytest.mark.anyio

NO_MESSAGES = {
    "nul": bytes(1000),
    "type nul": message(b"\0", 4),
    "type nul with a length": message(b"\0", 10, bytes(6)),
    "no type": message(b"?", 4),
    "length of nothing": message(b"D", 0),
    "length backwards": message(b"D", -8),
    "length beyond all": message(b"D", LONGEST + 1),
    "nul after a message": message(b"N", 5, b"\0") + bytes(100),
}


@pytest.mark.parametrize("said", NO_MESSAGES.values(), ids=NO_MESSAGES)
async def test_what_is_no_message_ends_the_connection(said: bytes) -> None:
    async with saying([HANDSHAKE], [said]) as address:
        connection = await connected(address)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await asyncio.wait_for(connection.fetch("select 1"), 5)
        assert connection.is_closed()


@pytest.mark.parametrize("said", NO_MESSAGES.values(), ids=NO_MESSAGES)
async def test_nor_is_it_taken_for_a_welcome(said: bytes) -> None:
    async with saying([said]) as address:
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await asyncio.wait_for(connected(address), 5)


CUTS: dict[str, Sequence[bytes]] = {
    "after its type": (b"N", message(b"N", 5, b"\0")[1:] + bytes(9)),
    "in its length": (b"N\0\0", b"\0\5\0" + bytes(9)),
    "in what it holds": (message(b"N", 104, bytes(50)), bytes(50) + bytes(9)),
}


@pytest.mark.parametrize("chunks", CUTS.values(), ids=CUTS)
async def test_a_message_in_pieces_is_followed_to_its_end(chunks: Sequence[bytes]) -> None:
    async with saying([HANDSHAKE], chunks) as address:
        connection = await connected(address)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await asyncio.wait_for(connection.fetch("select 1"), 5)


ROW = message(b"D", 4 + 2 + 4 + 100, b"\0\1\0\0\0\x64" + b"x" * 100)


@pytest.mark.parametrize("rows", [1, FOLLOWED - 4, FOLLOWED, 10 * FOLLOWED])
async def test_a_long_answer_that_turns_to_nul_ends_the_connection(rows: int) -> None:
    described = message(b"T", 4 + 2, b"\0\0")
    async with saying([HANDSHAKE], [message(b"1", 4) + described, ROW * rows, ROW[:50], bytes(8192)]) as address:
        connection = await connected(address)
        with pytest.raises(asyncpg.PostgresConnectionError):
            await asyncio.wait_for(connection.fetch("select 1"), 5)
        assert connection.is_closed()


def row(*values: bytes) -> bytes:
    held = b"".join(len(value).to_bytes(4) + value for value in values)
    return message(b"D", 4 + 2 + len(held), len(values).to_bytes(2) + held)


COLUMN = b"c\0" + bytes(6) + (25).to_bytes(4) + b"\xff\xff\xff\xff\xff\xff\0\0"
DESCRIBED = message(b"1", 4) + message(b"t", 6, bytes(2)) + message(b"T", 6 + 2 * len(COLUMN), b"\0\2" + 2 * COLUMN)
READY = message(b"Z", 5, b"I")
DONE = message(b"C", 4 + 9, b"SELECT 1\0") + READY


@pytest.mark.parametrize("rows", [0, FOLLOWED - 3, FOLLOWED - 2, FOLLOWED - 1, FOLLOWED, 10 * FOLLOWED])
@pytest.mark.parametrize("value", [b"hello", b"hDong", b"hZ\0\0\0", b"h\0\0\0\0"])
async def test_a_row_cut_where_it_looks_like_the_end_of_an_answer_is_read_on(rows: int, value: bytes) -> None:
    odd = row(b"xyzZ", value)
    assert odd[-10:-5] == READY[:-1]
    cut = [message(b"2", 4) + row(b"a", b"b") * rows + odd[:-4], odd[-4:] + row(b"c", b"d"), DONE]
    async with saying([HANDSHAKE], [DESCRIBED], cut, [DESCRIBED], [message(b"2", 4) + DONE]) as address:
        connection = await connected(address)
        found = await asyncio.wait_for(connection.fetch("select 1"), 5)
        assert [tuple(one) for one in found] == [("a", "b")] * rows + [("xyzZ", value.decode()), ("c", "d")]
        assert await asyncio.wait_for(connection.fetch("select 2"), 5) == []
        connection.terminate()


async def test_once_an_answer_was_followed_to_its_end_what_is_no_message_ends_the_connection_again() -> None:
    long = [message(b"2", 4) + row(b"a", b"b") * 10 * FOLLOWED + DONE]
    short = [[DESCRIBED], [message(b"2", 4) + DONE]]
    async with saying([HANDSHAKE], [DESCRIBED], long, *short, [message(b"?", 4)]) as address:
        connection = await connected(address)
        assert len(await asyncio.wait_for(connection.fetch("select 1"), 5)) == 10 * FOLLOWED
        await asyncio.wait_for(connection.fetch("select 2"), 5)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await asyncio.wait_for(connection.fetch("select 3"), 5)


@pytest.mark.servers
async def test_after_a_long_answer_the_next_is_followed_again(postgresql: PostgreSQL) -> None:
    async with relay(postgresql.port) as way:
        connection = await connected(f"postgresql://lienthong@127.0.0.1:{way.port}/postgres")
        for width in range(1, 40):  # so that the last message is cut in every place
            await connection.fetch("select repeat('x', $1::int) from generate_series(1, 2000)", width)
        way.answers_nul = True
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await asyncio.wait_for(connection.fetch("select 1"), 5)


@pytest.fixture
async def connection(postgresql: PostgreSQL) -> AsyncIterator[asyncpg.Connection]:
    made = await connected(postgresql.database_url("postgres").replace("+asyncpg", ""))
    yield made
    await made.close()


@pytest.mark.servers
async def test_answers_of_every_length_arrive_whole(connection: asyncpg.Connection) -> None:
    for rows, width in ((0, 1), (1, 0), (3, 1_000_000), (20_000, 7), (1_000, 1_000)):
        found = await connection.fetch("select repeat('x', $2::int) from generate_series(1, $1::int)", rows, width)
        assert [len(row[0]) for row in found] == [width] * rows
    assert await connection.fetch("select null, ''::text, 0::bigint, '\\x00'::bytea") == [(None, "", 0, b"\0")]
    with pytest.raises(asyncpg.UndefinedTableError):
        await connection.fetch("select * from nowhere")


@pytest.mark.servers
async def test_a_database_whose_answers_turn_to_nul_is_lost_and_comes_back(postgresql: PostgreSQL) -> None:
    async with relay(postgresql.port) as way:
        address = f"postgresql://lienthong@127.0.0.1:{way.port}/postgres"
        connection = await connected(address)
        way.answers_nul = True
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await asyncio.wait_for(connection.fetch("select 1"), 5)
        with pytest.raises((OSError, asyncpg.PostgresConnectionError)):
            await asyncio.wait_for(connected(address), 5)
        way.answers_nul = False
        again = await connected(address)
        assert await again.fetchval("select 1") == 1
        await again.close()


@pytest.mark.servers
def test_a_peer_that_vanished_is_noticed_by_the_socket(postgresql: PostgreSQL) -> None:
    address = postgresql.database_url("postgres").replace("+asyncpg", "")

    async def options() -> list[int]:
        connection = await connected(address)
        opened = connection._transport.get_extra_info("socket")
        names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
        found = [opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)]
        found += [opened.getsockopt(socket.IPPROTO_TCP, name) for name in names]
        await connection.close()
        return found

    assert asyncio.run(options()) == uvloop.run(options()) == [1, 10, 5, 2, 15_000]
