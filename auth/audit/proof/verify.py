"""Checks an export of the audit record with nothing but the public key, and names the first bad entry.

What is checked: every signature, the chain of all roots, each writer's chain of hashes, that the Merkle root over the
entries is the signed one wherever one was signed, every proof, and that the roots a witness has kept are still there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from auth.audit.log.chain import GENESIS, hash_of
from auth.audit.log.merkle import Frontier, extends, includes
from auth.audit.log.signed_roots import SignedTreeHead, digest_of, opened
from auth.audit.proof.index import IndexFault
from auth.audit.proof.usage_proof import proved_root
from auth.audit.proof.witness import WitnessFinding, departure, statement_in
from auth.crypto.signing import PublicKeys, SignatureInvalid

UNSIGNED_S = 300
"""After so long an entry must have a root, even one whose writer was killed."""
VERSION = 2
"""Of the format of exports. In version 1, which is read too, nothing is said of who wrote an entry."""
_GARBLED = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(slots=True)
class _Writer:
    """How far one writer's lines have been checked."""

    roots: dict[int, SignedTreeHead] = field(default_factory=dict)
    frontier: Frontier = field(default_factory=Frontier)
    last: bytes = GENESIS
    begun: SignedTreeHead | None = None
    """The root that this part begins after."""
    signed: int = 0
    """How many entries were found as signed."""
    proved: set[int] = field(default_factory=set)
    """The sizes of roots that were proved to extend the one before."""
    longest: int = 0
    """Up to where the file's roots reach."""
    late: bool = False
    bad: bool = False


