// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EverseedChannels} from "../src/EverseedChannels.sol";
import {IEverseedChannels} from "../src/interfaces/IEverseedChannels.sol";
import {TestUSD} from "../src/tokens/TestUSD.sol";

struct Gas {
    uint64 gasLimit;
    uint64 gasTotalUsed;
    uint64 gasMemoryUsed;
    int64 gasRefunded;
    uint64 gasRemaining;
}

/// @dev The cheatcodes in use, and no more.
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function prank(address sender) external;
    function deal(address who, uint256 balance) external;
    function etch(address who, bytes calldata code) external;
    function warp(uint256 time) external;
    function chainId(uint256 id) external;
    function assume(bool condition) external pure;
    function expectRevert() external;
    function expectRevert(bytes calldata data) external;
    function expectEmit(address emitter) external;
    function assertEq(uint256 a, uint256 b, string calldata what) external pure;
    function assertEq(bytes32 a, bytes32 b, string calldata what) external pure;
    function assertLe(uint256 a, uint256 b, string calldata what) external pure;
    function lastCallGas() external view returns (Gas memory);
    function snapshotValue(string calldata group, string calldata name, uint256 value) external;
    function toString(uint256 value) external pure returns (string memory);
}

/// @dev Keys, channels, hash chains and signatures for the tests.
abstract contract Base {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    uint256 internal constant NANO = 1e9;
    uint64 internal constant NEVER = type(uint64).max;
    uint32 internal constant WINDOW = 1 days;
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant PAYER_KEY = 0xa11ce;
    uint256 internal constant SIGNER_KEY = 0x51641e2;
    uint256 internal constant PAYEE_KEY = 0xb0b;

    address internal payer = vm.addr(PAYER_KEY);
    address internal signer = vm.addr(SIGNER_KEY);
    address internal payee = vm.addr(PAYEE_KEY);
    EverseedChannels internal channels;
    TestUSD internal usd;

    function setUp() public virtual {
        vm.warp(START);
        channels = new EverseedChannels();
        usd = new TestUSD();
        usd.mint(payer, 1e15);
        vm.deal(payer, 1e24);
        vm.prank(payer);
        usd.approve(address(channels), type(uint256).max);
    }

    function idOf(address token, uint64 nonce) internal view returns (IEverseedChannels.Id memory) {
        return IEverseedChannels.Id(payer, payee, signer, token, WINDOW, nonce);
    }

    function usdId() internal view returns (IEverseedChannels.Id memory) {
        return idOf(address(usd), 0);
    }

    /// @dev As a wallet draws it: openable until then, the rest random.
    function nonceUntil(uint256 until) internal pure returns (uint64) {
        return uint64(until) << 32 | 0x9e3779b9;
    }

    function open(IEverseedChannels.Id memory id, uint96 amount) internal returns (bytes32) {
        vm.prank(id.payer);
        return channels.open{value: id.token == address(0) ? amount : 0}(id, amount);
    }

    function state(IEverseedChannels.Id memory id) internal view returns (IEverseedChannels.Channel memory) {
        return channels.channel(channels.channelId(id));
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function hashed(bytes32 value, uint256 times) internal pure returns (bytes32) {
        for (uint256 i; i < times; ++i) value = keccak256(abi.encode(value));
        return value;
    }

    /// @dev The lane of `maxSteps` ticks that grows from `seed`; its tick k is `hashed(seed, maxSteps - k)`.
    function laneOf(bytes32 seed, uint128 unit, uint32 maxSteps, uint64 expiry)
        internal
        pure
        returns (IEverseedChannels.Lane memory)
    {
        return IEverseedChannels.Lane(hashed(seed, maxSteps), unit, maxSteps, expiry, keccak256("receipt"));
    }

    function proofOf(uint8 lane, bytes32 seed, uint32 maxSteps, uint32 steps)
        internal
        pure
        returns (IEverseedChannels.Proof memory)
    {
        return IEverseedChannels.Proof(lane, steps, hashed(seed, maxSteps - steps));
    }

    function voucher(IEverseedChannels.Id memory id, uint128 cumulative)
        internal
        view
        returns (IEverseedChannels.Claim memory c)
    {
        c.id = id;
        c.cumulative = cumulative;
        sign(c);
    }

    /// @dev A voucher of base units and no lanes.
    function promiseOf(IEverseedChannels.Id memory id, uint256 baseUnits)
        internal
        view
        returns (IEverseedChannels.Claim memory)
    {
        return voucher(id, uint128(baseUnits * NANO));
    }

    function withLane(
        IEverseedChannels.Id memory id,
        uint128 cumulative,
        bytes32 seed,
        uint128 unit,
        uint32 maxSteps,
        uint64 expiry,
        uint32 steps
    ) internal view returns (IEverseedChannels.Claim memory c) {
        c.id = id;
        c.cumulative = cumulative;
        c.lanes = new IEverseedChannels.Lane[](1);
        c.lanes[0] = laneOf(seed, unit, maxSteps, expiry);
        c.proofs = new IEverseedChannels.Proof[](steps == 0 ? 0 : 1);
        if (steps != 0) c.proofs[0] = proofOf(0, seed, maxSteps, steps);
        sign(c);
    }

    /// @dev A claim in the layout of PackedClaims, written apart from the library. Of a lane the proof with most steps counts.
    function pack(IEverseedChannels.Claim memory c) internal pure returns (bytes memory packed) {
        (bytes32 r, bytes32 vs) = compact(c.signature);
        packed = abi.encodePacked(c.id.payer, c.id.payee, c.id.signer, c.id.token, c.id.window, c.id.nonce);
        packed = abi.encodePacked(packed, c.cumulative, r, vs);
        for (uint256 i; i < c.lanes.length; ++i) {
            IEverseedChannels.Lane memory l = c.lanes[i];
            (bytes32 tick, uint32 steps) = (l.root, 0);
            for (uint256 k; k < c.proofs.length; ++k) {
                if (c.proofs[k].lane == i && c.proofs[k].steps > steps) {
                    (tick, steps) = (c.proofs[k].preimage, c.proofs[k].steps);
                }
            }
            packed = abi.encodePacked(packed, tick, l.receiptHash, l.unit, l.maxSteps, steps, l.expiry);
        }
    }

    /// @dev EIP-2098; what is no signature of 65 bytes gives zeros.
    function compact(bytes memory signature) internal pure returns (bytes32 r, bytes32 vs) {
        if (signature.length != 65) return (0, 0);
        bytes32 s;
        assembly {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        vs = bytes32(uint256(s) | uint256(uint8(signature[64]) - 27) << 255);
    }

    function sign(IEverseedChannels.Claim memory c) internal view {
        c.signature = signed(SIGNER_KEY, channels.voucherDigest(channels.channelId(c.id), c.cumulative, c.lanes));
    }

    function closeTogether(IEverseedChannels.Id memory id, uint96 claimed) internal {
        bytes32 digest = channels.closeDigest(channels.channelId(id), claimed);
        channels.closeTogether(id, claimed, signed(SIGNER_KEY, digest), signed(PAYEE_KEY, digest));
    }

    /// @dev With the signature of `key`, sent by the other.
    function closeWith(IEverseedChannels.Id memory id, uint96 claimed, uint256 key) internal {
        (bytes32 r, bytes32 vs) = compact(signed(key, channels.closeDigest(channels.channelId(id), claimed)));
        address sender = key == PAYEE_KEY ? id.signer : id.payee;
        vm.prank(sender);
        closeWith(id, claimed, r, vs);
    }

    function closeWith(IEverseedChannels.Id memory id, uint96 claimed, bytes32 r, bytes32 vs) internal {
        channels.closeWith(
            uint256(uint160(id.payer)) << 96 | uint256(id.window) << 64 | id.nonce,
            uint256(uint160(id.payee)) << 96 | claimed,
            id.token,
            id.signer == id.payer ? address(0) : id.signer,
            r,
            vs
        );
    }

    function refuse(bytes memory reason) internal {
        vm.expectRevert(reason);
    }
}
