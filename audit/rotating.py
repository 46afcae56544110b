"""Who sat on a committee when: each rotation, as a quorum proposed it and when it was carried out (R12).

The signatures under a proposal are not in a pack: that the contract took them is the proof, as for a party's own
contract wallet.
"""

from __future__ import annotations

from audit.difference import differ, require, require_equal
from audit.rounds import committee_of, named_signers
from audit.state import State
from record.events import MemberRotated, RotationProposed
from record.pack_logs import Entry
from record.readable import utc
from sla.agreement import ZERO_ADDRESS


def rotation_proposed(state: State, entry: Entry, event: RotationProposed) -> None:
    """A quorum lets a new account take a member's place, after the delay; one rotation at a time."""
    committee = committee_of(state, entry)
    require(committee.rotation is None, entry, "another rotation is pending")
    require_equal(entry, "the rotation's number", event.number, committee.rotations)
    require_equal(entry, "when it takes effect", event.effective_at, entry.time + committee.rotation_delay)
    require(event.outgoing in committee.members, entry, f"{event.outgoing} is no member")
    require(
        event.incoming not in (*committee.members, ZERO_ADDRESS),
        entry,
        f"{event.incoming} is a member already, or zero",
    )
    named_signers(entry, event.signers, committee)
    committee.rotation = event
    committee.rotations += 1


def rotated(state: State, entry: Entry, event: MemberRotated) -> None:
    """The rotation that waited, not before its time, at the place of the member that leaves."""
    committee = committee_of(state, entry)
    proposed = committee.rotation
    if proposed is None:
        differ(entry, "no rotation is pending")
    require_equal(entry, "who leaves", event.outgoing, proposed.outgoing)
    require_equal(entry, "who comes in", event.incoming, proposed.incoming)
    require_equal(entry, "the index", event.index, committee.members.index(event.outgoing))
    require(
        entry.time >= proposed.effective_at,
        entry,
        f"the rotation takes effect at {utc(proposed.effective_at)} UTC",
    )
    before = committee.members
    committee.former.append((entry.time, before))
    committee.members = (*before[: event.index], event.incoming, *before[event.index + 1 :])
    committee.rotation = None
    state.notes.append(
        f"From {utc(entry.time)} UTC on {event.incoming} sits in the place of {event.outgoing}, as member "
        f"{event.index} of the committee {entry.address}."
    )
