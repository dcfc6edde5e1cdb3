"""`python -m bench NAME [--json]`: measure, and say what was found as a table and a picture, or as one JSON object."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench.composition import measure_composition
from bench.engine import measure
from bench.existence import run as run_existence
from bench.growth import grow
from bench.hostile import run as measure_hostile
from bench.load import WrkMissing
from bench.peers.cluster import ClusterMissing
from bench.peers.comparison import Unequal, compare
from bench.peers.contestants import NodeMissing
from bench.processes import ProcessNotStarted
from bench.results import Results
from bench.season import run
from bench.subtree.costs import run as run_subtree

HERE = Path(__file__).parent.parent
FOLDER = HERE / ".lienthong" / "bench"
PLAN = {"on": True, "off": False, "default": None}


def _peers(options: argparse.Namespace) -> Results:
    plan, consents = PLAN[options.plan], not options.without_consents
    return compare(options.folder, options.rounds, options.seconds, options.only, plan, consents=consents)


def _engine(options: argparse.Namespace) -> Results:
    return measure(options.folder, options.rounds)


def _composition(options: argparse.Namespace) -> Results:
    return measure_composition(options.rounds)


def _growth(options: argparse.Namespace) -> Results:
    return grow(options.folder, options.seconds, PLAN[options.plan])


def _season(options: argparse.Namespace) -> Results:
    return run(options.folder, PLAN[options.plan])


def _subtree(options: argparse.Namespace) -> Results:
    return run_subtree(options.folder)


def _existence(options: argparse.Namespace) -> Results:
    return run_existence(options.folder)


def _hostile(options: argparse.Namespace) -> Results:
    return measure_hostile(options.folder)


CASES: dict[str, tuple[str, Callable[[argparse.Namespace], Results]]] = {
    "engine": ("the plan beside graphql-core, in this process", _engine),
    "composition": ("a look-up of a record in one, two and 34 registers: CPU in this process", _composition),
    "growth": ("batches of 10 to 500 citizens, 1 to 64 at a time: CPU per value, memory", _growth),
    "season": ("800,000 residence look-ups over HTTP on two cores", _season),
    "subtree": ("a statement for each level beside one for the subtree: CPU of ours and PostgreSQL's", _subtree),
    "existence": ("whether time tells hidden learners from nobody: AUC over 1,000 pairs for each caller", _existence),
    "hostile": ("150 hostile requests: CPU, how long others wait, what stays in memory (needs 7 minutes)", _hostile),
    "peers": ("our server beside Mercurius, PostGraphile and queries written by hand, on one database", _peers),
}


def main(arguments: list[str] | None = None) -> int:
    options = parsed(arguments)
    console = Console(stderr=options.json)
    options.folder = options.folder.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        found = CASES[options.name][1](options)
    except (ClusterMissing, NodeMissing, ProcessNotStarted, Unequal, WrkMissing) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    picture = options.folder / f"{found.name}.svg"
    found.draw(picture)
    found.show(console)
    console.print(f"picture: {picture}")
    if options.json:
        print(found.as_json())
    return 0


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    cases = "\n".join(f"  {name:11} {summary}" for name, (summary, _) in CASES.items())
    parser = argparse.ArgumentParser(
        prog="lienthong bench",
        description=f"measure speed; NAME is one of\n{cases}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=CASES, metavar="NAME")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")
    parser.add_argument("--rounds", type=int, default=3, help="how often each server is measured; 3 by default")
    parser.add_argument("--seconds", type=float, default=8.0, help="of load for each figure; 8 by default")
    parser.add_argument("--only", action="append", default=[], metavar="SERVER", help="only these servers")
    parser.add_argument("--plan", choices=PLAN, default="default", help="our executor: the plan or the reference")
    parser.add_argument("--without-consents", action="store_true", help="no rule asks for a consent, and none is read")
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"where databases are kept; {FOLDER} by default")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
