"""A whole chain in this process: py-evm behind eth-tester, for the demo and for tests.

It has one clock. While it is being set up, every transaction mines a block one second after the last, in the past; from
``follow()`` on the chain travels to ``now()`` before each call, so that its time and the world's never part by more
than a second. Like any chain it cannot mine two blocks in one second: a transaction waits for its second.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Sequence
from typing import Any

from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.backends.pyevm.main import get_default_account_keys, get_default_genesis_params
from eth_tester.exceptions import TransactionFailed
from eth_utils import to_canonical_address
from web3 import Web3
from web3.exceptions import ContractLogicError
from web3.providers.eth_tester import EthereumTesterProvider
from web3.types import RPCEndpoint, RPCResponse

from chain.clock import Clock
from chain.errors import ChainError

FUNDS = 10**24
"""Wei in each account of the genesis block."""

MAX_DRIFT_SECONDS = 1


class EmbeddedChain:
    """``accounts`` are funded in the genesis block, ``head_start`` seconds before the clock's time."""

    def __init__(self, accounts: Sequence[str], clock: Clock, head_start: int = 120) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._following = False
        account = {"balance": FUNDS, "nonce": 0, "code": b"", "storage": {}}
        # eth-tester makes every call without a sender in the name of its first own account: that must afford gas.
        default = get_default_account_keys(1)[0].public_key.to_checksum_address()
        state = {to_canonical_address(address): dict(account) for address in (default, *accounts)}
        start = int(clock.now()) - head_start
        self._backend = PyEVMBackend(
            genesis_parameters=get_default_genesis_params({"timestamp": start, "gas_limit": 100_000_000}),
            genesis_state=state,
        )
        tester = EthereumTester(self._backend)
        self.web3 = Web3(_TravellingProvider(self, tester))

    def follow(self) -> None:
        """End the set-up: from here on the chain keeps the clock's time."""
        with self._lock:
            self._following = True
            self._travel()

    def drift(self) -> float:
        """Seconds by which the chain's head is ahead of the clock; negative when it lags."""
        with self._lock:
            return float(self._head() - self._clock.now())

    def raw_header(self, number: int) -> Any:
        """The RLP-serialisable header of a mined block."""
        with self._lock:
            return self._backend.chain.get_canonical_block_header_by_number(number)

    def raw_receipts(self, number: int) -> list[bytes]:
        """The receipts of a mined block in their consensus encoding."""
        with self._lock:
            chain = self._backend.chain
            block = chain.get_canonical_block_by_number(number)
            return [receipt.encode() for receipt in block.get_receipts(chain.chaindb)]

    def before(self, method: str) -> None:
        """Bring the chain to the clock's time, as the call about to be made needs it."""
        if not self._following:
            # py-evm would give the new block the world's time.
            self._stamp(self._head() + 1)
        elif method == "eth_sendRawTransaction":
            while self._clock.now() < self._head() + 1:
                self._clock.sleep(0.02)
            self._stamp(int(self._clock.now()))
        elif method in {"eth_call", "eth_getBlockByNumber", "eth_blockNumber", "eth_getLogs"}:
            self._travel()

    def _travel(self) -> None:
        now = int(self._clock.now())
        if self._head() < now:
            self._stamp(now)
            self._backend.mine_blocks()
        if self._head() - self._clock.now() > MAX_DRIFT_SECONDS:
            raise ChainError(
                f"the embedded chain is {self._head() - self._clock.now():.1f} s ahead of the clock",
                f"finish the set-up within the chain's head start; at most {MAX_DRIFT_SECONDS} s is allowed",
            )

    def _head(self) -> int:
        return int(self._backend.chain.get_canonical_head().timestamp)

    def _stamp(self, timestamp: int) -> None:
        """Give the block being built its time."""
        self._backend.chain.header = self._backend.chain.header.copy(timestamp=timestamp)


class _TravellingProvider(EthereumTesterProvider):
    """One request at a time, each at the clock's time."""

    def __init__(self, chain: EmbeddedChain, tester: EthereumTester) -> None:
        super().__init__(tester)
        self._chain = chain

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        with self._chain._lock:
            self._chain.before(method)
            try:
                return super().make_request(method, params)
            except TransactionFailed as error:
                raise _revert(error) from None


def _revert(error: TransactionFailed) -> ContractLogicError:
    """A revert as other nodes report it: with its data, of which eth-tester keeps only the Python notation."""
    text = str(error).removeprefix("execution reverted: ")
    if not text.startswith(("b'", 'b"')):
        return ContractLogicError(text)
    return ContractLogicError("execution reverted", data="0x" + ast.literal_eval(text).hex())
