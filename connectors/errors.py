"""What can go wrong between a register and us.

RegistersInvalid         the configuration of the registers is wrong; nothing starts
SourceError
  SourceUnavailable      no answer in time; may be retried
    NotOffered           the register answers no such question, however often it is asked
    QuestionTooSlow      the register lives, and gave up what was asked
  SourceContractBroken   answered with something that is not a record asked for
"""


class RegistersInvalid(Exception):
    """The configuration of the registers cannot be used. The message names the register and the setting."""

    def __init__(self, register: str, message: str) -> None:
        super().__init__(f"register `{register}`: {message}")


class SourceError(Exception):
    """A register did not deliver. The message names the register and the record, never a key or a value."""

    def __init__(self, register: str, message: str) -> None:
        super().__init__(f"register `{register}`: {message}")
        self.register, self.message = register, message


class SourceUnavailable(SourceError):
    """No answer in time: absent, slow, overloaded, or its circuit is open. May be retried."""


class NotOffered(SourceUnavailable):
    """The register offers no such kind of question. Not its failure, and not to be retried."""


class QuestionTooSlow(SourceUnavailable):
    """The register ended the question at its time limit. It lives, and the same question would be as slow again."""


class SourceContractBroken(SourceError):
    """The register answered with something that is not a record asked for. Its rows are not used."""
