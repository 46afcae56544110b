"""What each refusal of a call means: the custom errors of the escrow, the committee, OpenZeppelin's code in them, and
the tokens'. Amounts are in the token's base units."""

from __future__ import annotations

from sla.sentences import Sentence

_NEVER = "report it: this cannot happen with the contracts of this version"

ESCROW_SENTENCES: dict[str, Sentence] = {
    "AgreementUnknown": Sentence(
        "id",
        "no agreement {id} is open in this escrow",
        "open it first, or bring exactly the terms that were signed",
        "AGREEMENT",
    ),
    "AgreementExists": Sentence("id", "the agreement {id} is open already", "use it as it is", "AGREEMENT"),
    "FieldUnsupported": Sentence(
        "field", "the terms use {field}, which this version does not have", "leave it out and sign again"
    ),
    "SignatureInvalid": Sentence(
        "party",
        "the signature brought for {party} is not that account's signature of these terms",
        "let the account sign exactly these terms, for this chain and this escrow",
        "SIGNATURES",
    ),
    "CallerInvalid": Sentence(
        "caller",
        "{caller} is not the party that may do this",
        "sign with the key of the party the terms name",
        "--keystore",
    ),
    "ObligationUnknown": Sentence(
        "index count",
        "there is no obligation {index:plain}: the agreement has {count}, counted from 0",
        "name one of its obligations",
        "--obligation",
    ),
    "PeriodUnknown": Sentence(
        "period count",
        "there is no period {period:plain}: the agreement has {count}, counted from 0",
        "name one of its periods",
        "--period",
    ),
    "RootNotAttested": Sentence(
        "root",
        "the agreement's committee has attested no round with the root {root}",
        "wait until the round is posted, or bring the report and the proof of a posted round",
        "root",
    ),
    "RootTooEarly": Sentence(
        "attestedAt periodEnd",
        "the round was attested at {attestedAt:time}, before the period's end at {periodEnd:time}",
        "bring a report of a later round",
        "--period",
    ),
    "ClaimTooLate": Sentence(
        "time claimDeadline",
        "claims of this period ended at {claimDeadline:time} and it is {time:time}",
        "nothing can be claimed for it any more",
        "--period",
    ),
    "AlreadyClaimed": Sentence(
        "revision",
        "this period and obligation were claimed already, with revision {revision:plain}",
        "wait for its settlement, or dispute it",
        "--period",
    ),
    "ChargeMismatch": Sentence(
        "charge allowed",
        "a charge of {charge} is not what the terms allow, {allowed}",
        "give the charge of the terms; a metered one up to their maximum",
        "--charge",
    ),
    "OutsideSaneBounds": Sentence(
        "attained min max",
        "an attainment of {attained} is outside the sane bounds {min} to {max}",
        "give an attainment within them, in the indicator's unit",
        "--attained",
    ),
    "NothingOwed": Sentence(
        "attained", "an attainment of {attained} owes nothing", "bring only reports of a breach", "--attained"
    ),
    "NotDisputable": Sentence(
        "status time windowEnd",
        "the claim is {status:status}, with a dispute window until {windowEnd:time}, and it is {time:time}",
        "only a pending claim can be disputed, and only before its window ends",
        "--period",
    ),
    "NotDisputed": Sentence(
        "status",
        "the claim is {status:status}, not disputed",
        "evidence and rulings need a dispute that waits for its ruling",
        "--period",
    ),
    "AllegationUseless": Sentence(
        "alleged pending",
        "the allegation would pay {alleged} where {pending} is pending: that does not move it in the caller's favour",
        "allege more as the customer, less as the provider",
        "--attained",
    ),
    "RulingTooLate": Sentence(
        "time rulingDeadline",
        "rulings were possible until {rulingDeadline:time} and it is {time:time}",
        "settle the claim: the report stands",
        "--period",
    ),
    "NotReleasable": Sentence(
        "time lastClaimDeadline openClaims",
        "{openClaims} claims are open, the last claim can come until {lastClaimDeadline:time}, and it is {time:time}",
        "settle the open claims and wait for that time",
        "AGREEMENT",
    ),
    "NothingToWithdraw": Sentence(
        "token account",
        "nothing of the token {token} waits for {account}",
        "check the token and the account",
        "--account",
    ),
    "TransferFailed": Sentence(
        "token to amount",
        "the token {token} refused to pay {amount} to {to}",
        "name another recipient, or ask the token's issuer",
        "--to",
    ),
    "GasTooLow": Sentence(
        "gas needed",
        "only {gas} gas was left where {needed} are needed to pay out safely",
        "send with more gas",
        "gas",
    ),
    "OffsetBackwards": Sentence(
        "",
        "the terms are encoded so that one part begins inside another",
        "encode them with a standard ABI encoder",
    ),
}

