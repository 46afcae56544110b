// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";
import {ClaimKey, Terms} from "../Types.sol";
import {Books} from "./Books.sol";
import {CreditMath} from "./CreditMath.sol";
import {Slots} from "./Slots.sol";
import {Vault} from "./Vault.sol";

/// @title Accounts: whose they are, what they owe, what they pay
library Ledger {
    function requireKnown(Books storage books, bytes32 id) internal view {
        if (books.accounts[id].state == ISLAEscrow.AccountState.Unknown) revert ISLAEscrow.AgreementUnknown(id);
    }

    /// @notice The account that holds the money of `id`; reverts if `id` was never opened.
    /// @return first The version under which the account is kept.
    /// @return account The first version's.
    /// @return count How many periods `id` itself governs.
    function accountOf(Books storage books, bytes32 id)
        internal
        view
        returns (bytes32 first, ISLAEscrow.Account memory account, uint256 count)
    {
        first = id;
        account = books.accounts[id];
        count = account.count;
        if (account.state == ISLAEscrow.AccountState.Unknown) revert ISLAEscrow.AgreementUnknown(id);
        if (account.state == ISLAEscrow.AccountState.Version) {
            first = books.firsts[id];
            account = books.accounts[first];
        }
    }

    /// @notice The version that no other has taken over from.
    function headOf(Books storage books, bytes32 first) internal view returns (bytes32) {
        bytes32[] storage amendments = books.amendments[first];
        uint256 count = amendments.length;
        return count == 0 ? first : amendments[count - 1];
    }

    /// @notice Make the pending compensation final; only the change of the period's entitlement counts, so the money
    /// does not depend on the order of claims.
    /// @return change Of what the account owes.
    function finalise(
        Books storage books,
        bytes32 id,
        ClaimKey memory key,
        ISLAEscrow.Claim memory claimed,
        uint256 periodCap
    ) internal returns (int256 change) {
        uint256 before = books.settledTotals[id][key.period];
        uint256 total = before - claimed.settled + claimed.pending;
        books.settledTotals[id][key.period] = total;
        change = int256(CreditMath.entitlement(periodCap, total)) - int256(CreditMath.entitlement(periodCap, before));
        emit ISLAEscrow.Settled(id, key.period, key.obligation, claimed.pending, change);
        claimed.settled = claimed.pending;
        claimed.pending = 0;
        claimed.status = claimed.status == ISLAEscrow.ClaimStatus.Ruled
            ? ISLAEscrow.ClaimStatus.Final
            : ISLAEscrow.ClaimStatus.Settled;
        Slots.write(books.claims[id][key.period][key.obligation], claimed);
    }

    /// @notice Pay what the account owes, as far as its collateral goes; the rest stays as arrears.
    /// @param id The version whose terms say who receives it.
    /// @param account Is written to the books, with what changed before.
    function payDue(
        Books storage books,
        bytes32 id,
        bytes32 first,
        ISLAEscrow.Account memory account,
        Terms calldata terms
    ) internal {
        // slither-disable-next-line uninitialized-local -- zero is paid if nothing is due
        uint96 amount;
        if (account.due > 0) {
            uint256 owed = uint104(account.due);
            amount = owed < account.collateral ? uint96(owed) : account.collateral;
            account.due -= int104(uint104(amount));
            account.collateral -= amount;
            if (account.due > 0) emit ISLAEscrow.InArrears(first, uint104(account.due));
        }
        Slots.write(books.accounts[first], account);
        if (amount == 0) return;
        if (terms.stake.downstream != 0 && _credit(books, id, first, amount)) return;
        address customer = terms.parties.customer;
        emit ISLAEscrow.Compensated(first, customer, amount);
        Vault.payOut(books, terms.stake.token, customer, amount);
    }

    /// @dev Raise the escrow of the downstream agreement; nothing is forwarded beyond it.
    /// @return Whether it is linked, still open, and has room.
    function _credit(Books storage books, bytes32 id, bytes32 first, uint96 amount) private returns (bool) {
        bytes32 downstream = books.downstreams[id];
        ISLAEscrow.Account storage account = books.accounts[downstream];
        if (account.state != ISLAEscrow.AccountState.Open) return false;
        if (amount > type(uint96).max - account.collateral) return false;
        account.collateral += amount;
        emit ISLAEscrow.Credited(first, downstream, amount);
        return true;
    }
}
