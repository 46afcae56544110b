"""The escrow's whole state out of its events alone (P12), as somebody would keep it who never reads the contract."""

from __future__ import annotations

from collections import defaultdict

from record.events import (
    AgreementOpened,
    BondReturned,
    Claimed,
    Compensated,
    Deposited,
    Disputed,
    Event,
    EvidenceSubmitted,
    Released,
    Ruled,
    Settled,
    TransferWithheld,
    Withdrawn,
)
from sla.agreement import Agreement

Place = tuple[bytes, int, int]

PENDING, DISPUTED, RULED, SETTLED = 1, 2, 3, 4
NO_DISPUTE = (0, 0, 0, False)


class Ledger:
    """Tuples in the order of the contract's structs."""

    def __init__(self) -> None:
        self.terms: dict[bytes, Agreement] = {}
        self.accounts: dict[bytes, list[int]] = {}
        self.claims: dict[Place, tuple[int, int, int, int, int]] = {}
        self.disputes: dict[Place, tuple[int, int, int, bool]] = {}
        self.totals: defaultdict[tuple[bytes, int], int] = defaultdict(int)
        self.withdrawable: defaultdict[tuple[str, str], int] = defaultdict(int)

    def read(self, event: Event) -> None:
        """Take an event into account."""
        match event:
            case AgreementOpened():
                self.terms[event.id] = event.arguments()[0]
                self.accounts[event.id] = [event.collateral, 0, 0, self.terms[event.id].service.count, 1]
            case Deposited():
                self.accounts[event.id][0] += event.amount
            case Claimed():
                self.claims[event.id, event.period, event.obligation] = (
                    event.compensation, 0, event.window_end, event.revision, PENDING,
                )  # fmt: skip
                self.accounts[event.id][2] += 1
            case Disputed():
                place = (event.id, event.period, event.obligation)
                by_customer = event.disputer == self.terms[event.id].parties.customer
                self.disputes[place] = (event.compensation, event.bond, event.ruling_deadline, by_customer)
                self.claims[place] = (*self.claims[place][:4], DISPUTED)
            case Ruled():
                place = (event.id, event.period, event.obligation)
                del self.disputes[place]
                self.claims[place] = (event.compensation, *self.claims[place][1:4], RULED)
            case BondReturned():
                del self.disputes[event.id, event.period, event.obligation]
            case Settled():
                place = (event.id, event.period, event.obligation)
                _, settled, window_end, revision, _ = self.claims[place]
                self.claims[place] = (0, event.compensation, window_end, revision, SETTLED)
                self.totals[event.id, event.period] += event.compensation - settled
                self.accounts[event.id][1] += event.entitlement_change
                self.accounts[event.id][2] -= 1
            case Compensated():
                self.accounts[event.id][0] -= event.amount
                self.accounts[event.id][1] -= event.amount
            case Released():
                self.accounts[event.id][0] -= event.amount
            case TransferWithheld():
                self.withdrawable[event.token, event.account] += event.amount
            case Withdrawn():
                self.withdrawable[event.token, event.account] -= event.amount
            case EvidenceSubmitted():
                pass
            case _:
                raise AssertionError(f"the escrow emitted {event}")
