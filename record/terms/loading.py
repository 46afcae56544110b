"""A terms file: one document of kind SLA, with the Service, DataSources and SLIs it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from record.canonical import canonical_hash
from record.terms.attempts import Attempts
from record.terms.calendars import NamedCalendar, read_calendar
from record.terms.document import TermsDocument
from record.terms.exclusions import NO_EXCLUSIONS, read_exclusions
from record.terms.indicators import Indicator, read_indicator
from record.terms.obligations import ObligationText, read_obligation
from record.terms.pay import Purse
from record.terms.section import Section, node_json, placeholder_error, placeholders
from record.terms.sources import DataSource, read_source
from record.terms.spec import (
    OPTIONAL,
    REQUIRED,
    Token,
    read_charge,
    read_formation,
    read_parties,
    read_service,
    read_stake,
    read_token,
)
from record.terms.stand_ins import account, data_source, indicator, obligation_text
from record.terms.yaml_reading import read_documents
from sla.errors import TermsError

T = TypeVar("T")

_API_VERSIONS = {
    "Calendar": "makegood/v1",
    "Service": "openslo/v1",
    "DataSource": "openslo/v1",
    "SLI": "openslo/v1",
    "SLA": "makegood/v1",
}

_NO_TOKEN = Token(account(3), "?", 0)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that could be read: a document in which stand-ins fill the gaps, and the errors that say where they are.

    ``document`` is None when the text has no readable document of kind SLA.
    """

    document: TermsDocument | None
    errors: tuple[TermsError, ...]


def load_terms(text: str) -> TermsDocument:
    """The terms of a YAML text; TermsError names the field, the line, what is wrong and how to mend it."""
    return sound(gather_terms(text))


def sound(gathered: Gathered) -> TermsDocument:
    """The document when nothing is wrong with it; else the first error is raised."""
    if gathered.errors:
        raise gathered.errors[0]
    assert gathered.document is not None
    return gathered.document


def gather_terms(text: str) -> Gathered:
    """Everything that can be read, and every independent error; where the YAML itself is broken, only that."""
    try:
        documents = read_documents(text)
    except TermsError as error:
        return Gathered(None, (error,))
    return gather_documents(documents)


def gather_documents(documents: Sequence[Section]) -> Gathered:
    """As ``gather_terms``, of documents that were read, and put together where they inherit."""
    tries = Attempts()
    kinds: dict[str, list[Section]] = {kind: [] for kind in _API_VERSIONS}
    for document in documents:
        kind = tries.read(partial(_kind, document), None)
        if kind is not None:
            kinds[kind].append(document)
    if not tries.errors and len(kinds["SLA"]) != 1:
        tries.note(TermsError("kind", f"{len(kinds['SLA'])} documents of kind SLA", "write exactly one"))
    if tries.errors:
        return Gathered(None, tuple(tries.errors))
    for document in documents:
        for field in placeholders(document):
            tries.note(placeholder_error(field))
    return Gathered(_read_all(documents, kinds, tries), tuple(tries.errors))


def _read_all(
    documents: Sequence[Section], kinds: Mapping[str, Sequence[Section]], tries: Attempts
) -> TermsDocument:
    services = _by_name(kinds["Service"], _service_name, lambda _: "", tries)
    sources = _by_name(kinds["DataSource"], _source, data_source, tries)
    calendars = _by_name(kinds["Calendar"], _calendar, lambda _: None, tries)
    indicators = _by_name(
        kinds["SLI"], lambda document: _indicator(document, sources, calendars), indicator, tries
    )
    document = canonical_hash([node_json(each) for each in documents])
    return _read_sla(kinds["SLA"][0], services, indicators, document, tuple(documents), tries)


def _kind(document: Section) -> str:
    if document.has("inherits"):
        raise TermsError(
            "inherits",
            "builds on other files, which are not read here",
            "put them together first, as makegood terms merge does",
            document.members["inherits"].line,
        )
    document.require("apiVersion kind metadata spec")
    kind, version = document.field("kind"), document.field("apiVersion")
    if kind.text not in _API_VERSIONS:
        raise kind.refuse("is no kind of document here", f"use {', '.join(_API_VERSIONS)}")
    if version.text != _API_VERSIONS[kind.text]:
        raise version.refuse(f"does not go with kind {kind.text}", f"write {_API_VERSIONS[kind.text]}")
    metadata = document.section("metadata")
    metadata.require("name", "displayName")
    return kind.text


