"""What can go wrong between a register and us.

SourceError
  SourceUnavailable      no answer in time; may be retried
  SourceContractBroken   answered with something that is not a record asked for
"""


class SourceError(Exception):
    """A register did not deliver. The message names the register and the record, never a key or a value."""

    def __init__(self, register: str, message: str) -> None:
        super().__init__(f"register `{register}`: {message}")
        self.register = register


class SourceUnavailable(SourceError):
    """No answer in time: absent, slow, overloaded, or its circuit is open. May be retried."""


class SourceContractBroken(SourceError):
    """The register answered with something that is not a record asked for. Its rows are not used."""
