"""Records in the terms of schema.org, for search engines.

==================================  =============================================================
ELM                                 schema.org
==================================  =============================================================
LearningOpportunity                 Course with the opportunity as its CourseInstance; the course
                                    is the achievement specification that it leads to, if that is
                                    one, else it has no IRI
LearningAchievementSpecification    EducationalOccupationalProgram if it has parts, else Course
Qualification                       EducationalOccupationalCredential
Organisation                        Organization
Accreditation                       Certification, if no decision is stated: the codes of decisions
                                    are publishers' own, so a refusal could not be told
==================================  =============================================================

What a record does not state is left out, also where a search engine would like to have it. A
course has what Google asks of one (name, description, provider, and with each instance its mode
and workload, and offers) as far as the publisher says so.
<https://developers.google.com/search/docs/appearance/structured-data/course-info>

The document holds its own context, so nobody has to fetch one. Texts in the record's first
language are plain strings; those in others say theirs.
"""

from collections.abc import Callable, Mapping, Sequence

from ..derive.values import number
from ..store import Reader, Record
from ..terms import expand
from ..vocabularies import CodeLists
from .rows import (
    Around,
    Json,
    Maker,
    Value,
    alone,
    date,
    different,
    duration,
    find_thing,
    first,
    first_of,
    listed,
    literals,
    made_of,
    named,
    nodes,
    records,
    terms,
    texts,
    title,
    without_iri,
)
from .things import Thing

_MODE = "http://data.europa.eu/snb/learning-assessment/"
_MODES = {
    f"{_MODE}920fbb3cbe": "Online",
    f"{_MODE}9191af2ed9": "Onsite",
    f"{_MODE}e92d221e4d": "Blended",
}
"""The codes for which Google has a word; the others (work, projects, laboratories) have none."""
_CURRENCY = "http://publications.europa.eu/resource/authority/currency/"
_TEXTS = (
    "name",
    "alternateName",
    "description",
    "coursePrerequisites",
    "programPrerequisites",
    "unitText",
    "streetAddress",
)


def schema_org(
    reader: Reader, code_lists: CodeLists, iri: str, *, dataset: str | None = None
) -> Json | None:
    """Return a record as a JSON-LD object; None where schema.org has no class for it.

    `dataset` says whose description of the record is wanted; by default the first one's that has
    it.
    """
    found = find_thing(reader, iri, dataset)
    if found is None:
        return None
    thing, of = found
    around = Around(reader, code_lists, of, next(iter(thing.title()), ""))
    made = next((make(thing, around) for kind, make in _CLASSES if kind in thing.types), None)
    return None if made is None else {"@context": _context(around.language), **made}


def has_schema_org(record: Record) -> bool:
    """Tell whether `schema_org` has something to say of a record."""
    decided = f" <{expand('elm:decision')}> " in record.triples
    return any(
        kind == record.type and not (make is _certification and decided) for kind, make in _CLASSES
    )


def _context(language: str) -> Json:
    context: Json = {"@vocab": "https://schema.org/"}
    if language:
        context |= {name: {"@language": language} for name in _TEXTS}
    return context


def _organisation_named(thing: Thing, around: Around) -> Value:
    if expand("elm:Organisation") not in thing.types:
        return None
    return made_of("Organization", thing, around, {"name": title, "url": _URL})


_URL = literals("foaf:homepage", "elm:contentUrl")


def _identifier(thing: Thing, around: Around) -> Value:
    rows = {
        "value": first("skos:notation"),
        "propertyID": first("elm:schemeId"),
        "name": first("elm:schemeName"),
    }
    made = without_iri(made_of("PropertyValue", thing, around, rows))
    if "name" in made:
        made["name"] = {"@value": made["name"]}
    return made if "value" in made else None


def _credit(thing: Thing, around: Around) -> Value:
    points = next(filter(number, thing.literals("elm:point")), None)
    if points is None:
        return None
    made: Json = {"@type": "StructuredValue", "value": points.strip().replace(",", ".")}
    unit = next((around.label(iri) for iri in thing.iris("elm:framework")), None)
    return made | {"unitText": around.texts({unit[1]: [unit[0]]})} if unit else made


def _offer(thing: Thing, around: Around) -> Value:
    """Take a price that is stated with its currency."""
    price = next(iter(thing.literals("elm:amount", "rdf:value")), "")
    currency = next(iter(thing.iris("elm:amount", "elm:unit")), "")
    amount = number(price)
    if amount is None or not currency.startswith(_CURRENCY):
        return None
    named = made_of(
        "Offer", thing, around, {"name": texts("skos:prefLabel"), "description": _DESCRIPTION}
    )
    return {
        **without_iri(named),
        "category": "Paid" if amount else "Free",
        "price": price,
        "priceCurrency": currency.removeprefix(_CURRENCY),
    }


_DESCRIPTION = texts("dct:description")


