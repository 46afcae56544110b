// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title A token that can refuse recipients, keep a fee, and say less than it does: for tests of the audit
contract Token {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address account => uint256 amount) public balanceOf;
    mapping(address account => bool) public isBlocked;
    uint256 public feePpm;
    bool public isSilent;

    error Blocked(address account);

    function set(address account, bool blocked, uint256 feePpm_, bool silent) external {
        isBlocked[account] = blocked;
        feePpm = feePpm_;
        isSilent = silent;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (isBlocked[to]) revert Blocked(to);
        uint256 fee = amount * feePpm / 1_000_000;
        balanceOf[from] -= amount;
        balanceOf[to] += amount - fee;
        if (isSilent) return true;
        emit Transfer(from, to, amount - fee);
        if (fee != 0) emit Transfer(from, address(0), fee);
        return true;
    }
}
