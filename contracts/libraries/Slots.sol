// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";

/// @title One write for a struct that fills one slot
/// @dev The compiler writes such a struct member by member, 200 gas each. The members stand in the slot as they are
/// declared, the first lowest; reading is the compiler's. See docs/decisions/0019-one-write-per-slot.md.
library Slots {
    function write(ISLAEscrow.Account storage slot, ISLAEscrow.Account memory account) internal {
        uint256 word = uint256(account.collateral) | uint256(uint104(account.due)) << 96 | uint256(account.openClaims)
            << 200 | uint256(account.count) << 224 | uint256(account.state) << 248;
        assembly ("memory-safe") {
            sstore(slot.slot, word)
        }
    }

    function write(ISLAEscrow.Claim storage slot, ISLAEscrow.Claim memory claimed) internal {
        uint256 word = uint256(claimed.pending) | uint256(claimed.settled) << 96 | uint256(claimed.windowEnd) << 192
            | uint256(claimed.revision) << 232 | uint256(claimed.status) << 248;
        assembly ("memory-safe") {
            sstore(slot.slot, word)
        }
    }
}
