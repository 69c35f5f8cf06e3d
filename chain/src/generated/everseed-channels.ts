/** Generated from src/EverseedChannels.sol by `npm run contracts`: do not edit. */
export const everseedChannelsAbi = [
  {
    "inputs": [
      {
        "internalType": "uint96",
        "name": "deposit",
        "type": "uint96"
      },
      {
        "internalType": "uint96",
        "name": "claimed",
        "type": "uint96"
      }
    ],
    "name": "AboveDeposit",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "length",
        "type": "uint256"
      }
    ],
    "name": "BadLength",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "lane",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "steps",
        "type": "uint256"
      }
    ],
    "name": "BadProof",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      }
    ],
    "name": "BadSignature",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint96",
        "name": "claimed",
        "type": "uint96"
      },
      {
        "internalType": "uint96",
        "name": "requested",
        "type": "uint96"
      }
    ],
    "name": "BelowClaimed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "channelId",
        "type": "bytes32"
      }
    ],
    "name": "ChannelExists",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "channelId",
        "type": "bytes32"
      }
    ],
    "name": "ChannelNotOpen",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "DepositTooLarge",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "ids",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "amounts",
        "type": "uint256"
      }
    ],
    "name": "LengthMismatch",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "expected",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "received",
        "type": "address"
      }
    ],
    "name": "MixedTokens",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "sender",
        "type": "address"
      }
    ],
    "name": "NotParty",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "sender",
        "type": "address"
      }
    ],
    "name": "NotPayer",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NothingDeposited",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "receiver",
        "type": "address"
      }
    ],
    "name": "NothingToCollect",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "Reentrancy",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint32",
        "name": "closesAt",
        "type": "uint32"
      }
    ],
    "name": "StillOpen",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "lanes",
        "type": "uint256"
      }
    ],
    "name": "TooManyLanes",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "expected",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "received",
        "type": "uint256"
      }
    ],
    "name": "WrongValue",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "channelId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint96",
        "name": "amount",
        "type": "uint96"
      },
      {
        "indexed": false,
        "internalType": "uint96",
        "name": "claimed",
        "type": "uint96"
      }
    ],
    "name": "Claimed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "channelId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint96",
        "name": "toPayee",
        "type": "uint96"
      },
      {
        "indexed": false,
        "internalType": "uint96",
        "name": "toPayer",
        "type": "uint96"
      }
    ],
    "name": "Closed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "channelId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint32",
        "name": "closesAt",
        "type": "uint32"
      }
    ],
    "name": "ClosingStarted",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "receiver",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Credited",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "channelId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payee",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "token",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint32",
        "name": "window",
        "type": "uint32"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "nonce",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "uint96",
        "name": "deposit",
        "type": "uint96"
      }
    ],
    "name": "Opened",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "channelId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint96",
        "name": "deposit",
        "type": "uint96"
      }
    ],
    "name": "ToppedUp",
    "type": "event"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "key",
        "type": "bytes32"
      }
    ],
    "name": "channel",
    "outputs": [
      {
        "components": [
          {
            "internalType": "uint96",
            "name": "deposit",
            "type": "uint96"
          },
          {
            "internalType": "uint96",
            "name": "claimed",
            "type": "uint96"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint32",
            "name": "closesAt",
            "type": "uint32"
          }
        ],
        "internalType": "struct IEverseedChannels.Channel",
        "name": "",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "payer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Id",
        "name": "id",
        "type": "tuple"
      }
    ],
    "name": "channelId",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "address",
                "name": "payer",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "payee",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "signer",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "token",
                "type": "address"
              },
              {
                "internalType": "uint32",
                "name": "window",
                "type": "uint32"
              },
              {
                "internalType": "uint64",
                "name": "nonce",
                "type": "uint64"
              }
            ],
            "internalType": "struct IEverseedChannels.Id",
            "name": "id",
            "type": "tuple"
          },
          {
            "internalType": "uint128",
            "name": "cumulative",
            "type": "uint128"
          },
          {
            "components": [
              {
                "internalType": "bytes32",
                "name": "root",
                "type": "bytes32"
              },
              {
                "internalType": "uint128",
                "name": "unit",
                "type": "uint128"
              },
              {
                "internalType": "uint32",
                "name": "maxSteps",
                "type": "uint32"
              },
              {
                "internalType": "uint64",
                "name": "expiry",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "receiptHash",
                "type": "bytes32"
              }
            ],
            "internalType": "struct IEverseedChannels.Lane[]",
            "name": "lanes",
            "type": "tuple[]"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          },
          {
            "components": [
              {
                "internalType": "uint8",
                "name": "lane",
                "type": "uint8"
              },
              {
                "internalType": "uint32",
                "name": "steps",
                "type": "uint32"
              },
              {
                "internalType": "bytes32",
                "name": "preimage",
                "type": "bytes32"
              }
            ],
            "internalType": "struct IEverseedChannels.Proof[]",
            "name": "proofs",
            "type": "tuple[]"
          }
        ],
        "internalType": "struct IEverseedChannels.Claim",
        "name": "c",
        "type": "tuple"
      }
    ],
    "name": "claim",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes[]",
        "name": "packed",
        "type": "bytes[]"
      }
    ],
    "name": "claimMany",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "done",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes",
        "name": "packed",
        "type": "bytes"
      }
    ],
    "name": "claimPacked",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "key",
        "type": "bytes32"
      },
      {
        "internalType": "uint96",
        "name": "claimed",
        "type": "uint96"
      }
    ],
    "name": "closeDigest",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "payer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Id",
        "name": "id",
        "type": "tuple"
      },
      {
        "internalType": "uint96",
        "name": "claimed",
        "type": "uint96"
      },
      {
        "internalType": "bytes",
        "name": "signerSignature",
        "type": "bytes"
      },
      {
        "internalType": "bytes",
        "name": "payeeSignature",
        "type": "bytes"
      }
    ],
    "name": "closeTogether",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "payerWindowNonce",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "payeeClaimed",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "signer",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "r",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "vs",
        "type": "bytes32"
      }
    ],
    "name": "closeWith",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "receiver",
        "type": "address"
      },
      {
        "internalType": "address payable",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "collect",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "eip712Domain",
    "outputs": [
      {
        "internalType": "bytes1",
        "name": "fields",
        "type": "bytes1"
      },
      {
        "internalType": "string",
        "name": "name",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "version",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "chainId",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "verifyingContract",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "salt",
        "type": "bytes32"
      },
      {
        "internalType": "uint256[]",
        "name": "extensions",
        "type": "uint256[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "payer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Id",
        "name": "id",
        "type": "tuple"
      },
      {
        "internalType": "uint96",
        "name": "amount",
        "type": "uint96"
      }
    ],
    "name": "open",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "payable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "payer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Id[]",
        "name": "ids",
        "type": "tuple[]"
      },
      {
        "internalType": "uint96[]",
        "name": "amounts",
        "type": "uint96[]"
      }
    ],
    "name": "openMany",
    "outputs": [],
    "stateMutability": "payable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "payer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Id",
        "name": "id",
        "type": "tuple"
      },
      {
        "internalType": "uint96",
        "name": "amount",
        "type": "uint96"
      },
      {
        "internalType": "uint256",
        "name": "deadline",
        "type": "uint256"
      },
      {
        "internalType": "uint8",
        "name": "v",
        "type": "uint8"
      },
      {
        "internalType": "bytes32",
        "name": "r",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "s",
        "type": "bytes32"
      }
    ],
    "name": "openWithPermit",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "key",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      }
    ],
    "name": "provenSteps",
    "outputs": [
      {
        "internalType": "uint32",
        "name": "",
        "type": "uint32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "payer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Id",
        "name": "id",
        "type": "tuple"
      }
    ],
    "name": "startClose",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "payer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Id",
        "name": "id",
        "type": "tuple"
      },
      {
        "internalType": "uint96",
        "name": "amount",
        "type": "uint96"
      }
    ],
    "name": "topUp",
    "outputs": [],
    "stateMutability": "payable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "key",
        "type": "bytes32"
      },
      {
        "internalType": "uint128",
        "name": "cumulative",
        "type": "uint128"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "root",
            "type": "bytes32"
          },
          {
            "internalType": "uint128",
            "name": "unit",
            "type": "uint128"
          },
          {
            "internalType": "uint32",
            "name": "maxSteps",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "expiry",
            "type": "uint64"
          },
          {
            "internalType": "bytes32",
            "name": "receiptHash",
            "type": "bytes32"
          }
        ],
        "internalType": "struct IEverseedChannels.Lane[]",
        "name": "lanes",
        "type": "tuple[]"
      }
    ],
    "name": "voucherDigest",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "payer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "signer",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "token",
            "type": "address"
          },
          {
            "internalType": "uint32",
            "name": "window",
            "type": "uint32"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Id",
        "name": "id",
        "type": "tuple"
      }
    ],
    "name": "withdraw",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const;

