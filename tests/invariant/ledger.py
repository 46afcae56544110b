"""The escrow's whole state out of its events alone (P12), as somebody would keep it who never reads the contract."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from eth_abi import decode
from eth_utils import to_checksum_address
from eth_utils.abi import collapse_if_tuple

from chain.artifacts import artifact

Place = tuple[bytes, int, int]

NONE, PENDING, DISPUTED, RULED, SETTLED, FINAL = range(6)
OPEN, VERSION, RELEASED = 1, 2, 3
NOBODY, PROVIDER, CUSTOMER = range(3)
NO_CLAIM = (0, 0, 0, 0, NONE)
NO_DISPUTE = (0, 0, 0, NOBODY, 0)


@cache
def _arguments(name: str) -> list[str]:
    entry: Any = next(e for e in artifact("ISLAEscrow").abi if e.get("name") == name)
    return [collapse_if_tuple(value) for value in entry["inputs"]]


@cache
def _snake(name: str) -> str:
    return re.sub("(?<!^)([A-Z])", r"_\1", name).lower()


class Ledger:
    """Tuples in the order of the contract's structs; accounts are [collateral, due, open claims, count, state]."""

    def __init__(self) -> None:
        self.accounts: dict[bytes, list[int]] = {}
        self.tokens: dict[bytes, str] = {}
        self.customers: dict[bytes, str] = {}
        self.firsts: dict[bytes, bytes] = {}
        self.versions: dict[bytes, list[bytes]] = {}
        self.downstreams: defaultdict[bytes, bytes] = defaultdict(lambda: bytes(32))
        self.claims: dict[Place, tuple[int, int, int, int, int]] = {}
        self.disputes: dict[Place, tuple[int, int, int, int, int]] = {}
        self.totals: defaultdict[tuple[bytes, int], int] = defaultdict(int)
        self.withdrawable: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.caps: dict[bytes, int] = {}
        self.entitled: defaultdict[tuple[bytes, int], int] = defaultdict(int)
        self.received: defaultdict[bytes, int] = defaultdict(int)
        self.paid: defaultdict[bytes, int] = defaultdict(int)

    def read(self, name: str, values: Sequence[Any]) -> None:
        """Take an event into account."""
        getattr(self, f"_read_{_snake(name)}")(*values)

    def held(self, token: str) -> int:
        """P1: what the escrow's books say it holds of a token."""
        collateral = sum(self.accounts[first][0] for first, of in self.tokens.items() if of == token)
        bonds = sum(
            one[4] for place, one in self.disputes.items() if self.tokens[self.firsts[place[0]]] == token
        )
        waiting = sum(amount for (of, _), amount in self.withdrawable.items() if of == token)
        return collateral + bonds + waiting

    # Agreements

    def _read_agreement_opened(
        self, id_: bytes, provider: str, customer: str, collateral: int, call: bytes
    ) -> None:
        agreement = decode(_arguments("open"), call)[0]
        self.accounts[id_] = [collateral, 0, 0, agreement[1][4], OPEN]
        self.firsts[id_], self.versions[id_] = id_, [id_]
        self.customers[id_], self.caps[id_] = customer, agreement[1][8]
        self.tokens[id_] = to_checksum_address(agreement[2][0])
        self.received[id_] += collateral

    def _read_agreement_amended(
        self, first: bytes, predecessor: bytes, id_: bytes, count: int, collateral: int, call: bytes
    ) -> None:
        agreement = decode(_arguments("amend"), call)[0]
        self.accounts[predecessor][3] = count
        self.accounts[id_] = [0, 0, 0, agreement[1][4], VERSION]
        self.firsts[id_] = first
        self.versions[first].append(id_)
        self.caps[id_] = agreement[1][8]
        self._receive(first, collateral)

    def _read_agreement_terminated(self, id_: bytes, count: int, _: bytes) -> None:
        self.accounts[id_][3] = count

    def _read_agreement_exited(self, id_: bytes, count: int, _: Sequence[tuple[int, int]]) -> None:
        self.accounts[id_][3] = count

    def _read_downstream_linked(self, id_: bytes, downstream: bytes) -> None:
        self.downstreams[id_] = downstream

    def _read_released(self, first: bytes, _: str, amount: int) -> None:
        self.accounts[first][0] -= amount
        self.accounts[first][4] = RELEASED
        self.received[first] -= amount

    # Money

    def _receive(self, first: bytes, amount: int) -> None:
        self.accounts[first][0] += amount
        self.received[first] += amount

    def _pay(self, first: bytes, amount: int) -> None:
        self.accounts[first][0] -= amount
        self.accounts[first][1] -= amount
        self.paid[first] += amount

    def _read_deposited(self, first: bytes, _: str, amount: int) -> None:
        self._receive(first, amount)

    def _read_compensated(self, first: bytes, _: str, amount: int) -> None:
        self._pay(first, amount)

    def _read_credited(self, first: bytes, downstream: bytes, amount: int) -> None:
        self._pay(first, amount)
        self._receive(downstream, amount)

    def _read_in_arrears(self, first: bytes, amount: int) -> None:
        """Told before what is paid is: what was due is what is still owed and what goes now."""
        assert self.accounts[first][1] >= amount > 0

    def _read_transfer_withheld(self, token: str, account: str, amount: int) -> None:
        self.withdrawable[token, account] += amount

    def _read_withdrawn(self, token: str, account: str, _: str, amount: int) -> None:
        self.withdrawable[token, account] -= amount

    # Claims

    def _begin(self, place: Place, status: int) -> None:
        if status in (NONE, SETTLED):
            self.accounts[self.firsts[place[0]]][2] += 1

    def _read_claimed(
        self,
        id_: bytes,
        period: int,
        obligation: int,
        revision: int,
        attained: int,
        charge: int,
        compensation: int,
        status: int,
        deadline: int,
        root: bytes,
    ) -> None:
        place = (id_, period, obligation)
        _, settled, _, _, before = self.claims.get(place, NO_CLAIM)
        self._begin(place, before)
        is_running = self.disputes.get(place, NO_DISPUTE)[3] != NOBODY
        if not is_running:
            self.disputes.pop(place, None)
            if status == DISPUTED:
                self.disputes[place] = (compensation, 0, deadline, NOBODY, 0)
        self.claims[place] = (compensation, settled, deadline, revision, status)

    def _read_disputed(
        self,
        id_: bytes,
        period: int,
        obligation: int,
        disputer: str,
        attained: int,
        charge: int,
        compensation: int,
        standing: int,
        bond: int,
        deadline: int,
    ) -> None:
        place = (id_, period, obligation)
        pending, settled, window_end, revision, before = self.claims.get(place, NO_CLAIM)
        self._begin(place, before)
        side = CUSTOMER if disputer == self.customers[self.firsts[id_]] else PROVIDER
        self.disputes[place] = (pending, compensation, deadline, side, bond)
        self.claims[place] = (standing, settled, window_end, revision, DISPUTED)

    def _close(self, place: Place, pays: int) -> None:
        del self.disputes[place]
        self.claims[place] = (pays, *self.claims[place][1:4], RULED)

    def _read_conceded(
        self, id_: bytes, period: int, obligation: int, compensation: int, disputer: str, bond: int
    ) -> None:
        assert self.disputes[id_, period, obligation][4] == bond
        self._close((id_, period, obligation), compensation)

    def _read_ruled(
        self,
        id_: bytes,
        period: int,
        obligation: int,
        attained: int,
        charge: int,
        compensation: int,
        winner: str,
    ) -> None:
        self._close((id_, period, obligation), compensation)

    def _read_bond_returned(self, id_: bytes, period: int, obligation: int, disputer: str, bond: int) -> None:
        assert self.disputes.pop((id_, period, obligation))[4] == bond

    def _read_settled(self, id_: bytes, period: int, obligation: int, compensation: int, change: int) -> None:
        place = (id_, period, obligation)
        _, settled, window_end, revision, before = self.claims[place]
        status = FINAL if before == RULED else SETTLED
        self.disputes.pop(place, None)
        self.claims[place] = (0, compensation, window_end, revision, status)
        self.totals[id_, period] += compensation - settled
        self.entitled[id_, period] += change
        account = self.accounts[self.firsts[id_]]
        account[1] += change
        account[2] -= 1

    def _read_evidence_submitted(self, *_: Any) -> None:
        """Changes nothing."""
