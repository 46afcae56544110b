"""Every answer of a node, on any path, is an answer or an error of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from web3 import Web3
from web3.exceptions import ContractLogicError

from chain.answer_shapes import check_shape
from chain.node_errors import translated
from sla.errors import MakegoodError


def guard(web3: Web3) -> None:
    """Make all of ``web3.eth`` raise errors of ``chain.errors``, except for a revert: who called knows what it means.

    A contract that reverts with OffchainLookup (EIP-3668) asks its caller to fetch an address of its choice: never.
    """
    web3.provider.global_ccip_read_enabled = False
    unguarded = web3.eth.retrieve_caller_fn
    if getattr(unguarded, "is_guarded", False):
        return

    def retrieve(method: Any) -> Callable[..., Any]:
        call = unguarded(method)

        def guarded(*arguments: Any, **options: Any) -> Any:
            try:
                answer = call(*arguments, **options)
                check_shape(str(method.json_rpc_method), answer)
                return answer
            except (MakegoodError, ContractLogicError):
                raise
            except Exception as error:
                raise translated(error, str(method.json_rpc_method)) from None

        return guarded

    retrieve.is_guarded = True  # type: ignore[attr-defined]
    web3.eth.retrieve_caller_fn = retrieve
