"""One call of the escrow, as its events show it: what must still come, and what it sent.

The escrow's events are read as a sentence: a settlement of what is due is followed by the arrears it leaves, then by
its payment, a payment that the token refused by the amount withheld. Where one ``settle`` ends and the next begins in
one transaction does not show; both readings lead to the same books, and only the sums of returned bonds depend on it
(``Send``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate

from audit.books import Account, Version
from audit.difference import differ
from record.events import BondReturned, Compensated, Credited, InArrears, Settled, TransferWithheld
from record.pack_logs import Entry


@dataclass(slots=True)
class Send:
    """What a call sends to one account in one transfer: the sum of all ``amounts``, or of the last few."""

    to: str
    amounts: list[int] = field(default_factory=list)

    def can_be(self, amount: int) -> bool:
        """Whether one transfer may have had this amount."""
        return amount in accumulate(reversed(self.amounts))


@dataclass(slots=True)
class Call:
    """A call that began with the event of ``entry``. ``sends`` in the order in which they are made.

    ``version`` is the one it was made with, None where that does not show. ``key`` is the claim that the next event
    must settle; ``must_owe`` the arrears that must be named next, ``must_pay`` what the payment after that must be;
    ``settles`` says that more claims may follow, ``pays`` that what is owed was reckoned up. A ``certain`` call would
    have reverted rather than withhold.
    """

    entry: Entry
    token: str
    account: Account | None = None
    version: Version | None = None
    sends: list[Send] = field(default_factory=list)
    key: tuple[int, int] | None = None
    must_owe: int = 0
    must_pay: int = 0
    settles: bool = False
    pays: bool = False
    certain: bool = False
    payment: int | None = None
    outflow: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    next_send: int = 0

    def shares_transaction(self, entry: Entry) -> bool:
        """Whether an entry stands in this call's transaction."""
        return (entry.block, entry.transaction) == (self.entry.block, self.entry.transaction)

    def continues_with(self, entry: Entry) -> bool:
        """Whether an entry can belong to this call."""
        event = entry.event
        if not self.shares_transaction(entry):
            return False
        match event:
            case Settled():
                return self._is_with(event.id) and (self.key is not None or self._may_settle)
            case BondReturned():
                return self._is_with(event.id) and self.key is None and self._may_settle
            case InArrears():
                return self._pays_from(event.id) and self.must_owe > 0
            case Compensated() | Credited():
                return self._pays_from(event.id) and self.must_owe == 0 and self.must_pay > 0
            case TransferWithheld():
                return bool(self.sends) and not self.certain
        return False

    def owe(self, account: Account) -> None:
        """What the account owes now must be paid as far as its collateral goes, and the rest be named."""
        self.must_pay = account.payable
        self.must_owe = max(0, account.due - account.payable)

    def withhold(self, account: str, amount: int) -> Send | None:
        """The send that failed, None if it cannot have been one of this call's; earlier ones succeeded."""
        for index in range(self.next_send, len(self.sends)):
            send = self.sends[index]
            if send.to == account and send.can_be(amount):
                self.next_send = index + 1
                self.withheld[account] += amount
                return send
        return None

    def close(self, counted: bool) -> None:
        """End the call; Difference if something that must come did not. ``counted``: the token's logs must agree."""
        if self.key is not None:
            differ(
                self.entry, "a claim without a window, or with its bond returned, was not settled in its call"
            )
        if self.must_owe:
            differ(self.entry, f"{self.must_owe} stayed unpaid, and no arrears were named")
        if self.must_pay:
            differ(self.entry, f"{self.must_pay} was due and in escrow, but not paid")
        if counted:
            self._check_outflow()

    def _check_outflow(self) -> None:
        """Everyone got something, and together no less than was sent: a token may keep a fee of it."""
        sent: Counter[str] = Counter()
        for send in self.sends:
            sent[send.to] += sum(send.amounts)
        sent -= self.withheld
        if any(self.outflow[to] == 0 for to in sent) or self.outflow.total() < sent.total():
            shown = f"the escrow sent {dict(sent)} of {self.token}"
            differ(self.entry, f"{shown}, by the token's own logs {dict(self.outflow)}")

    def _is_with(self, agreement_id: bytes) -> bool:
        return self.version is not None and self.version.id == agreement_id

    def _pays_from(self, agreement_id: bytes) -> bool:
        return self.account is not None and self.account.id == agreement_id and self.key is None

    @property
    def _may_settle(self) -> bool:
        return self.settles and not self.pays and self.next_send == 0
