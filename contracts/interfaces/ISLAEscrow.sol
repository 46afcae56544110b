// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Agreement, ClaimKey, Finding, Obligation, Terms} from "../Types.sol";

/// @title The escrow of all agreements
/// @notice Holds the terms (by hash), the providers' collateral and the disputers' bonds; computes and pays
/// compensation by itself. Each agreement has its own account; none can touch another's.
/// @dev Terms travel in calldata: a call brings the agreement's fixed part and names the obligations by their hashes.
/// No function is payable. Apart from `open`, tokens are pulled only from the caller.
interface ISLAEscrow {
    enum AccountState {
        Unknown,
        Open
    }

    /// @notice One account per agreement; it fills one slot.
    struct Account {
        /// What is left of the provider's tokens in escrow.
        uint96 collateral;
        /// Entitled minus paid: positive is arrears, negative is overpayment.
        int104 due;
        /// Claims that are not settled yet.
        uint24 openClaims;
        /// Periods the agreement runs for: those of the terms, until it is cut.
        uint24 count;
        AccountState state;
    }

    enum ClaimStatus {
        None,
        Pending,
        Disputed,
        Ruled,
        Settled
    }

    /// @notice A report brought to the escrow; it fills one slot.
    struct Claim {
        /// Compensation that waits for its window to end.
        uint96 pending;
        /// Compensation that was settled.
        uint96 settled;
        /// Dispute iff before, settle iff not before.
        uint40 windowEnd;
        uint16 revision;
        ClaimStatus status;
    }

    /// @notice An allegation against a claim; it fills one slot.
    struct Dispute {
        /// The compensation alleged.
        uint96 alleged;
        /// What arrived of the bond.
        uint96 bond;
        /// Rule iff before, settle iff not before.
        uint40 rulingDeadline;
        bool byCustomer;
    }

    // Events: alone they rebuild the whole state.

    /// @notice Constructor's event: nothing happened here before it.
    event EscrowDeployed(uint256 chainId);

    /// @param collateral What arrived.
    /// @param call The arguments of `open` as they came: the terms whole, and both signatures.
    event AgreementOpened(
        bytes32 indexed id, address indexed provider, address indexed customer, uint256 collateral, bytes call
    );

    /// @param amount What arrived.
    event Deposited(bytes32 indexed id, address indexed from, uint256 amount);

    event Claimed(
        bytes32 indexed id,
        uint32 period,
        uint8 obligation,
        uint16 revision,
        uint64 attained,
        uint96 charge,
        uint96 compensation,
        uint40 windowEnd,
        bytes32 root
    );

    event Disputed(
        bytes32 indexed id,
        uint32 period,
        uint8 obligation,
        address disputer,
        uint64 attained,
        uint96 charge,
        uint96 compensation,
        uint96 bond,
        uint40 rulingDeadline
    );

    /// @param contentHash keccak256 of what `uri` leads to.
    event EvidenceSubmitted(
        bytes32 indexed id, uint32 period, uint8 obligation, address indexed party, bytes32 contentHash, string uri
    );

    /// @param winner Receives the bond less the arbiter's fee.
    event Ruled(
        bytes32 indexed id,
        uint32 period,
        uint8 obligation,
        uint64 attained,
        uint96 charge,
        uint96 compensation,
        address winner
    );

    /// @notice The arbiter was silent: the report stands and the disputer has the bond back.
    event BondReturned(bytes32 indexed id, uint32 period, uint8 obligation, address disputer, uint96 bond);

    /// @param entitlementChange What the period's entitlement changed by, its joint cap considered.
    event Settled(bytes32 indexed id, uint32 period, uint8 obligation, uint96 compensation, int256 entitlementChange);

    /// @notice `amount` left the agreement's collateral for its customer.
    event Compensated(bytes32 indexed id, address indexed customer, uint256 amount);

    /// @notice A transfer failed; the account may withdraw the amount.
    event TransferWithheld(address indexed token, address indexed account, uint256 amount);

    event Withdrawn(address indexed token, address indexed account, address to, uint256 amount);

    event Released(bytes32 indexed id, address indexed provider, uint256 amount);

    // Errors: what came, and what was allowed.

