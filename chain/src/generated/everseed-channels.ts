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

export const everseedChannelsBytecode = "0x6101206040523461012157306080524660a052604080519081016001600160401b0381118282101761010d57604090815260118252704576657273656564204368616e6e656c7360781b60208301908152815191820192906001600160401b0384118385101761010d5760a093604052600183526020830191603160f81b8352519020915190208160c0528060e052604051917f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8352602083015260408201524660608201523060808201522061010052604051612eba9081610126823960805181612bf4015260a05181612c17015260c05181612c87015260e05181612cad01526101005181612bd30152f35b634e487b7160e01b5f52604160045260245ffd5b5f80fdfe60806040526004361015610011575f80fd5b5f5f3560e01c80630baae2a01461178d578063106c0db2146115af57806312bb158b146114ff57806322be204f1461105057806351a0debd14610dc557806384b0196e14610c855780638ec4f10d14610b5257806396da943f146107fd57806396ef9c89146107a55780639b55ced214610661578063a12ef25e1461052b578063b7d9c80e1461049a578063cb5bfedb146103f6578063dc78705a14610329578063e2ea0ce2146102c75763ffa404c4146100ca575f80fd5b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126102c35760c0136102c057610104611941565b688000000000ab143c065c6102b3576101409030688000000000ab143c065d6bffffffffffffffffffffffff6101386119eb565b91169061241a565b61016361014b611e72565b9190926bffffffffffffffffffffffff835116611b07565b6bffffffffffffffffffffffff8111610288576bffffffffffffffffffffffff7f68533dc84168984d1dfb781b70681768a6b93ef06d87871fbd5ecc863f2a4fed92816020931681526102448186907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b5116604051908152a28015610279574660010361026a5780688000000000ab143c065d80f35b688000000000ab143c06805580f35b5f688000000000ab143c065d80f35b7fff740679000000000000000000000000000000000000000000000000000000008452600452602483fd5b63ab143c0682526004601cfd5b80fd5b5080fd5b50346102c05760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c0576024356bffffffffffffffffffffffff811681036103255761031d602091600435611e26565b604051908152f35b5f80fd5b507ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126102c35760c0136102c057610364611941565b90688000000000ab143c065c6103e9576103a361039e60209330688000000000ab143c065d6bffffffffffffffffffffffff6101386119eb565b61253d565b9080156103d757466001036103c557688000000000ab143c065d604051908152f35b50688000000000ab143c06805561031d565b505f688000000000ab143c065d61031d565b63ab143c0690526004601cfd5b50346102c05760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c0576024356fffffffffffffffffffffffffffffffff811681036103255760443567ffffffffffffffff811161049657366023820112156104965780600401359267ffffffffffffffff84116102c05736602460a08602840101116102c057602061031d856024850186600435611cc2565b8280fd5b50346102c05760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c0576104d2611c71565b5060806104e0600435612b6e565b63ffffffff6060604051926bffffffffffffffffffffffff81511684526bffffffffffffffffffffffff60208201511660208501528260408201511660408501520151166060820152f35b50346102c05760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c0576004359073ffffffffffffffffffffffffffffffffffffffff82168092036103255760243573ffffffffffffffffffffffffffffffffffffffff811681036102c357688000000000ab143c065c6102b35730688000000000ab143c065d82330361065a575b8282526002602052604082205492831561062f5782809481928252600260205281604081205573ffffffffffffffffffffffffffffffffffffffff3894165af115610622578015610279574660010361026a5780688000000000ab143c065d80f35b63b12d13eb90526004601cfd5b7f557eefa9000000000000000000000000000000000000000000000000000000008352600452602482fd5b50816105c0565b50346102c0577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161016081126102c35760c0136102c0576106a2611941565b610104359060ff821680920361032557688000000000ab143c065c6107985730688000000000ab143c065d8273ffffffffffffffffffffffffffffffffffffffff6106eb6119eb565b1691823b156102c35760e46bffffffffffffffffffffffff918360405195869485937fd505accf00000000000000000000000000000000000000000000000000000000855233600486015230602486015216978860448501528435606485015260848401526101243560a48401526101443560c48401525af1610781575b50906103a361039e60209361077c6119eb565b61241a565b8261078b91611b8a565b815f126102c3575f610769565b63ab143c0683526004601cfd5b50346102c05760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c05763ffffffff604060209260043581526001845281812060243582528452205416604051908152f35b50346102c0577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161012081126102c35760c0136102c05761083e611941565b60e43567ffffffffffffffff81116104965761085e90369060040161195c565b906101043567ffffffffffffffff8111610b4e5761088090369060040161195c565b939091688000000000ab143c065c610b415730688000000000ab143c065d6108a6611e72565b9290946bffffffffffffffffffffffff845116926bffffffffffffffffffffffff831693808511610b11575060208501936bffffffffffffffffffffffff855116808210610ae35750506108fa8388611e26565b916044359173ffffffffffffffffffffffffffffffffffffffff8316830361032557610927928490612a10565b6024359673ffffffffffffffffffffffffffffffffffffffff88168803610325576bffffffffffffffffffffffff61097a9461096a61097293839984968d612a10565b511683611c47565b935116611c47565b926109d860405161098a81611b41565b5f8082526020808301829052604080840183905263ffffffff606090940193909352848252819052207fffffffff000000000000000000000000000000000000000000000000000000009055565b604080516bffffffffffffffffffffffff8481168252861660208201527f9b7130e309a71b0a0b52ba263b32494764dccd64ccf9dd55f362b2b31c7566449190a21680610aa5575b506bffffffffffffffffffffffff91501680610a55575b508015610279574660010361026a5780688000000000ab143c065d80f35b6064359073ffffffffffffffffffffffffffffffffffffffff821682036103255760043573ffffffffffffffffffffffffffffffffffffffff8116810361032557610a9f92612d02565b5f610a37565b6064359073ffffffffffffffffffffffffffffffffffffffff82168203610325576bffffffffffffffffffffffff93610add92612d02565b5f610a20565b7f3ca4acd9000000000000000000000000000000000000000000000000000000008b52600452602452604489fd5b89856044927f550fcb49000000000000000000000000000000000000000000000000000000008352600452602452fd5b63ab143c0686526004601cfd5b8480fd5b50346102c05760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c057688000000000ab143c065c6103e95730688000000000ab143c065d610ba5611e72565b63ffffffff60608201511680158015610c7c575b610c515750806bffffffffffffffffffffffff602081610bdf9451169201511690611c47565b90610bef60405161098a81611b41565b7f9b7130e309a71b0a0b52ba263b32494764dccd64ccf9dd55f362b2b31c75664460406bffffffffffffffffffffffff8151945f86521693846020820152a280610a5557508015610279574660010361026a5780688000000000ab143c065d80f35b7ff3661b97000000000000000000000000000000000000000000000000000000008452600452602483fd5b50804210610bb9565b50346102c057807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c057610d669060405190610cc7604083611b8a565b601182527f4576657273656564204368616e6e656c730000000000000000000000000000006020830152610d74604051610d02604082611b8a565b600181527f310000000000000000000000000000000000000000000000000000000000000060208201526040519485947f0f00000000000000000000000000000000000000000000000000000000000000865260e0602087015260e08601906118fe565b9084820360408601526118fe565b904660608401523060808401528060a084015282820360c084015260206060519283815201916080915b818110610dac575050500390f35b8251845285945060209384019390920191600101610d9e565b5060407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c0576004359067ffffffffffffffff82116102c057366023830112156102c05781600401359167ffffffffffffffff83116102c35736602460c08502830101116102c35760243567ffffffffffffffff811161049657610e529036906004016118cd565b688000000000ab143c069391935c6102b35730688000000000ab143c065d808514801590611048575b611018578415610feb57610e9460848496959601611a0e565b9482835b838110610fb55750610eaa908761241a565b9373ffffffffffffffffffffffffffffffffffffffff849716965b86811015610f9757602460c0820283010195606087018973ffffffffffffffffffffffffffffffffffffffff610efa83611a0e565b1603610f48575090610f3a6001926bffffffffffffffffffffffff610f28610f23858a8a611bf1565b611c2e565b16818111610f41575b809103986127b0565b5001610ec5565b5080610f31565b8673ffffffffffffffffffffffffffffffffffffffff8b610f6a604494611a0e565b907f2469ee5300000000000000000000000000000000000000000000000000000000845260045216602452fd5b848015610279574660010361026a5780688000000000ab143c065d80f35b90610fe16001916bffffffffffffffffffffffff610fda610f238689899e9d9e611bf1565b1690611b07565b9101969596610e98565b6024827f4e487b710000000000000000000000000000000000000000000000000000000081526032600452fd5b60449250847fab8b67c6000000000000000000000000000000000000000000000000000000008352600452602452fd5b508415610e7b565b50346102c05760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102c05760043567ffffffffffffffff81116102c3576110a09036906004016118cd565b908290368190037ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec10190825b848110156114f4578060051b82013583811215610b4e578201303b15610b4e57604051907f12bb158b0000000000000000000000000000000000000000000000000000000082526020600483015261016482019073ffffffffffffffffffffffffffffffffffffffff61113e8261198a565b16602484015273ffffffffffffffffffffffffffffffffffffffff6111656020830161198a565b16604484015273ffffffffffffffffffffffffffffffffffffffff61118c6040830161198a565b16606484015273ffffffffffffffffffffffffffffffffffffffff6111b36060830161198a565b16608484015263ffffffff6111ca60808301611bcb565b1660a484015267ffffffffffffffff6111e560a08301611bdc565b1660c48401526fffffffffffffffffffffffffffffffff61120860c083016119ab565b1660e484015260e0810135917fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18236030192838112156114755782016020813591019167ffffffffffffffff82116114795760a0820236038313611479578190610140610104880152526101848501919089905b80821061147d575050506101008201358381121561147557820160208135910167ffffffffffffffff821161147957813603811361147957817fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe092601f927fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc898703016101248a015281865260208601378a60208286010152011601906020820192610120820135908112156114755701906020823592019267ffffffffffffffff8311611475576060830236038413611475577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8583030161014486015282905287939260409091019184905b8082106114295750505081808492038183305af19182611412575b50506113b4575b6001016110cc565b947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146113e557600101946113ac565b6024847f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b61141b91611b8a565b845f12610b4e575f856113a5565b919394509183359060ff82168092036103255760608160019382935263ffffffff61145660208901611bcb565b166020820152604087013560408201520194019201889493929161138a565b8880fd5b8980fd5b90919260a080600192863581526fffffffffffffffffffffffffffffffff6114a7602089016119ab565b16602082015263ffffffff6114be60408901611bcb565b16604082015267ffffffffffffffff6114d960608901611bdc565b1660608201526080870135608082015201940192019061127c565b602086604051908152f35b346103255760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103255760043567ffffffffffffffff8111610325576101407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc823603011261032557688000000000ab143c065c6115a2576115949030688000000000ab143c065d600401611f27565b5f688000000000ab143c065d005b63ab143c065f526004601cfd5b346103255760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103255773ffffffffffffffffffffffffffffffffffffffff6115fb6119c8565b1633036117405761160a611e72565b606081019063ffffffff82511680611715575063ffffffff7f51beb8d6b6fbf6e049522e789ee7c0e19fe9aa004bf50bea4cc28e495fb0b1d9926116fe8361165a84604060209701511642611b07565b8481101561170957848091165b16835286907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b5116604051908152a2005b508363fffffffe611667565b7ff3661b97000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff61175d6119c8565b7f2f081df3000000000000000000000000000000000000000000000000000000005f52166004523360245260445ffd5b346103255760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103255760043573ffffffffffffffffffffffffffffffffffffffff81168103610325576024359073ffffffffffffffffffffffffffffffffffffffff821682036103255760443573ffffffffffffffffffffffffffffffffffffffff811681036103255760643573ffffffffffffffffffffffffffffffffffffffff81168103610325576084359063ffffffff821682036103255760a4359267ffffffffffffffff841684036103255760209561031d959373ffffffffffffffffffffffffffffffffffffffff67ffffffffffffffff948161010098958163ffffffff96816040519b168b521660208a01521660408801521660608601521660808401521660a08201523060c08201524660e08201522090565b9181601f840112156103255782359167ffffffffffffffff8311610325576020808501948460051b01011161032557565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b60c435906bffffffffffffffffffffffff8216820361032557565b9181601f840112156103255782359167ffffffffffffffff8311610325576020838186019501011161032557565b359073ffffffffffffffffffffffffffffffffffffffff8216820361032557565b35906fffffffffffffffffffffffffffffffff8216820361032557565b60043573ffffffffffffffffffffffffffffffffffffffff811681036103255790565b60643573ffffffffffffffffffffffffffffffffffffffff811681036103255790565b3573ffffffffffffffffffffffffffffffffffffffff811681036103255790565b3563ffffffff811681036103255790565b3567ffffffffffffffff811681036103255790565b611b0490611a6281611a0e565b90611a6f60208201611a0e565b611a7b60408301611a0e565b611a8760608401611a0e565b91611aa060a0611a9960808701611a2f565b9501611a40565b949373ffffffffffffffffffffffffffffffffffffffff67ffffffffffffffff948161010098958163ffffffff96816040519b168b521660208a01521660408801521660608601521660808401521660a08201523060c08201524660e08201522090565b90565b91908201809211611b1457565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b6080810190811067ffffffffffffffff821117611b5d57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117611b5d57604052565b359063ffffffff8216820361032557565b359067ffffffffffffffff8216820361032557565b9190811015611c015760051b0190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b356bffffffffffffffffffffffff811681036103255790565b906bffffffffffffffffffffffff809116911603906bffffffffffffffffffffffff8211611b1457565b60405190611c7e82611b41565b5f6060838281528260208201528260408201520152565b9190811015611c015760a0020190565b356fffffffffffffffffffffffffffffffff811681036103255790565b92909160088211611dfa5760405191808352828160010160051b016040525f5b818110611d4d57505050916080916fffffffffffffffffffffffffffffffff846020611b04965160051b91012091604051937fe49e4c22f07e236489a97753923c2769494f807f30530567d862264e3dc46fe985526020850152166040830152606082015220612bd1565b8060c0611d5d6001938587611c95565b60806fffffffffffffffffffffffffffffffff611d7c60208401611ca5565b169163ffffffff611d8f60408301611a2f565b1667ffffffffffffffff611da560608401611a40565b1690604051947f229b087ff852214774ae21a4dd1d2daa4f7fb5311c266b86b80f77e072d69c9b8652833560208701526040860152606085015282840152013560a08201522081830160051b86015201611ce2565b507fc20c4866000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6060906bffffffffffffffffffffffff611b0493604051927fd2c23b7355193b63cbe66da0b1b7e0ec3f6c85b3a05671fc308e071c796aeb368452602084015216604082015220612bd1565b611e7a611c71565b50611e856004611a55565b90611e8f82612b6e565b906bffffffffffffffffffffffff82511615611ea757565b827f5b115874000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe181360301821215610325570180359067ffffffffffffffff8211610325576020019160a082023603831361032557565b611f2f611c71565b50611f3981611a55565b90611f4382612b6e565b906bffffffffffffffffffffffff82511615611ea75760c0810190611f6782611ca5565b94611f8160e0830196611f7a8885611ed3565b9188611cc2565b92611f8e60408401611a0e565b610100840135947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18536030195868112156103255785019283359367ffffffffffffffff85116103255760200192843603841361032557612015946fffffffffffffffffffffffffffffffff9461200d9461200893612a10565b611ca5565b169683611ed3565b949093610120840135908112156103255783019283359667ffffffffffffffff8811610325576060880236036020860113610325575f610100996040519a61205d818d611b8a565b368c375f5b8a8110156121cc57606081028801602081019061208b60ff61208384612ce3565b168d8d611c95565b90604081019161209a83611a2f565b63ffffffff806120ac60408501611a2f565b16911611918215612170575b50506121265790818e6120cd60019594611a2f565b63ffffffff6120e760ff6120e087612ce3565b1684612cf1565b519116116120f9575b50505001612062565b60ff61211663ffffffff61210f61211d95611a2f565b1694612ce3565b1690612cf1565b525f808e6120f0565b60ff61213f61213963ffffffff94612ce3565b92611a2f565b917f504f1338000000000000000000000000000000000000000000000000000000005f52166004521660245260445ffd5b909150606063ffffffff61218385611a2f565b169101355f52805b61219d57505f51903514155f806120b8565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060205f205f52018061218b565b5094999196929793985094505f925b8084106123785750505050633b9aca00916121f591611b07565b04906bffffffffffffffffffffffff845116808311612370575b50602084016bffffffffffffffffffffffff8151169283811115612368576bffffffffffffffffffffffff7f2af117180a4a4c88761d2185b05d3ec76a6716342be7f0324eb219f1f589faf89261230a612366986122738461233696169889611c47565b97835286907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b511660405191829186839092916bffffffffffffffffffffffff60209181604085019616845216910152565b0390a26bffffffffffffffffffffffff61235e602061235760608601611a0e565b9401611a0e565b911691612d02565b565b505050505050565b91505f61220f565b90919294612387868386611c95565b9067ffffffffffffffff8061239e60608501611a40565b16036123f5575b6fffffffffffffffffffffffffffffffff6123cd60206123c58a88612cf1565b519401611ca5565b1691828102928184041490151715611b14576001916123eb91611b07565b95019291906121db565b61240a6124028886612cf1565b51838a612e19565b6124148886612cf1565b526123a5565b9073ffffffffffffffffffffffffffffffffffffffff82161561250257346124d2576124463083612deb565b916040519082606052306040523360601b602c526f23b872dd000000000000000000000000600c5260205f6064601c82855af18060015f511416156124b4575b50612499915f6060526040523090612deb565b918203918211611b1457808210156124af575090565b905090565b3d823b151710156124c5575f612486565b637939f4245f526004601cfd5b7f195a3ca1000000000000000000000000000000000000000000000000000000005f525f6004523460245260445ffd5b809150340361250e5790565b7f195a3ca1000000000000000000000000000000000000000000000000000000005f526004523460245260445ffd5b9060043573ffffffffffffffffffffffffffffffffffffffff811680820361032557803303612781578315612759576bffffffffffffffffffffffff841161272d5760243573ffffffffffffffffffffffffffffffffffffffff811692838203610325576044359173ffffffffffffffffffffffffffffffffffffffff83168084036103255760643573ffffffffffffffffffffffffffffffffffffffff811692838203610325576084359163ffffffff8316958684036103255760a4359167ffffffffffffffff831698898403610325576040805173ffffffffffffffffffffffffffffffffffffffff948516815295841660208701529083169085015216606083015263ffffffff8316608083015267ffffffffffffffff1660a08201523060c08201524660e08201526101009020988995865f525f60205260405f2054612701577fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df0569560a0957bffffffff0000000000000000000000000000000000000000000000006bffffffffffffffffffffffff958a5f525f60205260c01b16841760405f2055604051958652602086015260408501526060840152166080820152a4565b867fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b837fff740679000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f69b95dc9000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f2f081df3000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b9190916127bc81611a0e565b9073ffffffffffffffffffffffffffffffffffffffff8216908133036129e0578415612759576bffffffffffffffffffffffff85116129b45760a09461280460208301611a0e565b90816128a361281560408601611a0e565b9661282260608701611a0e565b95868961283d61283460808501611a2f565b9d8e9401611a40565b9586949373ffffffffffffffffffffffffffffffffffffffff67ffffffffffffffff948161010098958163ffffffff96816040519b168b521660208a01521660408801521660608601521660808401521660a08201523060c08201524660e08201522090565b978894855f525f60205260405f205461298857855f525f6020528160c01b7bffffffff00000000000000000000000000000000000000000000000016841760405f20556040519773ffffffffffffffffffffffffffffffffffffffff16885273ffffffffffffffffffffffffffffffffffffffff16602088015263ffffffff16604087015267ffffffffffffffff1660608601526bffffffffffffffffffffffff16608085015273ffffffffffffffffffffffffffffffffffffffff169260a07fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df05691a4565b857fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b847fff740679000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b507f2f081df3000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b73ffffffffffffffffffffffffffffffffffffffff81169493929185612a5d575b857f9a7d38d9000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b8573ffffffffffffffffffffffffffffffffffffffff5f6040518780604014612b2d57604114612afa57505b1614612af257916020917f1626ba7e000000000000000000000000000000000000000000000000000000009360405190858252600482015260648660248301978895604087528160448601528385013701915afa91511416612aee5780808080612a31565b9050565b505050509050565b905060408601355f1a60205260408681375b835f526020604060805f60015afa505f6060523d6060185190604052612a89565b5090507f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff6020870135601b8160ff1c01602052873560405216606052612b0c565b612b76611c71565b505f525f60205260405f205460405190612b8f82611b41565b6bffffffffffffffffffffffff811682526bffffffffffffffffffffffff8160601c16602083015263ffffffff8160c01c16604083015260e01c606082015290565b7f00000000000000000000000000000000000000000000000000000000000000007f000000000000000000000000000000000000000000000000000000000000000030147f000000000000000000000000000000000000000000000000000000000000000046141615612c5c575b6719010000000000005f52601a52603a526042601820905f603a52565b5060a06040517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f81527f000000000000000000000000000000000000000000000000000000000000000060208201527f0000000000000000000000000000000000000000000000000000000000000000604082015246606082015230608082015220612c3f565b3560ff811681036103255790565b906008811015611c015760051b0190565b919073ffffffffffffffffffffffffffffffffffffffff831615612d78576014526034526fa9059cbb0000000000000000000000005f5260205f6044601082855af1908160015f51141615612d5a575b50505f603452565b3b153d171015612d6b575f80612d52565b6390b8ec185f526004601cfd5b9091505f3881808585620186a0f115612d8f575050565b602073ffffffffffffffffffffffffffffffffffffffff7f9c9e0cdb1670e88302408e5b941dc636f63a3293204694bb68910fcf3d9305f3921692835f526002825260405f20612de0828254611b07565b9055604051908152a2565b602460106020939284936014526f70a082310000000000000000000000005f525afa601f3d11166020510290565b805f52600160205260405f2091803592835f5260205263ffffffff60405f2054169081851190811591612e9a575b50612e9357505f52600160205260405f20905f5260205260405f2063ffffffff82167fffffffffffffffffffffffffffffffffffffffffffffffffffffffff0000000082541617905590565b9250505090565b67ffffffffffffffff91506060612eb19101611a40565b1642115f612e4756";
