"""Tokens that the escrow pulls: by an allowance, a transaction of its own, or with a permit in the same one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from chain.allowing import TOKEN_ERRORS, allow
from chain.errors import Refused, Reverted
from chain.escrow import Call, Escrow
from chain.keys import Signer
from chain.permits import permit_call, token_domain
from chain.token import Token
from cli.agreements import Money
from cli.base import OptionError
from sla.agreement import Agreement

PERMIT_SECONDS = 3_600
"""Long enough to be mined, too short to be of use to anybody later."""


def permit_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--permit``."""
    return click.option(
        "--permit",
        is_flag=True,
        help="Let the escrow pull by a signed permit (ERC-2612) in the same transaction, not by an allowance.",
    )(function)


def let_pull(
    escrow: Escrow, token: str, signer: Signer, amount: int, call: Call, permit: bool = False
) -> Call | None:
    """What to send so that the escrow may pull ``amount`` base units from the signer in ``call``.

    That is the call itself, once it is allowed, or a multicall with a permit before it. None when all was only tried.
    What the escrow would refuse is raised before anything is allowed.
    """
    if not permit or amount == 0:
        contract = Token(escrow.connection, token)
        is_allowed = allow(escrow, contract, signer, amount, lambda trial: trial.send(signer, call))
        return call if is_allowed else None
    if token_domain(escrow.connection, token) is None:
        raise _no_permits(token)
    if escrow.dry_run:
        _try_all_but_the_pull(escrow, signer, call)
        return None
    deadline = escrow.connection.now() + PERMIT_SECONDS
    allowing = permit_call(escrow, token, signer, amount, deadline)
    if allowing is None:
        raise _no_permits(token)
    return escrow.calls.multicall([allowing, call])


def let_pull_collateral(
    escrow: Escrow, agreement: Agreement, signer: Signer, money: Money, call: Call, permit: bool
) -> Call | None:
    """The same for the collateral that ``agreement`` names, which comes from its provider whoever signs ``call``.

    OptionError when that is somebody else, and the provider has not allowed it before.
    """
    provider, collateral = agreement.parties.provider, agreement.formation.collateral
    if signer.address == provider:
        return let_pull(escrow, agreement.stake.token, signer, collateral, call, permit)
    if permit and collateral:
        raise OptionError(
            "--permit", f"only the provider {provider} can sign it", "let the provider bring the terms"
        )
    if Token(escrow.connection, agreement.stake.token).allowance(provider, escrow.address) < collateral:
        raise OptionError(
            "--keystore",
            f"the provider has not allowed the escrow to pull the {money.text(collateral)} of collateral",
            "let the provider bring the terms: that does both",
        )
    return call


def _try_all_but_the_pull(escrow: Escrow, signer: Signer, call: Call) -> None:
    """A permit is a signature: in a dry run none leaves this machine."""
    try:
        escrow.send(signer, call)
    except Refused as refused:
        if not refused.name.startswith(TOKEN_ERRORS):
            raise
    except Reverted:
        pass


def _no_permits(token: str) -> OptionError:
    return OptionError(
        "--permit",
        f"the token {token} takes no permits (ERC-2612)",
        "leave the option out: the escrow is then allowed to pull by a transaction of its own",
    )
