"""What can go wrong between a register and us.

RegistersInvalid         the configuration of the registers is wrong; nothing starts
  RecordSettingInvalid   it is wrong about who serves a record
SourceError
  SourceUnavailable      no answer in time; may be retried
    PartlyAvailable      of several registers some did not answer; carries the rows of the others
    NotOffered           the register answers no such question, however often it is asked
    QuestionTooSlow      the register lives, and gave up what was asked
  SourceContractBroken   answered with something that is not a record asked for
"""

from collections.abc import Sequence
from typing import Any


class RegistersInvalid(Exception):
    """The configuration of the registers cannot be used. The message names the register and the setting."""

    def __init__(self, register: str, message: str) -> None:
        super().__init__(f"register `{register}`: {message}")


class RecordSettingInvalid(RegistersInvalid):
    """The configuration of a record that is not served by its own register alone. The message names the record."""

    def __init__(self, record: str, message: str) -> None:
        Exception.__init__(self, f"record `{record}`: {message}")


class SourceError(Exception):
    """A register did not deliver. The message names the register and the record, never a key or a value."""

    def __init__(self, register: str, message: str) -> None:
        super().__init__(f"register `{register}`: {message}")
        self.register, self.message = register, message


class SourceUnavailable(SourceError):
    """No answer in time: absent, slow, overloaded, or its circuit is open. May be retried."""


class PartlyAvailable(SourceUnavailable):
    """Some registers of a record did not answer. `rows` are those of the others, `missing` has an error for each.

    It is raised and not returned: a caller that does not ask for incomplete answers fails as with one register.
    """

    def __init__(self, rows: Sequence[Sequence[Any]], missing: Sequence[SourceUnavailable]) -> None:
        super().__init__(missing[0].register, missing[0].message)
        self.rows, self.missing = rows, tuple(missing)


class NotOffered(SourceUnavailable):
    """The register offers no such kind of question. Not its failure, and not to be retried."""


class QuestionTooSlow(SourceUnavailable):
    """The register ended the question at its time limit. It lives, and the same question would be as slow again."""


class SourceContractBroken(SourceError):
    """The register answered with something that is not a record asked for. Its rows are not used."""
