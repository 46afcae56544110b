"""A real service desk's log through the metering room, beside what the desk itself said of it."""
