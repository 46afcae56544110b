"""Lets the escrow pull tokens for one call, and only if the escrow would take the call."""

from __future__ import annotations

from collections.abc import Callable

from chain.errors import Refused, Reverted
from chain.escrow import Escrow
from chain.keys import Signer
from chain.token import Token

TOKEN_ERRORS = ("ERC20", "SafeERC20")
"""How the errors of a token begin that may not pull yet; unknown ones are a token's own as well."""


def allow(
    escrow: Escrow, token: Token, signer: Signer, amount: int, call: Callable[[Escrow], object]
) -> bool:
    """See to it that the escrow may pull ``amount`` from the signer for ``call``; False when that was only tried.

    ``call`` is tried first: what the escrow itself refuses is raised before any allowance is changed. What only the
    token refuses is what the allowance is for.
    """
    try:
        call(escrow.trial())
    except Refused as refused:
        if not refused.name.startswith(TOKEN_ERRORS):
            raise
    except Reverted:
        pass
    return token.allow(signer, escrow.address, amount, escrow.dry_run)