class Verification:
    """One file read from its first line to its last."""

    def __init__(self, keys: PublicKeys) -> None:
        self._keys = keys
        self._writers: dict[int, _Writer] = {}
        self._digests: dict[int, bytes] = {}
        self._last: SignedTreeHead | None = None
        self._header: Mapping[str, Any] = {}
        self.findings: list[WitnessFinding] = []
        self.entries = self.proofs = self.unsigned = self.earlier = 0

    def read(self, lines: Iterable[bytes], witness: Iterable[bytes] = ()) -> None:
        """Check all lines, then what the witness kept: lines of an earlier export, or statements alone."""
        for number, line in enumerate(lines, 1):
            try:
                self._read_line(orjson.loads(line))
            except SignatureInvalid as error:
                self._find(f"line {number}: {error}")
            except _GARBLED:
                self._find(f"line {number}: not a line of an export")
        if not self._header and not self.proofs:
            self._find("not an export")
        self._check_ends()
        self._check_witness(witness)

    def summary(self) -> str:
        """Return in words what was checked."""
        numbers = sorted(self._digests)
        span = f"{numbers[0]} to {numbers[-1]}" if numbers else "none"
        earlier = f", {self.earlier} from before entries were authenticated" if self.earlier else ""
        entries = f"{self.entries} entries ({self.unsigned} under no root yet{earlier})"
        counts = f"{entries}, {self.proofs} proofs, roots: {span}"
        return f"{'NOT AS SIGNED' if self.findings else 'as signed'}: {counts}"

    def _read_line(self, line: Mapping[str, Any]) -> None:
        match line["kind"]:
            case "export":
                self._header = line
                if line["version"] not in (1, VERSION):
                    self._find(f"an export of version {line['version']}, not {VERSION}")
            case "root":
                self._read_root(line["statement"])
            case "peaks":
                self._read_peaks(self._writer(line["writer"]), line)
            case "entry":
                self._read_entry(self._writer(line["writer"]), line)
            case "foreign":
                self._read_foreign(self._writer(line["writer"]), line)
            case "misindexed":
                self._find(IndexFault[line["fault"]].value, line["writer"], line["sequence"])
            case "consistency":
                self._read_consistency(self._writer(line["writer"]), line)
            case "inclusion":
                self._read_inclusion(line)
            case "usage":
                self._read_usage(line)
            case kind:
                self._find(f"`{kind}` is not a kind of line")

    def _read_root(self, statement: str) -> None:
        root = opened(statement, self._keys)
        expected = (self._last.number + 1, self._digests[self._last.number]) if self._last else (1, GENESIS)
        partly = self._last is None and self._header.get("since") is not None
        if not partly and (root.number, root.previous) != expected:
            self._find(f"root {expected[0]} is not the one that was signed next", root.writer)
        self._last = root
        self._digests[root.number] = digest_of(statement)
        writer = self._writer(root.writer)
        writer.roots[root.size] = root
        writer.longest = max(writer.longest, root.size)

    def _read_peaks(self, writer: _Writer, line: Mapping[str, Any]) -> None:
        root = opened(line["statement"], self._keys)
        writer.frontier = Frontier(root.size, map(bytes.fromhex, line["peaks"]))
        writer.last, writer.begun, writer.signed = root.last, root, root.size
        if (root.writer, root.root) != (line["writer"], writer.frontier.root()):
            self._spoil(writer, "the peaks are not those of the root signed", line["writer"])

    def _read_entry(self, writer: _Writer, line: Mapping[str, Any]) -> None:
        number, expected = line["writer"], writer.frontier.size + 1
        self.entries += 1
        self.earlier += bool(line.get("earlier")) or self._header.get("version") == 1
        if writer.bad:
            return
        if line["sequence"] != expected:
            self._spoil(writer, f"missing or moved: entry {line['sequence']} stands there", number, expected)
            return
        entry_hash = hash_of(writer.last, number, expected, line["body"].encode())
        if entry_hash.hex() != line["hash"]:
            self._spoil(writer, "changed: its hash is another", number, expected)
            return
        writer.frontier.grow(entry_hash)
        writer.last = entry_hash
        root = writer.roots.get(expected)
        if root is not None:
            self._reach(writer, root)
        elif expected > max(writer.longest, writer.signed) and not writer.late:
            self._check_age(writer, line)

    def _read_foreign(self, writer: _Writer, line: Mapping[str, Any]) -> None:
        if not writer.bad:
            message = "not as a process that holds the keys wrote it: left out"
            self._spoil(writer, message, line["writer"], line["sequence"])

    def _check_age(self, writer: _Writer, line: Mapping[str, Any]) -> None:
        """Find an entry that should have had a root when it was exported: perhaps its root was taken away."""
        at, exported_at = orjson.loads(line["body"])["at"], self._header["at"]
        if (datetime.fromisoformat(exported_at) - datetime.fromisoformat(at)).total_seconds() > UNSIGNED_S:
            writer.late = True
            message = f"under no root {UNSIGNED_S} seconds after it was recorded, as all that follow"
            self._find(message, line["writer"], line["sequence"])

    def _reach(self, writer: _Writer, root: SignedTreeHead) -> None:
        """Compare what was read up to the root's size with what was signed."""
        if (root.root, root.last) != (writer.frontier.root(), writer.last):
            message = f"not as signed: some entry from here to {root.size} was changed, and hashed anew"
            self._spoil(writer, message, root.writer, writer.signed + 1)
        writer.signed = root.size

    def _read_consistency(self, writer: _Writer, line: Mapping[str, Any]) -> None:
        root = writer.roots[line["to"]]
        before = _before(writer, root)
        self.proofs += 1
        path = [bytes.fromhex(node) for node in line["path"]]
        if not extends(before.size, before.root, root.size, root.root, path):
            self._spoil(writer, f"root {root.number} does not extend root {before.number}", root.writer)
        writer.proved.add(root.size)

    def _read_inclusion(self, line: Mapping[str, Any]) -> None:
        root = opened(line["statement"], self._keys)
        sequence, previous = line["sequence"], bytes.fromhex(line["previous"])
        entry_hash = hash_of(previous, line["writer"], sequence, line["body"].encode())
        path = [bytes.fromhex(node) for node in line["path"]]
        self.proofs += 1
        if root.writer != line["writer"] or not includes(root.root, root.size, sequence - 1, entry_hash, path):
            self._find("not in the record that was signed", line["writer"], sequence)

    def _read_usage(self, line: Mapping[str, Any]) -> None:
        """Check a person's proof: an entry of which only a part is there."""
        self.proofs += 1
        try:
            proved_root(line, self._keys)
        except SignatureInvalid as error:
            self._find(str(error), line["writer"], line["sequence"])

    def _check_ends(self) -> None:
        """Find what is missing after the last line of each writer."""
        for number, writer in self._writers.items():
            longest = writer.longest
            if writer.bad:
                continue
            if not self._header.get("entries"):
                self._check_links(writer)
            elif longest > writer.frontier.size:
                message = (
                    f"missing, as all others up to entry {longest}, which root {writer.roots[longest].number} covers"
                )
                self._find(message, number, writer.frontier.size + 1)
            else:
                self.unsigned += writer.frontier.size - writer.signed

    def _check_links(self, writer: _Writer) -> None:
        """Without entries, each root but a writer's first must have been proved to extend the one before."""
        sizes = sorted(writer.roots)
        for size in sizes if writer.begun else sizes[1:]:
            if size not in writer.proved:
                root = writer.roots[size]
                self._find(f"root {root.number} is not proved to extend the one before", root.writer)

    def _check_witness(self, witness: Iterable[bytes]) -> None:
        for line in witness:
            try:
                statement = statement_in(line)
                kept = opened(statement, self._keys) if statement else None
            except SignatureInvalid as error:
                self._find(f"the witness holds a root that is {error}")
                continue
            if kept is None or self._digests.get(kept.number) == digest_of(statement):
                continue
            state = self._writers.get(kept.writer, _Writer())
            reached = min(state.frontier.size, state.longest)
            self.findings.append(departure(kept, self._digests, reached, state.roots))
            return

    def _writer(self, number: int) -> _Writer:
        return self._writers.setdefault(int(number), _Writer())

    def _find(self, message: str, writer: int | None = None, sequence: int | None = None) -> None:
        self.findings.append(WitnessFinding(message, writer, sequence))

    def _spoil(self, state: _Writer, message: str, writer: int, sequence: int | None = None) -> None:
        """Note what is wrong and look at no later entry of this writer: whatever follows follows from it."""
        state.bad = True
        self._find(message, writer, sequence)


def _before(writer: _Writer, root: SignedTreeHead) -> SignedTreeHead:
    """Return the root that the writer's chain had before; raises ValueError where the file holds none."""
    earlier = [other for other in writer.roots.values() if other.size < root.size]
    if writer.begun is not None:
        earlier.append(writer.begun)
    return max(earlier, key=lambda other: other.size)
