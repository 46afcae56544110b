"""The nodes' events as lines of progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oracle.ports import Tell
from scripts.demo.show import OBLIGATIONS, Show, money, percent


def teller(show: Show) -> Tell:
    """Says what happens on the chain, what one node observed, and whatever goes wrong."""

    def tell(kind: str, details: Mapping[str, Any]) -> None:
        node = f"node {details['node'] + 1}"
        if kind in _SENTENCES:
            show.say(f"{node} {_SENTENCES[kind](details)}", "green")
        elif kind == "observed" and details["node"] == 0:
            shown = percent(details["attained"]) if details["known"] else "unknown"
            samples = f"{details['good']} good of {details['counted']} known samples"
            show.say(f"{node} observed {_named(details)}: {shown}, {samples}")
        elif kind not in ("observed", "proposed", "signed"):
            show.say(f"{node} {kind}: {details.get('problem', '')}", "dim")

    return tell


def _posted(details: Mapping[str, Any]) -> str:
    return f"posted round {details['round']} with {details['reports']} reports, {_gas(details)}"


def _claimed(details: Mapping[str, Any]) -> str:
    owed = f"{percent(details['attained'])} owes {money(details['compensation'])}"
    return f"claimed {_named(details)}: {owed}, {_gas(details)}"


def _settled(details: Mapping[str, Any]) -> str:
    claims = " and ".join(f"period {period}, {OBLIGATIONS[place]}" for period, place in details["claims"])
    return f"settled {claims}, {_gas(details)}"


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "posted": _posted,
    "claimed": _claimed,
    "settled": _settled,
}


def _named(details: Mapping[str, Any]) -> str:
    return f"period {details['period']}, {OBLIGATIONS[details['obligation']]}"


def _gas(details: Mapping[str, Any]) -> str:
    return f"{details['gas']:,} gas"
