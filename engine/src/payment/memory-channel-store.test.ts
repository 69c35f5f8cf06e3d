import { describe } from "vitest";
import { channelStoreCompliance } from "./channel-store-compliance.ts";
import { createMemoryChannelStore, createMemoryDisk, type MemoryChannelStore } from "./memory-channel-store.ts";
import { handClock } from "./payment-rig.ts";

describe("channels in memory", () => {
  channelStoreCompliance(() => {
    const disk = createMemoryDisk();
    const clock = handClock();
    let store: MemoryChannelStore;
    return {
      open() {
        store = createMemoryChannelStore({ clock, disk });
        return store;
      },
      crash: () => store.failAfterWrite(1, undefined, true),
      async groupCommit() {
        clock.advance(250);
      },
    };
  });
});
