"""What was sent and has no receipt yet: a reply that is lost, or late, never makes a transaction happen twice (P13).

A transaction is remembered before it leaves. The next one of the same account looks after it first; it takes the nonce
that is next on the chain, so that of two transactions of one account at most one is mined, whatever was lost.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from web3 import Web3
from web3.types import TxReceipt

from chain.errors import ChainError, NotFound, StillWaiting, Unanswered
from chain.keys import Signer
from chain.sending_errors import sending_error
from chain.transactions import Transaction
from record.keccak import keccak256

RECEIPT_TIMEOUT_SECONDS = 60
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
FAILURES_IN_A_ROW = 5
"""How often a node may fail to answer while we wait for a receipt."""

_ONCE = "this process does not send the same call twice, but another one would"
_KNOWN = ("already known", "already imported", "known transaction", "alreadyknown")


@dataclass(frozen=True, slots=True)
class _Sent:
    """``earlier`` are the hashes of the same call, with the same nonce, for less: any one of them may be mined."""

    transaction: Transaction
    raw: bytes
    earlier: tuple[bytes, ...] = ()

    @property
    def hash(self) -> bytes:
        return keccak256(self.raw)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        return (self.hash, *self.earlier)


class Outbox:
    """The transactions of all accounts that send through one connection. Safe for threads: hold ``turn(account)``."""

    def __init__(self, web3: Web3) -> None:
        self._web3 = web3
        self._waiting: dict[str, _Sent] = {}
        self._turns: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._lock = threading.Lock()

    def turn(self, account: str) -> threading.RLock:
        """To be held from the first look at the chain until the receipt."""
        with self._lock:
            return self._turns[account]

    def look_after(
        self,
        signer: Signer,
        account: str,
        to: str | None,
        data: bytes,
        again: Callable[[], int],
        value: int = 0,
    ) -> TxReceipt | None:
        """See what became of the account's last transaction, if it had no receipt.

        Its receipt, when it was this very call: then there is nothing left to send. StillWaiting while the node has it
        in its pool. What the node has lost is forgotten, or sent again when it was this very call. This very call is
        also sent again, with its nonce, when fees have risen so that it could wait for ever. ``again()`` tries the call
        before it is sent again, and says what fee will do, in wei per gas.
        """
        sent = self._waiting.get(account)
        if sent is None:
            return None
        is_same = (sent.transaction.to, sent.transaction.data, sent.transaction.value) == (to, data, value)
        receipt = self._receipt(*sent.hashes)
        if receipt is None and self._nonce(account) <= sent.transaction.nonce:
            if is_same and (dearer := sent.transaction.dearer(again())) is not None:
                return self._bring(account, _Sent(dearer, dearer.signed(signer), sent.hashes))
            if self._is_known(*sent.hashes):
                raise StillWaiting(
                    sent.hash,
                    f"transaction 0x{sent.hash.hex()} of {account} still waits to be mined",
                    "wait until it is, then try again: nothing else was sent",
                )
            if is_same:
                return self._bring(account, sent)
        elif receipt is None:
            receipt = self._receipt(*sent.hashes)  # mined between the two looks, or replaced
        del self._waiting[account]
        return receipt if is_same else None

    def send(self, signer: Signer, account: str, transaction: Transaction) -> TxReceipt:
        """Sign, send and wait; StillWaiting when it is not known whether it arrived, or when no receipt comes."""
        return self._bring(account, _Sent(transaction, transaction.signed(signer)))

    def wait(self, transaction: bytes, *others: bytes) -> TxReceipt:
        """Poll for a receipt of any one of them, ever more slowly: nodes mine when they please."""
        end = time.monotonic() + RECEIPT_TIMEOUT_SECONDS
        pause, failures = FIRST_PAUSE, 0
        while True:
            try:
                if (receipt := self._receipt(transaction, *others)) is not None:
                    return receipt
                failures, problem = 0, f"no receipt in {RECEIPT_TIMEOUT_SECONDS} s"
            except ChainError as error:
                failures, problem = failures + 1, error.problem
            if time.monotonic() > end or failures == FAILURES_IN_A_ROW:
                raise StillWaiting(
                    bytes(transaction),
                    f"transaction 0x{bytes(transaction).hex()} was sent, but: {problem}",
                    "look it up before sending again",
                )
            time.sleep(pause)
            pause = min(pause * 1.3, LONGEST_PAUSE)

    def _bring(self, account: str, sent: _Sent) -> TxReceipt:
        before = self._waiting.get(account)
        self._waiting[account] = sent
        with _told_when_interrupted(sent):
            self._hand_over(account, sent, before)
            try:
                receipt = self.wait(*sent.hashes)
            except StillWaiting as waiting:
                raise self._explained(account, sent, waiting) from None
        del self._waiting[account]
        return receipt

    def _hand_over(self, account: str, sent: _Sent, before: _Sent | None) -> None:
        """Give it to the node; what the node surely refuses is forgotten, and ``before`` is waited for again."""
        try:
            self._web3.eth.send_raw_transaction(sent.raw)
        except (Unanswered, OSError) as error:
            raise StillWaiting(
                sent.hash,
                f"whether transaction 0x{sent.hash.hex()} arrived is not known: {_problem(error)}",
                f"look it up before sending again: {_ONCE}",
            ) from None
        except ChainError as error:
            # A node may have taken it and still say no: when a busy gateway asks it twice, or gives up waiting for it.
            if any(word in error.problem.lower() for word in _KNOWN) or self._is_known(sent.hash):
                return
            if before is None:
                del self._waiting[account]
            else:
                self._waiting[account] = before
            raise sending_error(error, account, sent.transaction) from None

    def _explained(self, account: str, sent: _Sent, waiting: StillWaiting) -> StillWaiting:
        """Why there is no receipt, if the node can say."""
        shown = f"transaction 0x{sent.hash.hex()} of {account}"
        try:
            if self._nonce(account) > sent.transaction.nonce:
                why = f"another transaction with its nonce {sent.transaction.nonce} was mined instead"
                remedy = "see what it did, then try again; let only one process use a key"
            elif self._is_known(*sent.hashes):
                why = f"it still waits to be mined after {RECEIPT_TIMEOUT_SECONDS} s"
                remedy = f"wait until it is, and see what it did: {_ONCE}"
            else:
                why = "the node has dropped it"
                remedy = "try again: it takes the same nonce, of which only one is mined"
        except ChainError:
            return waiting
        return StillWaiting(sent.hash, f"{shown} has no receipt: {why}", remedy)

    def _receipt(self, *transactions: bytes) -> TxReceipt | None:
        for transaction in transactions:
            with suppress(NotFound):
                receipt = self._web3.eth.get_transaction_receipt(transaction)  # type: ignore[arg-type]
                if bytes(receipt["transactionHash"]) != bytes(transaction):
                    raise Unanswered("the node gave the receipt of another transaction", "use another node")
                return receipt
        return None

    def _is_known(self, *transactions: bytes) -> bool:
        for transaction in transactions:
            with suppress(NotFound):
                self._web3.eth.get_transaction(transaction)  # type: ignore[arg-type]
                return True
        return False

    def _nonce(self, account: str) -> int:
        return self._web3.eth.get_transaction_count(Web3.to_checksum_address(account))


@contextmanager
def _told_when_interrupted(sent: _Sent) -> Iterator[None]:
    """Who interrupts does not call back what was sent, and should know of it."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(
            f"Look up transaction 0x{sent.hash.hex()} before sending again: it may have been sent."
        )
        raise


def _problem(error: Exception) -> str:
    return error.problem if isinstance(error, ChainError) else str(error)
