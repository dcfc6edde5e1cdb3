"""Queries to begin with, for each persona: the tabs of the page."""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.personas import PERSONAS, Persona

RECORD = """query MyRecord {
  me {
    identity { fullName citizenId birthDate sex birthProvinceCode }
    learners {
      sectorCode linkState status
      institution { name }
      enrolments { schoolYear level grade className averageMark institution { name } }
    }
  }
}"""
DIPLOMAS = """query MyDiplomas {
  me { learners { credentials { title kind serial status statusReason issuedOn institution { name } } } }
}"""
RESIDENCE = """query MyResidence($today: Date!) {
  me {
    identity {
      residencePeriods {
        kind fromDate toDate unitCode
        recordedUnit { asOf fullName province { fullName } candidates(on: $today) { code fullName } }
      }
    }
  }
}"""
CHILDREN = """query MyChildren {
  me {
    identity { fullName }
    children {
      kind validTo
      child { fullName birthDate learners { status enrolments { schoolYear grade className institution { name } } } }
    }
  }
}"""
RECORD_OF_OPERATIONS = """query RecordOfOperations {
  auditEntries(first: 20) {
    nodes { at client purpose agreement subjects released denied { coordinate code } rules }
    pageInfo { hasNextPage endCursor }
  }
}"""
MINIMISATION = """query Minimisation {
  minimisationReport { client purpose operations fields { coordinate asked released denied granted finding } }
}"""
ALARMS = """query Alarms {
  alarms { kind at client purpose day count total writer entry }
}"""
GUARDIANS = """query MyGuardians {
  me { identity { fullName birthDate guardians { kind validTo guardian { fullName } } } }
}"""
USAGE = """query WhoReadMyData {
  me {
    dataUsage(first: 10) {
      nodes {
        at client purpose case agreement subjects
        fields { coordinate category rules { basisText citation } }
        denied { coordinate code reason }
        proof { document } proofAfter
      }
    }
  }
}"""
BY_CODE = """query LearnerBySectorCode($code: ID!) {
  learner(by: { sectorCode: $code }) { sectorCode fullName birthDate linkState status institution { name } }
}"""
ANSWERS = """query AnswersInsteadOfData($code: ID!, $unit: String!, $months: Int!, $years: Int!) {
  learner(by: { sectorCode: $code }) {
    fullName
    isAtLeast(years: $years)
    heldPermanentResidence(in: $unit, monthsAtLeast: $months)
  }
}"""
OVER = """query OverSoManyMonths($code: ID!, $unit: String!, $months: Int!) {
  learner(by: { sectorCode: $code }) { fullName heldPermanentResidence(in: $unit, monthsMoreThan: $months) }
}"""
ROLL = """query Learners($filter: LearnerFilter, $after: String) {
  learners(filter: $filter, first: 10, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      sectorCode fullName birthDate status institution { name } enrolments { schoolYear grade className averageMark }
    }
  }
}"""
CANDIDATES = """query Candidates($numbers: [String!]!) {
  learnersByCitizenIds(citizenIds: $numbers) {
    sectorCode fullName birthDate
    enrolments(level: UPPER_SECONDARY) { schoolYear institution { name provinceCode } }
    residencePeriods(kind: PERMANENT) { fromDate toDate recordedUnit { fullName province { fullName } } }
  }
}"""
REGISTRATION = """query Registration($numbers: [String!]!) {
  learnersByCitizenIds(citizenIds: $numbers) { fullName birthDate sex citizenId linkState status }
}"""
MATCH = """query IsItThisPerson($number: String!, $name: String!, $born: Date!) {
  learner(by: { citizenId: $number }) { identityMatch(name: $name, birthDate: $born) }
}"""
CREDENTIALS = """query Credentials($code: ID!) {
  learner(by: { sectorCode: $code }) {
    fullName
    credentials { title serial status statusReason issuedOn institution { name } }
  }
}"""
HOUSEHOLD = """query Household($number: String!) {
  learner(by: { citizenId: $number }) {
    status
    identity {
      fullName birthDate guardians { kind guardian { fullName } }
      residencePeriods { kind fromDate toDate address recordedUnit { fullName } }
    }
    enrolments { schoolYear averageMark }
  }
}"""
BENEFIT = """query Benefit($number: String!) {
  learner(by: { citizenId: $number }) {
    fullName birthDate status isAtLeast(years: 18) enrolments { schoolYear status }
  }
}"""
OPEN_DOSSIER = """mutation OpenDossier($procedure: String!, $agency: String!) {
  openDossier(procedure: $procedure, agency: $agency) {
    number agency state due openUntil procedure { vi en categories citation }
  }
}"""
CORRECTION = """query ByDossier($code: ID!) {
  # without the number of an open dossier in the header Case, for example {"Case": "K3QF-…"}, nobody is known here
  learner(by: { sectorCode: $code }) {
    fullName birthDate residencePeriods { fromDate }
    credentials { title serial status }
  }
}"""
EMERGENCY = """query InAnEmergency($number: String!) {
  # needs a reason in the header Break-Glass, as {"Break-Glass": "hit by a car, tell the parents"}; the person is told
  learner(by: { citizenId: $number }) {
    fullName phone institution { name address }
    identity { guardians { kind guardian { fullName } } }
  }
}"""
REVIEWS = """query EmergenciesToReview {
  emergencyReadings(state: OPEN) {
    nodes { id at client purpose reason subjectCount requestId }
    pageInfo { hasNextPage }
  }
}"""
INSTITUTIONS = """query Institutions($filter: InstitutionFilter) {
  institutions(filter: $filter, first: 20) { totalCount nodes { code name kind unit { fullName } } }
}"""
CODE_24 = """query OneCodeTwoPlaces {
  before: administrativeUnit(code: "24", asOf: "2025-06-30") { fullName candidates(on: "2025-07-01") { code fullName } }
  after: administrativeUnit(code: "24", asOf: "2025-07-01") { fullName candidates(on: "2025-06-30") { code fullName } }
}"""

