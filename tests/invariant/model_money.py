"""Accounts: deposits, arrears, what is owed, and what waits to be withdrawn."""

from __future__ import annotations

from tests.invariant.deal import Deal
from tests.invariant.model_context import UINT96_MAX, Context, Refused


def deposit(context: Context, deal: Deal, amount: int) -> None:
    """Anybody, from their own tokens; arrears are paid first (R4)."""
    first = context.require_known(deal)
    arrived = context.pull(deal.agreement.stake.token, context.caller, amount)
    add_collateral(context, first, arrived)
    context.emit("Deposited", first, context.caller, arrived)
    pay_due(context, deal, first)


def add_collateral(context: Context, first: bytes, amount: int) -> None:
    """More in escrow, as far as an account can count."""
    account = context.account(first)
    collateral = account.collateral + amount
    if collateral > UINT96_MAX:
        raise Refused("SafeCastOverflowedUintDowncast", 96, collateral)
    context.books.accounts[first] = account._replace(collateral=collateral)


def pay_due(context: Context, deal: Deal, first: bytes) -> None:
    """What is owed is paid as far as the collateral goes; the rest stays, as arrears (R4).

    It goes to the customer, or raises the escrow of the downstream agreement: linked, open and with room (R14).
    """
    books, account = context.books, context.account(first)
    amount = max(0, min(account.due, account.collateral))
    account = account._replace(due=account.due - amount, collateral=account.collateral - amount)
    books.accounts[first] = account
    if account.due > 0:
        context.emit("InArrears", first, account.due)
    if amount == 0:
        return
    downstream = books.accounts[books.links[deal.id]]
    if downstream and not downstream.is_released and downstream.collateral + amount <= UINT96_MAX:
        raised = downstream._replace(collateral=downstream.collateral + amount)
        books.accounts[books.links[deal.id]] = raised
        context.emit("Credited", first, books.links[deal.id], amount)
        return
    customer = deal.agreement.parties.customer
    context.emit("Compensated", first, customer, amount)
    context.send(deal.agreement.stake.token, customer, amount)


def withdraw(context: Context, token: str, account: str, to: str) -> None:
    """To the account, or where the account itself says (R17)."""
    if account not in (to, context.caller):
        raise Refused("CallerInvalid", context.caller)
    amount = context.books.withdrawable[token, account]
    if amount == 0:
        raise Refused("NothingToWithdraw", token, account)
    context.books.withdrawable[token, account] = 0
    context.emit("Withdrawn", token, account, to, amount)
    if not context.try_send(token, to, amount):
        raise Refused("TransferFailed", token, to, amount)


def permit(context: Context, *_: object) -> None:
    """Tried, and may fail (R16): none of these tokens knows it."""
