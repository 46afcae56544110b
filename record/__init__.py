"""How things are written down and signed: EIP-712, Merkle trees, canonical JSON, bundles. Pure."""