Example = dict[str, Any]
"""title, query, variables, purpose."""


def examples_of(name: str) -> list[Example]:
    """Return two to four examples of the persona. Raises KeyError for a name that no persona has."""
    persona = PERSONAS[name]
    found = _of_citizen(persona) if persona.kind == "citizen" else _of_client(name)
    return [
        {"title": title, "query": query, "variables": dict(variables), "purpose": purpose}
        for title, query, variables, purpose in found
    ]


Found = Iterator[tuple[str, str, Mapping[str, Any], str]]


def _of_citizen(persona: Persona) -> Found:
    def example(title: str, query: str, **variables: Any) -> tuple[str, str, Mapping[str, Any], str]:
        return title, query, variables, "self-service"

    name, today = persona.name, "2026-11-21"
    if name == "parent":
        yield example("My children | Các con tôi", CHILDREN)
    else:
        yield example("My record | Hồ sơ của tôi", RECORD)
    if name in ("graduate", "revoked", "two-records", "independent"):
        yield example("My diplomas | Văn bằng của tôi", DIPLOMAS)
    if name in ("graduate", "split-commune", "code-24", "parent", "twin-b"):
        yield example("Where I lived | Nơi tôi cư trú", RESIDENCE, today=today)
    if name in ("child-7", "child-15", "twin-a"):
        yield example("My guardians | Người giám hộ", GUARDIANS)
    if name == "revoked":
        given = {"procedure": "diploma-correction", "agency": "dept-hanoi"}
        yield example("Have my diploma corrected | Đề nghị chỉnh sửa văn bằng", OPEN_DOSSIER, **given)
    if name in ("unlinked", "mismatched"):
        yield example("The record by its code | Hồ sơ theo mã ngành", BY_CODE, code=persona.sector_codes[0])
    yield example("Who read my data | Ai đã xem dữ liệu của tôi", USAGE)


def _of_client(name: str) -> Found:
    return iter(_CLIENT_EXAMPLES[name])


def _code(name: str) -> str:
    return PERSONAS[name].sector_codes[0]


def _numbers(*names: str) -> dict[str, Any]:
    return {"numbers": [PERSONAS[name].person_key for name in names]}


def _number(name: str) -> dict[str, Any]:
    return {"number": PERSONAS[name].person_key}


