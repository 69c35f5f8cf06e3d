/**
 * WebRTC in Node: libdatachannel by npm's `node-datachannel`, whose polyfill has the browser's form. It is an optional
 * package with a native part, and is loaded when the first connection is wanted, so that a node without it works as ever.
 */
import { EverseedError } from "@everseed/core";
import type { RtcConstructor } from "../webrtc/web-rtc.ts";

export interface NodeWebRtcInit {
  /** Address of the one interface to use. @default all but loopback */
  readonly host?: string;
}

/** Who has loaded it and not let go. */
let users = 0;

/** Lets go of what `loadWebRtc` gave. With the last its threads end, which would keep the process from ending. */
export async function unloadWebRtc(): Promise<void> {
  if (users === 0 || --users > 0) return;
  const { cleanup } = await import("node-datachannel");
  cleanup();
}

/** Loads the implementation, to be let go by `unloadWebRtc`. Rejects with EverseedError `webrtc-missing`. */
export async function loadWebRtc(init: NodeWebRtcInit = {}): Promise<RtcConstructor> {
  let loaded: { RTCPeerConnection: unknown };
  try {
    loaded = await import("node-datachannel/polyfill");
  } catch (cause) {
    throw new EverseedError("webrtc-missing", "Cannot use WebRTC: the package node-datachannel does not load", {
      cause,
      hint: "Install it for this platform: npm install node-datachannel",
    });
  }
  users++;
  const Base = loaded.RTCPeerConnection as RtcConstructor;
  return class extends Base {
    constructor(configuration: RTCConfiguration = {}) {
      super({ ...configuration, ...(init.host === undefined ? {} : { bindAddress: init.host }) } as RTCConfiguration);
      // The polyfill fails promises that nobody asked for when a description is bad; that must not end the process.
      for (const unasked of [this.createOffer(), this.createAnswer()]) unasked.catch(() => undefined);
    }
  };
}
