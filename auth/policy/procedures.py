"""Administrative procedures as policy has them: what an open dossier of one opens, and for how long."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from auth.policy.vocabulary import PolicyInvalid, Vocabulary
from reference.toml_table import BilingualTable, NameSet, Number, Text, entries_of
from reference.validity import in_force
from reference.working_days import CalendarUnknown, add_working_days

FILE = "procedures.toml"


class ProcedureTerms(BilingualTable, frozen=True, kw_only=True):
    """One procedure. Dossiers of it may be opened from `valid_from` to `valid_to`, both days included.

    `categories` are what the procedure needs; `working_days` its statutory term; after `lapses_after_days` a dossier
    that nobody has closed opens nothing any more.
    """

    name: str
    purpose: Text
    categories: NameSet
    working_days: Number
    lapses_after_days: Number
    citation: Text
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        return in_force(self.valid_from, self.valid_to, on)

    def due(self, received: date) -> date:
        """Return the last day of the statutory term; every day counts in a year whose holidays are not known yet."""
        try:
            return add_working_days(received, self.working_days)
        except CalendarUnknown:
            return received + timedelta(days=self.working_days)

    def last_day(self, opened: date) -> date:
        """Return the last day on which a dossier opened that day counts as open."""
        return opened + timedelta(days=self.lapses_after_days)


def read_procedures(folder: Path, vocabulary: Vocabulary) -> Mapping[str, ProcedureTerms]:
    """Read the procedures of a policy folder; a folder without the file has none. Raises PolicyInvalid."""
    path = folder / FILE
    if not path.exists():
        return MappingProxyType({})
    procedures = entries_of(path, ProcedureTerms, PolicyInvalid)
    for procedure in procedures.values():
        where = f"{FILE}: {procedure.name}"
        if procedure.purpose not in vocabulary.purposes:
            raise PolicyInvalid(f"{where}: unknown purpose `{procedure.purpose}`")
        if unknown := procedure.categories - vocabulary.categories.keys():
            raise PolicyInvalid(f"{where}: unknown category `{min(unknown)}`")
        if procedure.last_day(date(2026, 1, 1)) < procedure.due(date(2026, 1, 1)):
            raise PolicyInvalid(f"{where}: lapses before its statutory term is over")
    return MappingProxyType(procedures)
