// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEverseedChannels} from "../src/interfaces/IEverseedChannels.sol";
import {Base} from "./Base.sol";

/// @notice Gas of whole transactions with an ERC-20, cold storage, and the bounds we promise. Each call here is a
/// transaction of its own.
/// forge-config: default.isolate = true
contract GasTest is Base {
    function setUp() public override {
        super.setUp();
        usd.mint(payee, 1); // a payee that holds the token already
        usd.mint(address(channels), 1); // others' channels are open
    }

    function _bound(string memory name, uint256 most) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("EverseedChannels", name, used);
        vm.assertLe(used, most, name);
    }

    function test_gas_open() public {
        open(usdId(), 1e9);
        _bound("open", 70_000);
    }

    function test_gas_openMany20() public {
        IEverseedChannels.Opening[] memory openings = new IEverseedChannels.Opening[](20);
        for (uint256 i; i < 20; ++i) {
            address to = address(uint160(uint256(keccak256(abi.encode(i)))));
            openings[i] = IEverseedChannels.Opening(to, 1e9, nonceUntil(START + 1 hours));
        }
        vm.prank(payer);
        channels.openMany(address(usd), payer, WINDOW, openings);
        _bound("openMany of 20", 20 * 31_000);
    }

    function _claimGas(uint32 steps) private returns (uint256) {
        open(usdId(), 1e9);
        channels.claimPacked(pack(withLane(usdId(), 0, "seed", 1e12, 1000, NEVER, steps)));
        return vm.lastCallGas().gasTotalUsed;
    }

    function test_gas_claim() public {
        open(usdId(), 1e9);
        channels.claimPacked(pack(promiseOf(usdId(), 1e6)));
        _bound("claim, no lane", 55_000);
    }

    function test_gas_claimOneLane() public {
        _claimGas(1);
        _bound("claim, 1 lane, 1 step", 55_090);
    }

    function test_gas_claimOneLane1000() public {
        _claimGas(1000);
        _bound("claim, 1 lane, 1000 steps", 55_000 + 1000 * 90);
    }

    function _closeGas(uint96 claimed) private {
        IEverseedChannels.Id memory id = usdId();
        id.signer = payer;
        id.nonce = nonceUntil(START + 1 hours);
        open(id, 1e9);
        vm.warp(START + 1 hours + 1);
        closeWith(id, claimed, PAYEE_KEY);
    }

    function test_gas_closeWith() public {
        _closeGas(1e6);
        _bound("closeWith, both paid", 57_000);
    }

    function test_gas_closeWithOneSide() public {
        _closeGas(1e9);
        _bound("closeWith, one paid", 57_000);
    }

    function test_gas_closeTogether() public {
        open(usdId(), 1e9);
        closeTogether(usdId(), 1e6);
        _bound("closeTogether, both paid", 66_000);
    }

    function test_gas_closeTogetherOneSide() public {
        open(usdId(), 1e9);
        closeTogether(usdId(), 1e9);
        _bound("closeTogether, one paid", 58_000);
    }

    function test_gas_unilateral() public {
        open(usdId(), 1e9);
        vm.prank(payer);
        channels.startClose(usdId());
        _bound("startClose", 32_000);
        vm.warp(START + WINDOW);
        channels.withdraw(usdId());
        _bound("withdraw", 48_000);
    }
}