export const everseedChannelsBytecode = "0x6101206040523461012157306080524660a052604080519081016001600160401b0381118282101761010d57604090815260118252704576657273656564204368616e6e656c7360781b60208301908152815191820192906001600160401b0384118385101761010d5760a093604052600183526020830191603160f81b8352519020915190208160c0528060e052604051917f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f83526020830152604082015246606082015230608082015220610100526040516130d79081610126823960805181612da4015260a05181612dc7015260c05181612e37015260e05181612e5d01526101005181612d830152f35b634e487b7160e01b5f52604160045260245ffd5b5f80fdfe60c06040526004361015610011575f80fd5b5f5f3560e01c80630baae2a014611afc578063106c0db21461190257806312bb158b1461148257806351a0debd146111f75780635b9901fd14610ece57806384b0196e14610d8e5780638ec4f10d14610cb257806396da943f14610b8257806396ef9c8914610b2a5780639b55ced2146109e6578063a12ef25e146108b0578063b7d9c80e1461081f578063cb5bfedb1461077b578063d9d25ded146105b1578063dc78705a146104e4578063e2ea0ce214610482578063f0a33bd4146102f85763ffa404c4146100e0575f80fd5b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126102f45760c0136102f15761011a611bd7565b688000000000ab143c065c6102e4576101569030688000000000ab143c065d6bffffffffffffffffffffffff61014e611c15565b91169061240b565b61015e611f8e565b50610167611ca2565b906101718261214d565b5061019461017e83612d1e565b916bffffffffffffffffffffffff835116611db2565b6bffffffffffffffffffffffff81116102b9576bffffffffffffffffffffffff7f68533dc84168984d1dfb781b70681768a6b93ef06d87871fbd5ecc863f2a4fed92816020931681526102758186907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b5116604051908152a280156102aa574660010361029b5780688000000000ab143c065d80f35b688000000000ab143c06805580f35b5f688000000000ab143c065d80f35b7fff740679000000000000000000000000000000000000000000000000000000008452600452602483fd5b63ab143c0682526004601cfd5b80fd5b5080fd5b50346102f15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f15760043567ffffffffffffffff81116102f457610348903690600401611b35565b908290815b83811015610477576103648160051b830183611e5d565b90303b1561047357908481604482947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405196879586947f5b9901fd0000000000000000000000000000000000000000000000000000000086526020600487015281602487015286860137868582860101520116810103018183305af19182610458575b50506103fa575b60010161034d565b937fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff811461042b57600101936103f2565b6024837f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b61046191611f4d565b835f1261046f575f846103eb565b8380fd5b8480fd5b602085604051908152f35b50346102f15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576024356bffffffffffffffffffffffff811681036104e0576104d8602091600435612101565b604051908152f35b5f80fd5b507ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126102f45760c0136102f15761051f611bd7565b90688000000000ab143c065c6105a45761055e61055960209330688000000000ab143c065d6bffffffffffffffffffffffff61014e611c15565b61252e565b908015610592574660010361058057688000000000ab143c065d604051908152f35b50688000000000ab143c0680556104d8565b505f688000000000ab143c065d6104d8565b63ab143c0690526004601cfd5b50346102f15760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576024359060443560043573ffffffffffffffffffffffffffffffffffffffff821682036104e05760643573ffffffffffffffffffffffffffffffffffffffff8116908181036104e057688000000000ab143c065c61076e5730688000000000ab143c065d928260601c928660601c9215610764575b6040805173ffffffffffffffffffffffffffffffffffffffff8087168252808616602083015280881682840152841660608201529082901c63ffffffff16608082015267ffffffffffffffff90911660a08201523060c08201524660e0820152610100902093823303610716575b6bffffffffffffffffffffffff6106f9969716946106f46106e58783612c6a565b909360a4359160843591612a44565b612b75565b80156102aa574660010361029b5780688000000000ab143c065d80f35b73ffffffffffffffffffffffffffffffffffffffff16330361073857816106c4565b6024857f20b9b34000000000000000000000000000000000000000000000000000000000815233600452fd5b9293508392610656565b63ab143c0685526004601cfd5b50346102f15760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576024356fffffffffffffffffffffffffffffffff811681036102f45760443567ffffffffffffffff811161081b573660238201121561081b5780600401359267ffffffffffffffff84116102f15736602460a08602840101116102f15760206104d8856024850186600435611fc2565b8280fd5b50346102f15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f157610857611f8e565b506080610865600435612d1e565b63ffffffff6060604051926bffffffffffffffffffffffff81511684526bffffffffffffffffffffffff60208201511660208501528260408201511660408501520151166060820152f35b50346102f15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576004359073ffffffffffffffffffffffffffffffffffffffff82168092036104e05760243573ffffffffffffffffffffffffffffffffffffffff811681036102f457688000000000ab143c065c6102e45730688000000000ab143c065d8233036109df575b828252600260205260408220549283156109b45782809481928252600260205281604081205573ffffffffffffffffffffffffffffffffffffffff3894165af1156109a75780156102aa574660010361029b5780688000000000ab143c065d80f35b63b12d13eb90526004601cfd5b7f557eefa9000000000000000000000000000000000000000000000000000000008352600452602482fd5b5081610945565b50346102f1577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161016081126102f45760c0136102f157610a27611bd7565b610104359060ff821680920361081b57688000000000ab143c065c610b1d5730688000000000ab143c065d8273ffffffffffffffffffffffffffffffffffffffff610a70611c15565b1691823b156102f45760e46bffffffffffffffffffffffff918360405195869485937fd505accf00000000000000000000000000000000000000000000000000000000855233600486015230602486015216978860448501528435606485015260848401526101243560a48401526101443560c48401525af1610b06575b509061055e610559602093610b01611c15565b61240b565b82610b1091611f4d565b815f126102f4575f610aee565b63ab143c0683526004601cfd5b50346102f15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f15763ffffffff604060209260043581526001845281812060243582528452205416604051908152f35b50346102f1577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161012081126102f45760c0136102f157610bc3611bd7565b60e43567ffffffffffffffff811161081b57610be3903690600401611b66565b916101043567ffffffffffffffff811161047357610c05903690600401611b66565b92688000000000ab143c065c610ca55730688000000000ab143c065d610c29611ca2565b93610c348486612c6a565b90939060443573ffffffffffffffffffffffffffffffffffffffff811681036104e0576106f998610c7795610c6a92849061219d565b610c72611c38565b61219d565b610c7f611c15565b610c87611c38565b916bffffffffffffffffffffffff610c9d611bf2565b941694612b75565b63ab143c0686526004601cfd5b50346102f15760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f157688000000000ab143c065c6105a45730688000000000ab143c065d610d05611ca2565b90610d0f8261214d565b918260e01c9283158015610d85575b610d5957906106f991610d2f611c15565b610d37611c38565b90610d40611bf2565b926bffffffffffffffffffffffff8160601c1694612b75565b602483857ff3661b97000000000000000000000000000000000000000000000000000000008252600452fd5b50834210610d1e565b50346102f157807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f157610e6f9060405190610dd0604083611f4d565b601182527f4576657273656564204368616e6e656c730000000000000000000000000000006020830152610e7d604051610e0b604082611f4d565b600181527f310000000000000000000000000000000000000000000000000000000000000060208201526040519485947f0f00000000000000000000000000000000000000000000000000000000000000865260e0602087015260e0860190611b94565b908482036040860152611b94565b904660608401523060808401528060a084015282820360c084015260206060519283815201916080915b818110610eb5575050500390f35b8251845285945060209384019390920191600101610ea7565b50346102f15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f15760043567ffffffffffffffff81116102f457610f1e903690600401611b66565b688000000000ab143c069291925c6102e45730688000000000ab143c065d7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff54810190606082049160ac82101590816111eb575b50156111c057506008811161119457604051833560601c8152601484013560601c90816020820152602885013560601c806040830152610100603c87013560601c92836060820152605088013560e01c6080820152605488013560c01c60a08201523060c08201524660e082015220610fe98161214d565b91605c88013560801c9061100c8790604051828193825260010160051b01604052565b91809789905b80821061105057505091899161104561104b94606c608c6106f99d9e0135950135936020815160051b9101209087612a01565b90612a44565b61232d565b909860608a028c019060ec820135918260801c9063ffffffff8460601c1667ffffffffffffffff63ffffffff8660401c169516918582811161115f5792600196949282856110a88f959760ac61112c9b990135612e93565b9467ffffffffffffffff8503611134575b50509184939161111d9560cc6111179501359392909160c09492604051947f229b087ff852214774ae21a4dd1d2daa4f7fb5311c266b86b80f77e072d69c9b8652602086015260408501526060840152608083015260a08201522090565b9361231a565b918d850160051b890152611db2565b990190611012565b849298509560cc61115087959361111797849961111d9b612f37565b9993955050509193948e6110b9565b90508f9150604492508e7f504f1338000000000000000000000000000000000000000000000000000000008352600452602452fd5b602492507fc20c4866000000000000000000000000000000000000000000000000000000008252600452fd5b7f1b697901000000000000000000000000000000000000000000000000000000008352600452602482fd5b6060915006155f610f71565b5060407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576004359067ffffffffffffffff82116102f157366023830112156102f15781600401359167ffffffffffffffff83116102f45736602460c08502830101116102f45760243567ffffffffffffffff811161081b57611284903690600401611b35565b688000000000ab143c069391935c6102e45730688000000000ab143c065d80851480159061147a575b61144a57841561141d576112c660848496959601611c5b565b9482835b8381106113e757506112dc908761240b565b9373ffffffffffffffffffffffffffffffffffffffff849716965b868110156113c957602460c0820283010195606087018973ffffffffffffffffffffffffffffffffffffffff61132c83611c5b565b160361137a57509061136c6001926bffffffffffffffffffffffff61135a611355858a8a611eae565b611eeb565b16818111611373575b809103986127a1565b50016112f7565b5080611363565b8673ffffffffffffffffffffffffffffffffffffffff8b61139c604494611c5b565b907f2469ee5300000000000000000000000000000000000000000000000000000000845260045216602452fd5b8480156102aa574660010361029b5780688000000000ab143c065d80f35b906114136001916bffffffffffffffffffffffff61140c6113558689899e9d9e611eae565b1690611db2565b91019695966112ca565b6024827f4e487b710000000000000000000000000000000000000000000000000000000081526032600452fd5b60449250847fab8b67c6000000000000000000000000000000000000000000000000000000008352600452602452fd5b5084156112ad565b346104e05760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126104e05760043567ffffffffffffffff81116104e057806004018136036101407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8201126104e057688000000000ab143c065c6118f55730688000000000ab143c065d5f60a0526115c261152083611c5b565b61152c60248601611c5b565b61153860448701611c5b565b61154460648801611c5b565b9061155160848901611c7c565b9261155e60a48a01611c8d565b949373ffffffffffffffffffffffffffffffffffffffff67ffffffffffffffff948161010098958163ffffffff96816040519b168b521660208a01521660408801521660608601521660808401521660a08201523060c08201524660e08201522090565b60a0526115d060a05161214d565b926115dd60448201611c5b565b9261166160c48301946116256115f287611dec565b9161160e60e48701936116058588611e09565b9160a051611fc2565b9061161d610104880187611e5d565b92909161219d565b6fffffffffffffffffffffffffffffffff61165a61164560648701611c5b565b9761165260248801611c5b565b608052611dec565b1692611e09565b9390927fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdd61012482013592018212156104e057019060048201359467ffffffffffffffff86116104e05760608602360360248401136104e057604051965f6101006116cc818b611f4d565b368a375f5b8881101561180b5760046060820287010160208101906116fd60ff6116f5846122fb565b168b8b611fb2565b90604081019161170c83611c7c565b63ffffffff8061171e60408501611c7c565b169116119182156117e1575b50506117975790818c63ffffffff61175a61174760019796611c7c565b9260ff611753876122fb565b1690612309565b5191161161176b575b5050016116d1565b60ff61178863ffffffff61178161178f94611c7c565b16936122fb565b168d612309565b528b80611763565b60ff6117b06117aa63ffffffff946122fb565b92611c7c565b917f504f1338000000000000000000000000000000000000000000000000000000005f52166004521660245260445ffd5b611800919250606063ffffffff6117f786611c7c565b16910135612e93565b903514158d8061172a565b505f868a895b808410611842576118348787611827888c611db2565b916080519160a05161232d565b5f688000000000ab143c065d005b909192936118ae6001916118a861185a888689611fb2565b6060810167ffffffffffffffff8061187183611c8d565b16036118b8575b506fffffffffffffffffffffffffffffffff6118a160206118998c8b612309565b519301611dec565b169061231a565b90611db2565b9401929190611811565b6118c46118e491611c8d565b67ffffffffffffffff6118d78c8b612309565b519116833560a051612f37565b6118ee8a89612309565b528c611878565b63ab143c065f526004601cfd5b346104e05760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126104e05773ffffffffffffffffffffffffffffffffffffffff61194e611bf2565b163303611aaf5761195d611f8e565b50611966611ca2565b61196f8161214d565b5061197981612d1e565b606081019063ffffffff82511680611a84575063ffffffff7f51beb8d6b6fbf6e049522e789ee7c0e19fe9aa004bf50bea4cc28e495fb0b1d992611a6d836119c984604060209701511642611db2565b84811015611a7857848091165b16835286907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b5116604051908152a2005b508363fffffffe6119d6565b7ff3661b97000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff611acc611bf2565b7f2f081df3000000000000000000000000000000000000000000000000000000005f52166004523360245260445ffd5b346104e05760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126104e05760206104d8611ca2565b9181601f840112156104e05782359167ffffffffffffffff83116104e0576020808501948460051b0101116104e057565b9181601f840112156104e05782359167ffffffffffffffff83116104e057602083818601950101116104e057565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b60c435906bffffffffffffffffffffffff821682036104e057565b60043573ffffffffffffffffffffffffffffffffffffffff811681036104e05790565b60643573ffffffffffffffffffffffffffffffffffffffff811681036104e05790565b60243573ffffffffffffffffffffffffffffffffffffffff811681036104e05790565b3573ffffffffffffffffffffffffffffffffffffffff811681036104e05790565b3563ffffffff811681036104e05790565b3567ffffffffffffffff811681036104e05790565b60043573ffffffffffffffffffffffffffffffffffffffff811681036104e05760243573ffffffffffffffffffffffffffffffffffffffff811681036104e05760443573ffffffffffffffffffffffffffffffffffffffff811681036104e05760643573ffffffffffffffffffffffffffffffffffffffff811681036104e0576084359163ffffffff831683036104e05760a4359367ffffffffffffffff851685036104e057611daf959373ffffffffffffffffffffffffffffffffffffffff67ffffffffffffffff948161010098958163ffffffff96816040519b168b521660208a01521660408801521660608601521660808401521660a08201523060c08201524660e08201522090565b90565b91908201809211611dbf57565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b356fffffffffffffffffffffffffffffffff811681036104e05790565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156104e0570180359067ffffffffffffffff82116104e0576020019160a08202360383136104e057565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156104e0570180359067ffffffffffffffff82116104e0576020019181360383136104e057565b9190811015611ebe5760051b0190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b356bffffffffffffffffffffffff811681036104e05790565b6080810190811067ffffffffffffffff821117611f2057604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117611f2057604052565b60405190611f9b82611f04565b5f6060838281528260208201528260408201520152565b9190811015611ebe5760a0020190565b90919392600881116120d657611fe78190604051828193825260010160051b01604052565b905f5b81811061201d575050611daf9394508060206fffffffffffffffffffffffffffffffff925160051b910120921690612a01565b806120c761202e600193858b611fb2565b6fffffffffffffffffffffffffffffffff61204b60208301611dec565b1663ffffffff61205d60408401611c7c565b1667ffffffffffffffff61207360608501611c8d565b16916080840135933592909160c09492604051947f229b087ff852214774ae21a4dd1d2daa4f7fb5311c266b86b80f77e072d69c9b8652602086015260408501526060840152608083015260a08201522090565b81830160051b85015201611fea565b7fc20c4866000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6060906bffffffffffffffffffffffff611daf93604051927fd2c23b7355193b63cbe66da0b1b7e0ec3f6c85b3a05671fc308e071c796aeb368452602084015216604082015220612d81565b90815f525f60205260405f2054916bffffffffffffffffffffffff8316156121725750565b7f5b115874000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff811694939291856121ea575b857f9a7d38d9000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b8573ffffffffffffffffffffffffffffffffffffffff5f60405187806040146122ba5760411461228757505b161461227f57916020917f1626ba7e000000000000000000000000000000000000000000000000000000009360405190858252600482015260648660248301978895604087528160448601528385013701915afa9151141661227b57808080806121be565b9050565b505050509050565b905060408601355f1a60205260408681375b835f526020604060805f60015afa505f6060523d6060185190604052612216565b5090507f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff6020870135601b8160ff1c01602052873560405216606052612299565b3560ff811681036104e05790565b906008811015611ebe5760051b0190565b81810292918115918404141715611dbf57565b93633b9aca00909392919304936bffffffffffffffffffffffff8416946bffffffffffffffffffffffff8560601c1695808211612403575b50858111156123fb576bffffffffffffffffffffffff816123f9977f2af117180a4a4c88761d2185b05d3ec76a6716342be7f0324eb219f1f589faf8930396845f525f6020528760601b0160405f20556123f1604051928392166bffffffffffffffffffffffff8916839092916bffffffffffffffffffffffff60209181604085019616845216910152565b0390a2612fc0565b565b505050505050565b90505f612365565b9073ffffffffffffffffffffffffffffffffffffffff8216156124f357346124c35761243730836130a9565b916040519082606052306040523360601b602c526f23b872dd000000000000000000000000600c5260205f6064601c82855af18060015f511416156124a5575b5061248a915f60605260405230906130a9565b918203918211611dbf57808210156124a0575090565b905090565b3d823b151710156124b6575f612477565b637939f4245f526004601cfd5b7f195a3ca1000000000000000000000000000000000000000000000000000000005f525f6004523460245260445ffd5b80915034036124ff5790565b7f195a3ca1000000000000000000000000000000000000000000000000000000005f526004523460245260445ffd5b9060043573ffffffffffffffffffffffffffffffffffffffff81168082036104e05780330361277257831561274a576bffffffffffffffffffffffff841161271e5760243573ffffffffffffffffffffffffffffffffffffffff8116928382036104e0576044359173ffffffffffffffffffffffffffffffffffffffff83168084036104e05760643573ffffffffffffffffffffffffffffffffffffffff8116928382036104e0576084359163ffffffff8316958684036104e05760a4359167ffffffffffffffff8316988984036104e0576040805173ffffffffffffffffffffffffffffffffffffffff948516815295841660208701529083169085015216606083015263ffffffff8316608083015267ffffffffffffffff1660a08201523060c08201524660e08201526101009020988995865f525f60205260405f20546126f2577fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df0569560a0957bffffffff0000000000000000000000000000000000000000000000006bffffffffffffffffffffffff958a5f525f60205260c01b16841760405f2055604051958652602086015260408501526060840152166080820152a4565b867fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b837fff740679000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f69b95dc9000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f2f081df3000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b9190916127ad81611c5b565b9073ffffffffffffffffffffffffffffffffffffffff8216908133036129d157841561274a576bffffffffffffffffffffffff85116129a55760a0946127f560208301611c5b565b908161289461280660408601611c5b565b9661281360608701611c5b565b95868961282e61282560808501611c7c565b9d8e9401611c8d565b9586949373ffffffffffffffffffffffffffffffffffffffff67ffffffffffffffff948161010098958163ffffffff96816040519b168b521660208a01521660408801521660608601521660808401521660a08201523060c08201524660e08201522090565b978894855f525f60205260405f205461297957855f525f6020528160c01b7bffffffff00000000000000000000000000000000000000000000000016841760405f20556040519773ffffffffffffffffffffffffffffffffffffffff16885273ffffffffffffffffffffffffffffffffffffffff16602088015263ffffffff16604087015267ffffffffffffffff1660608601526bffffffffffffffffffffffff16608085015273ffffffffffffffffffffffffffffffffffffffff169260a07fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df05691a4565b857fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b847fff740679000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b507f2f081df3000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b611daf92608092604051927fe49e4c22f07e236489a97753923c2769494f807f30530567d862264e3dc46fe9845260208401526040830152606082015220612d81565b939291909173ffffffffffffffffffffffffffffffffffffffff85169485612a9257857f9a7d38d9000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b60405191845f527f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff601b8260ff1c019182602052856040521694856060526020604060805f60015afa505f6060528773ffffffffffffffffffffffffffffffffffffffff3d60601851866040521614612b6b57927f1626ba7e00000000000000000000000000000000000000000000000000000000949260a59260209587845260048401526024830197889560408752604160448601526064850152608484015260a48301535afa9151141661227b57808080806121be565b5050505050509050565b93929491946bffffffffffffffffffffffff8260601c16916bffffffffffffffffffffffff83850391169284840396805f525f6020527fffffffff0000000000000000000000000000000000000000000000000000000060405f20557f9b7130e309a71b0a0b52ba263b32494764dccd64ccf9dd55f362b2b31c75664460405180612c3a6bffffffffffffffffffffffff8c166bffffffffffffffffffffffff8816839092916bffffffffffffffffffffffff60209181604085019616845216910152565b0390a28403612c59575b505003612c5057505050565b6123f992612fc0565b612c639187612fc0565b5f80612c44565b9190612c758361214d565b926bffffffffffffffffffffffff84166bffffffffffffffffffffffff831690808211612cf057506bffffffffffffffffffffffff8560601c16808210612cc257505090611daf91612101565b7f3ca4acd9000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f550fcb49000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b612d26611f8e565b505f525f60205260405f205460405190612d3f82611f04565b6bffffffffffffffffffffffff811682526bffffffffffffffffffffffff8160601c16602083015263ffffffff8160c01c16604083015260e01c606082015290565b7f00000000000000000000000000000000000000000000000000000000000000007f000000000000000000000000000000000000000000000000000000000000000030147f000000000000000000000000000000000000000000000000000000000000000046141615612e0c575b6719010000000000005f52601a52603a526042601820905f603a52565b5060a06040517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f81527f000000000000000000000000000000000000000000000000000000000000000060208201527f0000000000000000000000000000000000000000000000000000000000000000604082015246606082015230608082015220612def565b5f528060031c805b612ede5750600716805b612eaf57505f5190565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060205f205f520180612ea5565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060205f205f5260205f205f5260205f205f5260205f205f5260205f205f5260205f205f5260205f205f5260205f205f520180612e9b565b9091815f52600160205260405f20835f5260205263ffffffff60405f2054169081851190811591612fb6575b50612faf57505f52600160205260405f20905f5260205260405f2063ffffffff82167fffffffffffffffffffffffffffffffffffffffffffffffffffffffff0000000082541617905590565b9250505090565b905042115f612f63565b919073ffffffffffffffffffffffffffffffffffffffff831615613036576014526034526fa9059cbb0000000000000000000000005f5260205f6044601082855af1908160015f51141615613018575b50505f603452565b3b153d171015613029575f80613010565b6390b8ec185f526004601cfd5b9091505f3881808585620186a0f11561304d575050565b602073ffffffffffffffffffffffffffffffffffffffff7f9c9e0cdb1670e88302408e5b941dc636f63a3293204694bb68910fcf3d9305f3921692835f526002825260405f2061309e828254611db2565b9055604051908152a2565b602460106020939284936014526f70a082310000000000000000000000005f525afa601f3d1116602051029056";
