"""The only place where this member's key signs what counts: always after the journal, never twice (P13)."""

from __future__ import annotations

from collections.abc import Sequence

from chain.keys import Signer
from oracle.ports import CommitteeTerms, Step
from oracle.store import Store
from record.bundle import SignedObservation
from record.eip712 import observation_preimage, round_preimage
from record.keccak import keccak256
from sla.report import Observation, Report


class Pen:
    """Signs observations and rounds of one committee for one member. ``step`` is called after each thing done."""

    def __init__(self, store: Store, signer: Signer, committee: CommitteeTerms, step: Step) -> None:
        self.address = signer.address
        self._store = store
        self._signer = signer
        self._domain = committee.domain
        self._step = step

    def observation(self, observation: Observation, at: int) -> SignedObservation:
        """The signed observation. DoubleSignature when another value was written down before."""
        signature = self._store.intend_observation(observation, at)
        if signature is None:
            self._step("observation written")
            signature = self._signer.sign(observation_preimage(observation, self._domain))
            self._store.keep_observation(SignedObservation(observation, self.address, signature), at)
            self._step("observation signed")
        return SignedObservation(observation, self.address, signature)

    def round(self, number: int, root: bytes, data: bytes, reports: Sequence[Report]) -> bytes:
        """The signature of a round whose bundle is ``data``, kept before anything is signed.

        DoubleSignature when the round or a leaf was written down with another value before: such a bundle is not kept,
        or a lying proposer could fill the disk.
        """
        bundle_hash = keccak256(data)
        signature = self._store.intend_round(number, root, bundle_hash, reports)
        if signature is None:
            self._step("round written")
            self._store.keep_bundle(data)
            self._step("bundle stored")
            signature = self._signer.sign(round_preimage(number, root, bundle_hash, self._domain))
            self._store.sign_round(number, signature)
            self._step("round signed")
        return signature
