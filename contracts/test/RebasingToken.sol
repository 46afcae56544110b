// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title A token whose balances all grow or shrink together: for tests of what it may not harm
contract RebasingToken {
    uint256 private constant PPM = 1_000_000;

    mapping(address account => uint256 amount) private _shares;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    /// A share's worth.
    uint256 public ppm = PPM;

    error BalanceTooLow(address account);

    function rebase(uint256 ppm_) external {
        ppm = ppm_;
    }

    function mint(address to, uint256 amount) external {
        _shares[to] += amount * PPM / ppm;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function balanceOf(address account) public view returns (uint256) {
        return _shares[account] * ppm / PPM;
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (balanceOf(from) < amount) revert BalanceTooLow(from);
        uint256 shares = amount * PPM / ppm;
        _shares[from] -= shares;
        _shares[to] += shares;
        return true;
    }
}
