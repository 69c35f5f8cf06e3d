// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEverseedChannels} from "../src/interfaces/IEverseedChannels.sol";
import {Base} from "./Base.sol";

/// @dev The packed forms say what the unpacked ones say, and nothing that was not signed gets through them.
contract PackedClaimsTest is Base {
    /// @dev Two lanes of 8 ticks each; the second may expire.
    function _claimOn(uint64 nonce, uint128 cumulative, uint32 first, uint32 second, uint128 unit, bool expires)
        private
        returns (IEverseedChannels.Claim memory c)
    {
        IEverseedChannels.Id memory id = idOf(address(usd), nonce);
        open(id, 1e9);
        c.id = id;
        c.cumulative = cumulative;
        c.lanes = new IEverseedChannels.Lane[](2);
        c.lanes[0] = laneOf("first", unit, 8, NEVER);
        c.lanes[1] = laneOf("second", unit, 8, expires ? uint64(START + 1) : NEVER);
        c.proofs = new IEverseedChannels.Proof[](2);
        c.proofs[0] = proofOf(0, "first", 8, first);
        c.proofs[1] = proofOf(1, "second", 8, second);
        sign(c);
    }

    function testFuzz_packedPaysWhatUnpackedPays(
        uint128 cumulative,
        uint32 first,
        uint32 second,
        uint64 unit,
        bool expires
    ) public {
        cumulative = cumulative % uint128(2e9 * NANO);
        (first, second) = (first % 9, second % 9);
        IEverseedChannels.Claim memory plain = _claimOn(0, cumulative, first, second, unit, expires);
        IEverseedChannels.Claim memory other = _claimOn(1, cumulative, first, second, unit, expires);
        channels.claim(plain);
        channels.claimPacked(pack(other));
        vm.assertEq(state(plain.id).claimed, state(other.id).claimed, "claimed");
        vm.assertEq(
            channels.provenSteps(channels.channelId(plain.id), plain.lanes[1].root),
            channels.provenSteps(channels.channelId(other.id), other.lanes[1].root),
            "proven"
        );
        // Once more changes nothing.
        uint256 before = usd.balanceOf(payee);
        channels.claimPacked(pack(other));
        vm.assertEq(usd.balanceOf(payee), before, "twice");
    }

    function testFuzz_anyOtherByteIsRefused(uint16 at, uint8 byteMask) public {
        vm.assume(byteMask != 0);
        IEverseedChannels.Claim memory c = _claimOn(0, uint128(1e6 * NANO), 3, 5, uint128(NANO), false);
        bytes memory packed = pack(c);
        packed[at % packed.length] ^= bytes1(byteMask);
        vm.expectRevert();
        channels.claimPacked(packed);
        vm.assertEq(usd.balanceOf(payee), 0, "paid");
    }

    function testFuzz_lengthsThatNoClaimHas(uint16 length) public {
        vm.assume(length % 4_096 < 172 || (uint256(length % 4_096) - 172) % 96 != 0);
        length = length % 4_096;
        refuse(abi.encodeWithSelector(IEverseedChannels.BadLength.selector, uint256(length)));
        channels.claimPacked(new bytes(length));
    }

    function test_tooManyLanes() public {
        refuse(abi.encodeWithSelector(IEverseedChannels.TooManyLanes.selector, uint256(9)));
        channels.claimPacked(new bytes(172 + 9 * 96));
    }

    function test_moreStepsThanTheLaneHas() public {
        IEverseedChannels.Claim memory c = _claimOn(0, 0, 8, 0, uint128(NANO), false);
        // One hash before the first: nine steps to the root of a lane of eight.
        c.proofs[0] = IEverseedChannels.Proof(0, 9, "before the seed");
        c.lanes[0].root = hashed("before the seed", 9);
        sign(c);
        refuse(abi.encodeWithSelector(IEverseedChannels.BadProof.selector, uint256(0), uint256(9)));
        channels.claimPacked(pack(c));
    }

    function test_anotherChainsSignature() public {
        IEverseedChannels.Claim memory c = _claimOn(0, uint128(1e6 * NANO), 1, 1, uint128(NANO), false);
        bytes memory packed = pack(c);
        vm.chainId(777);
        vm.expectRevert();
        channels.claimPacked(packed);
    }

    function test_closeWith_byEitherParty() public {
        for (uint64 nonce; nonce < 2; ++nonce) {
            IEverseedChannels.Id memory id = idOf(address(usd), nonce);
            open(id, 1e9);
            uint256 before = usd.balanceOf(payee);
            closeWith(id, 4e8, nonce == 0 ? PAYEE_KEY : SIGNER_KEY);
            vm.assertEq(usd.balanceOf(payee) - before, 4e8, "payee");
        }
        vm.assertEq(usd.balanceOf(address(channels)), 0, "nothing stays");
    }

    function testFuzz_closeWith_byNobodyElse(address stranger) public {
        vm.assume(stranger != payee && stranger != signer);
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        (bytes32 r, bytes32 vs) = compact(signed(PAYEE_KEY, channels.closeDigest(channels.channelId(id), 1)));
        refuse(abi.encodeWithSelector(IEverseedChannels.NotParty.selector, stranger));
        vm.prank(stranger);
        closeWith(id, 1, r, vs);
    }

    function test_closeWith_needsTheOthersWord() public {
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        // One's own signature, the other's under another amount, and none.
        (bytes32 r, bytes32 vs) = compact(signed(PAYEE_KEY, channels.closeDigest(channels.channelId(id), 5)));
        vm.prank(payee);
        refuse(abi.encodeWithSelector(IEverseedChannels.BadSignature.selector, signer));
        closeWith(id, 5, r, vs);
        vm.prank(signer);
        refuse(abi.encodeWithSelector(IEverseedChannels.BadSignature.selector, payee));
        closeWith(id, 6, r, vs);
        vm.prank(payee);
        refuse(abi.encodeWithSelector(IEverseedChannels.BadSignature.selector, signer));
        closeWith(id, 5, bytes32(0), bytes32(0));
        vm.assertEq(state(id).deposit, 1e9, "open still");
    }
}
