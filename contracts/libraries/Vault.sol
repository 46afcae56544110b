// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";
import {Books} from "./Books.sol";

/// @title How tokens enter and leave
library Vault {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev What a token's `transfer` may use. A caller who brings too little gas for it is refused, so that nobody
    /// can make a good transfer fail; a token that wants more is treated as failing.
    uint256 private constant TRANSFER_GAS = 300_000;

    /// @dev Room for the call itself, for what the token returns, and for the event after it.
    uint256 private constant TRANSFER_RESERVE = 60_000;

    /// @notice What arrives counts, whatever the token does on the way.
    function pull(address token, address from, uint256 amount) internal returns (uint96 arrived) {
        if (amount == 0) return 0;
        uint256 before = IERC20(token).balanceOf(address(this));
        // slither-disable-next-line arbitrary-send-erc20 -- from is the caller, or the provider who signed for it
        IERC20(token).safeTransferFrom(from, address(this), amount);
        return (IERC20(token).balanceOf(address(this)) - before).toUint96();
    }

    /// @notice A transfer that fails leaves the amount to `withdraw`; it harms nobody else.
    function payOut(Books storage books, address token, address to, uint256 amount) internal {
        if (amount == 0 || trySend(token, to, amount)) return;
        books.withdrawable[token][to] += amount;
        emit ISLAEscrow.TransferWithheld(token, to, amount);
    }

    /// @return Whether the token says it moved them, or says nothing.
    function trySend(address token, address to, uint256 amount) internal returns (bool) {
        uint256 needed = TRANSFER_GAS * 64 / 63 + TRANSFER_RESERVE;
        if (gasleft() < needed) revert ISLAEscrow.GasTooLow(gasleft(), needed);
        bytes memory transfer = abi.encodeCall(IERC20.transfer, (to, amount));
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory result) = token.call{gas: TRANSFER_GAS}(transfer);
        if (!success) return false;
        if (result.length == 0) return token.code.length != 0;
        return result.length >= 32 && bytes32(result) == bytes32(uint256(1));
    }
}
