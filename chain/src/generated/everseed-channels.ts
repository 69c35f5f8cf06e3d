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
        "name": "lane",
        "type": "uint256"
      },
      {
        "internalType": "uint64",
        "name": "expiry",
        "type": "uint64"
      }
    ],
    "name": "LaneExpired",
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
        "internalType": "struct IEverseedChannels.Claim[]",
        "name": "claims",
        "type": "tuple[]"
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

export const everseedChannelsBytecode = "0x6101206040523461012157306080524660a052604080519081016001600160401b0381118282101761010d57604090815260118252704576657273656564204368616e6e656c7360781b60208301908152815191820192906001600160401b0384118385101761010d5760a093604052600183526020830191603160f81b8352519020915190208160c0528060e052604051917f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8352602083015260408201524660608201523060808201522061010052604051613330908161012682396080518161301b015260a0518161303e015260c051816130ae015260e051816130d401526101005181612ffa0152f35b634e487b7160e01b5f52604160045260245ffd5b5f80fdfe60806040526004361015610011575f80fd5b5f5f3560e01c80630baae2a01461192a578063106c0db21461172157806312bb158b1461167157806322be204f1461121b57806351a0debd14610f5b57806384b0196e14610e1b5780638ec4f10d14610c2157806396da943f146107f457806396ef9c891461079c5780639b55ced214610658578063a12ef25e14610522578063b7d9c80e14610467578063cb5bfedb146103c3578063dc78705a146102f6578063e2ea0ce2146102945763ffa404c4146100ca575f80fd5b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126102905760c01361028d57610104611ad6565b688000000000ab143c065c6102805730688000000000ab143c065d7f68533dc84168984d1dfb781b70681768a6b93ef06d87871fbd5ecc863f2a4fed602061017f6bffffffffffffffffffffffff61018461015d61214d565b939096610179848651169185610171611bc6565b91169061280c565b90611d77565b61310a565b168152838552848252604085206bffffffffffffffffffffffff8251169181549077ffffffffffffffffffffffff0000000000000000000000008582015160601b167bffffffffffffffffffffffffffffffffffffffffffffffffffffffff857fffffffff000000000000000000000000000000000000000000000000000000008060607bffffffff000000000000000000000000000000000000000000000000604088015160c01b1696015160e01b16951617161717179055604051908152a2801561027157466001036102625780688000000000ab143c065d80f35b688000000000ab143c06805580f35b5f688000000000ab143c065d80f35b63ab143c0682526004601cfd5b80fd5b5080fd5b503461028d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d576024356bffffffffffffffffffffffff811681036102f2576102ea6020916004356120f6565b604051908152f35b5f80fd5b507ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126102905760c01361028d57610331611ad6565b90688000000000ab143c065c6103b65761037061036b60209330688000000000ab143c065d6bffffffffffffffffffffffff610171611bc6565b61292b565b9080156103a4574660010361039257688000000000ab143c065d604051908152f35b50688000000000ab143c0680556102ea565b505f688000000000ab143c065d6102ea565b63ab143c0690526004601cfd5b503461028d5760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d576024356fffffffffffffffffffffffffffffffff811681036102f25760443567ffffffffffffffff811161046357366023820112156104635780600401359267ffffffffffffffff841161028d5736602460a086028401011161028d5760206102ea856024850186600435611f24565b8280fd5b503461028d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d5760406080916104a4611ed8565b506004358152806020522063ffffffff604051916104c183611c30565b54816bffffffffffffffffffffffff8216938481526bffffffffffffffffffffffff60208201818560601c16815260606040840193858760c01c168552019460e01c8552604051968752511660208601525116604084015251166060820152f35b503461028d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d576004359073ffffffffffffffffffffffffffffffffffffffff82168092036102f25760243573ffffffffffffffffffffffffffffffffffffffff8116810361029057688000000000ab143c065c6102805730688000000000ab143c065d823303610651575b828252600260205260408220549283156106265782809481928252600260205281604081205573ffffffffffffffffffffffffffffffffffffffff3894165af11561061957801561027157466001036102625780688000000000ab143c065d80f35b63b12d13eb90526004601cfd5b7f557eefa9000000000000000000000000000000000000000000000000000000008352600452602482fd5b50816105b7565b503461028d577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161016081126102905760c01361028d57610699611ad6565b610104359060ff82168092036102f257688000000000ab143c065c61078f5730688000000000ab143c065d8273ffffffffffffffffffffffffffffffffffffffff6106e2611bc6565b1691823b156102905760e46bffffffffffffffffffffffff918360405195869485937fd505accf00000000000000000000000000000000000000000000000000000000855233600486015230602486015216978860448501528435606485015260848401526101243560a48401526101443560c48401525af1610778575b509061037061036b602093610773611bc6565b61280c565b8261078291611c79565b815f12610290575f610760565b63ab143c0683526004601cfd5b503461028d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d5763ffffffff604060209260043581526001845281812060243582528452205416604051908152f35b503461028d577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161012081126102905760c01361028d57610835611ad6565b60e43567ffffffffffffffff811161046357610855903690600401611af1565b90916101043567ffffffffffffffff8111610c1d57610878903690600401611af1565b688000000000ab143c069391935c610c105730688000000000ab143c065d61089e61214d565b9490956bffffffffffffffffffffffff865116936bffffffffffffffffffffffff861694808611610be0575060208701946bffffffffffffffffffffffff865116808210610bb2575050610905906108f6878a6120f6565b9283610900611b80565b612ed4565b15610b9257906109189291610900611ba3565b15610b49576bffffffffffffffffffffffff92918361093d8161094594511683611eae565b935116611eae565b9260405161095281611c30565b5f8152602081015f8152604082015f8152606083019063ffffffff8252845f525f6020527bffffffffffffffffffffffffffffffffffffffffffffffffffffffff8760405f209551167fffffffff00000000000000000000000000000000000000000000000000000000807bffffffff00000000000000000000000000000000000000000000000077ffffffffffffffffffffffff0000000000000000000000008954985160601b16955160c01b16955160e01b169516171617171790557f9b7130e309a71b0a0b52ba263b32494764dccd64ccf9dd55f362b2b31c75664460405180610a5d8786839092916bffffffffffffffffffffffff60209181604085019616845216910152565b0390a2169081610aec575b6bffffffffffffffffffffffff91501680610a9c575b50801561027157466001036102625780688000000000ab143c065d80f35b6064359073ffffffffffffffffffffffffffffffffffffffff821682036102f25760043573ffffffffffffffffffffffffffffffffffffffff811681036102f257610ae692613178565b5f610a7e565b60643573ffffffffffffffffffffffffffffffffffffffff811681036102f2576024359273ffffffffffffffffffffffffffffffffffffffff841684036102f2576bffffffffffffffffffffffff93610b4492613178565b610a68565b60248573ffffffffffffffffffffffffffffffffffffffff610b69611ba3565b7f9a7d38d900000000000000000000000000000000000000000000000000000000835216600452fd5b60248873ffffffffffffffffffffffffffffffffffffffff610b69611b80565b7f3ca4acd9000000000000000000000000000000000000000000000000000000008b52600452602452604489fd5b89866044927f550fcb49000000000000000000000000000000000000000000000000000000008352600452602452fd5b63ab143c0686526004601cfd5b8480fd5b503461028d5760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d57688000000000ab143c065c6103b65730688000000000ab143c065d610c7461214d565b63ffffffff60608201511680158015610e12575b610de75750806bffffffffffffffffffffffff602081610cae9451169201511690611eae565b90604051610cbb81611c30565b5f8152602081015f8152604082015f8152606083019063ffffffff8252845f525f6020527bffffffffffffffffffffffffffffffffffffffffffffffffffffffff6bffffffffffffffffffffffff60405f209551167fffffffff00000000000000000000000000000000000000000000000000000000807bffffffff00000000000000000000000000000000000000000000000077ffffffffffffffffffffffff0000000000000000000000008954985160601b16955160c01b16955160e01b169516171617171790557f9b7130e309a71b0a0b52ba263b32494764dccd64ccf9dd55f362b2b31c75664460406bffffffffffffffffffffffff8151945f86521693846020820152a280610a9c5750801561027157466001036102625780688000000000ab143c065d80f35b7ff3661b97000000000000000000000000000000000000000000000000000000008452600452602483fd5b50804210610c88565b503461028d57807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d57610efc9060405190610e5d604083611c79565b601182527f4576657273656564204368616e6e656c730000000000000000000000000000006020830152610f0a604051610e98604082611c79565b600181527f310000000000000000000000000000000000000000000000000000000000000060208201526040519485947f0f00000000000000000000000000000000000000000000000000000000000000865260e0602087015260e0860190611a93565b908482036040860152611a93565b904660608401523060808401528060a084015282820360c084015260206060519283815201916080915b818110610f42575050500390f35b8251845285945060209384019390920191600101610f34565b5060407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d5760043567ffffffffffffffff811161029057366023820112156102905780600401359067ffffffffffffffff821161046357602481019136602460c08302840101116112175760243567ffffffffffffffff8111610c1d57610fec903690600401611a62565b939092688000000000ab143c065c610c105730688000000000ab143c065d84831480159061120f575b6111df5782156111b257608461102b9101611be9565b9285805b8682106111825761104191508561280c565b9473ffffffffffffffffffffffffffffffffffffffff879516945b8481106110815787801561027157466001036102625780688000000000ab143c065d80f35b8573ffffffffffffffffffffffffffffffffffffffff6110ad60606110a7858a8a611e3b565b01611be9565b160361112c5780876bffffffffffffffffffffffff6110d76110d26001958789611e78565b611e88565b16101561111f576111186111076bffffffffffffffffffffffff6110ff6110d285888a611e78565b16809a611ea1565b98611113838989611e3b565b612bfc565b500161105c565b6111186111078980611ea1565b8773ffffffffffffffffffffffffffffffffffffffff8761115560606110a76044968b8b611e3b565b907f2469ee5300000000000000000000000000000000000000000000000000000000845260045216602452fd5b6111aa6001916bffffffffffffffffffffffff6111a36110d2868c89611e78565b1690611d77565b91019061102f565b6024867f4e487b710000000000000000000000000000000000000000000000000000000081526032600452fd5b60448686857fab8b67c6000000000000000000000000000000000000000000000000000000008352600452602452fd5b508215611015565b8380fd5b503461028d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261028d5760043567ffffffffffffffff81116102905761126b903690600401611a62565b908290368190037ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec10190825b84811015611666578060051b82013583811215610c1d578201303b15610c1d57604051907f12bb158b0000000000000000000000000000000000000000000000000000000082526020600483015261016482019073ffffffffffffffffffffffffffffffffffffffff61130982611b1f565b16602484015273ffffffffffffffffffffffffffffffffffffffff61133060208301611b1f565b16604484015273ffffffffffffffffffffffffffffffffffffffff61135760408301611b1f565b16606484015273ffffffffffffffffffffffffffffffffffffffff61137e60608301611b1f565b16608484015263ffffffff61139560808301611db1565b1660a484015267ffffffffffffffff6113b060a08301611dc2565b1660c48401526fffffffffffffffffffffffffffffffff6113d360c08301611b40565b1660e484015260e0810135917fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18236030192838112156116405782016020813591019167ffffffffffffffff82116116445760a0820236038313611644578190610140610104880152526101848501919089905b808210611648575050506101008201358381121561164057820160208135910167ffffffffffffffff821161164457813603811361164457817fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe092601f927fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc898703016101248a015281865260208601378a60208286010152011601906020820192610120820135908112156116405701906020823592019267ffffffffffffffff8311611640576060830236038413611640577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8583030161014486015282905287939260409091019184905b8082106115f45750505081808492038183305af191826115dd575b505061157f575b600101611297565b947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146115b05760010194611577565b6024847f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b6115e691611c79565b845f12610c1d575f85611570565b919394509183359060ff82168092036102f25760608160019382935263ffffffff61162160208901611db1565b1660208201526040870135604082015201940192018894939291611555565b8880fd5b8980fd5b90919260a0808261165b60019488611dd7565b019401920190611447565b602086604051908152f35b346102f25760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f25760043567ffffffffffffffff81116102f2576101407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126102f257688000000000ab143c065c611714576117069030688000000000ab143c065d600401612262565b5f688000000000ab143c065d005b63ab143c065f526004601cfd5b346102f25760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f25773ffffffffffffffffffffffffffffffffffffffff61176d611b5d565b1633036118dd5761177c61214d565b6060810163ffffffff815116806118b257508160209160407f51beb8d6b6fbf6e049522e789ee7c0e19fe9aa004bf50bea4cc28e495fb0b1d99401916117c963ffffffff84511642611d77565b63ffffffff8110156118a25763ffffffff8091165b168252855f525f845260405f20916bffffffffffffffffffffffff825116937bffffffffffffffffffffffffffffffffffffffffffffffffffffffff7bffffffff00000000000000000000000000000000000000000000000077ffffffffffffffffffffffff00000000000000000000000088875496015160601b16925160c01b169251957fffffffff00000000000000000000000000000000000000000000000000000000808860e01b1695161716171717905563ffffffff60405191168152a2005b5063ffffffff63fffffffe6117de565b7ff3661b97000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff6118fa611b5d565b7f2f081df3000000000000000000000000000000000000000000000000000000005f52166004523360245260445ffd5b346102f25760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f25760043573ffffffffffffffffffffffffffffffffffffffff8116908181036102f257506024359073ffffffffffffffffffffffffffffffffffffffff8216918281036102f257506044359173ffffffffffffffffffffffffffffffffffffffff8316928381036102f257506064359273ffffffffffffffffffffffffffffffffffffffff8416938481036102f2575060843563ffffffff8116908181036102f2575060a4359467ffffffffffffffff8616928387036102f257602096506040519487860196875260408601526060850152608084015260a083015260c08201523060e0820152466101008201526101008152611a5761012082611c79565b519020604051908152f35b9181601f840112156102f25782359167ffffffffffffffff83116102f2576020808501948460051b0101116102f257565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b60c435906bffffffffffffffffffffffff821682036102f257565b9181601f840112156102f25782359167ffffffffffffffff83116102f257602083818601950101116102f257565b359073ffffffffffffffffffffffffffffffffffffffff821682036102f257565b35906fffffffffffffffffffffffffffffffff821682036102f257565b60043573ffffffffffffffffffffffffffffffffffffffff811681036102f25790565b60443573ffffffffffffffffffffffffffffffffffffffff811681036102f25790565b60243573ffffffffffffffffffffffffffffffffffffffff811681036102f25790565b60643573ffffffffffffffffffffffffffffffffffffffff811681036102f25790565b3573ffffffffffffffffffffffffffffffffffffffff811681036102f25790565b3563ffffffff811681036102f25790565b3567ffffffffffffffff811681036102f25790565b6080810190811067ffffffffffffffff821117611c4c57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117611c4c57604052565b611cc381611be9565b9067ffffffffffffffff611cd960208301611be9565b9163ffffffff611ceb60408301611be9565b9173ffffffffffffffffffffffffffffffffffffffff611d0d60608301611be9565b81611d2660a0611d1f60808701611c0a565b9501611c1b565b9581604051998160208c019c168c521660408a01521660608801521660808601521660a08401521660c08201523060e0820152466101008201526101008152611d7161012082611c79565b51902090565b91908201809211611d8457565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b359063ffffffff821682036102f257565b359067ffffffffffffffff821682036102f257565b60808091803584526fffffffffffffffffffffffffffffffff611dfc60208301611b40565b16602085015263ffffffff611e1360408301611db1565b16604085015267ffffffffffffffff611e2e60608301611dc2565b1660608501520135910152565b9190811015611e4b5760c0020190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b9190811015611e4b5760051b0190565b356bffffffffffffffffffffffff811681036102f25790565b91908203918211611d8457565b906bffffffffffffffffffffffff809116911603906bffffffffffffffffffffffff8211611d8457565b60405190611ee582611c30565b5f6060838281528260208201528260408201520152565b67ffffffffffffffff8111611c4c5760051b60200190565b9190811015611e4b5760a0020190565b91939293600885116120ca57611f3985611efc565b90611f476040519283611c79565b858252611f5386611efc565b957fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe06020840197013688375f5b81811061205857505050604051602081018092519096905f5b81811061204257505050611fd88161203f9697037fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282611c79565b5190206fffffffffffffffffffffffffffffffff6040519260208401947fe49e4c22f07e236489a97753923c2769494f807f30530567d862264e3dc46fe98652604085015216606083015260808201526080815261203760a082611c79565b519020612ff8565b90565b8251895260209889019890920191600101611f99565b612063818385611f14565b60405161209b60208201927f229b087ff852214774ae21a4dd1d2daa4f7fb5311c266b86b80f77e072d69c9b84526040830190611dd7565b60c081526120aa60e082611c79565b519020908451811015611e4b5760019160208260051b8701015201611f80565b847fc20c4866000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b61203f916bffffffffffffffffffffffff6040519160208301937fd2c23b7355193b63cbe66da0b1b7e0ec3f6c85b3a05671fc308e071c796aeb368552604084015216606082015260608152612037608082611c79565b612155611ed8565b506121606004611cba565b90815f525f60205260405f20906040519161217a83611c30565b54916bffffffffffffffffffffffff8316928382526bffffffffffffffffffffffff8160601c16602083015263ffffffff8160c01c16604083015260e01c606082015291156121c557565b827f5b115874000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b356fffffffffffffffffffffffffffffffff811681036102f25790565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156102f2570180359067ffffffffffffffff82116102f2576020019160a08202360383136102f257565b9061226b611ed8565b5061227582611cba565b805f525f60205260405f206040519061228d82611c30565b54936bffffffffffffffffffffffff85168083526bffffffffffffffffffffffff8660601c166020840152604083019563ffffffff8160c01c16875260e01c6060840152156121c55760c081016122e3816121f1565b946122fd60e08401966122f6888661220e565b9188611f24565b916040840161230b81611be9565b610100860135947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18736030195868112156102f25787019081359167ffffffffffffffff83116102f2576020019082360382136102f25761236b93612ed4565b156127c257506fffffffffffffffffffffffffffffffff61238e612396926121f1565b16968461220e565b979094610120850135938412156102f25767ffffffffffffffff84860135116102f257606084860135023603602085870101136102f257604051965f6101006123df818b611c79565b368a375f5b8688013581101561255e5760608102878901016124118d60ff61240960208501613159565b16908c611f14565b61241d60408301611c0a565b63ffffffff8061242f60408501611c0a565b16911611908115612501575b506124b05790818b63ffffffff61246f612459604060019701611c0a565b9260ff61246860208701613159565b1690613167565b5191161161247f575b50016123e4565b6124a960ff6124a2602063ffffffff61249a60408701611c0a565b169401613159565b168d613167565b525f612478565b8060ff6124d060406124c9602063ffffffff9601613159565b9301611c0a565b917f504f1338000000000000000000000000000000000000000000000000000000005f52166004521660245260445ffd5b905063ffffffff61251460408401611c0a565b1660608301355f52805b61252f57505f51903514155f61243b565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060205f205f52018061251e565b509450949698919792989590955f925b8084106127205750505050633b9aca009161258891611d77565b04916bffffffffffffffffffffffff815116808411612718575b506bffffffffffffffffffffffff60208201511692838111156127105761270e957f2af117180a4a4c88761d2185b05d3ec76a6716342be7f0324eb219f1f589faf8926125ff6bffffffffffffffffffffffff8094169687611eae565b956020820152845f525f60205260405f209083815116907bffffffffffffffffffffffffffffffffffffffffffffffffffffffff8354927fffffffff000000000000000000000000000000000000000000000000000000008060607bffffffff0000000000000000000000000000000000000000000000006020870151995160c01b1695015160e01b169416171677ffffffffffffffffffffffff0000000000000000000000008560601b1617171790556126de6040519283921686839092916bffffffffffffffffffffffff60209181604085019616845216910152565b0390a26bffffffffffffffffffffffff61270660206126ff60608601611be9565b9401611be9565b911691613178565b565b505050505050565b92505f6125a2565b9091929461272f868386611f14565b9067ffffffffffffffff8061274660608501611c1b565b160361279d575b6fffffffffffffffffffffffffffffffff612775602061276d8a88613167565b5194016121f1565b1691828102928184041490151715611d845760019161279391611d77565b950192919061256e565b6127b26127aa8886613167565b51838a61328f565b6127bc8886613167565b5261274d565b6127e073ffffffffffffffffffffffffffffffffffffffff91611be9565b7f9a7d38d9000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff8116156128f157346128c1576128373082613261565b60405183606052306040523360601b602c526f23b872dd000000000000000000000000600c5260205f6064601c82875af18060015f511416156128a3575b506128919261288c915f6060526040523090613261565b611ea1565b908082101561289e575090565b905090565b3d843b151710156128b4575f612875565b637939f4245f526004601cfd5b7f195a3ca1000000000000000000000000000000000000000000000000000000005f525f6004523460245260445ffd5b508034036128fc5790565b7f195a3ca1000000000000000000000000000000000000000000000000000000005f526004523460245260445ffd5b906004359173ffffffffffffffffffffffffffffffffffffffff83168084141591826102f257813303612bcc578015612ba4576129686004611cba565b94855f525f60205260405f20546bffffffffffffffffffffffff81161590811591612b97575b50612b6b5761299c8261310a565b906084359463ffffffff8616928387036102f2576bffffffffffffffffffffffff604051916129ca83611c30565b168152602081015f81526040820185815260608301905f82528b5f525f6020527bffffffffffffffffffffffffffffffffffffffffffffffffffffffff6bffffffffffffffffffffffff60405f209551167fffffffff00000000000000000000000000000000000000000000000000000000807bffffffff00000000000000000000000000000000000000000000000077ffffffffffffffffffffffff0000000000000000000000008954985160601b16955160c01b16955160e01b169516171617171790556102f257506024359373ffffffffffffffffffffffffffffffffffffffff8516948581036102f2575060443573ffffffffffffffffffffffffffffffffffffffff8116908181036102f257506064359173ffffffffffffffffffffffffffffffffffffffff8316928381036102f257505060a43567ffffffffffffffff8116948582036102f25789957fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df0569560a0956bffffffffffffffffffffffff9450604051958652602086015260408501526060840152166080820152a4565b857fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b905060e01c15155f61298e565b7f69b95dc9000000000000000000000000000000000000000000000000000000005f5260045ffd5b507f2f081df3000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b919073ffffffffffffffffffffffffffffffffffffffff612c1c84611be9565b163303612eb6578015612ba457612c3283611cba565b92835f525f60205260405f20546bffffffffffffffffffffffff81161590811591612ea9575b50612e7d5783612c678361310a565b6080830190612c7582611c0a565b60405191612c8283611c30565b6bffffffffffffffffffffffff16825260208201905f8252604083019063ffffffff16815260608301905f8252855f525f60205260405f2093516bffffffffffffffffffffffff168454935160601b77ffffffffffffffffffffffff00000000000000000000000016915160c01b7bffffffff00000000000000000000000000000000000000000000000016925160e01b7fffffffff0000000000000000000000000000000000000000000000000000000016937fffffffff0000000000000000000000000000000000000000000000000000000016177bffffffffffffffffffffffffffffffffffffffffffffffffffffffff161717179055612d8583611be9565b93612d9260208501611be9565b91612d9f60408601611be9565b94612dac60608201611be9565b91612db690611c0a565b9060a001612dc390611c1b565b916040519673ffffffffffffffffffffffffffffffffffffffff16875273ffffffffffffffffffffffffffffffffffffffff16602087015263ffffffff16604086015267ffffffffffffffff1660608501526bffffffffffffffffffffffff16608084015273ffffffffffffffffffffffffffffffffffffffff169273ffffffffffffffffffffffffffffffffffffffff169160a07fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df05691a4565b837fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b905060e01c15155f612c58565b73ffffffffffffffffffffffffffffffffffffffff6118fa84611be9565b929190925f9273ffffffffffffffffffffffffffffffffffffffff821615612fef5760405192600484016024850196604486019060648701926064860198873b15612f5b575092857f1626ba7e000000000000000000000000000000000000000000000000000000009996938996938c99968c60209c52526040895252375afa9151141690565b9a9950509495965050509080604014612fab57604114612f7b5750505050565b60408092939496508101355f1a60205281375b5f526020600160805f825afa511860601b3d11915f606052604052565b507f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9192939550602081013590601b8260ff1c016020523560405216606052612f8e565b50505050505f90565b7f00000000000000000000000000000000000000000000000000000000000000007f000000000000000000000000000000000000000000000000000000000000000030147f000000000000000000000000000000000000000000000000000000000000000046141615613083575b6719010000000000005f52601a52603a526042601820905f603a52565b5060a06040517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f81527f000000000000000000000000000000000000000000000000000000000000000060208201527f0000000000000000000000000000000000000000000000000000000000000000604082015246606082015230608082015220613066565b6bffffffffffffffffffffffff811161312e576bffffffffffffffffffffffff1690565b7fff740679000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b3560ff811681036102f25790565b906008811015611e4b5760051b0190565b919073ffffffffffffffffffffffffffffffffffffffff8316156131ee576014526034526fa9059cbb0000000000000000000000005f5260205f6044601082855af1908160015f511416156131d0575b50505f603452565b3b153d1710156131e1575f806131c8565b6390b8ec185f526004601cfd5b9091505f3881808585620186a0f115613205575050565b602073ffffffffffffffffffffffffffffffffffffffff7f9c9e0cdb1670e88302408e5b941dc636f63a3293204694bb68910fcf3d9305f3921692835f526002825260405f20613256828254611d77565b9055604051908152a2565b602460106020939284936014526f70a082310000000000000000000000005f525afa601f3d11166020510290565b805f52600160205260405f2091803592835f5260205263ffffffff60405f2054169081851190811591613310575b5061330957505f52600160205260405f20905f5260205260405f2063ffffffff82167fffffffffffffffffffffffffffffffffffffffffffffffffffffffff0000000082541617905590565b9250505090565b67ffffffffffffffff915060606133279101611c1b565b1642115f6132bd56";
