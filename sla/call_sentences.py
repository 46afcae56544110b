"""What each refusal of a call means: the custom errors of the escrow, the committee, OpenZeppelin's code in them, and
the tokens'. Amounts are in the token's base units."""

from __future__ import annotations

from sla.court_sentences import COURT_SENTENCES
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
    "NotHead": Sentence(
        "id head",
        "other terms took over from {id}",
        "use the terms that are in force now, {head}",
        "AGREEMENT",
    ),
    "PredecessorMismatch": Sentence(
        "given signed",
        "the terms were signed to take over from {signed}, not from {given}",
        "bring the terms they name as their predecessor; terms that name none are opened, not amended",
        "predecessor",
    ),
    "PartyChanged": Sentence(
        "field", "the {field} is another", "sign terms with the same {field}", "predecessor"
    ),
    "StartMismatch": Sentence(
        "start boundary",
        "the new terms start at {start:time}, but the periods of the old ones end at {boundary:time} there",
        "let the new terms start where a period of the old ones ends",
        "start",
    ),
    "PeriodBegun": Sentence(
        "boundary time",
        "the first period that would be dropped began at {boundary:time} and it is {time:time}",
        "keep more periods: only those that have not begun can be dropped",
        "--count",
    ),
    "PeriodNotNext": Sentence(
        "boundary time",
        "the period before begins only at {boundary:time} and it is {time:time}",
        "leave with the next period",
        "--count",
    ),
    "NothingToCut": Sentence(
        "count current",
        "{count} periods are to be kept, but there are {current}",
        "keep fewer",
        "--count",
    ),
    "VersionsOutOfRange": Sentence(
        "versions max",
        "this would be version {versions} of the agreement, and {max} are possible",
        "end it, and open a new agreement",
        "AGREEMENT",
    ),
    "ValidityOver": Sentence(
        "validBy time",
        "the termination was valid until {validBy:time} and it is {time:time}",
        "let both parties sign a later one",
        "--valid-by",
    ),
    "FormationMismatch": Sentence(
        "given signed",
        "the formation's hash is {given}, but {signed} was signed",
        "bring exactly the formation that was signed",
        "AGREEMENT",
    ),
    "ExitRuleMissing": Sentence(
        "", "the terms have no exit rule", "agree on a termination with the provider", "AGREEMENT"
    ),
    "BreachesTooFew": Sentence(
        "breaches needed",
        "{breaches} breached periods were named, but the exit rule asks for {needed}",
        "name more of them, or wait",
        "--breach",
    ),
    "BreachesNotAscending": Sentence(
        "period before",
        "period {period:plain} was named after period {before:plain}",
        "name each period once, in ascending order",
        "--breach",
    ),
    "BreachesTooFarApart": Sentence(
        "first last within",
        "periods {first:plain} to {last:plain} are not within {within} periods",
        "name breaches that are closer together",
        "--breach",
    ),
    "BreachNotFinal": Sentence(
        "period obligation status",
        "the claim of period {period:plain}, obligation {obligation:plain} is {status:status} or paid nothing",
        "name claims that were settled and paid",
        "--breach",
    ),
    "NotDownstream": Sentence(
        "given signed",
        "the terms pay into the escrow of {signed}, not of {given}",
        "bring the agreement that the terms name as their downstream",
        "downstream",
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
    "RevisionNotHigher": Sentence(
        "revision claimed",
        "the report has revision {revision:plain}, and revision {claimed:plain} was brought already",
        "bring a higher revision, or dispute the claim",
        "--period",
    ),
    "RulingFinal": Sentence(
        "status",
        "the claim is {status:status}: a ruling or a concession is the last word",
        "settle it where that has not been done",
        "--period",
    ),
    "DisputeOver": Sentence(
        "time rulingDeadline",
        "the ruling deadline was {rulingDeadline:time} and it is {time:time}",
        "settle the claim first, then bring the report",
        "--period",
    ),
    "NotOverdue": Sentence(
        "time overdueFrom",
        "there is no report, but it is overdue only from {overdueFrom:time} on and it is {time:time}",
        "wait until then",
        "--period",
    ),
    "AllegationDiffers": Sentence(
        "accepted alleged",
        "{accepted} would be conceded, but {alleged} is alleged",
        "concede exactly what is alleged",
        "--alleged",
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
        "attained",
        "an attainment of {attained} owes nothing",
        "bring first reports only of a breach",
        "--attained",
    ),
    "NotDisputable": Sentence(
        "status time windowEnd",
        "the claim is {status:status}, with a dispute window until {windowEnd:time}, and it is {time:time}",
        "only a pending claim or an undisputed case can be disputed, and only before its window ends",
        "--period",
    ),
    "NotDisputed": Sentence(
        "status",
        "the claim is {status:status}, not disputed",
        "evidence, concessions and rulings need a dispute that waits for its ruling",
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
        "settle the claim: what was reported stands, else the missing-data policy",
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
        "member",
        "the member {member} is zero, named twice or a member already",
        "name different accounts",
        "members",
    ),
    "RotationDelayOutOfRange": Sentence(
        "rotationDelay max",
        "a rotation delay of {rotationDelay:span} is out of range",
        "let rotations wait 1 second to {max:span}",
        "rotationDelay",
    ),
    "RotationPending": Sentence(
        "incoming effectiveAt",
        "a rotation is pending already: {incoming} comes in from {effectiveAt:time} on",
        "carry that one out first; a committee that thinks better of it rotates back afterwards",
        "rotation",
    ),
    "NoRotationPending": Sentence(
        "", "no rotation is pending", "propose one with a quorum's signatures", "rotation"
    ),
    "RotationTooEarly": Sentence(
        "time effectiveAt",
        "the rotation takes effect at {effectiveAt:time} and it is {time:time}",
        "wait until then",
        "rotation",
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
        "{signer}, who signed or is to be replaced, is no member of the committee",
        "leave the signature out; if a member made it, it signed another round, rotation, chain or committee",
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
    "AddressEmptyCode": Sentence("target", "there is no contract at {target}", _NEVER),
    "FailedCall": Sentence(
        "", "a part of the call failed and gave no reason", "try its parts one by one, with more gas", "gas"
    ),
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
    ESCROW_SENTENCES | COMMITTEE_SENTENCES | COURT_SENTENCES | OPENZEPPELIN_SENTENCES | TOKEN_SENTENCES
)
"""Every error of a call, by the name of the custom error."""
