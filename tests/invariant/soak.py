"""At least a million calls of the protocol through pyrevm, on two processes: `python -m tests.invariant.soak`.

Worlds of 12 500 calls each, every call compared with the model. Prints its seed, its progress, and at the end the
census of what was called; a call that differs ends it with the shortest script that was found to repeat it.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.invariant.campaign import Campaign
from tests.invariant.census import Census
from tests.invariant.replay import script, shortened

WORLD = 12_500
SHRINKING_SECONDS = float(os.environ.get("MAKEGOOD_SHRINKING_SECONDS", "120"))
"""How long a history that failed is made shorter; 0: it is told as it is."""


class Differs(AssertionError):
    """The contracts did otherwise than the model; the message holds the script that shows it."""


def campaign(seed: str, calls: int, seconds: float = SHRINKING_SECONDS) -> Census:
    """One world. Differs at the first call that comes to something else than the model says."""
    world = Campaign(seed)
    try:
        world.run(calls)
        counted = world.census
        world.wind_up()
    except AssertionError as error:
        steps = shortened(world.history, seconds)
        told = f"seed {seed!r}, call {len(world.history)}: {error}\n{script(steps)}"
        raise Differs(told) from None
    return counted


def main(arguments: list[str]) -> int:
    """The exit code: 0 when nothing differed and every kind made up a hundredth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000, help="how many at least (1 000 000)")
    parser.add_argument("--seed", default=str(secrets.randbits(32)), help="repeats a run")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    worlds = -(-options.calls // WORLD)
    print(
        f"seed {options.seed}: {worlds} worlds of {WORLD:,} calls, {options.processes} processes", flush=True
    )
    began, census = time.monotonic(), Census()
    with ProcessPoolExecutor(options.processes) as pool:
        seeds = [f"{options.seed} {number}" for number in range(worlds)]
        for done in as_completed([pool.submit(campaign, seed, WORLD) for seed in seeds]):
            try:
                census.add(done.result())
            except Differs as differs:
                pool.shutdown(wait=False, cancel_futures=True)
                print(differs, flush=True)
                return 1
            _show_progress(census, time.monotonic() - began, worlds)
    print(census.table())
    missing = [*census.rare(per_mille=10), *census.unseen()]
    print("below one hundredth, or never seen:", ", ".join(missing) or "nothing")
    return 1 if missing else 0


def _show_progress(census: Census, seconds: float, worlds: int) -> None:
    done = census.total
    rate = done / seconds
    left = (worlds * WORLD - done) / rate / 60
    print(f"{done:>9,} calls, {rate:,.0f} a second, {left:.0f} min to go", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
