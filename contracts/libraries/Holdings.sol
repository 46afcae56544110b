// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";
import {Terms} from "../Types.sol";
import {AgreementId} from "./AgreementId.sol";
import {Books, theBooks} from "./Books.sol";
import {Ledger} from "./Ledger.sol";
import {ScheduleMath} from "./ScheduleMath.sol";
import {Slots} from "./Slots.sol";
import {Vault} from "./Vault.sol";

/// @title How the provider's collateral is added to and given back
/// @dev Part of the escrow: linked into it at deployment, its functions take the arguments of the escrow's of the same
/// name. See docs/decisions/0015-one-escrow-in-linked-parts.md.
library Holdings {
    using Ledger for Books;
    using SafeCast for uint256;
    using Vault for Books;

    /// @dev See `ISLAEscrow.deposit`.
    function deposit(Terms calldata terms, bytes32 obligationsHash, uint256 amount) external {
        Books storage books = theBooks();
        bytes32 id = AgreementId.idOf(AgreementId.domainSeparator(), terms, obligationsHash);
        // slither-disable-next-line unused-return -- the rest is of no use here
        (bytes32 first, ISLAEscrow.Account memory account,) = books.accountOf(id);
        // Nobody can enter while the tokens move.
        uint96 arrived = Vault.pull(terms.stake.token, msg.sender, amount);
        account.collateral = (uint256(account.collateral) + arrived).toUint96();
        emit ISLAEscrow.Deposited(first, msg.sender, arrived);
        books.payDue(id, first, account, terms);
    }

    /// @dev See `ISLAEscrow.release`.
    function release(Terms calldata terms, bytes32 obligationsHash) external {
        Books storage books = theBooks();
        bytes32 id = AgreementId.idOf(AgreementId.domainSeparator(), terms, obligationsHash);
        (bytes32 first, ISLAEscrow.Account memory account, uint256 count) = books.accountOf(id);
        bytes32 head = books.headOf(first);
        if (id != head) revert ISLAEscrow.NotHead(id, head);
        uint256 deadline = ScheduleMath.lastClaimDeadline(terms.service, terms.stake, count);
        uint256 before = books.claimableUntil[first];
        if (deadline < before) deadline = before;
        if (block.timestamp < deadline || account.openClaims != 0) {
            revert ISLAEscrow.NotReleasable(block.timestamp, deadline, account.openClaims);
        }
        // A downstream agreement may have been credited since its arrears were paid last. While it still owes, nothing
        // is left to release, and it stays open: what its upstream pays goes on to whom it owes.
        books.payDue(id, first, account, terms);
        if (account.due > 0) return;
        uint96 amount = account.collateral;
        account.collateral = 0;
        account.state = ISLAEscrow.AccountState.Released;
        Slots.write(books.accounts[first], account);
        emit ISLAEscrow.Released(first, terms.parties.provider, amount);
        books.payOut(terms.stake.token, terms.parties.provider, amount);
    }

    /// @dev See `ISLAEscrow.withdraw`.
    function withdraw(address token, address account, address to) external {
        Books storage books = theBooks();
        if (to != account && msg.sender != account) revert ISLAEscrow.CallerInvalid(msg.sender);
        uint256 amount = books.withdrawable[token][account];
        if (amount == 0) revert ISLAEscrow.NothingToWithdraw(token, account);
        books.withdrawable[token][account] = 0;
        emit ISLAEscrow.Withdrawn(token, account, to, amount);
        if (!Vault.trySend(token, to, amount)) revert ISLAEscrow.TransferFailed(token, to, amount);
    }

    /// @dev See `ISLAEscrow.permit`.
    function permit(address token, address owner, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        bytes memory call = abi.encodeCall(IERC20Permit.permit, (owner, address(this), amount, deadline, v, r, s));
        // solhint-disable-next-line avoid-low-level-calls
        (bool success,) = token.call(call);
        success; // Whether the allowance suffices is what the next call finds out.
    }
}
