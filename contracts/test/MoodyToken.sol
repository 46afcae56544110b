// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title A token that behaves as it is told: for tests of what its behaviour may not harm
contract MoodyToken {
    enum Mood {
        Plain,
        ReturnsFalse,
        ReturnsNothing,
        ReturnsTwo,
        ReturnsOneByte,
        Reverts,
        RevertsWithBomb,
        ReturnsBomb,
        BurnsGas,
        Works,
        Reenters
    }

    uint256 private constant PPM = 1_000_000;

    mapping(address account => uint256 amount) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;
    mapping(address account => bool) public isBlocked;

    Mood public transferMood;
    Mood public pullMood;
    /// What stays on the way of every transfer.
    uint256 public feePpm;
    /// Bytes of a bomb; gas of work.
    uint256 public size;
    address public target;
    bytes public payload;
    /// What the call from within a transfer came to.
    bool public reentered;
    bytes public answer;

    error Blocked(address account);

    function set(Mood transferMood_, Mood pullMood_, uint256 feePpm_, uint256 size_) external {
        transferMood = transferMood_;
        pullMood = pullMood_;
        feePpm = feePpm_;
        size = size_;
    }

    function setCall(address target_, bytes calldata payload_) external {
        target = target_;
        payload = payload_;
    }

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount, transferMood);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount, pullMood);
    }

    /// @notice There are no permits here: it does what `pullMood` says, and allows nothing.
    function permit(address owner, address, uint256, uint256, uint8, bytes32, bytes32) external {
        if (pullMood == Mood.Reverts) revert Blocked(owner);
        if (pullMood == Mood.BurnsGas) {
            assembly {
                invalid()
            }
        }
        if (pullMood == Mood.Reenters) (reentered, answer) = target.call(payload);
    }

    function _move(address from, address to, uint256 amount, Mood mood) private returns (bool) {
        if (isBlocked[to]) revert Blocked(to);
        if (mood == Mood.ReturnsFalse) return false;
        if (mood == Mood.Reverts) revert Blocked(from);
        if (mood == Mood.BurnsGas) {
            assembly {
                invalid()
            }
        }
        uint256 bytes_ = size;
        if (mood == Mood.ReturnsBomb) {
            assembly {
                return(0x80, bytes_)
            }
        }
        if (mood == Mood.RevertsWithBomb) {
            assembly {
                revert(0x80, bytes_)
            }
        }
        if (mood == Mood.ReturnsTwo || mood == Mood.ReturnsOneByte) {
            uint256 length = mood == Mood.ReturnsTwo ? 32 : 1;
            assembly {
                mstore(0, 2)
                return(0, length)
            }
        }
        if (mood == Mood.Works) _work(size);
        if (mood == Mood.Reenters) (reentered, answer) = target.call(payload);
        balanceOf[from] -= amount;
        balanceOf[to] += amount - amount * feePpm / PPM;
        if (mood == Mood.ReturnsNothing) {
            assembly {
                return(0, 0)
            }
        }
        return true;
    }

    function _work(uint256 gas_) private view {
        uint256 end = gasleft() - gas_;
        while (gasleft() > end) {}
    }
}
