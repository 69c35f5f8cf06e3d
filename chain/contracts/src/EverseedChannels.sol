// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {EfficientHashLib as Hash} from "solady/utils/EfficientHashLib.sol";
import {ECDSA} from "solady/utils/ECDSA.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "solady/utils/EIP712.sol";
import {ERC20} from "solady/tokens/ERC20.sol";
import {IEverseedChannels} from "./interfaces/IEverseedChannels.sol";
import {HashChains} from "./libraries/HashChains.sol";
import {PackedClaims} from "./libraries/PackedClaims.sol";

/// @title EverseedChannels
/// @notice See IEverseedChannels. One storage slot per channel. State is written before money moves.
contract EverseedChannels is IEverseedChannels, EIP712, ReentrancyGuardTransient {
    uint256 private constant NANO = 1e9;
    uint256 private constant MAX_LANES = 8;
    uint64 private constant NEVER = type(uint64).max;
    /// A closed channel keeps this mark as long as its id might be opened again.
    uint32 private constant CLOSED = type(uint32).max;

    bytes32 private constant LANE_TYPEHASH =
        keccak256("Lane(bytes32 root,uint128 unit,uint32 maxSteps,uint64 expiry,bytes32 receiptHash)");
    bytes32 private constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(bytes32 channelId,uint128 cumulative,Lane[] lanes)Lane(bytes32 root,uint128 unit,uint32 maxSteps,uint64 expiry,bytes32 receiptHash)"
    );
    bytes32 private constant CLOSE_TYPEHASH = keccak256("Close(bytes32 channelId,uint96 claimed)");

    /// A Channel in one word, its first member lowest: written whole, where the compiler would write member by member.
    mapping(bytes32 channelId => uint256) private _channels;
    mapping(bytes32 channelId => mapping(bytes32 root => uint32)) private _proven;
    mapping(address receiver => uint256) private _credits;

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Everseed Channels", "1");
    }

    /// @dev Transient storage is there on every chain since Cancun, not on mainnet alone.
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    // ---------------------------------------------------------------- opening

    /// @inheritdoc IEverseedChannels
    function open(Id calldata id, uint96 amount) external payable nonReentrant returns (bytes32) {
        return _openOne(id, amount);
    }

    /// @inheritdoc IEverseedChannels
    function openWithPermit(Id calldata id, uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
        returns (bytes32)
    {
        // A permit that somebody else submitted first has failed here and still gives the allowance.
        try ERC20(id.token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return _openOne(id, amount);
    }

    /// @inheritdoc IEverseedChannels
    function openMany(address token, address signer, uint32 window, Opening[] calldata openings)
        external
        payable
        nonReentrant
    {
        uint256 total;
        for (uint256 i; i < openings.length; ++i) total += openings[i].amount;
        uint256 left = _receive(token, total);
        for (uint256 i; i < openings.length; ++i) {
            Opening calldata o = openings[i];
            uint256 share = o.amount;
            if (share > left) share = left;
            unchecked {
                left -= share;
            }
            _open(o.payee, signer, token, window, o.nonce, share);
        }
    }

    /// @dev Opens a channel of the sender's.
    function _open(address payee, address signer, address token, uint32 window, uint64 nonce, uint256 amount)
        private
        returns (bytes32 key)
    {
        if (amount == 0) revert NothingDeposited();
        if (amount > type(uint96).max) revert DepositTooLarge(amount);
        if (_opensNoMore(nonce)) revert OpenedTooLate(uint32(nonce >> 32));
        key = _keyOf(msg.sender, payee, signer, token, window, nonce);
        if (_channels[key] != 0) revert ChannelExists(key);
        _channels[key] = amount | uint256(window) << 192;
        emit Opened(key, msg.sender, payee, signer, token, window, nonce, uint96(amount));
    }

    function _openOne(Id calldata id, uint256 amount) private returns (bytes32) {
        if (msg.sender != id.payer) revert NotPayer(id.payer, msg.sender);
        return _open(id.payee, id.signer, id.token, id.window, id.nonce, _receive(id.token, amount));
    }

    /// @dev True for good once it is true: time only goes forward. No time limit (0) wraps round to the largest number.
    function _opensNoMore(uint64 nonce) private view returns (bool) {
        unchecked {
            return uint256(nonce >> 32) - 1 < block.timestamp - 1;
        }
    }

    /// @inheritdoc IEverseedChannels
    function topUp(Id calldata id, uint96 amount) external payable nonReentrant {
        // First the transfer: a token may call back, and what is read before it could be out of date.
        uint256 arrived = _receive(id.token, amount);
        (bytes32 key, Channel memory c) = _live(id);
        c.deposit = _toUint96(c.deposit + arrived);
        _store(key, c);
        emit ToppedUp(key, c.deposit);
    }

    /// @dev Takes `amount` from the sender; returns what arrived.
    function _receive(address token, uint256 amount) private returns (uint256) {
        if (token == address(0)) {
            if (msg.value != amount) revert WrongValue(amount, msg.value);
            return amount;
        }
        if (msg.value != 0) revert WrongValue(0, msg.value);
        uint256 before = SafeTransferLib.balanceOf(token, address(this));
        SafeTransferLib.safeTransferFrom(token, msg.sender, address(this), amount);
        uint256 arrived = SafeTransferLib.balanceOf(token, address(this)) - before;
        return arrived < amount ? arrived : amount;
    }

    // ---------------------------------------------------------------- claiming

    /// @inheritdoc IEverseedChannels
    function claim(Claim calldata c) external nonReentrant {
        bytes32 key = channelId(c.id);
        uint256 word = _liveWord(key);
        _requireSigned(c.id.signer, voucherDigest(key, c.cumulative, c.lanes), c.signature);
        _settle(key, word, c.id.token, c.id.payee, uint256(c.cumulative) + _laneValue(key, c.lanes, c.proofs));
    }

    /// @inheritdoc IEverseedChannels
    function claimPacked(bytes calldata packed) external nonReentrant {
        (uint256 count, bool ok) = PackedClaims.laneCount(packed);
        if (!ok) revert BadLength(packed.length);
        if (count > MAX_LANES) revert TooManyLanes(count);
        bytes32 key = PackedClaims.channelId(packed);
        uint256 word = _liveWord(key);
        (address payee, address signer, address token) = PackedClaims.parties(packed);
        (uint256 cumulative, bytes32 r, bytes32 vs) = PackedClaims.promised(packed);
        bytes32[] memory hashes = Hash.malloc(count);
        uint256 value = cumulative;
        for (uint256 i; i < count; ++i) {
            (bytes32 laneHash, uint256 worth) = _packedLane(key, packed, i);
            Hash.set(hashes, i, laneHash);
            value += worth;
        }
        _requireSignedCompact(signer, _voucherHash(key, cumulative, Hash.hash(hashes)), r, vs);
        _settle(key, word, token, payee, value);
    }

    /// @inheritdoc IEverseedChannels
    function claimMany(bytes[] calldata packed) external returns (uint256 done) {
        for (uint256 i; i < packed.length; ++i) {
            try this.claimPacked(packed[i]) {
                ++done;
            } catch {}
        }
    }

    /// @dev Pays out what `nano`, the voucher's whole worth, is beyond what was claimed. `word` is the channel as it is stored.
    function _settle(bytes32 key, uint256 word, address token, address payee, uint256 nano) private {
        uint256 total = nano / NANO;
        uint256 deposit = uint96(word);
        uint256 claimed = uint96(word >> 96);
        if (total > deposit) total = deposit;
        if (total <= claimed) return;
        unchecked {
            uint256 amount = total - claimed;
            _channels[key] = word + (amount << 96); // no carry: the sum is at most the deposit
            emit Claimed(key, uint96(amount), uint96(total));
            _send(token, payee, amount);
        }
    }

    /// @dev Hash and worth in nano base units of lane `i`.
    function _packedLane(bytes32 key, bytes calldata packed, uint256 i) private returns (bytes32, uint256) {
        (bytes32 tick, bytes32 receiptHash, uint256 unit, uint256 maxSteps, uint256 steps, uint256 expiry) =
            PackedClaims.lane(packed, i);
        if (steps > maxSteps) revert BadProof(i, steps);
        bytes32 root = HashChains.hashed(tick, steps);
        if (expiry != NEVER) steps = _expiring(key, root, expiry, steps);
        return (
            Hash.hash(LANE_TYPEHASH, root, bytes32(unit), bytes32(maxSteps), bytes32(expiry), receiptHash),
            steps * unit
        );
    }

    /// @dev Nano base units of all lanes: what was proven now, or before in the case of lanes that expire.
    function _laneValue(bytes32 key, Lane[] calldata lanes, Proof[] calldata proofs) private returns (uint256 value) {
        uint256[MAX_LANES] memory steps;
        for (uint256 i; i < proofs.length; ++i) {
            Proof calldata p = proofs[i];
            Lane calldata lane = lanes[p.lane];
            if (p.steps > lane.maxSteps || HashChains.hashed(p.preimage, p.steps) != lane.root) revert BadProof(p.lane, p.steps);
            if (p.steps > steps[p.lane]) steps[p.lane] = p.steps;
        }
        for (uint256 i; i < lanes.length; ++i) {
            Lane calldata lane = lanes[i];
            if (lane.expiry != NEVER) steps[i] = _expiring(key, lane.root, lane.expiry, steps[i]);
            value += steps[i] * lane.unit;
        }
    }

    /// @dev Ticks of an expiring lane count when they were proven in time, then for ever.
    function _expiring(bytes32 key, bytes32 root, uint256 expiry, uint256 steps) private returns (uint256) {
        uint32 before = _proven[key][root];
        if (steps <= before || block.timestamp > expiry) return before;
        _proven[key][root] = uint32(steps);
        return steps;
    }

    // ---------------------------------------------------------------- closing

    /// @inheritdoc IEverseedChannels
    function startClose(Id calldata id) external {
        if (msg.sender != id.payer) revert NotPayer(id.payer, msg.sender);
        (bytes32 key, Channel memory c) = _live(id);
        if (c.closesAt != 0) revert StillOpen(c.closesAt);
        uint256 due = block.timestamp + c.window;
        c.closesAt = due < CLOSED ? uint32(due) : CLOSED - 1;
        _store(key, c);
        emit ClosingStarted(key, c.closesAt);
    }

    /// @inheritdoc IEverseedChannels
    function withdraw(Id calldata id) external nonReentrant {
        bytes32 key = channelId(id);
        uint256 word = _liveWord(key);
        uint32 closesAt = uint32(word >> 224);
        if (closesAt == 0 || block.timestamp < closesAt) revert StillOpen(closesAt);
        _close(key, word, id.nonce, id.token, id.payee, id.payer, uint96(word >> 96));
    }

    /// @inheritdoc IEverseedChannels
    function closeTogether(Id calldata id, uint96 claimed, bytes calldata signerSignature, bytes calldata payeeSignature)
        external
        nonReentrant
    {
        bytes32 key = channelId(id);
        (uint256 word, bytes32 digest) = _closing(key, claimed);
        _requireSigned(id.signer, digest, signerSignature);
        _requireSigned(id.payee, digest, payeeSignature);
        _close(key, word, id.nonce, id.token, id.payee, id.payer, claimed);
    }

    /// @inheritdoc IEverseedChannels
    function closeWith(
        uint256 payerWindowNonce,
        uint256 payeeClaimed,
        address token,
        address signer,
        bytes32 r,
        bytes32 vs
    ) external nonReentrant {
        address payer = address(uint160(payerWindowNonce >> 96));
        address payee = address(uint160(payeeClaimed >> 96));
        if (signer == address(0)) signer = payer;
        bytes32 key = _keyOf(
            payer, payee, signer, token, uint32(payerWindowNonce >> 64), uint64(payerWindowNonce)
        );
        if (msg.sender != payee) {
            if (msg.sender != signer) revert NotParty(msg.sender);
            signer = payee;
        }
        (uint256 word, bytes32 digest) = _closing(key, uint96(payeeClaimed));
        _requireSignedCompact(signer, digest, r, vs);
        _close(key, word, uint64(payerWindowNonce), token, payee, payer, uint96(payeeClaimed));
    }

    /// @dev What both sides must have signed to close at `claimed`.
    function _closing(bytes32 key, uint96 claimed) private view returns (uint256 word, bytes32 digest) {
        word = _liveWord(key);
        if (claimed > uint96(word)) revert AboveDeposit(uint96(word), claimed);
        if (claimed < uint96(word >> 96)) revert BelowClaimed(uint96(word >> 96), claimed);
        digest = closeDigest(key, claimed);
    }

    /// @dev Ends a channel: the payee has had `claimed` in all, the payer gets the rest.
    function _close(
        bytes32 key,
        uint256 word,
        uint64 nonce,
        address token,
        address payee,
        address payer,
        uint256 claimed
    ) private {
        unchecked {
            uint256 toPayee = claimed - uint96(word >> 96);
            uint256 toPayer = uint96(word) - claimed;
            _channels[key] = _opensNoMore(nonce) ? 0 : uint256(CLOSED) << 224;
            emit Closed(key, uint96(toPayee), uint96(toPayer));
            if (toPayee != 0) _send(token, payee, toPayee);
            if (toPayer != 0) _send(token, payer, toPayer);
        }
    }

    // ---------------------------------------------------------------- money out

    /// @dev ETH that its receiver refuses is credited, so that nobody can block the other side. A token that refuses
    /// reverts: then nothing has changed and the call can be made again.
    function _send(address token, address to, uint256 amount) private {
        if (token != address(0)) {
            SafeTransferLib.safeTransfer(token, to, amount);
        } else if (!SafeTransferLib.trySafeTransferETH(to, amount, SafeTransferLib.GAS_STIPEND_NO_GRIEF)) {
            _credits[to] += amount;
            emit Credited(to, amount);
        }
    }

    /// @inheritdoc IEverseedChannels
    function collect(address receiver, address payable to) external nonReentrant {
        if (msg.sender != receiver) to = payable(receiver);
        uint256 amount = _credits[receiver];
        if (amount == 0) revert NothingToCollect(receiver);
        _credits[receiver] = 0;
        SafeTransferLib.safeTransferETH(to, amount);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IEverseedChannels
    function channelId(Id calldata id) public view returns (bytes32) {
        return _keyOf(id.payer, id.payee, id.signer, id.token, id.window, id.nonce);
    }

    function _keyOf(address payer, address payee, address signer, address token, uint32 window, uint64 nonce)
        private
        view
        returns (bytes32)
    {
        return Hash.hash(
            uint160(payer),
            uint160(payee),
            uint160(signer),
            uint160(token),
            window,
            nonce,
            uint160(address(this)),
            block.chainid
        );
    }

    /// @inheritdoc IEverseedChannels
    function channel(bytes32 key) external view returns (Channel memory) {
        return _load(key);
    }

    /// @inheritdoc IEverseedChannels
    function provenSteps(bytes32 key, bytes32 root) external view returns (uint32) {
        return _proven[key][root];
    }

    /// @inheritdoc IEverseedChannels
    function voucherDigest(bytes32 key, uint128 cumulative, Lane[] calldata lanes) public view returns (bytes32) {
        if (lanes.length > MAX_LANES) revert TooManyLanes(lanes.length);
        bytes32[] memory hashes = Hash.malloc(lanes.length);
        for (uint256 i; i < lanes.length; ++i) {
            Lane calldata lane = lanes[i];
            Hash.set(
                hashes,
                i,
                Hash.hash(
                    LANE_TYPEHASH,
                    lane.root,
                    bytes32(uint256(lane.unit)),
                    bytes32(uint256(lane.maxSteps)),
                    bytes32(uint256(lane.expiry)),
                    lane.receiptHash
                )
            );
        }
        return _voucherHash(key, cumulative, Hash.hash(hashes));
    }

    function _voucherHash(bytes32 key, uint256 cumulative, bytes32 lanesHash) private view returns (bytes32) {
        return _hashTypedData(Hash.hash(VOUCHER_TYPEHASH, key, bytes32(cumulative), lanesHash));
    }

    /// @inheritdoc IEverseedChannels
    function closeDigest(bytes32 key, uint96 claimed) public view returns (bytes32) {
        return _hashTypedData(Hash.hash(CLOSE_TYPEHASH, key, bytes32(uint256(claimed))));
    }

    /// @dev The key's own signature always counts, even when code stands at its address: otherwise a payer could void
    /// every voucher it gave by delegating its account (EIP-7702). Contract wallets (ERC-1271) come second.
    function _requireSigned(address signer, bytes32 digest, bytes calldata signature) private view {
        if (signer != address(0)) {
            if (ECDSA.tryRecoverCalldata(digest, signature) == signer) return;
            if (SignatureCheckerLib.isValidERC1271SignatureNowCalldata(signer, digest, signature)) return;
        }
        revert BadSignature(signer);
    }

    /// @dev As `_requireSigned`, of a signature in two words (EIP-2098).
    function _requireSignedCompact(address signer, bytes32 digest, bytes32 r, bytes32 vs) private view {
        if (signer != address(0)) {
            if (ECDSA.tryRecover(digest, r, vs) == signer) return;
            if (SignatureCheckerLib.isValidERC1271SignatureNow(signer, digest, r, vs)) return;
        }
        revert BadSignature(signer);
    }

    function _live(Id calldata id) private view returns (bytes32 key, Channel memory c) {
        key = channelId(id);
        _liveWord(key);
        c = _load(key);
    }

    /// @dev An open channel as it is stored; a deposit of zero is a channel that never was, or is closed.
    function _liveWord(bytes32 key) private view returns (uint256 word) {
        word = _channels[key];
        if (uint96(word) == 0) revert ChannelNotOpen(key);
    }

    function _load(bytes32 key) private view returns (Channel memory) {
        uint256 word = _channels[key];
        return Channel(uint96(word), uint96(word >> 96), uint32(word >> 192), uint32(word >> 224));
    }

    function _store(bytes32 key, Channel memory c) private {
        _channels[key] =
            uint256(c.deposit) | uint256(c.claimed) << 96 | uint256(c.window) << 192 | uint256(c.closesAt) << 224;
    }

    function _toUint96(uint256 amount) private pure returns (uint96) {
        if (amount > type(uint96).max) revert DepositTooLarge(amount);
        return uint96(amount);
    }
}
