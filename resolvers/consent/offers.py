"""What a citizen may be asked to agree to: terms checked against policy, and the text that is shown for them."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date

from auth.consent.history import Shown
from auth.consent.notice import consequence_of_refusing, notice
from auth.consent.terms import Frequency, Terms
from auth.errors import Refused
from auth.policy.decisions import DecisionTable
from auth.principal import Fact, Principal, PrincipalKind, Profile
from engine.catalogue import Catalogue
from resolvers.consent.releases import every, released
from resolvers.request.access import access_context_of
from resolvers.request.request import Request

MOST_CATEGORIES = 50


@dataclass(frozen=True, slots=True)
class Wording:
    """The terms as a caller words them."""

    recipient: str
    purpose: str
    categories: Sequence[str]
    until: date
    frequency: Frequency | None = None
    data_life_days: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Terms that a recipient may be given, and under which profile it would then read."""

    terms: Terms
    profile: Profile
    for_child: bool

    def table(self, request: Request) -> DecisionTable:
        """Return the decisions that the recipient gets when it asks for this purpose."""
        return request.policies.table(self.profile, request.today)

    def shown(self, request: Request, language: str) -> Shown:
        """Return the text to be shown."""
        policy = request.policies
        (role,) = self.profile.roles
        return notice(policy, self.terms, policy.roles[role], language, self.for_child)

    def consequence(self, request: Request, language: str) -> str:
        return consequence_of_refusing(request.policies, self.terms.purpose, language)

    def agreed(self, request: Request, language: str, digest: str) -> Shown:
        """Return the text that was agreed to. Raises Refused where the digest is that of another one."""
        shown = self.shown(request, language)
        if shown.digest != digest:
            raise Refused("`noticeDigest` is not that of the text for these terms: show the present text first")
        return shown


async def offered(request: Request, wording: Wording, for_child: bool) -> Offer:
    """Return the offer. Raises Refused for terms that name nothing known, or data that consent cannot open."""
    profile = await _profile(request, wording.recipient, wording.purpose)
    terms = Terms(
        wording.recipient,
        wording.purpose,
        frozenset(wording.categories),
        wording.until,
        wording.frequency,
        wording.data_life_days,
    )
    if wording.until < request.today:
        raise Refused("`until` has already passed")
    offer = Offer(terms, profile, for_child)
    _check_categories(request, wording.categories, offer.table(request))
    return offer


async def _profile(request: Request, recipient: str, purpose: str) -> Profile:
    services = request.services
    held = await services.grants.of(recipient, request.today)
    if not held:
        raise Refused("`recipient` is not a client that may receive data")
    if purpose not in request.policies.purposes:
        raise Refused("`purpose` is not a purpose of reading")
    issuer = next((grant.issuer for grant in held if grant.purpose == purpose), None)
    client = Principal(PrincipalKind.CLIENT, recipient, frozenset(), issuer=issuer)
    try:
        access = await access_context_of(client, purpose, None, services.grants, request.policies, request.today)
    except Refused:
        raise Refused("`purpose` is not one that this recipient may ask for") from None
    return access.profile


def _check_categories(request: Request, categories: Sequence[str], table: DecisionTable) -> None:
    if len(categories) > MOST_CATEGORIES:
        raise Refused(f"`categories` may name at most {MOST_CATEGORIES}, not {len(categories)}")
    known = request.policies.categories
    for place, category in enumerate(categories):
        if category not in known:
            raise Refused(f"`categories[{place}]` is not a data category")
        if Fact.CONSENT not in table.relevant(category):
            raise Refused(f"`categories[{place}]` is not one that consent opens to this recipient for this purpose")
    _check_opened(request.catalogue, categories, table)


def _check_opened(catalogue: Catalogue, categories: Sequence[str], table: DecisionTable) -> None:
    """Raise Refused, naming what is missing, for a category of which the recipient could reach no field."""
    opened = _opened(catalogue, table, frozenset(categories))
    for place, category in enumerate(categories):
        if category in opened:
            continue
        existence = sorted({record_type.category for record_type in catalogue.record_types.values()})
        others = [other for other in existence if Fact.CONSENT in table.relevant(other)]
        missing = [other for other in others if category in _opened(catalogue, table, frozenset((category, other)))]
        more = f" without `{missing[0]}`" if missing else " to this recipient for this purpose"
        raise Refused(f"`categories[{place}]` opens nothing{more}")


def _opened(catalogue: Catalogue, table: DecisionTable, categories: frozenset[str]) -> Set[str]:
    """Return the categories of the fields that a consent to these opens."""
    return {released_field.category for released_field in every(released(catalogue, table, categories))}
