// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EverseedChannels} from "../src/EverseedChannels.sol";
import {IEverseedChannels} from "../src/interfaces/IEverseedChannels.sol";
import {TestUSD} from "../src/tokens/TestUSD.sol";
import {Base} from "./Base.sol";
import {BurningToken, FalseToken, FeeToken, ReentrantToken, Refuser, SilentToken, Wallet} from "./Tokens.sol";

contract EverseedChannelsTest is Base {
    bytes32 private constant SEED = "seed";

    function _approved(TestUSD token) private returns (IEverseedChannels.Id memory) {
        token.mint(payer, 1e15);
        vm.prank(payer);
        token.approve(address(channels), type(uint256).max);
        return idOf(address(token), 0);
    }

    /// @dev `c` is refused with `reason`.
    function _refused(IEverseedChannels.Claim memory c, bytes memory reason) private {
        refuse(reason);
        channels.claim(c);
    }

    function _badSignature() private view returns (bytes memory) {
        return abi.encodeWithSelector(IEverseedChannels.BadSignature.selector, signer);
    }

    function _notOpen(IEverseedChannels.Id memory id) private view returns (bytes memory) {
        return abi.encodeWithSelector(IEverseedChannels.ChannelNotOpen.selector, channels.channelId(id));
    }

    // ---------------------------------------------------------------- definition

    /// @dev The definition, spelt out word by word and apart from the contract's own code.
    function testFuzz_hashesFollowTheDefinition(
        IEverseedChannels.Id memory id,
        uint128 cumulative,
        IEverseedChannels.Lane[8] memory all,
        uint8 count,
        uint96 claimed
    ) public view {
        IEverseedChannels.Lane[] memory lanes = new IEverseedChannels.Lane[](count % 9);
        bytes memory hashes;
        for (uint256 i; i < lanes.length; ++i) {
            IEverseedChannels.Lane memory l = lanes[i] = all[i];
            hashes = abi.encodePacked(
                hashes,
                keccak256(
                    abi.encode(
                        keccak256(
                            "Lane(bytes32 root,uint128 unit,uint32 maxSteps,uint64 expiry,bytes32 receiptHash)"
                        ),
                        l.root,
                        l.unit,
                        l.maxSteps,
                        l.expiry,
                        l.receiptHash
                    )
                )
            );
        }
        bytes32 key = keccak256(
            abi.encode(
                id.payer, id.payee, id.signer, id.token, id.window, id.nonce, address(channels), block.chainid
            )
        );
        vm.assertEq(channels.channelId(id), key, "channelId");
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Everseed Channels"),
                keccak256("1"),
                block.chainid,
                address(channels)
            )
        );
        bytes32 voucherHash = keccak256(
            abi.encode(
                keccak256(
                    "Voucher(bytes32 channelId,uint128 cumulative,Lane[] lanes)Lane(bytes32 root,uint128 unit,uint32 maxSteps,uint64 expiry,bytes32 receiptHash)"
                ),
                key,
                cumulative,
                keccak256(hashes)
            )
        );
        vm.assertEq(
            channels.voucherDigest(key, cumulative, lanes),
            keccak256(abi.encodePacked(hex"1901", domain, voucherHash)),
            "voucherDigest"
        );
        bytes32 closeHash = keccak256(abi.encode(keccak256("Close(bytes32 channelId,uint96 claimed)"), key, claimed));
        vm.assertEq(
            channels.closeDigest(key, claimed), keccak256(abi.encodePacked(hex"1901", domain, closeHash)), "closeDigest"
        );
    }

    // ---------------------------------------------------------------- opening

    function testFuzz_openAndTopUp(uint96 first, uint96 second, bool ether_) public {
        first = uint96(first % 1e14) + 1;
        second = second % 1e14;
        IEverseedChannels.Id memory id = idOf(ether_ ? address(0) : address(usd), 7);
        open(id, first);
        vm.prank(payer);
        channels.topUp{value: ether_ ? second : 0}(id, second);
        vm.assertEq(state(id).deposit, uint256(first) + second, "deposit");
        vm.assertEq(state(id).window, WINDOW, "window");
        vm.assertEq(
            ether_ ? address(channels).balance : usd.balanceOf(address(channels)), uint256(first) + second, "held"
        );
    }

    function test_openIsRefused() public {
        IEverseedChannels.Id memory id = usdId();
        refuse(abi.encodeWithSelector(IEverseedChannels.NotPayer.selector, payer, address(this)));
        channels.open{value: 0}(idOf(address(0), 0), 0);
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.NothingDeposited.selector));
        channels.open(id, 0);
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.WrongValue.selector, 0, 1));
        channels.open{value: 1}(id, 5);
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.WrongValue.selector, 5, 4));
        channels.open{value: 4}(idOf(address(0), 0), 5);
        bytes32 key = open(id, 5);
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.ChannelExists.selector, key));
        channels.open(id, 5);
        IEverseedChannels.Id memory other = idOf(address(usd), 9);
        bytes memory reason = _notOpen(other);
        vm.prank(payer);
        refuse(reason);
        channels.topUp(other, 5);
    }

    function test_topUpCannotOverflow() public {
        usd.mint(payer, type(uint128).max);
        IEverseedChannels.Id memory id = usdId();
        open(id, type(uint96).max);
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.DepositTooLarge.selector, uint256(type(uint96).max) + 1));
        channels.topUp(id, 1);
    }

    function test_openWithPermit_alsoWhenSomebodySubmittedItFirst() public {
        for (uint64 i; i < 2; ++i) {
            vm.prank(payer);
            usd.approve(address(channels), 0);
            bytes32 digest = keccak256(
                abi.encodePacked(
                    hex"1901",
                    usd.DOMAIN_SEPARATOR(),
                    keccak256(
                        abi.encode(
                            keccak256(
                                "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
                            ),
                            payer,
                            address(channels),
                            1e6,
                            usd.nonces(payer),
                            START + 60
                        )
                    )
                )
            );
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, digest);
            if (i == 1) usd.permit(payer, address(channels), 1e6, START + 60, v, r, s);
            vm.prank(payer);
            channels.openWithPermit(idOf(address(usd), i), 1e6, START + 60, v, r, s);
            vm.assertEq(state(idOf(address(usd), i)).deposit, 1e6, "deposit");
        }
    }

    function _many(uint256 n) private view returns (IEverseedChannels.Opening[] memory openings) {
        openings = new IEverseedChannels.Opening[](n);
        for (uint256 i; i < n; ++i) openings[i] = IEverseedChannels.Opening(payee, uint96(100 * (i + 1)), uint64(i));
    }

    function test_openMany() public {
        IEverseedChannels.Opening[] memory openings = _many(5);
        vm.prank(payer);
        channels.openMany{value: 1500}(address(0), signer, WINDOW, openings);
        for (uint64 i; i < 5; ++i) vm.assertEq(state(idOf(address(0), i)).deposit, 100 * (i + 1), "deposit");
        openings = _many(3);
        openings[2].nonce = 1;
        bytes32 twice = channels.channelId(idOf(address(usd), 1));
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.ChannelExists.selector, twice));
        channels.openMany(address(usd), signer, WINDOW, openings);
        openings[2].nonce = uint64(START - 1) << 32;
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.OpenedTooLate.selector, START - 1));
        channels.openMany(address(usd), signer, WINDOW, openings);
    }

    /// @dev Whether the channel's id may still be opened decides whether closing leaves the mark; never both, never neither.
    function testFuzz_aClosedChannelNeverOpensAgain(uint32 until, uint32 later, uint32 nonce, bool together) public {
        IEverseedChannels.Id memory id = usdId();
        id.nonce = uint64(until) << 32 | nonce;
        if (until != 0 && until < START) {
            vm.prank(payer);
            refuse(abi.encodeWithSelector(IEverseedChannels.OpenedTooLate.selector, until));
            channels.open(id, 1e9);
            vm.warp(until);
        }
        open(id, 1e9);
        uint256 opened = until != 0 && until < START ? until : START;
        if (!together) {
            vm.prank(payer);
            channels.startClose(id);
            opened += WINDOW;
        }
        uint256 closed = opened + later;
        vm.warp(closed);
        if (together) closeTogether(id, 4e8);
        else channels.withdraw(id);
        vm.assertEq(state(id).closesAt, until != 0 && closed > until ? 0 : type(uint32).max, "mark");
        vm.assertEq(usd.balanceOf(address(channels)), 0, "all is paid out");
        vm.prank(payer);
        vm.expectRevert();
        channels.open(id, 1e9);
        IEverseedChannels.Claim memory c = promiseOf(id, 5e8);
        refuse(abi.encodeWithSelector(IEverseedChannels.ChannelNotOpen.selector, channels.channelId(id)));
        channels.claim(c);
    }

    // ---------------------------------------------------------------- claiming

    function testFuzz_claimPaysFloorUpToTheDeposit(uint128 cumulative, uint128 unit, uint32 max, uint32 steps, uint96 deposit)
        public
    {
        max = max % 64 + 1;
        steps = steps % max + 1;
        deposit = deposit % 1e15 + 1;
        IEverseedChannels.Id memory id = usdId();
        open(id, deposit);
        channels.claim(withLane(id, cumulative, SEED, unit, max, NEVER, steps));
        uint256 due = (uint256(cumulative) + uint256(steps) * unit) / NANO;
        if (due > deposit) due = deposit;
        vm.assertEq(usd.balanceOf(payee), due, "paid");
        vm.assertEq(state(id).claimed, due, "claimed");
    }

    function testFuzz_claimsOnlyRise(uint128[6] memory promises) public {
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        uint256 most;
        for (uint256 i; i < promises.length; ++i) {
            uint128 value = promises[i] % uint128(2e9 * NANO);
            if (value > most) most = value;
            channels.claim(voucher(id, value));
            vm.assertEq(state(id).claimed, most / NANO > 1e9 ? 1e9 : most / NANO, "claimed");
            vm.assertEq(usd.balanceOf(payee), state(id).claimed, "paid");
        }
    }

    function test_aClaimOfTheSameVoucherTwicePaysOnce() public {
        open(usdId(), 1e9);
        IEverseedChannels.Claim memory c = promiseOf(usdId(), 1e6);
        channels.claim(c);
        channels.claim(c);
        vm.assertEq(usd.balanceOf(payee), 1e6, "paid");
    }

    function test_lanesAddUp_andRepeatedProofsCountOnce() public {
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        IEverseedChannels.Claim memory c;
        (c.id, c.cumulative) = (id, uint128(5 * NANO));
        c.lanes = new IEverseedChannels.Lane[](8);
        c.proofs = new IEverseedChannels.Proof[](9);
        uint256 due = 5;
        for (uint8 i; i < 8; ++i) {
            c.lanes[i] = laneOf(bytes32(uint256(i)), uint128((i + 1) * NANO), 10, NEVER);
            c.proofs[i] = proofOf(i, bytes32(uint256(i)), 10, i + 1);
            due += (uint256(i) + 1) * (i + 1);
        }
        c.proofs[8] = proofOf(7, bytes32(uint256(7)), 10, 3);
        sign(c);
        channels.claim(c);
        vm.assertEq(usd.balanceOf(payee), due, "paid");
    }

    function test_nineLanesAreTooMany() public {
        IEverseedChannels.Claim memory c = promiseOf(usdId(), 1);
        open(usdId(), 1e9);
        c.lanes = new IEverseedChannels.Lane[](9);
        _refused(c, abi.encodeWithSelector(IEverseedChannels.TooManyLanes.selector, 9));
    }

    function testFuzz_badProofs(bytes32 preimage, uint32 steps) public {
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        IEverseedChannels.Claim memory c = withLane(id, 0, SEED, 1, 10, NEVER, 5);
        steps = steps % 16;
        vm.assume(hashed(preimage, steps) != c.lanes[0].root);
        c.proofs[0] = IEverseedChannels.Proof(0, steps, preimage);
        _refused(c, abi.encodeWithSelector(IEverseedChannels.BadProof.selector, 0, steps));
    }

    function test_noStepsBeyondTheLane() public {
        open(usdId(), 1e9);
        IEverseedChannels.Claim memory c = withLane(usdId(), 0, SEED, 1, 10, NEVER, 10);
        bytes32 longer = "longer"; // a chain of 11, of which 10 are promised
        c.lanes[0].root = hashed(longer, 11);
        c.proofs[0] = IEverseedChannels.Proof(0, 11, longer);
        sign(c);
        _refused(c, abi.encodeWithSelector(IEverseedChannels.BadProof.selector, 0, 11));
        c.proofs[0] = IEverseedChannels.Proof(1, 10, longer); // there is no second lane
        vm.expectRevert();
        channels.claim(c);
    }

    // ---------------------------------------------------------------- lanes that expire

    function test_expiredStepsDoNotCount_provenOnesStay() public {
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        uint64 expiry = uint64(START + 100);
        uint128 unit = uint128(1000 * NANO);
        IEverseedChannels.Claim memory four = withLane(id, 0, SEED, unit, 10, expiry, 4);
        IEverseedChannels.Claim memory nine = withLane(id, 0, SEED, unit, 10, expiry, 9);
        IEverseedChannels.Claim memory none = withLane(id, uint128(500 * NANO), SEED, unit, 10, expiry, 0);
        vm.warp(expiry); // the last second still counts
        channels.claim(four);
        vm.assertEq(usd.balanceOf(payee), 4000, "four");
        vm.warp(expiry + 1);
        channels.claim(nine);
        vm.assertEq(usd.balanceOf(payee), 4000, "too late");
        channels.claim(none);
        vm.assertEq(usd.balanceOf(payee), 4500, "proven steps stay in the sum");
        vm.assertEq(channels.provenSteps(channels.channelId(id), four.lanes[0].root), 4, "stored");
    }

    function test_fewerStepsAreNoStepBack() public {
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        uint128 unit = uint128(1000 * NANO);
        channels.claim(withLane(id, 0, SEED, unit, 10, uint64(START), 4));
        channels.claim(withLane(id, unit, SEED, unit, 10, uint64(START), 2));
        vm.assertEq(usd.balanceOf(payee), 5000, "four steps and what is promised outright");
    }

    function test_lanesWithoutExpiryStoreNothing() public {
        open(usdId(), 1e9);
        IEverseedChannels.Claim memory c = withLane(usdId(), 0, SEED, uint128(NANO), 10, NEVER, 4);
        channels.claim(c);
        vm.assertEq(channels.provenSteps(channels.channelId(usdId()), c.lanes[0].root), 0, "stored");
    }

    // ---------------------------------------------------------------- replays

    function testFuzz_replays(uint8 which) public {
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        IEverseedChannels.Claim memory c = promiseOf(id, 1e6);
        which = which % 5;
        if (which == 0) {
            // On another chain with the same state the channel itself has another id.
            vm.chainId(4242);
            c.id = id;
            _refused(c, _notOpen(id));
            open(id, 1e9);
            _refused(c, _badSignature());
        } else if (which == 1) {
            EverseedChannels other = new EverseedChannels();
            vm.prank(payer);
            usd.approve(address(other), type(uint256).max);
            vm.prank(payer);
            other.open(id, 1e9);
            refuse(_badSignature());
            other.claim(c);
        } else if (which == 2) {
            c.id.nonce = 1;
            open(c.id, 1e9);
            _refused(c, _badSignature());
        } else if (which == 3) {
            // The other direction, same signer.
            (c.id.payer, c.id.payee) = (payee, payer);
            usd.mint(payee, 1e9);
            vm.prank(payee);
            usd.approve(address(channels), 1e9);
            open(c.id, 1e9);
            _refused(c, _badSignature());
        } else {
            c.cumulative += 1;
            _refused(c, _badSignature());
        }
    }

    function test_aCloseIsNoVoucher_andNobodyElseSigns() public {
        IEverseedChannels.Id memory id = usdId();
        bytes32 key = open(id, 1e9);
        bytes32 digest = channels.voucherDigest(key, 5, new IEverseedChannels.Lane[](0));
        IEverseedChannels.Claim memory c = voucher(id, 5);
        c.signature = signed(PAYER_KEY, digest);
        _refused(c, _badSignature());
        c.signature = signed(SIGNER_KEY, channels.closeDigest(key, 5));
        _refused(c, _badSignature());
        c.signature = "";
        _refused(c, _badSignature());
        id.signer = address(0);
        open(id, 1e9);
        c.id = id;
        _refused(c, abi.encodeWithSelector(IEverseedChannels.BadSignature.selector, address(0)));
    }

    /// @dev Code at the signer's address (EIP-7702) must not void what its key signed.
    function test_aDelegatedSignerCannotVoidItsVouchers() public {
        open(usdId(), 1e9);
        IEverseedChannels.Claim memory c = promiseOf(usdId(), 1e6);
        vm.etch(signer, address(new Refuser()).code);
        channels.claim(c);
        vm.assertEq(usd.balanceOf(payee), 1e6, "paid");
        vm.etch(payee, address(new Refuser()).code);
        closeTogether(usdId(), 2e6);
        vm.assertEq(usd.balanceOf(payee), 2e6, "paid");
    }

    function test_contractWalletsSign() public {
        IEverseedChannels.Id memory id = usdId();
        Wallet wallet = new Wallet();
        id.signer = address(wallet);
        bytes32 key = open(id, 1e9);
        IEverseedChannels.Claim memory c = promiseOf(id, 1e6);
        _refused(c, abi.encodeWithSelector(IEverseedChannels.BadSignature.selector, address(wallet)));
        wallet.approve(channels.voucherDigest(key, c.cumulative, c.lanes));
        channels.claim(c);
        vm.assertEq(usd.balanceOf(payee), 1e6, "paid");
    }

    // ---------------------------------------------------------------- closing

    function test_aStaleCloseLosesToTheNewerVoucher() public {
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        channels.claim(promiseOf(id, 1e6));
        vm.prank(payer);
        channels.startClose(id);
        uint32 at = uint32(START + WINDOW);
        vm.assertEq(state(id).closesAt, at, "closesAt");
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.StillOpen.selector, at));
        channels.startClose(id);
        vm.warp(at - 1);
        refuse(abi.encodeWithSelector(IEverseedChannels.StillOpen.selector, at));
        channels.withdraw(id);
        IEverseedChannels.Claim memory newer = promiseOf(id, 9e8);
        channels.claim(newer);
        vm.warp(at);
        channels.withdraw(id);
        vm.assertEq(usd.balanceOf(payee), 9e8, "payee");
        vm.assertEq(usd.balanceOf(payer), 1e15 - 9e8, "payer");
    }

    function test_aClosedIdNeverOpensAgain() public {
        IEverseedChannels.Id memory id = usdId();
        bytes32 key = open(id, 1e9);
        IEverseedChannels.Claim memory c = promiseOf(id, 5e6);
        closeTogether(id, 1e6);
        bytes memory gone = _notOpen(id);
        _refused(c, gone);
        refuse(gone);
        channels.withdraw(id);
        vm.prank(payer);
        refuse(gone);
        channels.startClose(id);
        vm.prank(payer);
        refuse(gone);
        channels.topUp(id, 1);
        vm.prank(payer);
        refuse(abi.encodeWithSelector(IEverseedChannels.ChannelExists.selector, key));
        channels.open(id, 1);
        bytes32 digest = channels.closeDigest(key, 1e6);
        (bytes memory a, bytes memory b) = (signed(SIGNER_KEY, digest), signed(PAYEE_KEY, digest));
        refuse(gone);
        channels.closeTogether(id, 1e6, a, b);
    }

    function test_onlyThePayerStartsToClose() public {
        open(usdId(), 1e9);
        vm.prank(payee);
        refuse(abi.encodeWithSelector(IEverseedChannels.NotPayer.selector, payer, payee));
        channels.startClose(usdId());
        refuse(abi.encodeWithSelector(IEverseedChannels.StillOpen.selector, 0));
        channels.withdraw(usdId());
    }

    function testFuzz_closeTogether(uint96 deposit, uint96 claimed, uint96 agreed) public {
        deposit = deposit % 1e15 + 1;
        claimed = claimed % (deposit + 1);
        agreed = agreed % (deposit - claimed + 1) + claimed;
        open(usdId(), deposit);
        channels.claim(promiseOf(usdId(), claimed));
        closeTogether(usdId(), agreed);
        vm.assertEq(usd.balanceOf(payee), agreed, "payee");
        vm.assertEq(usd.balanceOf(payer), 1e15 - agreed, "payer");
        vm.assertEq(usd.balanceOf(address(channels)), 0, "held");
    }

    function test_closeTogetherIsRefused() public {
        IEverseedChannels.Id memory id = usdId();
        bytes32 key = open(id, 1e9);
        channels.claim(promiseOf(id, 1e6));
        refuse(abi.encodeWithSelector(IEverseedChannels.AboveDeposit.selector, 1e9, 1e9 + 1));
        channels.closeTogether(id, 1e9 + 1, "", "");
        refuse(abi.encodeWithSelector(IEverseedChannels.BelowClaimed.selector, 1e6, 1e6 - 1));
        channels.closeTogether(id, 1e6 - 1, "", "");
        bytes32 digest = channels.closeDigest(key, 2e6);
        bytes memory a = signed(SIGNER_KEY, digest);
        refuse(_badSignature());
        channels.closeTogether(id, 2e6, "", a);
        refuse(abi.encodeWithSelector(IEverseedChannels.BadSignature.selector, payee));
        channels.closeTogether(id, 2e6, a, a);
    }

    function testFuzz_theLongestWindowsStopShortOfTheMarkOfAClosedChannel(uint32 beyond) public {
        IEverseedChannels.Id memory id = usdId();
        id.window = uint32(type(uint32).max - START) + beyond % uint32(START + 1);
        open(id, 1e9);
        vm.prank(payer);
        channels.startClose(id);
        vm.assertEq(state(id).closesAt, type(uint32).max - 1, "closesAt");
        channels.claim(promiseOf(id, 1e6));
        vm.warp(type(uint32).max);
        channels.withdraw(id);
        vm.assertEq(usd.balanceOf(payer), 1e15 - 1e6, "payer");
    }

    // ---------------------------------------------------------------- ETH that is refused

    function test_refusedEthIsKeptForItsReceiver() public {
        IEverseedChannels.Id memory id = idOf(address(0), 0);
        Refuser hard = new Refuser();
        id.payee = address(hard);
        open(id, 1e18);
        channels.claim(promiseOf(id, 1e15));
        vm.prank(payer);
        channels.startClose(id);
        vm.warp(START + WINDOW);
        channels.withdraw(id);
        vm.assertEq(payer.balance, 1e24 - 1e15, "the payer is not held up");
        hard.accept();
        channels.collect(address(hard), payable(address(this)));
        vm.assertEq(address(hard).balance, 1e15, "only to its receiver when somebody else asks");
        refuse(abi.encodeWithSelector(IEverseedChannels.NothingToCollect.selector, address(hard)));
        channels.collect(address(hard), payable(address(hard)));
    }

    function test_aReceiverCollectsElsewhere() public {
        IEverseedChannels.Id memory id = idOf(address(0), 0);
        Refuser hard = new Refuser();
        id.payee = address(hard);
        open(id, 1e18);
        channels.claim(promiseOf(id, 1e15));
        hard.call(address(channels), abi.encodeCall(channels.collect, (address(hard), payable(address(0xca11)))));
        vm.assertEq(address(0xca11).balance, 1e15, "collected");
    }

    // ---------------------------------------------------------------- tokens

    function test_feeToken_whatArrivesCounts() public {
        FeeToken token = new FeeToken();
        IEverseedChannels.Id memory id = _approved(token);
        open(id, 1e6);
        vm.assertEq(state(id).deposit, 99e4, "deposit");
        vm.prank(payer);
        channels.topUp(id, 1e6);
        vm.assertEq(state(id).deposit, 198e4, "topped up");
        channels.claim(promiseOf(id, 1e9));
        vm.assertEq(token.balanceOf(address(channels)), 0, "held");
        IEverseedChannels.Opening[] memory openings = _many(4);
        for (uint256 i; i < 4; ++i) openings[i].nonce += 10;
        vm.prank(payer);
        channels.openMany(address(token), signer, WINDOW, openings);
        vm.assertEq(state(idOf(address(token), 12)).deposit, 300, "in full");
        vm.assertEq(state(idOf(address(token), 13)).deposit, 390, "less the fee");
        vm.assertEq(token.balanceOf(address(channels)), 990, "held");
    }

    function test_falseToken_isARefusal() public {
        FalseToken token = new FalseToken();
        IEverseedChannels.Id memory id = _approved(token);
        token.refuse(true);
        vm.prank(payer);
        vm.expectRevert();
        channels.open(id, 1e6);
        token.refuse(false);
        open(id, 1e6);
        IEverseedChannels.Claim memory c = promiseOf(id, 1e5);
        token.refuse(true);
        vm.expectRevert();
        channels.claim(c);
        vm.assertEq(state(id).claimed, 0, "nothing changed");
        token.refuse(false);
        channels.claim(c);
        vm.assertEq(token.balanceOf(payee), 1e5, "paid");
    }

    function test_silentToken() public {
        SilentToken token = new SilentToken();
        token.mint(payer, 1e6);
        vm.prank(payer);
        token.approve(address(channels), 1e6);
        IEverseedChannels.Id memory id = idOf(address(token), 0);
        open(id, 1e6);
        channels.claim(promiseOf(id, 1e5));
        closeTogether(id, 2e5);
        vm.assertEq(token.balanceOf(payee), 2e5, "payee");
        vm.assertEq(token.balanceOf(payer), 8e5, "payer");
    }

    function test_aTokenWithoutCodeIsRefused() public {
        IEverseedChannels.Id memory id = idOf(address(0xdead), 0);
        vm.prank(payer);
        vm.expectRevert();
        channels.open(id, 1e6);
    }

    /// @dev During a payout and during a deposit, every entrance that moves money is shut.
    function testFuzz_reentrantToken(uint8 which, bool deposits) public {
        ReentrantToken token = new ReentrantToken();
        IEverseedChannels.Id memory id = _approved(token);
        open(id, 1e6);
        IEverseedChannels.Claim memory c = promiseOf(id, 1e5);
        IEverseedChannels.Id memory own = idOf(address(token), 1);
        own.payer = address(token);
        bytes32 digest = channels.closeDigest(channels.channelId(id), 1e5);
        bytes[6] memory entrances = [
            abi.encodeCall(channels.claim, (c)),
            abi.encodeCall(channels.withdraw, (id)),
            abi.encodeCall(channels.open, (own, 1)),
            abi.encodeCall(channels.topUp, (id, 1)),
            abi.encodeCall(channels.closeTogether, (id, 1e5, signed(SIGNER_KEY, digest), signed(PAYEE_KEY, digest))),
            abi.encodeCall(channels.collect, (payee, payable(payee)))
        ];
        token.arm(address(channels), entrances[which % 6]);
        if (deposits) {
            vm.prank(payer);
            channels.topUp(id, 1e6);
        } else {
            channels.claim(c);
        }
        require(!token.succeeded(), "reentered");
        vm.assertEq(token.answer(), bytes4(0xab143c06), "Reentrancy()");
        vm.assertEq(
            token.balanceOf(address(channels)), uint256(state(id).deposit) - state(id).claimed, "held is what is owed"
        );
    }

    /// @dev A close that starts inside the transfer of a top-up is not undone by it.
    function test_topUpKeepsACloseThatStartedMeanwhile() public {
        ReentrantToken token = new ReentrantToken();
        IEverseedChannels.Id memory id = _approved(token);
        id.payer = address(token);
        token.mint(address(token), 1e6);
        vm.prank(address(token));
        token.approve(address(channels), 1e6);
        open(id, 1e6);
        token.arm(address(channels), abi.encodeCall(channels.startClose, (id)));
        vm.prank(payer);
        channels.topUp(id, 1e6);
        require(token.succeeded(), "did not start");
        vm.assertEq(state(id).closesAt, START + WINDOW, "closesAt");
        vm.assertEq(state(id).deposit, 2e6, "deposit");
    }

    // ---------------------------------------------------------------- many claims

    function test_claimMany_oneFailureHoldsUpNobody() public {
        FalseToken refusing = new FalseToken();
        BurningToken burning = new BurningToken();
        IEverseedChannels.Claim[] memory claims = new IEverseedChannels.Claim[](6);
        IEverseedChannels.Id memory id = usdId();
        open(id, 1e9);
        claims[0] = promiseOf(id, 1e6);
        id = _approved(refusing);
        open(id, 1e6);
        claims[1] = promiseOf(id, 1e5);
        refusing.refuse(true);
        claims[2] = promiseOf(idOf(address(usd), 77), 1); // never opened
        id = idOf(address(usd), 2);
        open(id, 1e9);
        claims[3] = promiseOf(id, 1e6);
        claims[3].signature = "";
        id = _approved(burning);
        open(id, 1e6);
        claims[4] = promiseOf(id, 1e5);
        id = idOf(address(usd), 3);
        open(id, 1e9);
        claims[5] = promiseOf(id, 2e6);
        bytes[] memory packed = new bytes[](6);
        for (uint256 i; i < 6; ++i) packed[i] = pack(claims[i]);
        uint256 done = channels.claimMany{gas: 10_000_000}(packed);
        vm.assertEq(done, 2, "done");
        vm.assertEq(usd.balanceOf(payee), 3e6, "paid");
    }
}
