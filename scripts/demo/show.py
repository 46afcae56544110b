"""What the demo prints: progress as it happens, and the tables at the end."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from scripts.demo.ledger import Ledger, Line
from scripts.demo.world import MEMBERS, ONE, World

OBLIGATIONS = ("availability", "latency")
ACTIONS = ("post", "claim", "dispute", "evidence", "rule", "settle")


def percent(ppm: int) -> str:
    """985000 -> "98.5 %"."""
    return f"{ppm // 10_000}.{ppm % 10_000:04}".rstrip("0").rstrip(".") + " %"


def money(amount: int) -> str:
    """1000000000 -> "1,000.00 tUSD"."""
    cents = amount * 100 // ONE
    return f"{cents // 100:,}.{cents % 100:02} tUSD"


def clock(seconds: float) -> str:
    """The time of day, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%SZ")


class Show:
    """The screen. ``say`` is one line with the time it happened."""

    def __init__(self, world: World) -> None:
        # Wide enough for the tables also where no terminal says how wide it is.
        self._console = Console(highlight=False, soft_wrap=True, width=None if Console().is_terminal else 150)
        self._world = world

    def say(self, text: str, style: str = "") -> None:
        """One line of progress."""
        self._console.print(f"{clock(self._world.clock.now())}  {text}", style=style, markup=False)

    def plain(self, text: str = "", style: str = "") -> None:
        """A line without time."""
        self._console.print(text, style=style, markup=False)

    def periods(self, ledger: Ledger) -> None:
        """Each period and obligation: attained, tier, compensation, status; gas by period."""
        table = Table(title="Periods", title_justify="left")
        for name, side in _COLUMNS:
            table.add_column(name, justify=side, no_wrap=True)  # type: ignore[arg-type]
        for period in ledger.periods:
            start = clock(self._world.period_start(period.number))
            for place, line in enumerate(period.lines):
                table.add_row(
                    f"{period.number}  {start}" if place == 0 else "",
                    OBLIGATIONS[line.obligation],
                    percent(line.attained),
                    percent(line.ruled.attained) if line.ruled else "",
                    self._tier(line),
                    money(line.settled.compensation) if line.settled else "-",
                    money(line.settled.entitlement_change) if line.settled else "-",
                    line.status,
                    f"{sum(period.gas.values()):,}" if place == 0 else "",
                )
            table.add_section()
        self._console.print(table)
        self.plain("Entitled: compensation within the period's joint cap of one charge, 1,000.00 tUSD.")

    def transactions(self, ledger: Ledger) -> None:
        """Who saw each period, who signed its round, and the gas of each kind of transaction."""
        table = Table("period", "seen by", "signed by", title="Nodes and gas", title_justify="left")
        for action in ACTIONS:
            table.add_column(action, justify="right")
        for period in ledger.periods:
            gas = [_gas(period.gas, action) for action in ACTIONS]
            table.add_row(str(period.number), _nodes(period.observers), _nodes(period.signers), *gas)
        self._console.print(table)

    def balances(self, before: dict[str, int], after: dict[str, int]) -> None:
        """Who held what before the agreement was signed, and after the last settlement."""
        table = Table("", "before", "after", "change", title="Balances", title_justify="left")
        for name in before:
            change = after[name] - before[name]
            sign = "+" if change > 0 else "-" if change < 0 else ""
            table.add_row(name, money(before[name]), money(after[name]), sign + money(abs(change)))
        self._console.print(table)

    def _tier(self, line: Line) -> str:
        attained = line.ruled.attained if line.ruled else line.attained
        tiers = self._world.agreement.obligations[line.obligation].tiers
        passed = [tier for tier in tiers if attained < tier.bound]
        return f"below {percent(passed[-1].bound)} pays {percent(passed[-1].base)}" if passed else "met"


_COLUMNS = (
    ("period", "left"),
    ("obligation", "left"),
    ("attained", "right"),
    ("ruled", "right"),
    ("tier", "left"),
    ("compensation", "right"),
    ("entitled", "right"),
    ("status", "left"),
    ("gas", "right"),
)


def _nodes(members: int) -> str:
    """A bit map of members: 0b1011 -> "1 2 4"."""
    return " ".join(str(number + 1) for number in range(MEMBERS) if members >> number & 1)


def _gas(gas: dict[str, int], action: str) -> str:
    return "\n".join(f"{used:,}" for key, used in gas.items() if key.startswith(f"{action} "))