def _offers(thing: Thing, around: Around) -> list[object]:
    return listed(nodes("elm:priceDetail", make=_offer)(thing, around))


def _free(thing: Thing) -> bool | None:
    prices = [number(one) for one in thing.literals("elm:priceDetail", "elm:amount", "rdf:value")]
    return (not any(prices)) if prices and None not in prices else None


def _modes(thing: Thing, _: Around) -> Value:
    return alone([_MODES[one] for one in thing.iris("elm:mode") if one in _MODES])


def _languages(thing: Thing, around: Around) -> Value:
    tags = [around.tag(one) for one in thing.iris("dct:language")]
    return alone([one for one in tags if one])


def _period(thing: Thing, around: Around) -> Value:
    rows = {"startDate": first("elm:startDate"), "endDate": first("elm:endDate")}
    made = without_iri(made_of("Schedule", thing, around, rows))
    return made if len(made) > 1 else None


def _schedule(thing: Thing, around: Around) -> Value:
    """Take several periods as a schedule; one alone is the start and the end of the instance."""
    periods = thing.things("dct:temporal")
    made = [one for period in periods if (one := _period(period, around))]
    return made if len(periods) > 1 else None


def _only_period(name: str) -> Maker:
    def make(thing: Thing, _: Around) -> Value:
        periods = thing.things("dct:temporal")
        return next(iter(periods[0].literals(name)), None) if len(periods) == 1 else None

    return make


def _place(thing: Thing, around: Around) -> Value:
    rows: dict[str, Maker] = {
        "name": texts("elm:geographicName"),
        "description": _DESCRIPTION,
        "address": nodes("elm:address", make=_address),
        "geo": nodes("locn:geometry", make=_geometry),
    }
    return made_of("Place", thing, around, rows)


def _address(thing: Thing, around: Around) -> Value:
    countries = [tag for iri in thing.iris("elm:countryCode") if (tag := around.tag(iri))]
    rows: dict[str, Maker] = {
        "streetAddress": texts("elm:fullAddress", "elm:noteLiteral"),
        "addressCountry": lambda *_: alone(countries),
    }
    made = without_iri(made_of("PostalAddress", thing, around, rows))
    return made if len(made) > 1 else None


def _geometry(thing: Thing, around: Around) -> Value:
    rows = {"latitude": first("clv:latitude"), "longitude": first("clv:longitude")}
    made = without_iri(made_of("GeoCoordinates", thing, around, rows))
    return made if len(made) > len(rows) else None


def _contact(thing: Thing, around: Around) -> Value:
    rows: dict[str, Maker] = {
        "description": _DESCRIPTION,
        "email": lambda one, _: alone(
            [mail.removeprefix("mailto:") for mail in one.iris("elm:emailAddress")]
        ),
        "telephone": literals("elm:phone", "elm:phoneNumber"),
        "url": literals("elm:contactForm", "elm:contentUrl"),
    }
    made = without_iri(made_of("ContactPoint", thing, around, rows))
    return made if len(made) > 1 else None


_SHARED: Mapping[str, Maker] = {
    "name": title,
    "alternateName": texts("skos:altLabel"),
    "description": _DESCRIPTION,
    "url": _URL,
    "identifier": nodes("adms:identifier", make=_identifier),
}
_WORK: Mapping[str, Maker] = {
    **_SHARED,
    "inLanguage": _languages,
    "dateModified": first("dct:modified"),
    "creativeWorkStatus": first("elm:status"),
    "publisher": records("dct:publisher", make=_organisation_named),
    "about": terms(("elm:ISCEDFCode",), ("elm:educationSubject",)),
    "educationalLevel": terms(("elm:EQFLevel",), ("elm:NQFLevel",), ("elm:educationLevel",)),
}
_CREDITS = nodes("elm:creditPoint", make=_credit)
_ENTRY = texts("elm:entryRequirement", "elm:noteLiteral")
_COURSE: Mapping[str, Maker] = {
    **_WORK,
    "teaches": records("elm:learningOutcome", make=named("DefinedTerm")),
    "coursePrerequisites": _ENTRY,
    "numberOfCredits": _CREDITS,
    "timeRequired": duration("elm:volumeOfLearning"),
}
_PROGRAMME: Mapping[str, Maker] = {
    **_SHARED,
    "programPrerequisites": _ENTRY,
    "numberOfCredits": _CREDITS,
    "educationalProgramMode": _modes,
    "hasCourse": records("elm:hasPart", make=named("Course")),
}
_CREDENTIAL: Mapping[str, Maker] = {
    **_WORK,
    "credentialCategory": terms(("dct:type",)),
    "competencyRequired": records("elm:learningOutcome", make=named("DefinedTerm")),
    "hasPart": records("elm:hasPart", make=named("EducationalOccupationalCredential")),
}
_INSTANCE: Mapping[str, Maker] = {
    **_SHARED,
    "courseMode": _modes,
    "startDate": _only_period("elm:startDate"),
    "endDate": _only_period("elm:endDate"),
    "courseSchedule": _schedule,
    "duration": duration("elm:duration"),
    "location": records("elm:location", make=_place),
}
_ORGANISATION: Mapping[str, Maker] = {
    **_SHARED,
    "vatID": literals("elm:vatIdentifier", "skos:notation"),
    "taxID": literals("elm:taxIdentifier", "skos:notation"),
    "location": records("elm:location", make=_place),
    "contactPoint": nodes("elm:contactPoint", make=_contact),
    "parentOrganization": records("org:subOrganizationOf", make=_organisation_named),
    "subOrganization": records("org:hasSubOrganization", make=_organisation_named),
}
_CERTIFICATION: Mapping[str, Maker] = {
    **_SHARED,
    "about": lambda thing, around: alone(
        [
            *listed(records("elm:organisation", make=_organisation_named)(thing, around)),
            *listed(
                records("elm:limitQualification", make=named("EducationalOccupationalCredential"))(
                    thing, around
                )
            ),
        ]
    ),
    "issuedBy": records("elm:accreditingAgent", make=_organisation_named),
    "datePublished": date("dct:issued"),
    "validFrom": first("dct:valid"),
    "expires": date("elm:expiryDate"),
    "auditDate": date("elm:reviewDate"),
}


