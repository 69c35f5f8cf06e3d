/**
 * One UDP port that several protocols share, as peers expect: uTP (BEP 29), the DHT (BEP 5) and UDP trackers all speak
 * from the port that is announced. A packet goes to the first receiver that knows it; what nobody knows is dropped.
 */

export interface DatagramPort {
  /** 0 before it is bound. */
  readonly port: number;
  /** Loses packets as the network does: no error, no confirmation. `host` is an IPv4 or IPv6 address. */
  send(packet: Uint8Array, host: string, port: number): void;
  /** `receive` answers true when the packet was its own. Returns what ends the subscription. */
  subscribe(receive: DatagramReceiver): () => void;
  close(): Promise<void>;
}

/** `packet` is the receiver's to keep. `host` is an address without brackets; IPv4 is never written as mapped IPv6. */
export type DatagramReceiver = (packet: Uint8Array, host: string, port: number) => boolean;
