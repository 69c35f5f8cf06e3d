// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Payment channels with hash-chain lanes
/// @notice A payer locks a deposit for one payee. A voucher (EIP-712) promises a cumulative amount and opens lanes; each
/// tick of a lane reveals one more preimage and is worth one unit. What a payee can claim only ever rises, so an old
/// voucher is a no-op and anyone may submit a claim: it pays the payee alone.
/// @dev `unit` and `cumulative` are in nano base units (10^-9 of a token's base unit); deposits are base units.
interface IEverseedChannels {
    /// @notice Names a channel: its hash, with this contract and the chain, is the channel's id.
    struct Id {
        address payer;
        address payee;
        /// Key that signs vouchers for the payer.
        address signer;
        /// The zero address is ETH.
        address token;
        /// Seconds between `startClose` and `withdraw`.
        uint32 window;
        /// Upper 32 bits: the last second (unix) at which the channel may be opened, 0 for any. Closed later than that it
        /// leaves nothing in storage, since nobody can open it again. The rest is free.
        uint64 nonce;
    }

    /// @notice One of many channels that are opened together.
    struct Opening {
        address payee;
        uint96 amount;
        uint64 nonce;
    }

    struct Channel {
        uint96 deposit;
        uint96 claimed;
        uint32 window;
        /// Unix seconds; 0 while nobody closes, 2^32-1 once closed while the id might still be opened.
        uint32 closesAt;
    }

    struct Lane {
        bytes32 root;
        uint128 unit;
        uint32 maxSteps;
        /// Unix seconds after which new ticks no longer count; 2^64-1 is never.
        uint64 expiry;
        bytes32 receiptHash;
    }

    /// @notice `preimage`, hashed `steps` times, is the root of lane number `lane`.
    struct Proof {
        uint8 lane;
        uint32 steps;
        bytes32 preimage;
    }

    struct Claim {
        Id id;
        uint128 cumulative;
        Lane[] lanes;
        bytes signature;
        Proof[] proofs;
    }

    event Opened(
        bytes32 indexed channelId,
        address indexed payer,
        address indexed payee,
        address signer,
        address token,
        uint32 window,
        uint64 nonce,
        uint96 deposit
    );
    event ToppedUp(bytes32 indexed channelId, uint96 deposit);
    event Claimed(bytes32 indexed channelId, uint96 amount, uint96 claimed);
    event ClosingStarted(bytes32 indexed channelId, uint32 closesAt);
    event Closed(bytes32 indexed channelId, uint96 toPayee, uint96 toPayer);
    /// @notice ETH that its receiver refused is kept for it; `collect` pays it out.
    event Credited(address indexed receiver, uint256 amount);

    error ChannelExists(bytes32 channelId);
    error ChannelNotOpen(bytes32 channelId);
    error NotPayer(address payer, address sender);
    error NotParty(address sender);
    error WrongValue(uint256 expected, uint256 received);
    error DepositTooLarge(uint256 amount);
    error NothingDeposited();
    error OpenedTooLate(uint32 until);
    error TooManyLanes(uint256 lanes);
    error BadLength(uint256 length);
    error BadSignature(address signer);
    error BadProof(uint256 lane, uint256 steps);
    error StillOpen(uint32 closesAt);
    error AboveDeposit(uint96 deposit, uint96 claimed);
    error BelowClaimed(uint96 claimed, uint96 requested);
    error NothingToCollect(address receiver);

    /// @notice Locks `amount` for `id.payee`. The sender must be `id.payer`. With a token that takes a fee, what arrived counts.
    function open(Id calldata id, uint96 amount) external payable returns (bytes32 channelId);

    /// @notice As `open`, with an EIP-2612 permit in place of an earlier approval.
    function openWithPermit(Id calldata id, uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (bytes32 channelId);

    /// @notice Opens many channels of the sender, alike in these terms, with one transfer. What a fee takes is taken from
    /// the last ones.
    function openMany(address token, address signer, uint32 window, Opening[] calldata openings) external payable;

    /// @notice Adds to an open channel, by anyone. A closing channel stays closing.
    function topUp(Id calldata id, uint96 amount) external payable;

    /// @notice Pays the payee what the voucher and the ticks are worth beyond what was paid. Anyone may call it.
    function claim(Claim calldata c) external;

    /// @notice `claim` in fewer bytes, laid out in PackedClaims: the signature is EIP-2098's two words, and each lane has
    /// one tick in place of its root. A tick of another chain is a BadSignature.
    function claimPacked(bytes calldata packed) external;

    /// @notice Many packed claims; one that fails is skipped and does not hold up the others. Returns how many went through.
    function claimMany(bytes[] calldata packed) external returns (uint256 done);

    /// @notice The payer begins to close alone; the payee has `window` seconds to claim.
    function startClose(Id calldata id) external;

    /// @notice After the window: the rest goes back to the payer. Anyone may call it.
    function withdraw(Id calldata id) external;

    /// @notice Both agree on what the payee gets in all: paid out at once.
    function closeTogether(Id calldata id, uint96 claimed, bytes calldata signerSignature, bytes calldata payeeSignature)
        external;

    /// @notice `closeTogether` sent by the payee or by the signer: the transaction is the sender's consent, `r` and `vs`
    /// (EIP-2098) are the other's signature. Terms without padding, to cost less.
    /// @param payerWindowNonce payer 20 bytes, window 4, nonce 8
    /// @param payeeClaimed payee 20 bytes, claimed 12
    /// @param signer zero where it is the payer
    function closeWith(
        uint256 payerWindowNonce,
        uint256 payeeClaimed,
        address token,
        address signer,
        bytes32 r,
        bytes32 vs
    ) external;

    /// @notice Pays out ETH that its receiver could not take before.
    function collect(address receiver, address payable to) external;

    function channelId(Id calldata id) external view returns (bytes32);
    function channel(bytes32 channelId) external view returns (Channel memory);
    /// @notice Steps proven on chain of a lane that expires; lanes that never expire store nothing.
    function provenSteps(bytes32 channelId, bytes32 root) external view returns (uint32);
    function voucherDigest(bytes32 channelId, uint128 cumulative, Lane[] calldata lanes) external view returns (bytes32);
    function closeDigest(bytes32 channelId, uint96 claimed) external view returns (bytes32);
}
