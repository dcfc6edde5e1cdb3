"""Hostile requests of our own by their texts: marks that normalising sorts, in every argument that takes text."""

from collections.abc import Iterator
from typing import Any, NamedTuple

MARK, DOT, TIBETAN, HALFWIDTH = "\u0301", "\u0323", "\u0f73", "\uff9e"
MARKS = "a" + MARK * 60_000
LITERAL_MARKS = "a" + MARK * 30_000


class HostileShape(NamedTuple):
    """A request. `limit`: words of the refusal; empty where it is answered, within all bounds."""

    name: str
    query: str
    variables: dict[str, Any] | None = None
    limit: str = ""
    operation_name: str | None = None


TEXT_ARGUMENTS = (
    ("Query.institutions(filter.nameStartsWith)", "{institutions(filter:{nameStartsWith:@}){totalCount}}", "String"),
    ("Query.institutions(filter.provinceCode)", "{institutions(filter:{provinceCode:@}){totalCount}}", "String"),
    ("Query.institutions(filter.unitCode)", "{institutions(filter:{unitCode:@}){totalCount}}", "String"),
    ("Query.institutions(after)", "{institutions(after:@){totalCount}}", "String"),
    ("Query.institution(code)", "{institution(code:@){name}}", "ID!"),
    ("Query.learner(by.sectorCode)", "{learner(by:{sectorCode:@}){id}}", "ID!"),
    ("Query.learner(by.citizenId)", "{learner(by:{citizenId:@}){id}}", "String!"),
    ("Query.learner(by.id)", "{learner(by:{id:@}){id}}", "ID!"),
    ("Query.learners(filter.nameStartsWith)", "{learners(filter:{nameStartsWith:@}){totalCount}}", "String"),
    ("Query.learners(filter.institutionCode)", "{learners(filter:{institutionCode:@}){totalCount}}", "ID"),
    ("Query.learners(after)", "{learners(after:@){totalCount}}", "String"),
    ("Query.learnersByCitizenIds", "{learnersByCitizenIds(citizenIds:[@]){id}}", "String!"),
    ("Query.node", "{node(id:@){id}}", "ID!"),
    ("Query.nodes", "{nodes(ids:[@]){id}}", "ID!"),
    ("Query.administrativeUnit(code)", "{administrativeUnit(code:@){name}}", "String!"),
    ("Query.administrativeUnits(provinceCode)", "{administrativeUnits(provinceCode:@){name}}", "String"),
    ("Query.administrativeUnits(asOf)", "{administrativeUnits(asOf:@){name}}", "Date"),
    ("Query.auditEntries(client)", "{auditEntries(client:@){nodes{at}}}", "String"),
    ("Query.auditEntries(coordinate)", "{auditEntries(coordinate:@){nodes{at}}}", "String"),
    ("Query.auditEntries(from)", "{auditEntries(from:@){nodes{at}}}", "DateTime"),
    ("Query.explain(operationName)", '{explain(document:"{__typename}",operationName:@){cost}}', "String"),
    ("Learner.identityMatch(name)", '{me{learners{identityMatch(name:@,birthDate:"2000-01-01")}}}', "String!"),
    ("Learner.heldPermanentResidence(in)", "{me{learners{heldPermanentResidence(in:@,monthsAtLeast:1)}}}", "String!"),
    ("Me.dataUsage(after)", "{me{dataUsage(after:@){nodes{at}}}}", "String"),
    ("Mutation.withdrawConsent(id)", "mutation{withdrawConsent(id:@){id}}", "ID!"),
    ("Mutation.openDossier(procedure)", 'mutation{openDossier(procedure:@,agency:"x"){id}}', "String!"),
    (
        "Mutation.receiveDossier(number)",
        'mutation{receiveDossier(procedure:"x",number:@,personNumber:"1"){id}}',
        "String!",
    ),
    (
        "Mutation.reviewEmergencyReading",
        'mutation{reviewEmergencyReading(id:"x",justified:true,words:@){id}}',
        "String!",
    ),
)


def texts() -> Iterator[HostileShape]:
    for where, template, type_ in TEXT_ARGUMENTS:
        operation = "mutation" if template.startswith("mutation") else "query"
        body = template.removeprefix("mutation").replace("@", "$t")
        yield HostileShape(
            f"marks by variable in {where}", f"{operation}($t:{type_}){body}", {"t": MARKS}, "characters, not 60001"
        )
        yield HostileShape(
            f"marks in text of {where}", template.replace("@", f'"{LITERAL_MARKS}"'), None, "characters, not 30001"
        )
    named = "query($t:String){institutions(filter:{nameStartsWith:$t}){totalCount}}"
    for name, mark in (
        ("dots below", DOT),
        ("Tibetan letters", TIBETAN),
        ("halfwidth marks", HALFWIDTH),
        ("zalgo", MARK + DOT),
    ):
        yield HostileShape(f"{name}, too long", named, {"t": "a" + mark * 50_000}, "must have at most 200 characters")
        yield HostileShape(f"{name}, within the bound", named, {"t": ("a" + mark * 199)[:200]})
    yield HostileShape(
        "marks in a representation", ENTITIES, {"r": [{"__typename": "Institution", "code": MARKS}]}, "characters, not"
    )
    yield HostileShape(
        "marks in a representation's names",
        ENTITIES,
        {"r": [{"__typename": "Institution", MARKS: "1"}]},
        "characters, not",
    )
    yield HostileShape(
        "marks in a filter object",
        "query($f:InstitutionFilter){institutions(filter:$f){totalCount}}",
        {"f": {"nameStartsWith": MARKS}},
        "at `nameStartsWith`",
    )
    yield HostileShape(
        "marks in variables to be explained",
        'query($v:JSON){explain(document:"{__typename}",variables:$v){cost}}',
        {"v": {"a": MARKS}},
        "characters, not",
    )
    yield HostileShape(
        "a document to be explained",
        "query($d:String!){explain(document:$d){cost}}",
        {"d": "x" * 70_000},
        "65536 characters",
    )


ENTITIES = "query($r:[_Any!]!){_entities(representations:$r){__typename}}"
