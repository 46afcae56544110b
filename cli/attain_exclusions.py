"""The exclusions that ``makegood attain`` is given: which were put forward, and which files are none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from chain.accounts import accepts, is_contract
from chain.connection import Connection, connect
from chain.network import Network
from cli.base import OptionError
from cli.terms_network import domain_of
from metering.exclusion_files import RefusedFile, load_exclusions
from record.exclusions import ExclusionFile
from record.terms import TermsDocument
from record.typed_data import Domain
from sla.exclusions import Exclusion


def put_forward_in(
    folder: Path | None, document: TermsDocument, network: Network | None, ask_chain: bool
) -> tuple[list[Exclusion], list[RefusedFile]]:
    """What the folder holds; nothing without one. OptionError where nobody says for which chain and escrow."""
    if folder is None:
        return [], []
    domain = domain_of(network)
    if network is None or domain is None:
        raise OptionError(
            "--exclusions",
            "are signed for one chain and escrow, and no network is named",
            "add --network FILE",
        )
    if not ask_chain:
        return load_exclusions(folder, document, domain)
    connection = connect(network.rpc, network.chain_id)
    return load_exclusions(folder, document, domain, vouched=partial(_vouched, connection, domain))


def _vouched(connection: Connection, domain: Domain, file: ExclusionFile) -> Mapping[str, bool]:
    """What the parties that are contracts say of the signatures under a file."""
    digest = file.record.digest(domain)
    return {
        approval.role: accepts(connection, approval.address, digest, approval.signature)
        for approval in file.approvals
        if is_contract(connection, approval.address)
    }
