// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEverseedChannels} from "../src/interfaces/IEverseedChannels.sol";
import {Base} from "./Base.sol";

/// @dev Does at random what payers, payees and strangers may do with a dozen channels, half of them in ETH, half of them to
/// be opened within some days.
contract Actors is Base {
    uint256 public constant COUNT = 12;
    mapping(uint256 => uint256) public mostClaimed;
    mapping(uint256 => uint256) public promisedNano;
    mapping(uint256 => bool) public closed;
    bool public broken;

    /// @dev Once only: the fuzzer may call it too.
    function setUp() public override {
        require(address(channels) == address(0));
        super.setUp();
    }

    function id(uint256 n) public view returns (IEverseedChannels.Id memory) {
        uint256 until = n % 4 < 2 ? 0 : START + n * WINDOW;
        return idOf(n % 2 == 0 ? address(0) : address(usd), uint64(until << 32 | n));
    }

    function read(uint256 n) public view returns (IEverseedChannels.Channel memory) {
        return state(id(n));
    }

    function held(bool isEth) external view returns (uint256) {
        return isEth ? address(channels).balance : usd.balanceOf(address(channels));
    }

    function outside(bool isEth) external view returns (uint256) {
        return isEth ? payer.balance + payee.balance : usd.balanceOf(payer) + usd.balanceOf(payee);
    }

    modifier checked(uint256 n) {
        IEverseedChannels.Channel memory before = read(n % COUNT);
        _;
        IEverseedChannels.Channel memory c = read(n % COUNT);
        bool wasThere = before.deposit != 0 || closed[n % COUNT];
        bool isClosed = c.closesAt == type(uint32).max || c.deposit == 0 && wasThere;
        if (closed[n % COUNT] && !isClosed) broken = true;
        if (!isClosed && (c.claimed < before.claimed || c.claimed > c.deposit)) broken = true;
        if (!isClosed && c.claimed > promisedNano[n % COUNT] / NANO) broken = true;
        closed[n % COUNT] = isClosed;
    }

    function openOne(uint256 n, uint96 amount) external checked(n) {
        n %= COUNT;
        amount = amount % 1e12 + 1;
        vm.prank(payer);
        channels.open{value: n % 2 == 0 ? amount : 0}(id(n), amount);
    }

    function topUp(uint256 n, uint96 amount) external checked(n) {
        n %= COUNT;
        amount %= 1e12;
        vm.prank(payer);
        channels.topUp{value: n % 2 == 0 ? amount : 0}(id(n), amount);
    }

    function claim(uint256 n, uint128 cumulative, uint128 unit, uint32 steps, uint64 expiry) external checked(n) {
        n %= COUNT;
        cumulative %= uint128(1e12 * NANO);
        unit %= uint128(1e10 * NANO);
        steps %= 11;
        expiry = expiry % 3 == 0 ? NEVER : uint64(START + expiry % (10 * WINDOW));
        // Proven steps of an expiring lane stay, so the bound takes the lane at its most.
        uint256 most = uint256(cumulative) + uint256(unit) * 10;
        if (most > promisedNano[n]) promisedNano[n] = most;
        channels.claim(withLane(id(n), cumulative, bytes32(n), unit, 10, expiry, steps));
    }

    function startClose(uint256 n) external checked(n) {
        vm.prank(payer);
        channels.startClose(id(n % COUNT));
    }

    function withdraw(uint256 n) external checked(n) {
        IEverseedChannels.Channel memory c = read(n % COUNT);
        channels.withdraw(id(n % COUNT));
        if (c.closesAt == 0 || block.timestamp < c.closesAt) broken = true;
    }

    function together(uint256 n, uint96 claimed) external checked(n) {
        if (claimed % 4 != 0) return; // rarely, so that channels live long enough for the rest
        IEverseedChannels.Channel memory c = read(n % COUNT);
        closeTogether(id(n % COUNT), c.claimed + claimed % (c.deposit - c.claimed + 1));
    }

    function wait_(uint32 time) external {
        vm.warp(block.timestamp + time % (2 * WINDOW));
    }
}

contract InvariantsTest {
    Actors private actors;

    function setUp() public {
        actors = new Actors();
        actors.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actors);
    }

    /// @dev The contract holds what open channels are owed, to the unit, and nobody gained or lost in all.
    function invariant_conservation() external view {
        for (uint256 k; k < 2; ++k) {
            bool isEth = k == 0;
            uint256 owed;
            for (uint256 n = k; n < actors.COUNT(); n += 2) {
                IEverseedChannels.Channel memory c = actors.read(n);
                owed += c.deposit - c.claimed;
            }
            require(actors.held(isEth) == owed, "held is not what is owed");
            require(actors.outside(isEth) + owed == (isEth ? 1e24 : 1e15), "money was made or lost");
        }
    }

    /// @dev Claimed never fell, never passed the deposit nor what was promised; closed channels stayed closed; no
    /// withdrawal came before its time.
    function invariant_rules() external view {
        require(!actors.broken(), "broken");
    }
}
