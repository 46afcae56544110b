"""Where measurements come from: what a node asks itself, what monitors keep, and recorded files."""