COMMITTEE_SENTENCES: dict[str, Sentence] = {
    "MembersOutOfRange": Sentence(
        "members max", "{members} members are out of range", "name 1 to {max} members", "members"
    ),
    "QuorumOutOfRange": Sentence(
        "quorum members",
        "a quorum of {quorum} of {members} members is out of range",
        "ask for more than half of the members, and not for more than there are",
        "quorum",
    ),
    "MemberInvalid": Sentence(
        "member", "the member {member} is zero or named twice", "name different accounts", "members"
    ),
    "RoundNotAfter": Sentence(
        "round last",
        "round {round:plain} does not come after {last:plain}, the last one posted",
        "use a higher number",
        "round",
    ),
    "RootEmpty": Sentence("", "the root is zero", "post the root of the round's reports", "root"),
    "RootAlreadyAttested": Sentence("root", "the root {root} is attested already", "use it as it is", "root"),
    "QuorumMissing": Sentence(
        "signatures quorum",
        "{signatures} signatures are fewer than the quorum of {quorum}",
        "collect more members' signatures",
        "signatures",
    ),
    "SignerNotMember": Sentence(
        "signer",
        "{signer}, who signed, is no member of the committee",
        "leave the signature out; if a member made it, it signed another round, chain or committee",
        "signatures",
    ),
    "SignerRepeated": Sentence(
        "signer", "{signer} signed twice", "bring one signature of each member", "signatures"
    ),
    "ReportsNotOfRoot": Sentence(
        "computed root",
        "the reports' root is {computed}, not {root}",
        "bring all reports of the round, in the order of the tree's leaves",
        "reports",
    ),
}

OPENZEPPELIN_SENTENCES: dict[str, Sentence] = {
    "ECDSAInvalidSignature": Sentence(
        "", "a signature is no signature of any key", "let the member sign again", "signatures"
    ),
    "ECDSAInvalidSignatureLength": Sentence(
        "length", "a signature has {length} bytes, not 65", "bring 65 bytes: r, s, v", "signatures"
    ),
    "ECDSAInvalidSignatureS": Sentence(
        "s",
        "the s of a signature, {s}, is in the upper half",
        "take the curve's order minus s, and flip v",
        "signatures",
    ),
    "ReentrancyGuardReentrantCall": Sentence(
        "",
        "the token called back into the escrow while it was being paid",
        "use a token without hooks",
        "token",
    ),
    "SafeERC20FailedOperation": Sentence(
        "token",
        "the token {token} refused the transfer",
        "check the caller's balance and its allowance to the escrow, and that this is a token",
        "token",
    ),
    "SafeCastOverflowedUintDowncast": Sentence(
        "bits value", "{value} does not fit {bits} bits", "use smaller amounts", "amount"
    ),
    "SafeCastOverflowedIntDowncast": Sentence("bits value", "{value} does not fit {bits} bits", _NEVER),
    "InvalidShortString": Sentence("", "a contract's name cannot be read", _NEVER),
    "StringTooLong": Sentence("str", "the name {str} is longer than 31 bytes", _NEVER),
}

TOKEN_SENTENCES: dict[str, Sentence] = {
    "ERC20InsufficientAllowance": Sentence(
        "spender allowance needed",
        "{spender} may take {allowance} of the token and needs {needed}",
        "approve at least that much first",
        "allowance",
    ),
    "ERC20InsufficientBalance": Sentence(
        "sender balance needed",
        "{sender} holds {balance} of the token and needs {needed}",
        "send it tokens first",
        "balance",
    ),
    "ERC20InvalidApprover": Sentence(
        "approver", "{approver} cannot approve", "approve from an account of yours"
    ),
    "ERC20InvalidReceiver": Sentence(
        "receiver", "{receiver} cannot receive the token", "name another recipient"
    ),
    "ERC20InvalidSender": Sentence(
        "sender", "{sender} cannot send the token", "send from an account of yours"
    ),
    "ERC20InvalidSpender": Sentence("spender", "{spender} cannot be given an allowance", "name the escrow"),
}

CALL_SENTENCES: dict[str, Sentence] = (
    ESCROW_SENTENCES | COMMITTEE_SENTENCES | OPENZEPPELIN_SENTENCES | TOKEN_SENTENCES
)
"""Every error of a call, by the name of the custom error."""
