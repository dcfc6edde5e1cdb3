"""Relay connections (https://relay.dev/graphql/connections.htm): forward paging with sealed cursors, and identity."""

from typing import Annotated, Generic, TypeVar

import strawberry

from schema.declaring.fields import Argument, identifier, local

T = TypeVar("T")


@strawberry.interface(description="Đối tượng có mã định danh toàn cục | An object with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Mã định danh toàn cục, riêng cho từng ứng dụng khách | "
        "Global id, opaque and particular to the client it is given to."
    )


@strawberry.federation.type(shareable=True, description="Vị trí của trang | Position of a page in its list.")
class PageInfo:
    has_next_page: bool = local("paging", "Còn trang sau | Whether more rows follow.")
    has_previous_page: bool = local("paging", "Có trang trước | Whether the page started after a cursor.")
    start_cursor: str | None = local("paging", "Con trỏ đầu trang | Cursor of the first row.")
    end_cursor: str | None = local(
        "paging", "Con trỏ cuối trang: dùng cho `after` | Cursor of the last row, for `after`."
    )


@strawberry.type(name="Edge", description="Một phần tử của trang | One row of a page.")
class PageEdge(Generic[T]):
    cursor: str = local("paging", "Con trỏ của dòng | Cursor of the row, valid for this list and this client.")
    node: T = local("paging", "Bản ghi | The record itself.")


@strawberry.type(description="Một trang của danh sách | A page of the rows that are visible to the caller.")
class Connection(Generic[T]):
    edges: list[PageEdge[T]] = local("paging", "Các dòng kèm con trỏ | The rows with their cursors.")
    nodes: list[T] = local("paging", "Các dòng | The rows alone.")
    page_info: PageInfo = local("paging", "Vị trí của trang | Position of the page.")
    total_count: int = local(
        "paging",
        "Tổng số dòng người gọi được biết | Number of rows visible to the caller, over all pages.",
        lambda connection, _asking: connection.total_count(),
    )


_FIRST = "Số dòng tối đa của trang, mặc định 20 | Maximum number of rows (default 20)."
_AFTER = "Con trỏ của dòng đứng trước trang | Cursor of the row before the page."
FIRST = Argument(int | None, _FIRST, None)
AFTER = Argument(str | None, _AFTER, None)
First = Annotated[int | None, strawberry.argument(description=_FIRST)]
"""The same two, for resolvers of a page's own."""
After = Annotated[str | None, strawberry.argument(description=_AFTER)]


def global_id(category: str, kind: str, key: str) -> strawberry.ID:
    """Declare the `id` of a Node."""
    return identifier(category, kind, key)  # type: ignore[no-any-return]