def _credential(thing: Thing, around: Around) -> Json:
    return made_of("EducationalOccupationalCredential", thing, around, _CREDENTIAL)


def _organisation(thing: Thing, around: Around) -> Json:
    return made_of("Organization", thing, around, _ORGANISATION)


def _certification(thing: Thing, around: Around) -> Json | None:
    if thing.iris("elm:decision"):
        return None
    return made_of("Certification", thing, around, _CERTIFICATION)


def _specification(thing: Thing, around: Around) -> Json:
    opportunities = around.opportunities(thing.iri)
    if _is_programme(thing):
        return made_of("EducationalOccupationalProgram", thing, around, _PROGRAMME) | _provided(
            opportunities, around
        )
    return _course(thing, opportunities, around)


def _is_programme(thing: Thing) -> bool:
    return bool(thing.iris("elm:hasPart"))


def _opportunity(thing: Thing, around: Around) -> Json:
    specifications = around.things(thing.iris("elm:learningAchievementSpecification"))
    for one in specifications:
        if expand("elm:LearningAchievementSpecification") in one.types and not _is_programme(one):
            return _course(one, [thing], around)
    shown = without_iri(made_of("Course", thing, around, {"name": title, "url": _URL}))
    return _completed(shown, specifications, [thing], around)


def _course(specification: Thing, opportunities: Sequence[Thing], around: Around) -> Json:
    made = made_of("Course", specification, around, _COURSE)
    return _completed(made, [specification], opportunities, around)


def _completed(
    course: Json, specifications: Sequence[Thing], opportunities: Sequence[Thing], around: Around
) -> Json:
    """Return a course with what its opportunities say, and the credentials that it leads to."""
    workload = first_of(duration("elm:volumeOfLearning"), specifications, around)
    offers = [_offers(one, around) for one in opportunities]
    instances = [
        made_of("CourseInstance", one, around, _INSTANCE)
        | ({"courseWorkload": workload} if workload else {})
        | ({"offers": alone(own)} if own and len(opportunities) > 1 else {})
        for one, own in zip(opportunities, offers, strict=True)
    ]
    awarded = [
        made_of("EducationalOccupationalCredential", one, around, {"name": title})
        for one in specifications
        if expand("elm:Qualification") in one.types
    ]
    stated: Json = {
        "description": first_of(_DESCRIPTION, [*opportunities, *specifications], around),
        **_provided(opportunities, around),
        "educationalCredentialAwarded": alone(awarded),
        "isAccessibleForFree": _free(opportunities[0]) if len(opportunities) == 1 else None,
        "offers": alone(different([one for own in offers for one in own])),
        "hasCourseInstance": alone(instances),
    }
    added = {name: value for name, value in stated.items() if value not in (None, [])}
    return course | {name: value for name, value in added.items() if name not in course}


def _provided(opportunities: Sequence[Thing], around: Around) -> Json:
    iris = dict.fromkeys(iri for one in opportunities for iri in one.iris("elm:providedBy"))
    made = [_organisation_named(one, around) for one in around.things(list(iris))]
    return {"provider": alone(made)} if made else {}


_CLASSES: Sequence[tuple[str, Callable[[Thing, Around], Json | None]]] = (
    (expand("elm:LearningOpportunity"), _opportunity),
    (expand("elm:Qualification"), _credential),
    (expand("elm:LearningAchievementSpecification"), _specification),
    (expand("elm:Organisation"), _organisation),
    (expand("elm:Accreditation"), _certification),
)
