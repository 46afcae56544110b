"""The only package that talks to a chain: compiler, clients, events, keys."""
