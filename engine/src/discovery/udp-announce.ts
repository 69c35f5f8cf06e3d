/**
 * One announce over UDP (BEP 15): connect, then announce, each sent again after 3 and 6 seconds within the time given. Path
 * and query of the tracker's URL travel as options of the announce (BEP 41).
 */
import { type Clock, EverseedError, ProtocolError, type RandomBytes, randomInt } from "@everseed/core";
import {
  type AnnounceRequest,
  type AnnounceResponse,
  decodeUdpResponse,
  encodeUdpRequest,
  type UdpRequest,
  type UdpResponse,
} from "@everseed/wire";

/** A UDP socket towards one host. */
export interface UdpSocket {
  readonly family: 4 | 6;
  send(packet: Uint8Array): void;
  close(): void;
}
export type OpenUdp = (
  host: string,
  port: number,
  onPacket: (packet: Uint8Array) => void,
  onError: (error: Error) => void,
) => Promise<UdpSocket>;

const RESEND_MS = 3_000;

export interface UdpAnnounceInit {
  readonly openUdp: OpenUdp;
  /** In place of the URL's host. */
  readonly address?: string;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly timeoutMs: number;
}

/** Rejects with EverseedError `tracker-timeout`, or `ProtocolError` `tracker-refused`. */
export async function announceOverUdp(
  url: string,
  announce: AnnounceRequest,
  init: UdpAnnounceInit,
): Promise<AnnounceResponse> {
  const { hostname, port, pathname, search } = new URL(url.replace(/^udp:/, "http:"));
  const page = `${pathname}${search}`;
  const asked = page === "/" ? announce : { ...announce, urlData: page };
  let receive: (packet: Uint8Array) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = await init.openUdp(
    init.address ?? host,
    Number(port || "80"),
    (packet) => receive(packet),
    (error) => fail(error),
  );
  const deadline = init.clock.now() + init.timeoutMs;

  const ask = (build: (transaction: number) => UdpRequest): Promise<UdpResponse> =>
    new Promise((resolve, reject) => {
      const transaction = randomInt(init.random, 0x1_0000_0000);
      const packet = encodeUdpRequest(build(transaction));
      let cancel = (): void => undefined;
      let wait = RESEND_MS;
      const send = (): void => {
        const left = deadline - init.clock.now();
        if (left <= 0)
          return reject(
            new EverseedError("tracker-timeout", `Cannot announce: ${url} does not answer`, { retryable: true }),
          );
        socket.send(packet);
        cancel = init.clock.after(Math.min(wait, left), send) as () => undefined;
        wait *= 2;
      };
      fail = (error) => {
        cancel();
        reject(error);
      };
      receive = (bytes) => {
        let answer: UdpResponse;
        try {
          answer = decodeUdpResponse(bytes, socket.family);
        } catch {
          // Garbage that is not even an answer: wait for the real one.
          return;
        }
        if (answer.transaction !== transaction) return;
        cancel();
        if (answer.action === "error")
          reject(new ProtocolError("tracker-refused", "announce", "a list of peers", answer.reason));
        else resolve(answer);
      };
      send();
    });

  try {
    const connected = await ask((transaction) => ({ action: "connect", transaction }));
    if (connected.action !== "connect") throw new ProtocolError("udp-tracker", "answer", "connect", connected.action);
    const { connection } = connected;
    const answered = await ask((transaction) => ({ action: "announce", transaction, connection, announce: asked }));
    if (answered.action !== "announce") throw new ProtocolError("udp-tracker", "answer", "announce", answered.action);
    return answered.answer;
  } finally {
    socket.close();
  }
}