def _by_name(
    documents: Sequence[Section],
    read: Callable[[Section], T],
    stand_in: Callable[[Section], T],
    tries: Attempts,
) -> dict[str, T]:
    found: dict[str, T] = {}
    for document in documents:
        metadata = document.section("metadata")
        name = tries.text(metadata, "name")
        if name and name in found:
            tries.note(metadata.field("name").refuse("names two documents of one kind", "rename one of them"))
        found[name] = tries.read(partial(read, document), stand_in(document))
    return found


def _service_name(document: Section) -> str:
    spec = document.section("spec")
    spec.require("", "description")
    spec.text("description", "")
    metadata = document.section("metadata")
    return metadata.text("displayName", metadata.text("name"))


def _source(document: Section) -> DataSource | None:
    return read_source(document)


def _calendar(document: Section) -> NamedCalendar | None:
    return read_calendar(document)


def _indicator(
    document: Section,
    sources: Mapping[str, DataSource | None],
    calendars: Mapping[str, NamedCalendar | None],
) -> Indicator | None:
    """None while some source or calendar is not known at all: whether the indicator fits it cannot be told."""
    known = {name: source for name, source in sources.items() if source is not None}
    open_hours = {name: calendar for name, calendar in calendars.items() if calendar is not None}
    if len(known) < len(sources) or len(open_hours) < len(calendars):
        return None
    return read_indicator(document, known, open_hours)


def _read_sla(
    document: Section,
    services: Mapping[str, str],
    indicators: Mapping[str, Indicator | None],
    document_hash: bytes,
    documents: tuple[Section, ...],
    tries: Attempts,
) -> TermsDocument:
    metadata = document.section("metadata")
    spec = tries.section(document, "spec", REQUIRED, OPTIONAL) or Section({}, "spec", document.line)
    service_name = tries.read(lambda: _named_service(spec, services), "")
    token = read_token(spec, tries)
    charges = tries.read(lambda: read_charge(spec, token.decimals), None) if token is not None else None
    purse = (
        Purse(token.symbol, token.decimals, charges[0]) if token is not None and charges is not None else None
    )
    service, zone = read_service(spec, purse, charges[1] if charges is not None else 0, tries)
    return TermsDocument(
        name=tries.text(metadata, "name"),
        display_name=tries.text(metadata, "displayName", tries.text(metadata, "name")),
        description=tries.text(spec, "description"),
        source=tries.text(spec, "source", ""),
        scope=tries.text(spec, "scope"),
        workload=tries.text(spec, "workload", ""),
        service_name=service_name,
        parties=read_parties(spec, tries),
        token=token or _NO_TOKEN,
        zone=zone,
        exclusions=tries.read(lambda: read_exclusions(spec), NO_EXCLUSIONS)
        if spec.has("exclusions")
        else NO_EXCLUSIONS,
        obligations=_read_obligations(spec, indicators, purse, tries),
        service=service,
        stake=read_stake(spec, purse, token, tries),
        formation=read_formation(spec, purse, document_hash, tries),
        documents=tuple(node_json(each) for each in documents),
        section=document,
    )


def _named_service(spec: Section, services: Mapping[str, str]) -> str:
    reference = spec.field("service")
    if reference.text not in services:
        raise reference.refuse("names no Service of this file", "add a document of kind Service")
    return services[reference.text]


def _read_obligations(
    spec: Section, indicators: Mapping[str, Indicator | None], purse: Purse | None, tries: Attempts
) -> tuple[ObligationText, ...]:
    """All obligations in their places. Those whose amounts or indicator could not be read wait until they can be."""
    readable = {name: indicator for name, indicator in indicators.items() if indicator is not None}
    found = []
    sections: Sequence[Section] = tries.read(lambda: spec.sections("obligations"), ())
    for section in sections:
        stand_in = obligation_text(section)
        name = tries.read(partial(section.text, "indicator"), "")
        if purse is None or indicators.get(name, stand_in) is None:
            found.append(stand_in)
        else:
            found.append(tries.read(partial(read_obligation, section, readable, purse), stand_in))
    return tuple(found) or (obligation_text(spec),)
