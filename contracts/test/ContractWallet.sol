// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title A wallet that is a contract (ERC-1271), with one owner: for tests
contract ContractWallet is IERC1271 {
    enum Manner {
        Honest,
        Refuses,
        Reverts,
        AnswersShort,
        AnswersDirty
    }

    bytes4 private constant MAGIC = IERC1271.isValidSignature.selector;

    address public immutable owner;
    Manner public manner;

    error Refused();

    constructor(address owner_) {
        owner = owner_;
    }

    function setManner(Manner manner_) external {
        manner = manner_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        Manner now_ = manner;
        if (now_ == Manner.Reverts) revert Refused();
        if (now_ == Manner.AnswersShort) {
            bytes4 magic = MAGIC;
            assembly {
                mstore(0, magic)
                return(0, 4)
            }
        }
        if (now_ == Manner.AnswersDirty) {
            bytes32 dirty = bytes32(MAGIC) | bytes32(uint256(1));
            assembly {
                mstore(0, dirty)
                return(0, 32)
            }
        }
        (address signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
        return now_ == Manner.Honest && signer == owner ? MAGIC : bytes4(0xffffffff);
    }

    /// @notice The owner acts in the wallet's name.
    function execute(address target, bytes calldata data) external returns (bytes memory) {
        if (msg.sender != owner) revert Refused();
        (bool success, bytes memory result) = target.call(data);
        if (!success) {
            assembly {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }
}
