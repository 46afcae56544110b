// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Agreement, ClaimKey, Finding, Formation, Obligation, Terms} from "../Types.sol";

/// @title The escrow of all agreements
/// @notice Holds the terms (by hash), the providers' collateral and the disputers' bonds; computes and pays
/// compensation by itself. Each agreement has its own account; none can touch another's.
/// @dev Terms travel in calldata: a call brings the agreement's fixed part and names the obligations by their hashes.
/// No function is payable. Apart from the collateral that the provider signed (`open`, `amend`), tokens are pulled
/// only from the caller. A period's claims, money and deadlines are those of the version that governs it.
interface ISLAEscrow {
    enum AccountState {
        Unknown,
        Open,
        /// An amendment: its money is in the account of the first version.
        Version,
        /// The collateral was released, with nothing owed. What is deposited now can be released again.
        Released
    }

    /// @notice One account per agreement, whatever its versions; it fills one slot.
    struct Account {
        /// What is left of the provider's tokens in escrow.
        uint96 collateral;
        /// Entitled minus paid: positive is arrears, negative is overpayment.
        int104 due;
        /// Claims that are not settled yet.
        uint24 openClaims;
        /// Periods these terms run for: those that were signed, until they are cut.
        uint24 count;
        AccountState state;
    }

    enum ClaimStatus {
        None,
        /// Waits for its dispute window to end.
        Pending,
        /// Waits for a ruling: a dispute, or a case that a report outside the sane bounds opened.
        Disputed,
        /// Ruled or conceded, not settled yet. Final.
        Ruled,
        /// Settled; a higher revision may still move the difference.
        Settled,
        /// Settled after a ruling or a concession.
        Final
    }

    /// @notice What is known of one obligation in one period; it fills one slot.
    struct Claim {
        /// Compensation that will be settled unless something else comes in time.
        uint96 pending;
        /// Compensation that was settled.
        uint96 settled;
        /// Of the report: dispute iff before, settle iff not before. 0 while there is no report.
        uint40 windowEnd;
        /// The highest revision brought.
        uint16 revision;
        ClaimStatus status;
    }

    /// @notice Who contests. A case has nobody and no bond.
    enum Disputer {
        Nobody,
        Provider,
        Customer
    }

    /// @notice A contest; a case fills one slot, a dispute two.
    struct Dispute {
        /// What was pending when it began; 0 without a report. A ruling is measured against it.
        uint96 contested;
        /// The compensation alleged.
        uint96 alleged;
        /// Rule iff before, settle iff not before.
        uint40 rulingDeadline;
        Disputer disputer;
        /// What arrived of the bond.
        uint96 bond;
    }

    // Events: alone they rebuild the whole state.

    /// @notice Constructor's event: nothing happened here before it.
    event EscrowDeployed(uint256 chainId);

    /// @param collateral What arrived.
    /// @param call The arguments of `open` as they came: the terms whole, and both signatures.
    event AgreementOpened(
        bytes32 indexed id, address indexed provider, address indexed customer, uint256 collateral, bytes call
    );

    /// @notice New terms took over from `predecessor`, which ends after `count` periods. The money stays in the
    /// account of `first`.
    /// @param collateral What arrived.
    /// @param call The arguments of `amend` as they came.
    event AgreementAmended(
        bytes32 indexed first,
        bytes32 indexed predecessor,
        bytes32 indexed id,
        uint24 count,
        uint256 collateral,
        bytes call
    );

    /// @notice Both parties ended the agreement after `count` periods.
    /// @param call The arguments of `terminate` as they came.
    event AgreementTerminated(bytes32 indexed id, uint24 count, bytes call);

    /// @notice The customer left after `count` periods, because of the breaches named.
    event AgreementExited(bytes32 indexed id, uint24 count, ClaimKey[] breaches);

    /// @notice What `id` pays raises the escrow of `downstream` from now on.
    event DownstreamLinked(bytes32 indexed id, bytes32 indexed downstream);

    /// @param id The first version's, as in every event that moves an account's money.
    /// @param amount What arrived.
    event Deposited(bytes32 indexed id, address indexed from, uint256 amount);

    /// @notice A report was brought.
    /// @param compensation What will be settled if nobody objects in time: for a report outside the sane bounds,
    /// what the missing-data policy says.
    /// @param status Of the claim from now on. `Pending`: until `deadline` it may be disputed. `Disputed`: until
    /// `deadline` it may be ruled; the report opened a case, or was recorded during a dispute.
    event Claimed(
        bytes32 indexed id,
        uint32 period,
        uint8 obligation,
        uint16 revision,
        uint64 attained,
        uint96 charge,
        uint96 compensation,
        ClaimStatus status,
        uint40 deadline,
        bytes32 root
    );

    /// @param compensation Alleged.
    /// @param standing What will be settled if nobody rules: the report's, or without one what the missing-data
    /// policy says.
    event Disputed(
        bytes32 indexed id,
        uint32 period,
        uint8 obligation,
        address disputer,
        uint64 attained,
        uint96 charge,
        uint96 compensation,
        uint96 standing,
        uint96 bond,
        uint40 rulingDeadline
    );

