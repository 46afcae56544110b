"""The Solidity types of the arguments of ``open``, ``amend`` and ``terminate``, for tests that encode them."""

PARTIES = "(address,address,address)"
SERVICE = "(address,uint40,uint8,uint32,uint24,uint32,uint96,uint96,uint96)"
STAKE = "(address,uint96,uint96,uint32,uint32,uint32,uint32,bytes32)"
FORMATION = "(bytes32,uint96,bytes32,uint40,uint16,uint16)"
TIER = "(uint64,uint96,uint96,uint64)"
OBLIGATION = f"(bytes32,uint8,uint8,uint8,uint96,uint64,uint64,{TIER}[])"
OPEN_ARGUMENTS = [f"({PARTIES},{SERVICE},{STAKE},{FORMATION},{OBLIGATION}[])", "bytes", "bytes"]
TERMS = f"({PARTIES},{SERVICE},{STAKE},bytes32)"
AMEND_ARGUMENTS = [*OPEN_ARGUMENTS, TERMS, "bytes32", "uint24"]
TERMINATE_ARGUMENTS = [TERMS, "bytes32", "uint24", "uint40", "bytes", "bytes"]
