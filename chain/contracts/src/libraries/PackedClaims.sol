// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title PackedClaims
/// @notice Reads a claim packed without padding. Each field is where its offset says, big-endian:
///
///     0 payer 20 | 20 payee 20 | 40 signer 20 | 60 token 20 | 80 window 4 | 84 nonce 8 | 92 cumulative 16
///     108 r 32 | 140 vs 32 (EIP-2098) | 172 lanes, each 96:
///         0 tick 32 | 32 receiptHash 32 | 64 unit 16 | 80 maxSteps 4 | 84 steps 4 | 88 expiry 8
///
/// @dev A lane's root is not there: it is `tick` hashed `steps` times (the tick itself where `steps` is 0). Its signature
/// covers the root, so a tick of another chain makes a digest that nobody signed.
library PackedClaims {
    uint256 internal constant HEAD_BYTES = 172;
    uint256 internal constant LANE_BYTES = 96;

    /// @notice Parties and token of the channel; the length is checked by `laneCount`.
    function parties(bytes calldata p) internal pure returns (address payee, address signer, address token) {
        assembly {
            payee := shr(96, calldataload(add(p.offset, 20)))
            signer := shr(96, calldataload(add(p.offset, 40)))
            token := shr(96, calldataload(add(p.offset, 60)))
        }
    }

    function promised(bytes calldata p) internal pure returns (uint256 cumulative, bytes32 r, bytes32 vs) {
        assembly {
            cumulative := shr(128, calldataload(add(p.offset, 92)))
            r := calldataload(add(p.offset, 108))
            vs := calldataload(add(p.offset, 140))
        }
    }

    /// @notice Lanes in `p`, and false where its length is no claim's.
    function laneCount(bytes calldata p) internal pure returns (uint256 count, bool ok) {
        unchecked {
            uint256 rest = p.length - HEAD_BYTES;
            (count, ok) = (rest / LANE_BYTES, p.length >= HEAD_BYTES && rest % LANE_BYTES == 0);
        }
    }

    /// @notice The channel's id: eight words, as `abi.encode` writes them.
    function channelId(bytes calldata p) internal view returns (bytes32 key) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, shr(96, calldataload(p.offset)))
            mstore(add(m, 0x20), shr(96, calldataload(add(p.offset, 20))))
            mstore(add(m, 0x40), shr(96, calldataload(add(p.offset, 40))))
            mstore(add(m, 0x60), shr(96, calldataload(add(p.offset, 60))))
            mstore(add(m, 0x80), shr(224, calldataload(add(p.offset, 80))))
            mstore(add(m, 0xa0), shr(192, calldataload(add(p.offset, 84))))
            mstore(add(m, 0xc0), address())
            mstore(add(m, 0xe0), chainid())
            key := keccak256(m, 0x100)
        }
    }

    /// @notice Lane `i`, which must be below `laneCount`.
    function lane(bytes calldata p, uint256 i)
        internal
        pure
        returns (bytes32 tick, bytes32 receiptHash, uint256 unit, uint256 maxSteps, uint256 steps, uint256 expiry)
    {
        assembly {
            let at := add(add(p.offset, HEAD_BYTES), mul(i, LANE_BYTES))
            tick := calldataload(at)
            receiptHash := calldataload(add(at, 32))
            let word := calldataload(add(at, 64))
            unit := shr(128, word)
            maxSteps := and(shr(96, word), 0xffffffff)
            steps := and(shr(64, word), 0xffffffff)
            expiry := and(word, 0xffffffffffffffff)
        }
    }
}