    /// @notice The opponent accepted what was alleged; the disputer has the bond back.
    event Conceded(
        bytes32 indexed id, uint32 period, uint8 obligation, uint96 compensation, address disputer, uint96 bond
    );

    /// @param contentHash keccak256 of what `uri` leads to.
    event EvidenceSubmitted(
        bytes32 indexed id, uint32 period, uint8 obligation, address indexed party, bytes32 contentHash, string uri
    );

    /// @param winner Receives the bond less the arbiter's fee; nobody in a case.
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

    /// @notice `amount` left the agreement's collateral for the escrow of `downstream`.
    event Credited(bytes32 indexed id, bytes32 indexed downstream, uint256 amount);

    /// @notice The collateral did not suffice; `amount` is still owed and paid first from any deposit.
    event InArrears(bytes32 indexed id, uint256 amount);

    /// @notice `amount` left the agreement's collateral for its customer.
    event Compensated(bytes32 indexed id, address indexed customer, uint256 amount);

    /// @notice A transfer failed; the account may withdraw the amount.
    event TransferWithheld(address indexed token, address indexed account, uint256 amount);

    event Withdrawn(address indexed token, address indexed account, address to, uint256 amount);

    event Released(bytes32 indexed id, address indexed provider, uint256 amount);

    // Errors: what came, and what was allowed.

    error AgreementUnknown(bytes32 id);
    error AgreementExists(bytes32 id);
    error NotHead(bytes32 id, bytes32 head);
    error PredecessorMismatch(bytes32 given, bytes32 signed);
    error PartyChanged(string field);
    error StartMismatch(uint256 start, uint256 boundary);
    error PeriodBegun(uint256 boundary, uint256 time);
    error PeriodNotNext(uint256 boundary, uint256 time);
    error NothingToCut(uint256 count, uint256 current);
    error VersionsOutOfRange(uint256 versions, uint256 max);
    error ValidityOver(uint256 validBy, uint256 time);
    error FormationMismatch(bytes32 given, bytes32 signed);
    error ExitRuleMissing();
    error BreachesTooFew(uint256 breaches, uint256 needed);
    error BreachesNotAscending(uint256 period, uint256 before);
    error BreachesTooFarApart(uint256 first, uint256 last, uint256 within);
    error BreachNotFinal(uint256 period, uint256 obligation, ClaimStatus status);
    error NotDownstream(bytes32 given, bytes32 signed);
    error SignatureInvalid(address party);
    error CallerInvalid(address caller);
    error ObligationUnknown(uint256 index, uint256 count);
    error PeriodUnknown(uint256 period, uint256 count);
    error RootNotAttested(bytes32 root);
    error RootTooEarly(uint256 attestedAt, uint256 periodEnd);
    error ClaimTooLate(uint256 time, uint256 claimDeadline);
    error RevisionNotHigher(uint256 revision, uint256 claimed);
    error RulingFinal(ClaimStatus status);
    error DisputeOver(uint256 time, uint256 rulingDeadline);
    error NotOverdue(uint256 time, uint256 overdueFrom);
    error AllegationDiffers(uint256 accepted, uint256 alleged);
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

    // The life of an agreement

    /// @notice Put signed terms into force and pull the provider's collateral.
    /// @dev Anyone may bring them. Signatures are checked once, here: ECDSA first, then ERC-1271.
    /// Reverts on terms that could misfire, see `TermsCheck`, and on terms with a predecessor, see `amend`.
    /// @return id The EIP-712 digest both parties signed.
    function open(Agreement calldata agreement, bytes calldata providerSignature, bytes calldata customerSignature)
        external
        returns (bytes32 id);

    /// @notice Put signed terms into force that take over from others of the same parties and token.
    /// @dev The predecessor is the current head. It is cut to `count` periods; there the new terms start, and that
    /// has not come yet. Anyone may bring them; the collateral they name is pulled as in `open` and pays arrears
    /// first.
    /// @param predecessor The terms named by `agreement.formation.predecessor`.
    /// @param count The predecessor's boundary at which the new terms start.
    /// @return id The EIP-712 digest both parties signed.
    function amend(
        Agreement calldata agreement,
        bytes calldata providerSignature,
        bytes calldata customerSignature,
        Terms calldata predecessor,
        bytes32 predecessorObligationsHash,
        uint24 count
    ) external returns (bytes32 id);

    /// @notice End the agreement after `count` periods, as both parties signed.
    /// @dev They sign the EIP-712 struct `Termination(bytes32 agreement,uint24 count,uint40 validBy)`. The first
    /// period dropped has not begun. Anyone may bring it.
    function terminate(
        Terms calldata terms,
        bytes32 obligationsHash,
        uint24 count,
        uint40 validBy,
        bytes calldata providerSignature,
        bytes calldata customerSignature
    ) external;