    error AgreementUnknown(bytes32 id);
    error AgreementExists(bytes32 id);
    error FieldUnsupported(string field);
    error SignatureInvalid(address party);
    error CallerInvalid(address caller);
    error ObligationUnknown(uint256 index, uint256 count);
    error PeriodUnknown(uint256 period, uint256 count);
    error RootNotAttested(bytes32 root);
    error RootTooEarly(uint256 attestedAt, uint256 periodEnd);
    error ClaimTooLate(uint256 time, uint256 claimDeadline);
    error AlreadyClaimed(uint16 revision);
    error ChargeMismatch(uint256 charge, uint256 allowed);
    error OutsideSaneBounds(uint64 attained, uint64 min, uint64 max);
    error NothingOwed(uint64 attained);
    error NotDisputable(ClaimStatus status, uint256 time, uint256 windowEnd);
    error NotDisputed(ClaimStatus status);
    error AllegationUseless(uint256 alleged, uint256 pending);
    error RulingTooLate(uint256 time, uint256 rulingDeadline);
    error NotReleasable(uint256 time, uint256 lastClaimDeadline, uint256 openClaims);
    error NothingToWithdraw(address token, address account);
    error TransferFailed(address token, address to, uint256 amount);
    error GasTooLow(uint256 gas, uint256 needed);

    /// @notice Put signed terms into force and pull the provider's collateral.
    /// @dev Anyone may bring them. Signatures are checked once, here: ECDSA first, then ERC-1271.
    /// Reverts on terms that could misfire: see `TermsCheck`.
    /// @return id The EIP-712 digest both parties signed.
    function open(Agreement calldata agreement, bytes calldata providerSignature, bytes calldata customerSignature)
        external
        returns (bytes32 id);

    /// @notice Add the caller's tokens to the collateral; arrears are paid from them first.
    function deposit(Terms calldata terms, bytes32 obligationsHash, uint256 amount) external;

    /// @notice Bring an attested report that pays. Its compensation is computed and the dispute window opens;
    /// a window of zero settles at once.
    /// @param obligationHashes The struct hashes of all the agreement's obligations; the place of the one concerned is
    /// filled in here, so anything may stand there.
    /// @param obligation The one the report is about.
    /// @param key The report's period and obligation.
    /// @param revision The report's revision.
    /// @param found The report's attainment and charge.
    /// @param proof From the report's leaf to an attested root.
    function claim(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        uint16 revision,
        Finding calldata found,
        bytes32[] calldata proof
    ) external;

    /// @notice Contest a pending claim. Parties only; the bond is pulled from the caller.
    /// @param alleged What the caller says was attained; it must move the pay in the caller's favour.
    function dispute(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata alleged
    ) external;

    /// @notice Add evidence to a dispute that waits for its ruling. Parties only.
    function submitEvidence(
        Terms calldata terms,
        bytes32 obligationsHash,
        ClaimKey calldata key,
        bytes32 contentHash,
        string calldata uri
    ) external;

    /// @notice Rule a dispute. The arbiter only, once, before the ruling deadline, within the sane bounds.
    /// @dev The ruling is computed by the same tiers. The arbiter's fee comes from the bond whoever wins; the rest
    /// goes to the disputer if the ruling moved the pay in the disputer's favour, else to the opponent.
    function rule(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata ruling
    ) external;

    /// @notice Pay the claims that are due, in one transfer to the customer. Those that are not are skipped.
    function settle(Terms calldata terms, bytes32 obligationsHash, ClaimKey[] calldata keys) external;

    /// @notice Give the rest of the collateral back to the provider, after the last claim deadline.
    function release(Terms calldata terms, bytes32 obligationsHash) external;

    /// @notice Pay out what a failed transfer left. Anyone may call; only `account` may name another recipient.
    function withdraw(address token, address account, address to) external;

    function accountOf(bytes32 id) external view returns (Account memory);

    function claimOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Claim memory);

    function disputeOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Dispute memory);

    /// @notice The sum of a period's settled compensations, before the joint cap.
    function settledTotalOf(bytes32 id, uint32 period) external view returns (uint256);

    /// @notice What `account` can withdraw.
    function withdrawable(address token, address account) external view returns (uint256);
}
