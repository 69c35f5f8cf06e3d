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

export const everseedChannelsBytecode = "0x6101206040523461012157306080524660a052604080519081016001600160401b0381118282101761010d57604090815260118252704576657273656564204368616e6e656c7360781b60208301908152815191820192906001600160401b0384118385101761010d5760a093604052600183526020830191603160f81b8352519020915190208160c0528060e052604051917f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8352602083015260408201524660608201523060808201522061010052604051612ebb9081610126823960805181612ba6015260a05181612bc9015260c05181612c39015260e05181612c5f01526101005181612b850152f35b634e487b7160e01b5f52604160045260245ffd5b5f80fdfe60806040526004361015610011575f80fd5b5f5f3560e01c80630baae2a01461177e578063106c0db2146115a057806312bb158b146114f057806322be204f1461104157806351a0debd14610d8157806384b0196e14610c415780638ec4f10d14610b0e57806396da943f146107b957806396ef9c89146107615780639b55ced21461061d578063a12ef25e146104e7578063b7d9c80e14610456578063cb5bfedb146103b2578063dc78705a146102e5578063e2ea0ce2146102835763ffa404c4146100ca575f80fd5b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e0811261027f5760c01361027c57610104611915565b688000000000ab143c065c61026f576101409030688000000000ab143c065d6bffffffffffffffffffffffff6101386119bf565b911690612440565b7f68533dc84168984d1dfb781b70681768a6b93ef06d87871fbd5ecc863f2a4fed60206bffffffffffffffffffffffff61018b8161019061017f611e98565b93909783855116611b0d565b612c95565b16815261022b8186907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b5116604051908152a2801561026057466001036102515780688000000000ab143c065d80f35b688000000000ab143c06805580f35b5f688000000000ab143c065d80f35b63ab143c0682526004601cfd5b80fd5b5080fd5b503461027c5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c576024356bffffffffffffffffffffffff811681036102e1576102d9602091600435611e4c565b604051908152f35b5f80fd5b507ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e0811261027f5760c01361027c57610320611915565b90688000000000ab143c065c6103a55761035f61035a60209330688000000000ab143c065d6bffffffffffffffffffffffff6101386119bf565b61255f565b908015610393574660010361038157688000000000ab143c065d604051908152f35b50688000000000ab143c0680556102d9565b505f688000000000ab143c065d6102d9565b63ab143c0690526004601cfd5b503461027c5760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c576024356fffffffffffffffffffffffffffffffff811681036102e15760443567ffffffffffffffff811161045257366023820112156104525780600401359267ffffffffffffffff841161027c5736602460a086028401011161027c5760206102d9856024850186600435611ce5565b8280fd5b503461027c5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c5761048e611c94565b50608061049c600435612b20565b63ffffffff6060604051926bffffffffffffffffffffffff81511684526bffffffffffffffffffffffff60208201511660208501528260408201511660408501520151166060820152f35b503461027c5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c576004359073ffffffffffffffffffffffffffffffffffffffff82168092036102e15760243573ffffffffffffffffffffffffffffffffffffffff8116810361027f57688000000000ab143c065c61026f5730688000000000ab143c065d823303610616575b828252600260205260408220549283156105eb5782809481928252600260205281604081205573ffffffffffffffffffffffffffffffffffffffff3894165af1156105de57801561026057466001036102515780688000000000ab143c065d80f35b63b12d13eb90526004601cfd5b7f557eefa9000000000000000000000000000000000000000000000000000000008352600452602482fd5b508161057c565b503461027c577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601610160811261027f5760c01361027c5761065e611915565b610104359060ff82168092036102e157688000000000ab143c065c6107545730688000000000ab143c065d8273ffffffffffffffffffffffffffffffffffffffff6106a76119bf565b1691823b1561027f5760e46bffffffffffffffffffffffff918360405195869485937fd505accf00000000000000000000000000000000000000000000000000000000855233600486015230602486015216978860448501528435606485015260848401526101243560a48401526101443560c48401525af161073d575b509061035f61035a6020936107386119bf565b612440565b8261074791611b90565b815f1261027f575f610725565b63ab143c0683526004601cfd5b503461027c5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c5763ffffffff604060209260043581526001845281812060243582528452205416604051908152f35b503461027c577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601610120811261027f5760c01361027c576107fa611915565b60e43567ffffffffffffffff81116104525761081a903690600401611930565b906101043567ffffffffffffffff8111610b0a5761083c903690600401611930565b939091688000000000ab143c065c610afd5730688000000000ab143c065d610862611e98565b9290946bffffffffffffffffffffffff845116926bffffffffffffffffffffffff831693808511610acd575060208501936bffffffffffffffffffffffff855116808210610a9f5750506108b68388611e4c565b916044359173ffffffffffffffffffffffffffffffffffffffff831683036102e1576108e39284906129c2565b6024359673ffffffffffffffffffffffffffffffffffffffff881688036102e1576bffffffffffffffffffffffff6109369461092661092e93839984968d6129c2565b511683611c6a565b935116611c6a565b9261099460405161094681611b47565b5f8082526020808301829052604080840183905263ffffffff606090940193909352848252819052207fffffffff000000000000000000000000000000000000000000000000000000009055565b604080516bffffffffffffffffffffffff8481168252861660208201527f9b7130e309a71b0a0b52ba263b32494764dccd64ccf9dd55f362b2b31c7566449190a21680610a61575b506bffffffffffffffffffffffff91501680610a11575b50801561026057466001036102515780688000000000ab143c065d80f35b6064359073ffffffffffffffffffffffffffffffffffffffff821682036102e15760043573ffffffffffffffffffffffffffffffffffffffff811681036102e157610a5b92612d03565b5f6109f3565b6064359073ffffffffffffffffffffffffffffffffffffffff821682036102e1576bffffffffffffffffffffffff93610a9992612d03565b5f6109dc565b7f3ca4acd9000000000000000000000000000000000000000000000000000000008b52600452602452604489fd5b89856044927f550fcb49000000000000000000000000000000000000000000000000000000008352600452602452fd5b63ab143c0686526004601cfd5b8480fd5b503461027c5760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c57688000000000ab143c065c6103a55730688000000000ab143c065d610b61611e98565b63ffffffff60608201511680158015610c38575b610c0d5750806bffffffffffffffffffffffff602081610b9b9451169201511690611c6a565b90610bab60405161094681611b47565b7f9b7130e309a71b0a0b52ba263b32494764dccd64ccf9dd55f362b2b31c75664460406bffffffffffffffffffffffff8151945f86521693846020820152a280610a115750801561026057466001036102515780688000000000ab143c065d80f35b7ff3661b97000000000000000000000000000000000000000000000000000000008452600452602483fd5b50804210610b75565b503461027c57807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c57610d229060405190610c83604083611b90565b601182527f4576657273656564204368616e6e656c730000000000000000000000000000006020830152610d30604051610cbe604082611b90565b600181527f310000000000000000000000000000000000000000000000000000000000000060208201526040519485947f0f00000000000000000000000000000000000000000000000000000000000000865260e0602087015260e08601906118d2565b9084820360408601526118d2565b904660608401523060808401528060a084015282820360c084015260206060519283815201916080915b818110610d68575050500390f35b8251845285945060209384019390920191600101610d5a565b5060407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c5760043567ffffffffffffffff811161027f573660238201121561027f5780600401359067ffffffffffffffff821161045257602481019136602460c083028401011161103d5760243567ffffffffffffffff8111610b0a57610e129036906004016118a1565b939092688000000000ab143c065c610afd5730688000000000ab143c065d848314801590611035575b611005578215610fd8576084610e5191016119e2565b9285805b868210610fa857610e67915085612440565b9473ffffffffffffffffffffffffffffffffffffffff879516945b848110610ea75787801561026057466001036102515780688000000000ab143c065d80f35b8573ffffffffffffffffffffffffffffffffffffffff610ed36060610ecd858a8a611bf7565b016119e2565b1603610f525780876bffffffffffffffffffffffff610efd610ef86001958789611c34565b611c44565b161015610f4557610f3e610f2d6bffffffffffffffffffffffff610f25610ef885888a611c34565b16809a611c5d565b98610f39838989611bf7565b6127a6565b5001610e82565b610f3e610f2d8980611c5d565b8773ffffffffffffffffffffffffffffffffffffffff87610f7b6060610ecd6044968b8b611bf7565b907f2469ee5300000000000000000000000000000000000000000000000000000000845260045216602452fd5b610fd06001916bffffffffffffffffffffffff610fc9610ef8868c89611c34565b1690611b0d565b910190610e55565b6024867f4e487b710000000000000000000000000000000000000000000000000000000081526032600452fd5b60448686857fab8b67c6000000000000000000000000000000000000000000000000000000008352600452602452fd5b508215610e3b565b8380fd5b503461027c5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261027c5760043567ffffffffffffffff811161027f576110919036906004016118a1565b908290368190037ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec10190825b848110156114e5578060051b82013583811215610b0a578201303b15610b0a57604051907f12bb158b0000000000000000000000000000000000000000000000000000000082526020600483015261016482019073ffffffffffffffffffffffffffffffffffffffff61112f8261195e565b16602484015273ffffffffffffffffffffffffffffffffffffffff6111566020830161195e565b16604484015273ffffffffffffffffffffffffffffffffffffffff61117d6040830161195e565b16606484015273ffffffffffffffffffffffffffffffffffffffff6111a46060830161195e565b16608484015263ffffffff6111bb60808301611bd1565b1660a484015267ffffffffffffffff6111d660a08301611be2565b1660c48401526fffffffffffffffffffffffffffffffff6111f960c0830161197f565b1660e484015260e0810135917fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18236030192838112156114665782016020813591019167ffffffffffffffff821161146a5760a082023603831361146a578190610140610104880152526101848501919089905b80821061146e575050506101008201358381121561146657820160208135910167ffffffffffffffff821161146a57813603811361146a57817fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe092601f927fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc898703016101248a015281865260208601378a60208286010152011601906020820192610120820135908112156114665701906020823592019267ffffffffffffffff8311611466576060830236038413611466577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8583030161014486015282905287939260409091019184905b80821061141a5750505081808492038183305af19182611403575b50506113a5575b6001016110bd565b947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146113d6576001019461139d565b6024847f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b61140c91611b90565b845f12610b0a575f85611396565b919394509183359060ff82168092036102e15760608160019382935263ffffffff61144760208901611bd1565b166020820152604087013560408201520194019201889493929161137b565b8880fd5b8980fd5b90919260a080600192863581526fffffffffffffffffffffffffffffffff6114986020890161197f565b16602082015263ffffffff6114af60408901611bd1565b16604082015267ffffffffffffffff6114ca60608901611be2565b1660608201526080870135608082015201940192019061126d565b602086604051908152f35b346102e15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102e15760043567ffffffffffffffff81116102e1576101407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126102e157688000000000ab143c065c611593576115859030688000000000ab143c065d600401611f4d565b5f688000000000ab143c065d005b63ab143c065f526004601cfd5b346102e15760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102e15773ffffffffffffffffffffffffffffffffffffffff6115ec61199c565b163303611731576115fb611e98565b606081019063ffffffff82511680611706575063ffffffff7f51beb8d6b6fbf6e049522e789ee7c0e19fe9aa004bf50bea4cc28e495fb0b1d9926116ef8361164b84604060209701511642611b0d565b848110156116fa57848091165b16835286907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b5116604051908152a2005b508363fffffffe611658565b7ff3661b97000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff61174e61199c565b7f2f081df3000000000000000000000000000000000000000000000000000000005f52166004523360245260445ffd5b346102e15760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102e15760043573ffffffffffffffffffffffffffffffffffffffff8116908181036102e157506024359073ffffffffffffffffffffffffffffffffffffffff8216918281036102e157506044359073ffffffffffffffffffffffffffffffffffffffff8216918281036102e157506064359173ffffffffffffffffffffffffffffffffffffffff8316928381036102e1575060843563ffffffff8116908181036102e1575060a4359367ffffffffffffffff8516928386036102e15760209661010096506040519586528786015260408501526060840152608083015260a08201523060c08201524660e082015220604051908152f35b9181601f840112156102e15782359167ffffffffffffffff83116102e1576020808501948460051b0101116102e157565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b60c435906bffffffffffffffffffffffff821682036102e157565b9181601f840112156102e15782359167ffffffffffffffff83116102e157602083818601950101116102e157565b359073ffffffffffffffffffffffffffffffffffffffff821682036102e157565b35906fffffffffffffffffffffffffffffffff821682036102e157565b60043573ffffffffffffffffffffffffffffffffffffffff811681036102e15790565b60643573ffffffffffffffffffffffffffffffffffffffff811681036102e15790565b3573ffffffffffffffffffffffffffffffffffffffff811681036102e15790565b3563ffffffff811681036102e15790565b3567ffffffffffffffff811681036102e15790565b6101009067ffffffffffffffff73ffffffffffffffffffffffffffffffffffffffff611a54836119e2565b169163ffffffff73ffffffffffffffffffffffffffffffffffffffff611a7c602084016119e2565b169173ffffffffffffffffffffffffffffffffffffffff611a9f604083016119e2565b1673ffffffffffffffffffffffffffffffffffffffff611ac1606084016119e2565b1690611adb60a0611ad460808601611a03565b9401611a14565b946040519788526020880152604087015260608601521660808401521660a08201523060c08201524660e08201522090565b91908201809211611b1a57565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b6080810190811067ffffffffffffffff821117611b6357604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117611b6357604052565b359063ffffffff821682036102e157565b359067ffffffffffffffff821682036102e157565b9190811015611c075760c0020190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b9190811015611c075760051b0190565b356bffffffffffffffffffffffff811681036102e15790565b91908203918211611b1a57565b906bffffffffffffffffffffffff809116911603906bffffffffffffffffffffffff8211611b1a57565b60405190611ca182611b47565b5f6060838281528260208201528260408201520152565b9190811015611c075760a0020190565b356fffffffffffffffffffffffffffffffff811681036102e15790565b92909160088211611e205760405191808352828160010160051b016040525f5b818110611d7357505050916080916fffffffffffffffffffffffffffffffff846020611d70965160051b91012091604051937fe49e4c22f07e236489a97753923c2769494f807f30530567d862264e3dc46fe985526020850152166040830152606082015220612b83565b90565b8060c0611d836001938587611cb8565b60806fffffffffffffffffffffffffffffffff611da260208401611cc8565b169163ffffffff611db560408301611a03565b1667ffffffffffffffff611dcb60608401611a14565b1690604051947f229b087ff852214774ae21a4dd1d2daa4f7fb5311c266b86b80f77e072d69c9b8652833560208701526040860152606085015282840152013560a08201522081830160051b86015201611d05565b507fc20c4866000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6060906bffffffffffffffffffffffff611d7093604051927fd2c23b7355193b63cbe66da0b1b7e0ec3f6c85b3a05671fc308e071c796aeb368452602084015216604082015220612b83565b611ea0611c94565b50611eab6004611a29565b90611eb582612b20565b906bffffffffffffffffffffffff82511615611ecd57565b827f5b115874000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156102e1570180359067ffffffffffffffff82116102e1576020019160a08202360383136102e157565b611f55611c94565b50611f5f81611a29565b90611f6982612b20565b906bffffffffffffffffffffffff82511615611ecd5760c0810190611f8d82611cc8565b94611fa760e0830196611fa08885611ef9565b9188611ce5565b92611fb4604084016119e2565b610100840135947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18536030195868112156102e15785019283359367ffffffffffffffff85116102e1576020019284360384136102e15761203b946fffffffffffffffffffffffffffffffff946120339461202e936129c2565b611cc8565b169683611ef9565b949093610120840135908112156102e15783019283359667ffffffffffffffff88116102e15760608802360360208601136102e1575f610100996040519a612083818d611b90565b368c375f5b8a8110156121f25760608102880160208101906120b160ff6120a984612ce4565b168d8d611cb8565b9060408101916120c083611a03565b63ffffffff806120d260408501611a03565b16911611918215612196575b505061214c5790818e6120f360019594611a03565b63ffffffff61210d60ff61210687612ce4565b1684612cf2565b5191161161211f575b50505001612088565b60ff61213c63ffffffff61213561214395611a03565b1694612ce4565b1690612cf2565b525f808e612116565b60ff61216561215f63ffffffff94612ce4565b92611a03565b917f504f1338000000000000000000000000000000000000000000000000000000005f52166004521660245260445ffd5b909150606063ffffffff6121a985611a03565b169101355f52805b6121c357505f51903514155f806120de565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060205f205f5201806121b1565b5094999196929793985094505f925b80841061239e5750505050633b9aca009161221b91611b0d565b04906bffffffffffffffffffffffff845116808311612396575b50602084016bffffffffffffffffffffffff815116928381111561238e576bffffffffffffffffffffffff7f2af117180a4a4c88761d2185b05d3ec76a6716342be7f0324eb219f1f589faf89261233061238c986122998461235c96169889611c6a565b97835286907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b511660405191829186839092916bffffffffffffffffffffffff60209181604085019616845216910152565b0390a26bffffffffffffffffffffffff612384602061237d606086016119e2565b94016119e2565b911691612d03565b565b505050505050565b91505f612235565b909192946123ad868386611cb8565b9067ffffffffffffffff806123c460608501611a14565b160361241b575b6fffffffffffffffffffffffffffffffff6123f360206123eb8a88612cf2565b519401611cc8565b1691828102928184041490151715611b1a5760019161241191611b0d565b9501929190612201565b6124306124288886612cf2565b51838a612e1a565b61243a8886612cf2565b526123cb565b73ffffffffffffffffffffffffffffffffffffffff81161561252557346124f55761246b3082612dec565b60405183606052306040523360601b602c526f23b872dd000000000000000000000000600c5260205f6064601c82875af18060015f511416156124d7575b506124c5926124c0915f6060526040523090612dec565b611c5d565b90808210156124d2575090565b905090565b3d843b151710156124e8575f6124a9565b637939f4245f526004601cfd5b7f195a3ca1000000000000000000000000000000000000000000000000000000005f525f6004523460245260445ffd5b508034036125305790565b7f195a3ca1000000000000000000000000000000000000000000000000000000005f526004523460245260445ffd5b906004359173ffffffffffffffffffffffffffffffffffffffff83168084141591826102e15781330361277657801561274e5761259c6004611a29565b94855f525f60205260405f2054612722576125b682612c95565b906084359463ffffffff8616928387036102e157612647906bffffffffffffffffffffffff604051916125e883611b47565b168082525f6020808401829052604080850189905260609094018290528c8252819052919091206bffffffffffffffffffffffff9091167bffffffff00000000000000000000000000000000000000000000000060c087901b16179055565b6102e157506024359373ffffffffffffffffffffffffffffffffffffffff8516948581036102e1575060443573ffffffffffffffffffffffffffffffffffffffff8116908181036102e157506064359173ffffffffffffffffffffffffffffffffffffffff8316928381036102e157505060a43567ffffffffffffffff8116948582036102e15789957fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df0569560a0956bffffffffffffffffffffffff9450604051958652602086015260408501526060840152166080820152a4565b857fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f69b95dc9000000000000000000000000000000000000000000000000000000005f5260045ffd5b507f2f081df3000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b919073ffffffffffffffffffffffffffffffffffffffff6127c6846119e2565b1633036129a457801561274e576127dc83611a29565b92835f525f60205260405f205461297857836127f783612c95565b608083019061280582611a03565b6040519161281283611b47565b6bffffffffffffffffffffffff168083525f602080850182905263ffffffff841660408087019190915260609095018290528682528190529290922060c09190911b7bffffffff000000000000000000000000000000000000000000000000169091179055612880836119e2565b9361288d602085016119e2565b9161289a604086016119e2565b946128a7606082016119e2565b916128b190611a03565b9060a0016128be90611a14565b916040519673ffffffffffffffffffffffffffffffffffffffff16875273ffffffffffffffffffffffffffffffffffffffff16602087015263ffffffff16604086015267ffffffffffffffff1660608501526bffffffffffffffffffffffff16608084015273ffffffffffffffffffffffffffffffffffffffff169273ffffffffffffffffffffffffffffffffffffffff169160a07fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df05691a4565b837fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff61174e846119e2565b73ffffffffffffffffffffffffffffffffffffffff81169493929185612a0f575b857f9a7d38d9000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b8573ffffffffffffffffffffffffffffffffffffffff5f6040518780604014612adf57604114612aac57505b1614612aa457916020917f1626ba7e000000000000000000000000000000000000000000000000000000009360405190858252600482015260648660248301978895604087528160448601528385013701915afa91511416612aa057808080806129e3565b9050565b505050509050565b905060408601355f1a60205260408681375b835f526020604060805f60015afa505f6060523d6060185190604052612a3b565b5090507f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff6020870135601b8160ff1c01602052873560405216606052612abe565b612b28611c94565b505f525f60205260405f205460405190612b4182611b47565b6bffffffffffffffffffffffff811682526bffffffffffffffffffffffff8160601c16602083015263ffffffff8160c01c16604083015260e01c606082015290565b7f00000000000000000000000000000000000000000000000000000000000000007f000000000000000000000000000000000000000000000000000000000000000030147f000000000000000000000000000000000000000000000000000000000000000046141615612c0e575b6719010000000000005f52601a52603a526042601820905f603a52565b5060a06040517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f81527f000000000000000000000000000000000000000000000000000000000000000060208201527f0000000000000000000000000000000000000000000000000000000000000000604082015246606082015230608082015220612bf1565b6bffffffffffffffffffffffff8111612cb9576bffffffffffffffffffffffff1690565b7fff740679000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b3560ff811681036102e15790565b906008811015611c075760051b0190565b919073ffffffffffffffffffffffffffffffffffffffff831615612d79576014526034526fa9059cbb0000000000000000000000005f5260205f6044601082855af1908160015f51141615612d5b575b50505f603452565b3b153d171015612d6c575f80612d53565b6390b8ec185f526004601cfd5b9091505f3881808585620186a0f115612d90575050565b602073ffffffffffffffffffffffffffffffffffffffff7f9c9e0cdb1670e88302408e5b941dc636f63a3293204694bb68910fcf3d9305f3921692835f526002825260405f20612de1828254611b0d565b9055604051908152a2565b602460106020939284936014526f70a082310000000000000000000000005f525afa601f3d11166020510290565b805f52600160205260405f2091803592835f5260205263ffffffff60405f2054169081851190811591612e9b575b50612e9457505f52600160205260405f20905f5260205260405f2063ffffffff82167fffffffffffffffffffffffffffffffffffffffffffffffffffffffff0000000082541617905590565b9250505090565b67ffffffffffffffff91506060612eb29101611a14565b1642115f612e4856";
