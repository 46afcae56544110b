// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title A wallet of several owners, of whom a threshold acts: for tests
/// @notice Owners sign off-chain; anyone brings their signatures, 65 bytes each, in ascending order of the signers.
/// @dev What they sign for others (ERC-1271) names this wallet, so that one signature is not good for two wallets.
contract MultiSigWallet is IERC1271, EIP712 {
    bytes32 private constant MESSAGE_TYPEHASH = keccak256("Message(bytes32 digest)");
    bytes32 private constant CALL_TYPEHASH =
        keccak256("Call(address target,uint256 value,bytes32 dataHash,uint256 number)");
    uint256 private constant SIGNATURE = 65;

    mapping(address account => bool) public isOwner;
    uint256 public threshold;

    /// Calls executed so far: each is signed with its number.
    uint256 public calls;

    error SignaturesInvalid();
    error OnlyItself(address caller);
    error OwnersInvalid();

    constructor(address[] memory owners, uint256 threshold_) EIP712("Multisig Wallet", "1") {
        if (threshold_ == 0 || threshold_ > owners.length) revert OwnersInvalid();
        for (uint256 i; i < owners.length; ++i) {
            if (owners[i] == address(0) || isOwner[owners[i]]) revert OwnersInvalid();
            isOwner[owners[i]] = true;
        }
        threshold = threshold_;
    }

    receive() external payable {}

    /// @notice Do what a threshold of owners signed.
    function execute(address target, uint256 value, bytes calldata data, bytes calldata signatures)
        external
        returns (bytes memory)
    {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CALL_TYPEHASH, target, value, keccak256(data), calls)));
        if (!_isSigned(digest, signatures)) revert SignaturesInvalid();
        ++calls;
        (bool success, bytes memory result) = target.call{value: value}(data);
        if (!success) {
            assembly {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }

    /// @notice Replace an owner. The wallet itself only.
    function swapOwner(address outgoing, address incoming) external {
        if (msg.sender != address(this)) revert OnlyItself(msg.sender);
        if (!isOwner[outgoing] || isOwner[incoming] || incoming == address(0)) revert OwnersInvalid();
        isOwner[outgoing] = false;
        isOwner[incoming] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata signatures) external view returns (bytes4) {
        bytes32 message = _hashTypedDataV4(keccak256(abi.encode(MESSAGE_TYPEHASH, digest)));
        return _isSigned(message, signatures) ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function _isSigned(bytes32 digest, bytes calldata signatures) private view returns (bool) {
        if (signatures.length != threshold * SIGNATURE) return false;
        address last;
        for (uint256 i; i < signatures.length; i += SIGNATURE) {
            (address signer, ECDSA.RecoverError problem,) =
                ECDSA.tryRecoverCalldata(digest, signatures[i:i + SIGNATURE]);
            if (problem != ECDSA.RecoverError.NoError || signer <= last || !isOwner[signer]) return false;
            last = signer;
        }
        return true;
    }
}
