"""What PostgreSQL's own catalogue says of the tables that a register's records are mapped to."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sql.dialects import array_literal
from connectors.sql.mapping import MappedRecord
from connectors.sql.misfits import FoundColumn
from connectors.sql.statements import Statement

HELD = Statement(
    """
    select wanted.record as record, wanted.name as name, t.oid is not null as is_there,
        case when base.typname = 'numeric' and (made.modifier - 4) & 65535 = 0 then 'numeric without decimals'
            else base.typname::text end as type,
        base.typcategory::text as category,
        coalesce(
            has_schema_privilege(t.relnamespace, 'usage') and has_column_privilege(t.oid, held.attnum, 'select'), false
        ) as may_be_read
    from unnest($1::text::text[], $2::text::text[], $3::text::text[], $4::text::text[])
        as wanted(record, schema, name_of_table, name)
    left join pg_catalog.pg_class t on t.relname = wanted.name_of_table and t.relkind in ('r', 'p', 'v', 'm', 'f')
        and case wanted.schema when '' then pg_table_is_visible(t.oid)
            else t.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = wanted.schema) end
    left join pg_catalog.pg_attribute held
        on held.attrelid = t.oid and held.attname = wanted.name and held.attnum > 0 and not held.attisdropped
    left join pg_catalog.pg_type own on own.oid = held.atttypid
    left join lateral (
        select case own.typtype when 'd' then own.typbasetype else own.oid end as type,
            case own.typtype when 'd' then own.typtypmod else held.atttypmod end as modifier
    ) made on true
    left join pg_catalog.pg_type base on base.oid = made.type
    """,
    "any",
    (),
    (),
    {},
    {},
    shape=(
        ("record", "text"),
        ("name", "text"),
        ("is_there", "bool"),
        ("type", "text"),
        ("category", "text"),
        ("may_be_read", "bool"),
    ),
)
"""Which of these columns there are, and of what types; each argument is an array's text, of as many."""


def wanted(records: Mapping[str, MappedRecord]) -> list[str]:
    """Return the arguments of HELD: every column of these records."""
    columns = [
        (name, record.schema or "", record.table, column)
        for name, record in records.items()
        for column in record.physical
    ]
    return [array_literal(values) for values in zip(*columns, strict=True)]


def held_by_record(rows: Sequence[Sequence[Any]]) -> dict[str, dict[str, FoundColumn]]:
    """Return what HELD found: for each record whose table is there, its columns that are."""
    found: dict[str, dict[str, FoundColumn]] = {}
    for record, name, is_there, type_, category, may_be_read in rows:
        if is_there:
            held = found.setdefault(record, {})
            if type_ is not None:
                held[name] = FoundColumn(type_, category, may_be_read)
    return found
