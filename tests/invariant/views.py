"""What every view must answer, from the model's books, as bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.invariant.books import Books
from tests.invariant.encoding import selector, word, words

Entity = tuple[str, Any]
"""A book's name and a key in it."""

OPEN, VERSION, RELEASED = 1, 2, 3


def account_words(books: Books, id_: bytes) -> bytes:
    """``accountOf``: the money stands under the first version."""
    if books.firsts[id_] != id_:
        return words((0, 0, 0, books.counts[id_], VERSION if books.firsts[id_].strip(b"\0") else 0))
    account = books.accounts[id_]
    assert account is not None
    state = RELEASED if account.is_released else OPEN
    return words((account.collateral, account.due, account.open_claims, books.counts[id_], state))


def pending_words(books: Books, _: int) -> bytes:
    """``pendingRotation``."""
    pending = books.pending[0]
    return words(pending) if pending else bytes(96)


def members_words(books: Books, _: int) -> bytes:
    """``members``."""
    count = len(books.members.items())
    return words([32, count, *(books.members[index] for index in range(count))])


def versions_words(books: Books, first: bytes) -> bytes:
    """``versionsOf``."""
    return words([32, len(books.chains[first]), *books.chains[first]])


ESCROW_VIEWS: dict[str, tuple[str, Callable[[Books, Any], bytes]]] = {
    "accounts": ("accountOf", account_words),
    "counts": ("accountOf", account_words),
    "firsts": ("firstOf", lambda books, id_: word(books.firsts[id_])),
    "chains": ("versionsOf", versions_words),
    "links": ("downstreamOf", lambda books, id_: word(books.links[id_])),
    "claims": ("claimOf", lambda books, place: words(books.claims[place])),
    "disputes": ("disputeOf", lambda books, place: words(books.disputes[place])),
    "totals": ("settledTotalOf", lambda books, period: word(books.totals[period])),
    "withdrawable": ("withdrawable", lambda books, place: word(books.withdrawable[place])),
}

COMMITTEE_VIEWS: dict[str, tuple[str, Callable[[Books, Any], bytes]]] = {
    "roots": ("attestedAt", lambda books, root: word(books.roots[root])),
    "numbers": ("memberNumber", lambda books, account: word(books.numbers[account])),
    "members": ("members", members_words),
    "last_round": ("lastRound", lambda books, _: word(books.last_round[0])),
    "rotations": ("rotations", lambda books, _: word(books.rotations[0])),
    "pending": ("pendingRotation", pending_words),
}
"""Book -> view, and its answer."""

WITHOUT_ARGUMENTS = ("members", "lastRound", "rotations", "pendingRotation")


def view_call(entity: Entity) -> tuple[str, bytes] | None:
    """Contract and calldata of the view that shows an entity; a token's stands under its address; None without one."""
    book, key = entity
    if book == "balances":
        token, account = key
        return token, selector("MoodyToken", "balanceOf") + word(account)
    for contract, views in (("SLAEscrow", ESCROW_VIEWS), ("Committee", COMMITTEE_VIEWS)):
        if book in views:
            name = views[book][0]
            arguments = b"" if name in WITHOUT_ARGUMENTS else words(key if isinstance(key, tuple) else (key,))
            return contract, selector(contract, name) + arguments
    return None


def view_answer(books: Books, entity: Entity) -> bytes:
    """What it must answer."""
    book, key = entity
    if book == "balances":
        return word(books.balances[key])
    views = ESCROW_VIEWS if book in ESCROW_VIEWS else COMMITTEE_VIEWS
    return views[book][1](books, key)
