"""Everybody who may ask, and how they stand to the world's learners and persons: written by hand, not computed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from auth.principal import Fact, Jurisdiction, Recipient
from tests.auth.recipients import NOBODY, agency, app
from tests.auth.tokens import claims, signed
from tests.leaks.world import World

CITIZENS = "vneid-app"
CONSENTED = {"identity.name", "schooling", "credential.status"}

NEAR_LEARNERS = ("self", "unlinked", "grown", "two-a")
NEAR_PERSONS = ("an", "grown", "two")
NEAR = {f"learner {name}": Fact.JURISDICTION for name in NEAR_LEARNERS} | {
    f"person {name}": Fact.JURISDICTION for name in NEAR_PERSONS
}
AN = {
    "learner self": Fact.SELF,
    "person an": Fact.SELF,
    "learner child": Fact.GUARDIAN,
    "person child": Fact.GUARDIAN,
}


NOTHING = Fact(0)


@dataclass(frozen=True)
class Caller:
    """One caller with one purpose. `facts`: by subject, `otherwise` for all others; `consents`: categories by subject.

    `covers`, `expired` and `listed` (the only categories; None: all) are of the client's grant; `person` is the
    citizen's name. `case` is the procedure of the dossier that is named, and its number; `needed` are the categories
    that the procedure needs. `emergency`: the grant lets the client break the glass.
    """

    name: str
    role: str
    purpose: str
    assurance: int = 0
    person: str | None = None
    covers: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    otherwise: Fact = NOTHING
    consents: Mapping[str, set[str]] = field(default_factory=dict)
    expired: frozenset[str] = frozenset()
    listed: frozenset[str] | None = None
    case: str = ""
    needed: frozenset[str] = frozenset()
    emergency: bool = False

    @property
    def client_id(self) -> str:
        return CITIZENS if self.role == "citizen" else self.name.split(":")[0]

    @property
    def recipient(self) -> Recipient:
        match self.role:
            case "public":
                return NOBODY
            case "citizen":
                return app(self.client_id)
        return agency(self.client_id)

    @property
    def case_of(self) -> str:
        """Return whose dossier is named."""
        return next(one for one, facts in self.facts.items() if Fact.CASE in facts and one.startswith("person "))

    def jurisdiction(self, world: World) -> Jurisdiction:
        match self.covers:
            case "country":
                return Jurisdiction(country=True)
            case "province 01":
                return Jurisdiction(provinces=frozenset({"01"}))
            case "near":
                return Jurisdiction(institutions=frozenset({world.learner("self")["institution_code"]}))
        return Jurisdiction()

    def headers(self, world: World) -> dict[str, str]:
        """Return the headers this caller sends."""
        if self.role == "public":
            return {}
        now = int(time.time())
        content = claims(client_id=self.client_id, iat=now, nbf=now, exp=now + 3600)
        if self.person is not None:
            content |= {"citizen_id": world.person(self.person), "acr": f"vneid:{self.assurance}"}
        named = {"Case": self.case} if self.case else {}
        return {"Authorization": f"Bearer {signed(content)}", "Purpose": self.purpose, **named}


def _citizen(person: str, assurance: int, facts: Mapping[str, Fact]) -> Caller:
    return Caller(f"citizen {person}:{assurance}", "citizen", "self-service", assurance, person, facts=facts)


def _department(purpose: str) -> Caller:
    return Caller(f"department:{purpose}", "provincial-department", purpose, covers="province 01", facts=NEAR)


def _by_dossier(purpose: str, procedure: str, needed: str) -> Caller:
    """Return the department with an open dossier of the stranger, who is of another province."""
    facts = {**NEAR, "learner stranger": Fact.CASE, "person stranger": Fact.CASE}
    name = f"department:{purpose} by dossier"
    return Caller(
        name,
        "provincial-department",
        purpose,
        covers="province 01",
        facts=facts,
        case=procedure,
        needed=frozenset(needed.split()),
    )


def _country(client: str, role: str, purpose: str, **consents: set[str]) -> Caller:
    by_subject = {f"{kind} {name}": given for kind in ("learner", "person") for name, given in consents.items()}
    name, anybody = f"{client}:{purpose}", Fact.JURISDICTION
    return Caller(name, role, purpose, covers="country", otherwise=anybody, consents=by_subject)


CALLERS = (
    Caller("nobody", "public", "public"),
    _citizen("an", 2, AN),
    _citizen("an", 1, AN),
    _citizen("an", 0, AN),
    _citizen("stranger", 2, {"learner stranger": Fact.SELF, "person stranger": Fact.SELF}),
    _citizen("child", 2, {"learner child": Fact.SELF, "person child": Fact.SELF}),
    _citizen("two", 1, {"learner two-a": Fact.SELF, "learner two-b": Fact.SELF, "person two": Fact.SELF}),
    _department("school-management"),
    _department("graduation-recognition"),
    _department("grade-1-admission"),
    _department("diploma-correction"),
    _department("rights-handling"),
    _by_dossier(
        "graduation-recognition",
        "graduation-recognition",
        "learner.record learner.code learner.link learner.status identity.record identity.name identity.birth schooling"
        " schooling.result residence.held",
    ),
    _by_dossier(
        "diploma-correction",
        "diploma-reissue",
        "learner.record learner.code identity.record identity.name credential credential.number credential.status",
    ),
    _country("police", "population-service", "rights-handling"),
    Caller("school:school-management", "school", "school-management", covers="near", facts=NEAR),
    Caller(
        "lapsing:school-management",
        "school",
        "school-management",
        covers="near",
        facts=NEAR,
        expired=frozenset({"learner.contact", "identity.birth"}),
    ),
    Caller(
        "narrow:school-management",
        "school",
        "school-management",
        covers="near",
        facts=NEAR,
        listed=frozenset({"learner.record", "identity.name", "schooling", "schooling.statistics"}),
    ),
    _country("exam-office", "examination-office", "exam-registration"),
    _country("exam-office", "examination-office", "admission-priority"),
    _country(
        "university",
        "university",
        "university-admission",
        consented=CONSENTED,
    ),
    Caller(
        "employer:diploma-verification",
        "employer",
        "diploma-verification",
        consents={
            "learner consented": {"credential", "credential.status"},
            "person consented": {"credential", "credential.status"},
        },
    ),
    _country("police", "population-service", "residence-registration"),
    replace(_country("police", "population-service", "vital-interests"), emergency=True),
    _country("officer", "data-protection-officer", "oversight"),
    _country("social-insurance", "social-insurance", "insurance-benefit"),
    _country("ministry", "ministry", "statistics"),
    Caller("developer:development", "developer", "development"),
)
CALLER = {caller.name: caller for caller in CALLERS}
