"""From the samples of a period to its attainment, with everything needed to explain it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metering.samples import Sample
from record import canonical
from record.keccak import keccak256
from record.terms.indicators import Ratio
from sla.agreement import PPM

MINIMUM_KNOWN_PPM = 500_000
"""With fewer than half of the expected samples known, the attainment is unknown: a node that slept through most of a
period must not judge it by the rest."""

EVIDENCE_FORMAT = "makegood-samples/1"


@dataclass(frozen=True, slots=True)
class Attainment:
    """What was attained in one period. ``attained`` is in parts per million, floored, and 0 when not ``known``.

    ``good`` of ``counted`` known samples were good; ``expected`` were due; ``evidence`` is the hash of all samples.
    """

    known: bool
    attained: int
    good: int
    counted: int
    expected: int
    evidence: bytes

    @property
    def missing(self) -> int:
        """Samples that were due and are not known."""
        return max(0, self.expected - self.counted)


def attained(
    samples: Iterable[Sample], ratio: Ratio, start: int, end: int, interval_ms: int | None = None
) -> Attainment:
    """Good per known samples in ``[start, end)``, seconds UTC: ``good * 1_000_000 // known``.

    ``interval_ms`` says how many samples are due; without it those that came were. Of 1 000 known samples 999 good
    are 999 000 ppm; 1 999 of 2 001 are 999 000 (floored).
    """
    within = [sample for sample in samples if start * 1_000 <= sample.time_ms < end * 1_000]
    counted = sum(sample.known for sample in within)
    good = sum(sample.is_good(ratio) for sample in within)
    expected = len(within) if interval_ms is None else max(1, (end - start) * 1_000 // interval_ms)
    known = counted > 0 and counted * PPM >= expected * MINIMUM_KNOWN_PPM
    return Attainment(
        known=known,
        attained=good * PPM // counted if known else 0,
        good=good,
        counted=counted,
        expected=expected,
        evidence=keccak256(evidence(within, start, end)),
    )


def evidence(samples: Sequence[Sample], start: int, end: int) -> bytes:
    """The canonical JSON of a period's samples, in the order of their ticks; its hash goes into the observation.

    A sample is ``[time_ms, known, status, latency_us]``.
    """
    rows: list[canonical.Json] = [
        [sample.time_ms, sample.known, sample.status, sample.latency_us]
        for sample in sorted(samples, key=lambda sample: sample.time_ms)
    ]
    return canonical.dumps({"format": EVIDENCE_FORMAT, "start": start, "end": end, "samples": rows})
