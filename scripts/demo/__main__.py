"""``python -m scripts.demo``: exit 0 if everything was as promised, else 1."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from audit import run as audit
from audit.roots import read_roots
from audit.verdict import Kind
from chain.pack import export_pack
from chain.pack_blocks import EmbeddedBlocks
from oracle.fleet import Fleet
from oracle.settings import Settings
from scripts.demo.ledger import Ledger, read_ledger
from scripts.demo.progress import teller
from scripts.demo.promises import broken_promises
from scripts.demo.show import Show, money
from scripts.demo.story import SILENT_FROM, Story
from scripts.demo.world import World, build, sign_and_open
from sla.errors import MakegoodError

BUILD = Path(__file__).resolve().parents[2] / "build" / "demo"
LEAD_SECONDS = 8
"""From the end of the set-up's first step to the first period."""

SETTINGS = Settings(
    observe_after_seconds=2,
    collect_after_seconds=3,
    turn_seconds=8,
    cycle_seconds=1.0,
    dry_run=False,
    finality="latest",
)


def main() -> int:
    """Build, sign, watch, settle, audit."""
    shutil.rmtree(BUILD, ignore_errors=True)
    world = build(LEAD_SECONDS)
    show = Show(world)
    show.say(
        f"chain {world.connection.chain_id} runs in this process; escrow {world.escrow.address}, "
        f"committee of {len(world.members)} nodes, {world.committee.quorum} must sign"
    )
    before = world.balances()
    sign_and_open(world)
    show.say(
        f"both parties signed agreement 0x{world.agreement_id.hex()}; "
        f"{money(world.agreement.formation.collateral)} are in escrow"
    )
    if world.clock.now() >= world.period_start(0):
        show.say("set-up took so long that the first period had begun: try again on a quieter machine", "red")
        return 1
    fleet = Fleet(
        connection=world.connection,
        escrow=world.escrow.address,
        committee=world.committee.address,
        keys=world.members,
        documents=[world.document],
        folder=BUILD / "journals",
        settings=SETTINGS,
        clock=world.clock,
        on_event=teller(show),
    )
    fleet.start()
    try:
        Story(world, fleet, show, BUILD / "evidence" / "load-test.json").run()
        roots = export_pack(
            world.connection,
            world.escrow.address,
            [world.committee.address],
            0,
            fleet.nodes[0].bundle,
            BUILD / "audit-pack",
            blocks=EmbeddedBlocks(world.chain),
        )
        ledger = read_ledger(world, fleet.nodes[0].bundle)
    finally:
        fleet.stop()
        world.shop.stop()
    (BUILD / "roots.json").write_text(json.dumps(roots, indent=2) + "\n")
    return _report(world, show, ledger, before)


def _report(world: World, show: Show, ledger: Ledger, before: dict[str, int]) -> int:
    """The tables, the audit, and whether all promises were kept."""
    after = world.balances()
    show.plain()
    show.periods(ledger)
    show.plain()
    show.transactions(ledger)
    show.plain()
    show.balances(before, after)
    show.plain()
    verdict = audit(BUILD / "audit-pack", read_roots((BUILD / "roots.json").read_bytes()))
    broken = list(broken_promises(world, ledger, before, after, SILENT_FROM))
    if verdict.kind is not Kind.PASS:
        broken.append(f"the audit says {verdict.kind.value}: {verdict.first_difference}")
    show.plain(f"Audit: {verdict.kind.value}", "bold green" if verdict.kind is Kind.PASS else "bold red")
    for sentence in broken:
        show.plain(f"Not as promised: {sentence}.", "bold red")
    relative = BUILD.relative_to(Path.cwd()) if BUILD.is_relative_to(Path.cwd()) else BUILD
    show.plain(f"Audit pack: {relative}/audit-pack, its trust roots beside it: {relative}/roots.json")
    show.plain()
    show.plain("Next:")
    show.plain(f"  .venv/bin/makegood audit {relative}/audit-pack --roots {relative}/roots.json")
    show.plain("      every payment with its derivation; change any byte of the pack and try again")
    show.plain("  scripts/demo/terms.yaml, examples/    the terms both parties signed, and real schedules")
    show.plain("  make bench                            what it costs in gas")
    return 1 if broken else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (MakegoodError, TimeoutError, OSError) as error:
        sys.exit(f"The demo could not go on: {error}")
