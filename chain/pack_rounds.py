"""The signatures under a round, out of the call that posted it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eth_abi import decode
from eth_abi.exceptions import DecodingError
from hexbytes import HexBytes

from chain.connection import Connection
from chain.errors import ChainError
from record.eip712 import committee_domain, round_digest
from record.events import RoundPosted
from record.keccak import keccak256
from record.pack_logs import Entry
from record.signing import recover
from sla.errors import SignatureError

_ARGUMENTS = ["uint64", "bytes32", "bytes32", "(bytes32,uint32,uint8,uint16,uint64,uint96)[]", "bytes[]"]
_SELECTOR = keccak256(f"post({','.join(_ARGUMENTS)})".encode())[:4]


def signatures_of(
    connection: Connection,
    entry: Entry,
    posted: RoundPosted,
    members: Sequence[str],
    stored: Callable[[str, int], Sequence[bytes]] | None,
) -> tuple[bytes, ...]:
    """The signatures that the posting carried, in the order of the members; ``stored`` ones where another contract
    posted. ChainError if they are not those of the members that the event names."""
    given = _of_call(connection, entry, posted)
    if given is None:
        given = stored(entry.address, posted.round) if stored else ()
    digest = round_digest(
        posted.round, posted.root, posted.bundle, committee_domain(connection.chain_id, entry.address)
    )
    by_member = {_signer(digest, signature): signature for signature in given}
    signers = [member for index, member in enumerate(members) if posted.signers >> index & 1]
    if by_member.keys() != set(signers):
        raise ChainError(
            f"the signatures of round {posted.round} of {entry.address} are not in the transaction that posted it",
            "give them from the store of one of its nodes",
        )
    return tuple(by_member[member] for member in signers)


def _of_call(connection: Connection, entry: Entry, posted: RoundPosted) -> Sequence[bytes] | None:
    """The signatures in the transaction's own call; None if it is another call."""
    transaction = connection.web3.eth.get_block(entry.block)["transactions"][entry.transaction]
    call = bytes(HexBytes(connection.web3.eth.get_transaction(transaction)["input"]))  # type: ignore[arg-type]
    if call[:4] != _SELECTOR:
        return None
    try:
        number, root, bundle, _, signatures = decode(_ARGUMENTS, call[4:])
    except DecodingError:
        return None
    if (number, root, bundle) != (posted.round, posted.root, posted.bundle):
        return None
    return [bytes(signature) for signature in signatures]


def _signer(digest: bytes, signature: bytes) -> str:
    try:
        return recover(digest, signature)
    except SignatureError:
        return ""
