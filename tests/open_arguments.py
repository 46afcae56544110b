"""The Solidity types of ``open``'s arguments, for tests that encode them."""

PARTIES = "(address,address,address)"
SERVICE = "(address,uint40,uint8,uint32,uint24,uint32,uint96,uint96,uint96)"
STAKE = "(address,uint96,uint96,uint32,uint32,uint32,uint32,bytes32)"
FORMATION = "(bytes32,uint96,bytes32,uint40,uint16,uint16)"
TIER = "(uint64,uint96,uint96,uint64)"
OBLIGATION = f"(bytes32,uint8,uint8,uint8,uint96,uint64,uint64,{TIER}[])"
OPEN_ARGUMENTS = [f"({PARTIES},{SERVICE},{STAKE},{FORMATION},{OBLIGATION}[])", "bytes", "bytes"]
