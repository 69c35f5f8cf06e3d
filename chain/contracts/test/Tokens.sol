// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestUSD} from "../src/tokens/TestUSD.sol";

/// @dev Takes 1% of every transfer.
contract FeeToken is TestUSD {
    function _afterTokenTransfer(address from, address to, uint256 amount) internal override {
        if (from != address(0) && to != address(0)) _burn(to, amount / 100);
    }
}

/// @dev Answers false in place of reverting, once told to.
contract FalseToken is TestUSD {
    bool public refuses;

    function refuse(bool on) external {
        refuses = on;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !refuses && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !refuses && super.transferFrom(from, to, amount);
    }
}

/// @dev Returns nothing, as USDT does.
contract SilentToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @dev Makes one call to whomever on its next transfer, and remembers how it ended.
contract ReentrantToken is TestUSD {
    address private _target;
    bytes private _data;
    bool public succeeded;
    /// Of the refusal, its selector.
    bytes4 public answer;

    function arm(address target, bytes calldata data) external {
        (_target, _data, succeeded, answer) = (target, data, false, 0);
    }

    function _beforeTokenTransfer(address, address, uint256) internal override {
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        bytes memory returned;
        (succeeded, returned) = target.call(_data);
        answer = bytes4(returned);
    }
}

/// @dev Burns all gas that a payout gives it.
contract BurningToken is TestUSD {
    function transfer(address, uint256) public pure override returns (bool) {
        assembly {
            invalid()
        }
    }
}

/// @dev Takes no ETH, until told to.
contract Refuser {
    bool public accepts;

    function accept() external {
        accepts = true;
    }

    receive() external payable {
        require(accepts);
    }

    function call(address target, bytes calldata data) external payable returns (bool ok) {
        (ok,) = target.call{value: msg.value}(data);
    }
}

/// @dev A contract wallet: what it was told is signed.
contract Wallet {
    mapping(bytes32 digest => bool) private _approved;

    function approve(bytes32 digest) external {
        _approved[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return _approved[digest] ? bytes4(0x1626ba7e) : bytes4(0);
    }
}