def _claimed(name: str) -> dict[str, Any]:
    identity = PERSONAS[name].identity
    assert identity is not None
    return {**_number(name), "name": identity.full_name, "born": identity.birth_date.isoformat()}


def _answers(name: str, unit: str, years: int, months: int) -> dict[str, Any]:
    return {**_held(name, unit, months), "years": years}


def _held(name: str, unit: str, months: int) -> dict[str, Any]:
    return {"code": _code(name), "unit": unit, "months": months}


_STUDYING = {"filter": {"status": "STUDYING"}, "after": None}
_CLIENT_EXAMPLES: Mapping[str, tuple[tuple[str, str, Mapping[str, Any], str], ...]] = {
    "dept-hanoi": (
        ("Learners of Hà Nội | Người học của Hà Nội", ROLL, _STUDYING, "school-management"),
        ("A learner of Bắc Ninh is not known here", BY_CODE, {"code": _code("code-24")}, "school-management"),
        (
            "Grade 1: age and residence as answers",
            ANSWERS,
            _answers("child-7", "00004", 6, 36),
            "grade-1-admission",
        ),
        ("A diploma, by dossier | Văn bằng, theo hồ sơ", CORRECTION, {"code": _code("revoked")}, "diploma-correction"),
    ),
    "school": (
        ("Our learners | Học sinh của trường", ROLL, _STUDYING, "school-management"),
        ("A learner of ours", BY_CODE, {"code": _code("child-15")}, "school-management"),
        ("A learner of another school", BY_CODE, {"code": _code("twin-a")}, "school-management"),
    ),
    "exam-office": (
        (
            "Schools and residence of candidates",
            CANDIDATES,
            _numbers("split-commune", "code-24", "independent", "unlinked"),
            "admission-priority",
        ),
        ("Residence as an answer", OVER, _held("code-24", "07210", 18), "admission-priority"),
        ("Registration of candidates", REGISTRATION, _numbers("independent", "twin-a", "twin-b"), "exam-registration"),
        ("Is it this person? | Có đúng người này không?", MATCH, _claimed("independent"), "exam-registration"),
    ),
    "university": (
        ("Diplomas, by consent only", CREDENTIALS, {"code": _code("graduate")}, "university-admission"),
        ("Universities | Các trường đại học", INSTITUTIONS, {"filter": {"kind": "UNIVERSITY"}}, "university-admission"),
    ),
    "employer": (
        ("Diplomas of a graduate, by consent only", CREDENTIALS, {"code": _code("graduate")}, "diploma-verification"),
        ("A revoked diploma, by consent only", CREDENTIALS, {"code": _code("revoked")}, "diploma-verification"),
    ),
    "police": (
        ("Residence and guardians, never marks", HOUSEHOLD, _number("split-commune"), "residence-registration"),
        ("The same for code-24", HOUSEHOLD, _number("code-24"), "residence-registration"),
        ("In an emergency | Khi khẩn cấp", EMERGENCY, _number("child-15"), "vital-interests"),
    ),
    "social-insurance": (
        ("Still studying, and of age?", BENEFIT, _number("child-15"), "insurance-benefit"),
        ("The same for two-records", BENEFIT, _number("two-records"), "insurance-benefit"),
    ),
    "ministry": (
        ("Schools of Hà Nội", INSTITUTIONS, {"filter": {"provinceCode": "01"}}, "statistics"),
        ("Persons stay unknown | Không biết từng người", ROLL, _STUDYING, "statistics"),
    ),
    "officer": (
        ("Who asked for what | Ai đã hỏi gì", RECORD_OF_OPERATIONS, {}, "oversight"),
        ("Asked beside granted | Hỏi so với được phép", MINIMISATION, {}, "oversight"),
        ("Alarms | Cảnh báo", ALARMS, {}, "oversight"),
        ("Emergencies to review | Xem xét việc đọc khi khẩn cấp", REVIEWS, {}, "oversight"),
    ),
    "developer": (
        ("Institutions | Cơ sở giáo dục", INSTITUTIONS, {"filter": None}, "development"),
        ("Code 24 before and after 1 July 2025", CODE_24, {}, "development"),
        ("A learner is not known here", BY_CODE, {"code": _code("graduate")}, "development"),
    ),
}
