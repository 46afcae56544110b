"""A terms file: one document of kind SLA, with the Service, DataSources and SLIs it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from record.canonical import Json, canonical_hash
from record.terms.indicators import Indicator, read_indicator, read_source
from record.terms.obligations import ObligationText, read_obligation
from record.terms.pay import Purse
from record.terms.rule_paths import terms_error
from record.terms.section import Section, node_json
from record.terms.spec import (
    OPTIONAL,
    REQUIRED,
    PartyNames,
    Token,
    read_charge,
    read_formation,
    read_parties,
    read_service,
    read_stake,
    read_token,
)
from record.terms.yaml_reading import read_documents
from record.terms.zones import instant_of
from sla.agreement import Agreement, Formation, Service, Stake
from sla.errors import RuleBroken, TermsError
from sla.schedule import period_end, period_start
from sla.validation import check_agreement

T = TypeVar("T")

_API_VERSIONS = {
    "Service": "openslo/v1",
    "DataSource": "openslo/v1",
    "SLI": "openslo/v1",
    "SLA": "makegood/v1",
}


@dataclass(frozen=True, slots=True)
class TermsDocument:
    """What both parties read. ``agreement()`` is what they sign."""

    name: str
    display_name: str
    description: str
    source: str
    scope: str
    workload: str
    service_name: str
    parties: PartyNames
    token: Token
    zone: str
    obligations: tuple[ObligationText, ...]
    service: Service
    stake: Stake
    formation: Formation
    documents: tuple[Json, ...]

    @property
    def document_hash(self) -> bytes:
        """Keccak-256 of the canonical JSON of all documents: layout and comments do not count, words do."""
        return self.formation.document

    def agreement(self) -> Agreement:
        """The agreement of these terms; TermsError when the escrow would refuse it whenever it is opened."""
        agreement = Agreement(
            parties=self.parties.accounts,
            service=self.service,
            stake=self.stake,
            formation=self.formation,
            obligations=tuple(obligation.terms for obligation in self.obligations),
        )
        try:
            check_agreement(agreement, now=0)
        except RuleBroken as broken:
            raise terms_error(broken) from broken
        return agreement


def load_terms(text: str) -> TermsDocument:
    """The terms of a YAML text; TermsError names the field, the line, what is wrong and how to mend it."""
    documents = read_documents(text)
    kinds: dict[str, list[Section]] = {kind: [] for kind in _API_VERSIONS}
    for document in documents:
        kinds[_kind(document)].append(document)
    if len(kinds["SLA"]) != 1:
        raise TermsError("kind", f"{len(kinds['SLA'])} documents of kind SLA", "write exactly one")
    services = _by_name(kinds["Service"], _service_name)
    sources = _by_name(kinds["DataSource"], read_source)
    indicators = _by_name(kinds["SLI"], lambda document: read_indicator(document, sources))
    read = tuple(node_json(document) for document in documents)
    return _read_sla(kinds["SLA"][0], services, indicators, read)


def local_bounds(document: TermsDocument, period: int) -> tuple[int, int]:
    """The exact [start, end) of a period on the agreement's own clock, in seconds UTC."""
    service, zone = document.service, document.zone
    return instant_of(period_start(service, period), zone), instant_of(period_end(service, period), zone)


def _kind(document: Section) -> str:
    document.require("apiVersion kind metadata spec")
    kind, version = document.field("kind"), document.field("apiVersion")
    if kind.text not in _API_VERSIONS:
        raise kind.refuse("is no kind of document here", f"use {', '.join(_API_VERSIONS)}")
    if version.text != _API_VERSIONS[kind.text]:
        raise version.refuse(f"does not go with kind {kind.text}", f"write {_API_VERSIONS[kind.text]}")
    metadata = document.section("metadata")
    metadata.require("name", "displayName")
    return kind.text


def _by_name(documents: Sequence[Section], read: Callable[[Section], T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for document in documents:
        name = document.section("metadata").field("name")
        if name.text in found:
            raise name.refuse("names two documents of one kind", "rename one of them")
        found[name.text] = read(document)
    return found


def _service_name(document: Section) -> str:
    spec = document.section("spec")
    spec.require("", "description")
    spec.text("description", "")
    metadata = document.section("metadata")
    return metadata.text("displayName", metadata.text("name"))


def _read_sla(
    document: Section,
    services: Mapping[str, str],
    indicators: Mapping[str, Indicator],
    documents: tuple[Json, ...],
) -> TermsDocument:
    metadata, spec = document.section("metadata"), document.section("spec")
    spec.require(REQUIRED, OPTIONAL)
    reference = spec.field("service")
    if reference.text not in services:
        raise reference.refuse("names no Service of this file", "add a document of kind Service")
    token = read_token(spec.section("token"))
    charge, charge_max = read_charge(spec, token.decimals)
    purse = Purse(token.symbol, token.decimals, charge)
    service, zone = read_service(spec, purse, charge_max)
    return TermsDocument(
        name=metadata.text("name"),
        display_name=metadata.text("displayName", metadata.text("name")),
        description=spec.text("description"),
        source=spec.text("source", ""),
        scope=spec.text("scope"),
        workload=spec.text("workload", ""),
        service_name=services[reference.text],
        parties=read_parties(spec.section("parties")),
        token=token,
        zone=zone,
        obligations=tuple(
            read_obligation(section, indicators, purse) for section in spec.sections("obligations")
        ),
        service=service,
        stake=read_stake(spec, purse, token),
        formation=read_formation(spec, purse, canonical_hash(list(documents))),
        documents=documents,
    )
