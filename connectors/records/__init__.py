"""The canonical records, one module a subject; each has `RECORDS`, and is found because it is here.
Modules import connectors/record.py and connectors/subjects.py, never this folder: their order means nothing."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from connectors.record import Record
from runtime.discovery import discovered


def by_name(modules: Mapping[str, Iterable[Record]]) -> Mapping[str, Record]:
    """Return the records of modules by name. Raises ValueError where two have one name."""
    homes: dict[str, str] = {}
    for module, records in modules.items():
        for record in records:
            if record.name in homes:
                raise ValueError(f"record `{record.name}` is in `{homes[record.name]}` and in `{module}`")
            homes[record.name] = module
    return MappingProxyType({record.name: record for records in modules.values() for record in records})


RECORDS = by_name(discovered(__name__, "RECORDS"))

HOLDERS = MappingProxyType({record.name: record for record in RECORDS.values() if record.holds is not None})
"""The records that hold the facts of subjects, by kind of subject."""


def _declared(declares: Callable[[Record], object]) -> Record:
    """Return the one record that makes a declaration; two of them would be two truths."""
    (record,) = (record for record in RECORDS.values() if declares(record) is not None)
    return record


GUARDIANSHIPS = _declared(lambda record: record.guardianship)
BIRTHS = _declared(lambda record: record.born)
UNITS = _declared(lambda record: record.unit)
