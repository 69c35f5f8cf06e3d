/** Generated from src/tokens/TestUSD.sol by `npm run contracts`: do not edit. */
export const testUsdAbi = [
  {
    "inputs": [],
    "name": "AllowanceOverflow",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "AllowanceUnderflow",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InsufficientAllowance",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InsufficientBalance",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidPermit",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "Permit2AllowanceIsFixedAtInfinity",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "PermitExpired",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "TotalSupplyOverflow",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "spender",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Approval",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Transfer",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "DOMAIN_SEPARATOR",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "result",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "spender",
        "type": "address"
      }
    ],
    "name": "allowance",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "result",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "spender",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "approve",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "balanceOf",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "result",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "decimals",
    "outputs": [
      {
        "internalType": "uint8",
        "name": "",
        "type": "uint8"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "mint",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "name",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "nonces",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "result",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "spender",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256"
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
    "name": "permit",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "symbol",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "totalSupply",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "result",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "transfer",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "transferFrom",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const;

export const testUsdBytecode = "0x60808060405234601557610a87908161001a8239f35b5f80fdfe60806040526004361015610011575f80fd5b5f3560e01c806306fdde0314610905578063095ea7b31461084b57806318160ddd1461080857806323b872dd146106e7578063313ce567146106ae5780633644e515146105e457806340c10f191461053657806370a08231146104e65780637ecebe001461049657806395d89b41146103df578063a9059cbb14610332578063d505accf146100fe5763dd62ed3e146100a8575f80fd5b346100fa5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa5760206100f26100e46109b4565b6100ec6109d7565b90610a1e565b604051908152f35b5f80fd5b346100fa5760e07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa576101356109b4565b61013d6109d7565b604435916064356084359260ff841684036100fa5773ffffffffffffffffffffffffffffffffffffffff16938019156e22d473030f116ddee9f6b43ac78ba3861817156103255761018c6109fa565b60208101907f54657374205553440000000000000000000000000000000000000000000000008252519020908242116103185773ffffffffffffffffffffffffffffffffffffffff60405194169465383775081901600e52855f5260c06020600c20958654957f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8252602082019586528660408301967fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc688528b6060850198468a528c608087019330855260a08820602e527f6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c9885252528688525260a082015220604e526042602c205f5260ff1660205260a43560405260c43560605260208060805f60015afa93853d510361030b577f8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b9259460209401905585777f5e9f200000000000000000000000000000000000000000176040526034602c2055a3005b63ddafbaef5f526004601cfd5b631a15a3cc5f526004601cfd5b633f68539a5f526004601cfd5b346100fa5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa576103696109b4565b602435906387a211a2600c52335f526020600c2080548084116103d25783900390555f526020600c20818154019055602052600c5160601c337fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef602080a3602060405160018152f35b63f4d678b85f526004601cfd5b346100fa575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa57604051604081019080821067ffffffffffffffff8311176104695761046591604052600481527f545553440000000000000000000000000000000000000000000000000000000060208201526040519182918261096c565b0390f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b346100fa5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa576104cd6109b4565b6338377508600c525f52602080600c2054604051908152f35b346100fa5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa5761051d6109b4565b6387a211a2600c525f52602080600c2054604051908152f35b346100fa5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa5761056d6109b4565b602435906805345cdf77eb68f44c548281019081106105d7576805345cdf77eb68f44c556387a211a2600c525f526020600c20818154019055602052600c5160601c5f7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef602080a3005b63e5cfe9575f526004601cfd5b346100fa575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa57602060a061061e6109fa565b828101907f54657374205553440000000000000000000000000000000000000000000000008252519020604051907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8252838201527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc6604082015246606082015230608082015220604051908152f35b346100fa575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa57602060405160068152f35b346100fa5760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa5761071e6109b4565b6107266109d7565b604435908260601b6e22d473030f116ddee9f6b43ac78ba333036107be575b6387a211a217600c526020600c2080548084116103d25783900390555f526020600c2081815401905560205273ffffffffffffffffffffffffffffffffffffffff600c5160601c91167fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef602080a3602060405160018152f35b33602052637f5e9f208117600c526034600c209081549182196107e4575b509050610745565b8285116107fb57846387a211a293039055856107dc565b6313be252b5f526004601cfd5b346100fa575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa5760206805345cdf77eb68f44c54604051908152f35b346100fa5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa576108826109b4565b602435908119156e22d473030f116ddee9f6b43ac78ba373ffffffffffffffffffffffffffffffffffffffff831618171561032557602052637f5e9f20600c52335f52806034600c20555f52602c5160601c337f8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b92560205fa3602060405160018152f35b346100fa575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100fa5761046561093e6109fa565b7f54657374205553440000000000000000000000000000000000000000000000006020820152604051918291825b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602060409481855280519182918282880152018686015e5f8582860101520116010190565b6004359073ffffffffffffffffffffffffffffffffffffffff821682036100fa57565b6024359073ffffffffffffffffffffffffffffffffffffffff821682036100fa57565b604051906040820182811067ffffffffffffffff8211176104695760405260088252565b906e22d473030f116ddee9f6b43ac78ba373ffffffffffffffffffffffffffffffffffffffff821614610a6157602052637f5e9f20600c525f526034600c205490565b50507fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9056";
