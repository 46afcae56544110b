"""What comes of one file: its records and refusals go to the spool, how it went is the outcome."""

from __future__ import annotations

from metering.unpacking.frames import Unreadable, frames
from metering.unpacking.spool import Spool
from metering.unpacking.task import File, Outcome, Task
from metering.unpacking.typed import Typing


def outcome_of(task: Task, typing: Typing, file: File) -> Outcome:
    """Unpacks one file. It does not fail: what is wrong with the file is part of the outcome."""
    number = file.number
    spool = Spool(task, file)
    try:
        declaration = task.declaration
        for frame in frames(
            file.path, declaration.format, declaration.taken, declaration.delimiter, declaration.encoding
        ):
            spool.add(*typing.table(frame))
        spool.close()
    except Unreadable as error:
        spool.discard()
        return Outcome(number, problem=(str(error.args[0]), str(error.args[1])))
    except MemoryError:
        spool.discard()
        return Outcome(number, problem=("takes more memory than any file of records", "split it"))
    except OSError as error:
        spool.discard()
        return Outcome(number, problem=(f"cannot be landed: {error}"[:200], "check the disk"))
    return Outcome(
        number,
        read=spool.read,
        refused=tuple(sorted(spool.refused.items())),
        late=spool.late,
        last=spool.last,
    )