    /// @notice Leave by the exit rule: it takes effect with the next period. The customer only.
    /// @param formation Holds the exit rule.
    /// @param count The number of the next period.
    /// @param breaches One finally settled claim that paid in each of at least `exitBreaches` distinct periods,
    /// ascending, within `exitPeriods`.
    function exit(
        Terms calldata terms,
        bytes32 obligationsHash,
        Formation calldata formation,
        uint24 count,
        ClaimKey[] calldata breaches
    ) external;

    /// @notice Show that the terms' `downstream` is open, uses the same token and has our customer as its provider.
    /// From then on, and while it is open, what `terms` pay raises its escrow instead of going to the customer.
    /// @dev Anyone may, once both are open. Nothing is forwarded beyond it by the same call.
    function link(
        Terms calldata terms,
        bytes32 obligationsHash,
        Terms calldata downstream,
        bytes32 downstreamObligationsHash
    ) external;

    /// @notice Add the caller's tokens to the collateral; arrears are paid from them first.
    function deposit(Terms calldata terms, bytes32 obligationsHash, uint256 amount) external;

    // Claims

    /// @notice Bring an attested report. Its compensation is computed and the dispute window opens; a window of zero
    /// settles at once.
    /// @dev The first report of a period must pay. A strictly higher revision replaces what is pending, keeps what
    /// was settled and opens a full window, whatever it pays. During a dispute it is recorded: it stands if nobody
    /// rules. A report outside the sane bounds opens a case, for the arbiter to rule without a bond; on silence the
    /// missing-data policy applies.
    /// @param obligationHashes The struct hashes of all the agreement's obligations; the place of the one concerned
    /// is filled in here, so anything may stand there.
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

    /// @notice Contest a pending claim or a case; or, once the report is overdue, a period without a claim. Parties
    /// only; the bond is pulled from the caller.
    /// @dev Without a claim it is allowed until the claim deadline; anyone may answer by `claim`, also with a
    /// report that pays 0. On silence the highest report stands, else the missing-data policy.
    /// @param alleged What the caller says was attained; it must move the pay in the caller's favour.
    function dispute(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata alleged
    ) external;

    /// @notice Accept exactly what was alleged, before the ruling deadline. The disputer's opponent only. Final.
    /// @param alleged The compensation that the caller believes was alleged.
    function concede(Terms calldata terms, bytes32 obligationsHash, ClaimKey calldata key, uint96 alleged) external;

    /// @notice Add evidence to a dispute or a case that waits for its ruling. Parties only.
    function submitEvidence(
        Terms calldata terms,
        bytes32 obligationsHash,
        ClaimKey calldata key,
        bytes32 contentHash,
        string calldata uri
    ) external;

    /// @notice Rule a dispute or a case. The arbiter only, once, before the ruling deadline, within the sane
    /// bounds. Final.
    /// @dev The ruling is computed by the same tiers. The arbiter's fee comes from the bond whoever wins; the rest
    /// goes to the disputer if the ruling moved the pay in the disputer's favour, else to the opponent.
    function rule(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata ruling
    ) external;

    // Money

    /// @notice Pay the claims that are due, in one transfer to the customer, and arrears as far as the collateral
    /// goes. Claims that are not due are skipped.
    function settle(Terms calldata terms, bytes32 obligationsHash, ClaimKey[] calldata keys) external;

    /// @notice Give the rest of the collateral back to the provider, after the last claim deadline of all versions.
    /// @dev Arrears are paid first. While some are left there is nothing to release, and the agreement stays open.
    /// @param terms The head's.
    function release(Terms calldata terms, bytes32 obligationsHash) external;

    /// @notice Pay out what a failed transfer left. Anyone may call; only `account` may name another recipient.
    function withdraw(address token, address account, address to) external;

    /// @notice Try an ERC-2612 permit for this contract; whether it works is for the next call to find out.
    /// @dev For `multicall` with `open`, `amend`, `deposit` or `dispute`. Whoever sees a permit may bring it first;
    /// that must not make the whole call fail.
    function permit(address token, address owner, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;

    // Views

    /// @notice The account under `id`. Of an amendment only `count` and `state` mean anything; see `firstOf`.
    function accountOf(bytes32 id) external view returns (Account memory);

    function claimOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Claim memory);

    function disputeOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Dispute memory);

    /// @notice The sum of a period's settled compensations, before the joint cap.
    function settledTotalOf(bytes32 id, uint32 period) external view returns (uint256);

    /// @notice The first version of which `id` is one, itself if it is the first; 0 for an unknown id.
    function firstOf(bytes32 id) external view returns (bytes32);

    /// @notice All versions of an agreement, oldest first, whichever of them `id` is. The last is the head.
    function versionsOf(bytes32 id) external view returns (bytes32[] memory);

    /// @notice Whose escrow receives what `id` pays: the first version's id; 0 while it is not linked.
    function downstreamOf(bytes32 id) external view returns (bytes32);

    /// @notice What `account` can withdraw.
    function withdrawable(address token, address account) external view returns (uint256);
}
