"""A command whose reader may leave, as `head` does: `python -m runtime.command MODULE` ends as it would have."""

import io
import os
import runpy
import sys
from typing import Any


class ForsakenOutput(io.FileIO):
    """A descriptor that takes whatever is written to it, also when nobody reads it any more."""

    def write(self, content: Any) -> int:
        try:
            return super().write(content)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return len(content)


def main() -> None:
    """Run the module that the first argument names."""
    output = io.BufferedWriter(ForsakenOutput(sys.stdout.fileno(), "w", closefd=False))
    encoding, errors, at_terminal = sys.stdout.encoding, sys.stdout.errors, sys.stdout.isatty()
    sys.stdout = io.TextIOWrapper(output, encoding, errors, line_buffering=at_terminal)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
