"""The synthetic registers, made from a seed: `python -m sandbox.seed [--learners N] [--into URL] [--data DIR]`."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from asyncpg import PostgresError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sandbox.generator.numbers import MOST_LEARNERS
from sandbox.generator.world import world
from sandbox.load_postgres import ForeignTable, load
from sandbox.load_sqlite import Report, register_file, write_files
from sandbox.registers import REGISTERS

LEARNERS = 20_000
SEED = 20_261_121
DATA = Path(".lienthong/data")
FOLDER = Path(__file__).parent
MADE_FROM = ("generator/*.py", "persona*.py", "registers.py", "../reference/*.py", "../reference/tables/*.tsv")


def ensure_seeded(data: Path = DATA, learners: int = LEARNERS, seed: int = SEED, report: Report | None = None) -> bool:
    """Make the SQLite files of the registers where they are absent or were made otherwise; tell whether they were."""
    note = data / "seed.json"
    wanted = {"learners": learners, "seed": seed, "edition": _edition()}
    if all(register_file(data, register).exists() for register in REGISTERS) and _noted(note) == wanted:
        return False
    note.unlink(missing_ok=True)
    write_files(data, world(learners, seed), report or _unreported)
    note.write_text(json.dumps(wanted))
    return True


def _edition() -> str:
    """Return a digest of what the registers are made from, so that another generator makes them anew."""
    digest = blake2b(digest_size=8)
    for pattern in MADE_FROM:
        for path in sorted(FOLDER.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _noted(note: Path) -> object:
    try:
        return json.loads(note.read_text())
    except (OSError, ValueError):
        return None


def _unreported(stage: str, done: int, total: int) -> None:
    """Say nothing."""


@contextmanager
def progress_bars(console: Console) -> Iterator[Report]:
    """Show a bar for each stage that is reported."""
    columns = (TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=console) as progress:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = progress.add_task(stage, total=total)
            progress.update(bars[stage], completed=done)

        yield report


def main() -> None:
    parser = argparse.ArgumentParser(prog="seed", description="make the synthetic registers")
    parser.add_argument(
        "--learners", type=learners_number, default=LEARNERS, help=f"beside the personas; {LEARNERS} by default"
    )
    parser.add_argument("--into", metavar="URL", help="postgresql://…/postgres: databases of this cluster")
    parser.add_argument("--data", type=Path, default=DATA, help=f"folder of the SQLite files; {DATA} by default")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    console = Console()
    try:
        with progress_bars(console) as report:
            made = _made(options, report)
    except (ForeignTable, PostgresError, OSError) as error:
        console.print(f"not made: {error}")
        raise SystemExit(1) from None
    console.print("the registers are complete" if made else "the registers are there already")


def _made(options: argparse.Namespace, report: Report) -> bool:
    if not options.into:
        return ensure_seeded(options.data, options.learners, options.seed, report)
    load(options.into, options.learners, options.seed, report)
    return True


def learners_number(text: str) -> int:
    """Return how many learners an argument asks for; raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) > MOST_LEARNERS:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to {MOST_LEARNERS}, not `{text}`")
    return int(text)


if __name__ == "__main__":
    main()
