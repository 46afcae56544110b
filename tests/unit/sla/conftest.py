"""Property tests run without a time limit an example: machines differ, results do not."""

from hypothesis import settings

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")
