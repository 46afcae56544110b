"""Where samples come from: probes of the node's own, and recorded files."""
