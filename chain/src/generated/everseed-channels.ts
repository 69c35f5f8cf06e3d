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
    "inputs": [
      {
        "internalType": "uint32",
        "name": "until",
        "type": "uint32"
      }
    ],
    "name": "OpenedTooLate",
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
        "internalType": "uint32",
        "name": "window",
        "type": "uint32"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "payee",
            "type": "address"
          },
          {
            "internalType": "uint96",
            "name": "amount",
            "type": "uint96"
          },
          {
            "internalType": "uint64",
            "name": "nonce",
            "type": "uint64"
          }
        ],
        "internalType": "struct IEverseedChannels.Opening[]",
        "name": "openings",
        "type": "tuple[]"
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

export const everseedChannelsBytecode = "0x6101206040523461012157306080524660a052604080519081016001600160401b0381118282101761010d57604090815260118252704576657273656564204368616e6e656c7360781b60208301908152815191820192906001600160401b0384118385101761010d5760a093604052600183526020830191603160f81b8352519020915190208160c0528060e052604051917f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8352602083015260408201524660608201523060808201522061010052604051612eba9081610126823960805181612b87015260a05181612baa015260c05181612c1a015260e05181612c4001526101005181612b660152f35b634e487b7160e01b5f52604160045260245ffd5b5f80fdfe60c06040526004361015610011575f80fd5b5f5f3560e01c80630baae2a014611a41578063106c0db21461184757806312bb158b146113c45780635b9901fd1461109b57806384b0196e14610f5b5780638ec4f10d14610e7757806396da943f14610d3e57806396ef9c8914610ce65780639b55ced214610bad578063a12ef25e14610a77578063b6820451146108d1578063b7d9c80e14610840578063cb5bfedb1461079c578063d9d25ded146105cf578063dc78705a1461050c578063e2ea0ce2146104aa578063f0a33bd4146102f85763ffa404c4146100e0575f80fd5b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126102f45760c0136102f15761011a611aeb565b688000000000ab143c065c6102e4576101569030688000000000ab143c065d6bffffffffffffffffffffffff61014e611b4c565b9116906127ad565b61015e611edc565b50610167611bf0565b906101718261209b565b5061019461017e83612b01565b916bffffffffffffffffffffffff835116611d00565b6bffffffffffffffffffffffff81116102b9576bffffffffffffffffffffffff7f68533dc84168984d1dfb781b70681768a6b93ef06d87871fbd5ecc863f2a4fed92816020931681526102758186907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b5116604051908152a280156102aa574660010361029b5780688000000000ab143c065d80f35b688000000000ab143c06805580f35b5f688000000000ab143c065d80f35b7fff740679000000000000000000000000000000000000000000000000000000008452600452602483fd5b63ab143c0682526004601cfd5b80fd5b5080fd5b50346102f15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576004359067ffffffffffffffff82116102f157366023830112156102f15781600401359067ffffffffffffffff82116102f157602483013660248460051b860101116102f4578193825b8481101561049f5761038c60248260051b84010184611dab565b90303b1561049b57908581604482947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405196879586947f5b9901fd0000000000000000000000000000000000000000000000000000000086526020600487015281602487015286860137868582860101520116810103018183305af19182610480575b5050610422575b600101610372565b947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8114610453576001019461041a565b6024847f4e487b710000000000000000000000000000000000000000000000000000000081526011600452fd5b61048991611e45565b845f12610497575f85610413565b8480fd5b8580fd5b602086604051908152f35b50346102f15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576024356bffffffffffffffffffffffff811681036105085761050060209160043561204f565b604051908152f35b5f80fd5b507ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360160e081126102f45760c0136102f157610547611aeb565b90688000000000ab143c065c6105c25761057c6bffffffffffffffffffffffff60209330688000000000ab143c065d166126b9565b9080156105b0574660010361059e57688000000000ab143c065d604051908152f35b50688000000000ab143c068055610500565b505f688000000000ab143c065d610500565b63ab143c0690526004601cfd5b50346102f15760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576024359060443560043573ffffffffffffffffffffffffffffffffffffffff821682036105085760643573ffffffffffffffffffffffffffffffffffffffff81169081810361050857688000000000ab143c065c61078f5730688000000000ab143c065d928260601c928660601c9215610785575b6040805173ffffffffffffffffffffffffffffffffffffffff8087168252808616602083015280881682840152841660608201529082901c63ffffffff16608082015267ffffffffffffffff90911660a082018190523060c08301524660e083015261010090912094833303610737575b6bffffffffffffffffffffffff61071a979816956107156107068883612605565b909360a435916084359161239c565b6124cd565b80156102aa574660010361029b5780688000000000ab143c065d80f35b73ffffffffffffffffffffffffffffffffffffffff16330361075957826106e5565b6024867f20b9b34000000000000000000000000000000000000000000000000000000000815233600452fd5b9293508392610674565b63ab143c0685526004601cfd5b50346102f15760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f1576024356fffffffffffffffffffffffffffffffff811681036102f45760443567ffffffffffffffff811161083c573660238201121561083c5780600401359267ffffffffffffffff84116102f15736602460a08602840101116102f1576020610500856024850186600435611f10565b8280fd5b50346102f15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f157610878611edc565b506080610886600435612b01565b63ffffffff6060604051926bffffffffffffffffffffffff81511684526bffffffffffffffffffffffff60208201511660208501528260408201511660408501520151166060820152f35b5060807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f157610904611b06565b9060243573ffffffffffffffffffffffffffffffffffffffff81168103610508576044359263ffffffff8416840361083c576064359167ffffffffffffffff8311610a735736602384011215610a735782600401359467ffffffffffffffff8611610497576024840193602436916060890201011161049757688000000000ab143c065c61078f5730688000000000ab143c065d84805b87808310610a3b57506109af9150846127ad565b92855b8781106109d7578680156102aa574660010361029b5780688000000000ab143c065d80f35b80610a2d6109e86001938b8a611e86565b966bffffffffffffffffffffffff610a0260208a01611ec3565b16818111610a34575b80910397868689610a276040610a2086611b92565b9501611bdb565b936128d0565b50016109b2565b5080610a0b565b6001916bffffffffffffffffffffffff610a646020610a5e87610a6b968d611e86565b01611ec3565b1690611d00565b91019061099b565b8380fd5b50346102f15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f157610aaf611b06565b9060243573ffffffffffffffffffffffffffffffffffffffff811681036102f457688000000000ab143c065c6102e45773ffffffffffffffffffffffffffffffffffffffff9030688000000000ab143c065d921691823303610ba6575b82825260026020526040822054928315610b7b5782809481928252600260205281604081205573ffffffffffffffffffffffffffffffffffffffff3894165af115610b6e5780156102aa574660010361029b5780688000000000ab143c065d80f35b63b12d13eb90526004601cfd5b7f557eefa9000000000000000000000000000000000000000000000000000000008352600452602482fd5b5081610b0c565b50346102f1577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161016081126102f45760c0136102f157610bee611aeb565b610104359060ff821680920361083c57688000000000ab143c065c610cd95730688000000000ab143c065d8273ffffffffffffffffffffffffffffffffffffffff610c37611b4c565b1691823b156102f45760e46bffffffffffffffffffffffff918360405195869485937fd505accf00000000000000000000000000000000000000000000000000000000855233600486015230602486015216978860448501528435606485015260848401526101243560a48401526101443560c48401525af1610cc2575b509061057c6020926126b9565b82610ccc91611e45565b815f126102f4575f610cb5565b63ab143c0683526004601cfd5b50346102f15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f15763ffffffff604060209260043581526001845281812060243582528452205416604051908152f35b50346102f1577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161012081126102f45760c0136102f157610d7f611aeb565b60e43567ffffffffffffffff811161083c57610d9f903690600401611a7a565b916101043567ffffffffffffffff811161049757610dc1903690600401611a7a565b92688000000000ab143c065c610e6a5730688000000000ab143c065d610de5611bf0565b93610df08486612605565b90939060443573ffffffffffffffffffffffffffffffffffffffff811681036105085761071a98610e3395610e269284906120eb565b610e2e611b6f565b6120eb565b610e3b611bc4565b610e43611b4c565b90610e4c611b6f565b926bffffffffffffffffffffffff610e62611b29565b9516956124cd565b63ab143c0686526004601cfd5b50346102f15760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f157688000000000ab143c065c6105c25730688000000000ab143c065d610eca611bf0565b90610ed48261209b565b918260e01c9283158015610f52575b610f26579061071a91610ef4611bc4565b610efc611b4c565b610f04611b6f565b91610f0d611b29565b936bffffffffffffffffffffffff8160601c16956124cd565b602483857ff3661b97000000000000000000000000000000000000000000000000000000008252600452fd5b50834210610ee3565b50346102f157807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f15761103c9060405190610f9d604083611e45565b601182527f4576657273656564204368616e6e656c73000000000000000000000000000000602083015261104a604051610fd8604082611e45565b600181527f310000000000000000000000000000000000000000000000000000000000000060208201526040519485947f0f00000000000000000000000000000000000000000000000000000000000000865260e0602087015260e0860190611aa8565b908482036040860152611aa8565b904660608401523060808401528060a084015282820360c084015260206060519283815201916080915b818110611082575050500390f35b8251845285945060209384019390920191600101611074565b50346102f15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102f15760043567ffffffffffffffff81116102f4576110eb903690600401611a7a565b688000000000ab143c069291925c6102e45730688000000000ab143c065d7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff54810190606082049160ac82101590816113b8575b501561138d57506008811161136157604051833560601c8152601484013560601c90816020820152602885013560601c806040830152610100603c87013560601c92836060820152605088013560e01c6080820152605488013560c01c60a08201523060c08201524660e0820152206111b68161209b565b91605c88013560801c906111d98790604051828193825260010160051b01604052565b91809789905b80821061121d57505091899161121261121894606c608c61071a9d9e0135950135936020815160051b9101209087612359565b9061239c565b61227b565b909860608a028c019060ec820135918260801c9063ffffffff8460601c1667ffffffffffffffff63ffffffff8660401c169516918582811161132c5792600196949282856112758f959760ac6112f99b990135612c76565b9467ffffffffffffffff8503611301575b5050918493916112ea9560cc6112e49501359392909160c09492604051947f229b087ff852214774ae21a4dd1d2daa4f7fb5311c266b86b80f77e072d69c9b8652602086015260408501526060840152608083015260a08201522090565b93612268565b918d850160051b890152611d00565b9901906111df565b849298509560cc61131d8795936112e49784996112ea9b612d1a565b9993955050509193948e611286565b90508f9150604492508e7f504f1338000000000000000000000000000000000000000000000000000000008352600452602452fd5b602492507fc20c4866000000000000000000000000000000000000000000000000000000008252600452fd5b7f1b697901000000000000000000000000000000000000000000000000000000008352600452602482fd5b6060915006155f61113e565b346105085760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126105085760043567ffffffffffffffff81116105085780600401908036036101407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82011261050857688000000000ab143c065c61183a5730688000000000ab143c065d5f60a05261150561146384611b92565b61146f60248501611b92565b61147b60448601611b92565b61148760648701611b92565b9061149460848801611bb3565b926114a160a48901611bdb565b949373ffffffffffffffffffffffffffffffffffffffff67ffffffffffffffff948161010098958163ffffffff96816040519b168b521660208a01521660408801521660608601521660808401521660a08201523060c08201524660e08201522090565b60a05261151360a05161209b565b9061152060448401611b92565b926115a460c482019461156861153587611d3a565b9161155160e4860193611548858c611d57565b9160a051611f10565b9061156061010487018b611dab565b9290916120eb565b6fffffffffffffffffffffffffffffffff61159d61158860648601611b92565b9761159560248701611b92565b608052611d3a565b1696611d57565b9290917fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdd6101248201359201821215610508570160048101359067ffffffffffffffff8211610508576024019260608202360384136105085791905f9361010091604051926116138185611e45565b3684375f5b818110611709575050505f925b80841061165657611648878761163b888c611d00565b916080519160a05161227b565b5f688000000000ab143c065d005b909192936116c26001916116bc61166e888689611f00565b6060810167ffffffffffffffff8061168583611bdb565b16036116cc575b506fffffffffffffffffffffffffffffffff6116b560206116ad8c8b612257565b519301611d3a565b1690612268565b90611d00565b9401929190611625565b6116d86116f891611bdb565b67ffffffffffffffff6116eb8c8b612257565b519116833560a051612d1a565b6117028a89612257565b528c61168c565b61171881838598969798611e86565b61172e60ff61172683612249565b168689611f00565b602082019061173c82611bb3565b63ffffffff8061174e60408501611bb3565b16911611908115611812575b506117c857908161176d60019493611bb3565b63ffffffff61178760ff61178086612249565b168b612257565b5191161161179c575b50500194939294611618565b60ff6117b963ffffffff6117b26117c094611bb3565b1693612249565b1688612257565b528b80611790565b60ff6117e16117db63ffffffff94612249565b92611bb3565b917f504f1338000000000000000000000000000000000000000000000000000000005f52166004521660245260445ffd5b905061183063ffffffff61182584611bb3565b166040850135612c76565b903514158d61175a565b63ab143c065f526004601cfd5b346105085760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126105085773ffffffffffffffffffffffffffffffffffffffff611893611b29565b1633036119f4576118a2611edc565b506118ab611bf0565b6118b48161209b565b506118be81612b01565b606081019063ffffffff825116806119c9575063ffffffff7f51beb8d6b6fbf6e049522e789ee7c0e19fe9aa004bf50bea4cc28e495fb0b1d9926119b28361190e84604060209701511642611d00565b848110156119bd57848091165b16835286907fffffffff0000000000000000000000000000000000000000000000000000000060606bffffffffffffffffffffffff83511677ffffffffffffffffffffffff0000000000000000000000006020850151831b16177bffffffff000000000000000000000000000000000000000000000000604085015160c01b161792015160e01b1617905f525f60205260405f2055565b5116604051908152a2005b508363fffffffe61191b565b7ff3661b97000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff611a11611b29565b7f2f081df3000000000000000000000000000000000000000000000000000000005f52166004523360245260445ffd5b346105085760c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610508576020610500611bf0565b9181601f840112156105085782359167ffffffffffffffff8311610508576020838186019501011161050857565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b60c435906bffffffffffffffffffffffff8216820361050857565b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361050857565b60043573ffffffffffffffffffffffffffffffffffffffff811681036105085790565b60643573ffffffffffffffffffffffffffffffffffffffff811681036105085790565b60243573ffffffffffffffffffffffffffffffffffffffff811681036105085790565b3573ffffffffffffffffffffffffffffffffffffffff811681036105085790565b3563ffffffff811681036105085790565b60a43567ffffffffffffffff811681036105085790565b3567ffffffffffffffff811681036105085790565b60043573ffffffffffffffffffffffffffffffffffffffff811681036105085760243573ffffffffffffffffffffffffffffffffffffffff811681036105085760443573ffffffffffffffffffffffffffffffffffffffff811681036105085760643573ffffffffffffffffffffffffffffffffffffffff81168103610508576084359163ffffffff831683036105085760a4359367ffffffffffffffff8516850361050857611cfd959373ffffffffffffffffffffffffffffffffffffffff67ffffffffffffffff948161010098958163ffffffff96816040519b168b521660208a01521660408801521660608601521660808401521660a08201523060c08201524660e08201522090565b90565b91908201809211611d0d57565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b356fffffffffffffffffffffffffffffffff811681036105085790565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe181360301821215610508570180359067ffffffffffffffff8211610508576020019160a082023603831361050857565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe181360301821215610508570180359067ffffffffffffffff82116105085760200191813603831361050857565b6080810190811067ffffffffffffffff821117611e1857604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117611e1857604052565b9190811015611e96576060020190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b356bffffffffffffffffffffffff811681036105085790565b60405190611ee982611dfc565b5f6060838281528260208201528260408201520152565b9190811015611e965760a0020190565b909193926008811161202457611f358190604051828193825260010160051b01604052565b905f5b818110611f6b575050611cfd9394508060206fffffffffffffffffffffffffffffffff925160051b910120921690612359565b80612015611f7c600193858b611f00565b6fffffffffffffffffffffffffffffffff611f9960208301611d3a565b1663ffffffff611fab60408401611bb3565b1667ffffffffffffffff611fc160608501611bdb565b16916080840135933592909160c09492604051947f229b087ff852214774ae21a4dd1d2daa4f7fb5311c266b86b80f77e072d69c9b8652602086015260408501526060840152608083015260a08201522090565b81830160051b85015201611f38565b7fc20c4866000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b6060906bffffffffffffffffffffffff611cfd93604051927fd2c23b7355193b63cbe66da0b1b7e0ec3f6c85b3a05671fc308e071c796aeb368452602084015216604082015220612b64565b90815f525f60205260405f2054916bffffffffffffffffffffffff8316156120c05750565b7f5b115874000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff81169493929185612138575b857f9a7d38d9000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b8573ffffffffffffffffffffffffffffffffffffffff5f6040518780604014612208576041146121d557505b16146121cd57916020917f1626ba7e000000000000000000000000000000000000000000000000000000009360405190858252600482015260648660248301978895604087528160448601528385013701915afa915114166121c9578080808061210c565b9050565b505050509050565b905060408601355f1a60205260408681375b835f526020604060805f60015afa505f6060523d6060185190604052612164565b5090507f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff6020870135601b8160ff1c016020528735604052166060526121e7565b3560ff811681036105085790565b906008811015611e965760051b0190565b81810292918115918404141715611d0d57565b93633b9aca00909392919304936bffffffffffffffffffffffff8416946bffffffffffffffffffffffff8560601c1695808211612351575b5085811115612349576bffffffffffffffffffffffff81612347977f2af117180a4a4c88761d2185b05d3ec76a6716342be7f0324eb219f1f589faf8930396845f525f6020528760601b0160405f205561233f604051928392166bffffffffffffffffffffffff8916839092916bffffffffffffffffffffffff60209181604085019616845216910152565b0390a2612da3565b565b505050505050565b90505f6122b3565b611cfd92608092604051927fe49e4c22f07e236489a97753923c2769494f807f30530567d862264e3dc46fe9845260208401526040830152606082015220612b64565b939291909173ffffffffffffffffffffffffffffffffffffffff851694856123ea57857f9a7d38d9000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b60405191845f527f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff601b8260ff1c019182602052856040521694856060526020604060805f60015afa505f6060528773ffffffffffffffffffffffffffffffffffffffff3d606018518660405216146124c357927f1626ba7e00000000000000000000000000000000000000000000000000000000949260a59260209587845260048401526024830197889560408752604160448601526064850152608484015260a48301535afa915114166121c9578080808061210c565b5050505050509050565b919493909592956bffffffffffffffffffffffff8160601c166bffffffffffffffffffffffff818603921693612533868603987fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff63ffffffff8142019260201c16011090565b156125df575f5b815f525f60205260405f20557f9b7130e309a71b0a0b52ba263b32494764dccd64ccf9dd55f362b2b31c756644604051806125af6bffffffffffffffffffffffff8c166bffffffffffffffffffffffff8816839092916bffffffffffffffffffffffff60209181604085019616845216910152565b0390a284036125ce575b5050036125c557505050565b61234792612da3565b6125d89187612da3565b5f806125b9565b7fffffffff0000000000000000000000000000000000000000000000000000000061253a565b91906126108361209b565b926bffffffffffffffffffffffff84166bffffffffffffffffffffffff83169080821161268b57506bffffffffffffffffffffffff8560601c1680821061265d57505090611cfd9161204f565b7f3ca4acd9000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f550fcb49000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b60043573ffffffffffffffffffffffffffffffffffffffff8116908181036105085781330361277d57505060243573ffffffffffffffffffffffffffffffffffffffff811681036105085760443573ffffffffffffffffffffffffffffffffffffffff811681036105085760643573ffffffffffffffffffffffffffffffffffffffff81168103610508576084359063ffffffff821682036105085760a4359267ffffffffffffffff8416840361050857612777611cfd96836127ad565b946128d0565b507f2f081df3000000000000000000000000000000000000000000000000000000005f526004523360245260445ffd5b9073ffffffffffffffffffffffffffffffffffffffff8216156128955734612865576127d93083612e8c565b916040519082606052306040523360601b602c526f23b872dd000000000000000000000000600c5260205f6064601c82855af18060015f51141615612847575b5061282c915f6060526040523090612e8c565b918203918211611d0d5780821015612842575090565b905090565b3d823b15171015612858575f612819565b637939f4245f526004601cfd5b7f195a3ca1000000000000000000000000000000000000000000000000000000005f525f6004523460245260445ffd5b80915034036128a15790565b7f195a3ca1000000000000000000000000000000000000000000000000000000005f526004523460245260445ffd5b9190939295948015612ad9576bffffffffffffffffffffffff8111612aae57612926847fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff63ffffffff8142019260201c16011090565b612a79576040805133815273ffffffffffffffffffffffffffffffffffffffff808616602083015280881692820192909252908316606082015263ffffffff8816608082015267ffffffffffffffff851660a08201523060c08201524660e0820152610100902096875f525f60205260405f2054612a4d5773ffffffffffffffffffffffffffffffffffffffff9463ffffffff67ffffffffffffffff92876bffffffffffffffffffffffff968c5f525f6020527bffffffff0000000000000000000000000000000000000000000000008360c01b16871760405f2055816040519b168b521660208a01521660408801521660608601521660808401521690837fa62cdafac62adbb43ac42de8bcfca44cd0064c7f8caa6b7400128a604d6df05660a03393a4565b877fa940c060000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b63ffffffff847fcaac38e3000000000000000000000000000000000000000000000000000000005f5260201c1660045260245ffd5b7fff740679000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f69b95dc9000000000000000000000000000000000000000000000000000000005f5260045ffd5b612b09611edc565b505f525f60205260405f205460405190612b2282611dfc565b6bffffffffffffffffffffffff811682526bffffffffffffffffffffffff8160601c16602083015263ffffffff8160c01c16604083015260e01c606082015290565b7f00000000000000000000000000000000000000000000000000000000000000007f000000000000000000000000000000000000000000000000000000000000000030147f000000000000000000000000000000000000000000000000000000000000000046141615612bef575b6719010000000000005f52601a52603a526042601820905f603a52565b5060a06040517f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f81527f000000000000000000000000000000000000000000000000000000000000000060208201527f0000000000000000000000000000000000000000000000000000000000000000604082015246606082015230608082015220612bd2565b5f528060031c805b612cc15750600716805b612c9257505f5190565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060205f205f520180612c88565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060205f205f5260205f205f5260205f205f5260205f205f5260205f205f5260205f205f5260205f205f5260205f205f520180612c7e565b9091815f52600160205260405f20835f5260205263ffffffff60405f2054169081851190811591612d99575b50612d9257505f52600160205260405f20905f5260205260405f2063ffffffff82167fffffffffffffffffffffffffffffffffffffffffffffffffffffffff0000000082541617905590565b9250505090565b905042115f612d46565b919073ffffffffffffffffffffffffffffffffffffffff831615612e19576014526034526fa9059cbb0000000000000000000000005f5260205f6044601082855af1908160015f51141615612dfb575b50505f603452565b3b153d171015612e0c575f80612df3565b6390b8ec185f526004601cfd5b9091505f3881808585620186a0f115612e30575050565b602073ffffffffffffffffffffffffffffffffffffffff7f9c9e0cdb1670e88302408e5b941dc636f63a3293204694bb68910fcf3d9305f3921692835f526002825260405f20612e81828254611d00565b9055604051908152a2565b602460106020939284936014526f70a082310000000000000000000000005f525afa601f3d1116602051029056";
