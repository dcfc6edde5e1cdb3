"""Readers and their loans, with the ways to readers that citizens and `me` have."""

from datetime import date

import strawberry

from schema.declaring.added_fields import AddedFields
from schema.declaring.fields import column, edge, of_record
from schema.declaring.paging import Node, global_id
from schema.records.citizens import CitizenIdentity


@of_record("loan", key="id", category="reader.loan")
@strawberry.federation.type(keys=["id"], description="Lượt mượn | A loan.")
class Loan(Node):
    id: strawberry.ID = global_id("reader.loan", "Loan", "id")
    title: str | None = column("reader.loan", "Nhan đề | Title.")
    lent_on: date | None = column("reader.loan", "Ngày mượn | Day of the loan.")


@of_record("reader", key="id", category="reader.record")
@strawberry.federation.type(keys=["id"], description="Bạn đọc | A reader of a library.")
class Reader(Node):
    id: strawberry.ID = global_id("reader.record", "Reader", "id")
    full_name: str | None = column("reader.record", "Tên trên thẻ | Name on the card.")
    loans: list[Loan] | None = edge(
        "loan",
        key="id",
        by="reader_id",
        many=True,
        order=(("id", False),),
        category="reader.loan",
        description="Các lượt mượn | The reader's loans.",
    )


@strawberry.type
class ReadersOfPerson:
    readers: list[Reader] | None = edge(
        "reader",
        key="person_key",
        by="person_key",
        many=True,
        order=(("id", False),),
        category="reader.record",
        description="Thẻ bạn đọc | Reader records whose link is verified.",
    )


@strawberry.type
class ReadersOfMe(ReadersOfPerson):
    pass


ADDED_FIELDS = (AddedFields("Me", ReadersOfMe), AddedFields(CitizenIdentity, ReadersOfPerson))
