// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Committee} from "../../contracts/Committee.sol";
import {Report} from "../../contracts/Types.sol";
import {CHEATS} from "./Cheats.sol";

/// @title P5: only a quorum of distinct members posts, in any order; R12: of those who are members now
contract CommitteeTest {
    uint256 private constant MEMBERS = 5;
    uint256 private constant QUORUM = 3;
    uint256 private constant DELAY = 1 days;
    bytes32 private constant ROUND = keccak256("Round(uint64 round,bytes32 root,bytes32 bundle)");
    bytes32 private constant ROTATION = keccak256("Rotation(address outgoing,address incoming,uint256 number)");

    Committee private _committee;

    function setUp() external {
        CHEATS.warp(1_800_000_000);
        address[] memory members = new address[](MEMBERS);
        for (uint256 i; i < MEMBERS; ++i) {
            members[i] = CHEATS.addr(i + 1);
        }
        _committee = new Committee(members, QUORUM, DELAY);
    }

    /// @dev Keys 1 to 5 are members, 6 and 7 are not; a key of 0 is no signature.
    function testFuzzPostTakesAQuorumOfDistinctMembers(uint8[5] calldata picks, bytes32 root) external {
        CHEATS.assume(root != 0);
        uint256 count;
        uint256 seen;
        bool allowed = true;
        uint256[] memory keys = new uint256[](picks.length);
        for (uint256 i; i < picks.length; ++i) {
            uint256 key = picks[i] % 8;
            if (key == 0) continue;
            if (key > MEMBERS || seen & (1 << key) != 0) allowed = false;
            seen |= 1 << key;
            keys[count++] = key;
        }
        bytes32 message = keccak256(abi.encode(ROUND, uint64(1), root, bytes32(0)));

        bool posted = _posts(root, _signatures(message, keys, count));

        assert(posted == (allowed && count >= QUORUM));
        assert((_committee.attestedAt(root) != 0) == posted);
    }

    function testRotationTakesTheDelayAndThenTheNewMemberSigns() external {
        (address outgoing, address incoming) = (CHEATS.addr(1), CHEATS.addr(6));
        uint256[] memory old = new uint256[](3);
        (old[0], old[1], old[2]) = (1, 2, 3);
        bytes32 message = keccak256(abi.encode(ROTATION, outgoing, incoming, uint256(0)));
        _committee.proposeRotation(outgoing, incoming, _signatures(message, old, 3));

        CHEATS.warp(1_800_000_000 + DELAY - 1);
        (bool early,) = address(_committee).call(abi.encodeCall(_committee.rotate, ()));
        assert(!early);
        CHEATS.warp(1_800_000_000 + DELAY);
        _committee.rotate();

        uint256[] memory fresh = new uint256[](3);
        (fresh[0], fresh[1], fresh[2]) = (6, 2, 3);
        bytes32 round = keccak256(abi.encode(ROUND, uint64(1), bytes32(uint256(7)), bytes32(0)));
        assert(!_posts(bytes32(uint256(7)), _signatures(round, old, 3)));
        assert(_posts(bytes32(uint256(7)), _signatures(round, fresh, 3)));
    }

    function _posts(bytes32 root, bytes[] memory signatures) private returns (bool posted) {
        bytes memory call = abi.encodeCall(_committee.post, (1, root, 0, new Report[](0), signatures));
        (posted,) = address(_committee).call(call);
    }

    function _signatures(bytes32 message, uint256[] memory keys, uint256 count)
        private
        view
        returns (bytes[] memory signatures)
    {
        (, string memory name, string memory version, uint256 chainId, address place,,) = _committee.eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                place
            )
        );
        signatures = new bytes[](count);
        for (uint256 i; i < count; ++i) {
            (uint8 v, bytes32 r, bytes32 s) =
                CHEATS.sign(keys[i], keccak256(abi.encodePacked(hex"1901", domain, message)));
            signatures[i] = abi.encodePacked(r, s, v);
        }
    }
}
