"""Property tests run without a time limit an example: machines differ, results do not."""

from hypothesis import settings

settings.register_profile("invariant", deadline=None)
settings.load_profile("invariant")
