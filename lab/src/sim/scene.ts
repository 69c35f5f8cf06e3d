/**
 * A few hand-placed programs around one torrent: the real engine on the simulated network, with a place between each
 * extension and its connections where a test reads, changes, drops or adds messages.
 */
import { encodePayMessage, type PayMessage } from "@everseed/channel";
import { seededRandom } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import { MemoryChain, type PaymentEvent, type PeerExtension, type PeerPort } from "@everseed/engine";
import { encodeMarketMessage, type MarketMessage } from "@everseed/market";
import type { TorrentKind } from "@everseed/metainfo";
import { Disk } from "./disk.ts";
import { Network } from "./network.ts";
import { DOMAIN, type NodeInit, type NodeTerms, SimNode } from "./node.ts";
import { torrentOf, trackerOf } from "./swarm.ts";
import { World } from "./world.ts";

const KIB = 1024;
const FUNDS = 1_000_000_000n;

export interface SceneInit {
  readonly seed?: number;
  readonly sizeBytes?: number;
  readonly pieceLengthBytes?: number;
  readonly kind?: TorrentKind;
}

/** Changes what the node sends; `undefined` drops it. */
export type Tamper = (extension: string, payload: Uint8Array, port: PeerPort) => Uint8Array | undefined;

export interface ActorInit extends NodeTerms, Pick<NodeInit, "unixOffsetMs" | "encryption" | "uploadLimit"> {
  readonly seeds?: boolean;
  /** @default an address group of its own */
  readonly address?: string;
  /** Bytes per second of its line. @default 1 MiB, 8 MiB */
  readonly up?: number;
  readonly down?: number;
  readonly latencyMs?: number;
  readonly tamper?: Tamper;
}

export class Actor {
  readonly node: SimNode;
  readonly address: string;
  readonly disk: Disk;
  readonly payments: PaymentEvent[] = [];
  /** Of live and past connections, in the order they were made. */
  readonly ports: { readonly extension: string; readonly port: PeerPort }[] = [];
  tamper: Tamper | undefined;

  constructor(
    init: { readonly name: string; readonly seed: number; readonly scene: Scene } & Pick<
      NodeInit,
      "metainfo" | "tracker"
    >,
    actor: ActorInit,
    place: { readonly address: string; readonly disk: Disk },
  ) {
    this.address = place.address;
    this.disk = place.disk;
    this.tamper = actor.tamper;
    const { world, network, chain } = init.scene;
    this.node = new SimNode({
      ...{ ...init, world, network, chain, address: place.address, disk: place.disk, terms: actor },
      ...(actor.unixOffsetMs === undefined ? {} : { unixOffsetMs: actor.unixOffsetMs }),
      ...(actor.encryption === undefined ? {} : { encryption: actor.encryption }),
      ...(actor.uploadLimit === undefined ? {} : { uploadLimit: actor.uploadLimit }),
      wrap: (extension) => this.#wrapped(extension),
      onPayment: (event) => this.payments.push(event),
    });
  }

  #wrapped(extension: PeerExtension): PeerExtension {
    return {
      name: extension.name,
      maxMessageBytes: extension.maxMessageBytes,
      connect: (port) => {
        const send = (payload: Uint8Array): void => {
          const sent = this.tamper === undefined ? payload : this.tamper(extension.name, payload, port);
          if (sent !== undefined) port.send(sent);
        };
        this.ports.push({ extension: extension.name, port });
        return extension.connect(Object.create(port, { send: { value: send } }) as PeerPort);
      },
    };
  }

  /** The latest connection with the other node, as the extension sees it. */
  port(extension: "es_market" | "es_pay", other: Actor): PeerPort {
    const found = this.ports.filter((p) => p.extension === extension && p.port.remote.startsWith(`${other.address}:`));
    const port = found.at(-1)?.port;
    if (port === undefined) throw new Error(`No connection of ${this.node.name} with ${other.node.name}`);
    return port;
  }

  /** Sends what its own code would not. */
  say(other: Actor, message: MarketMessage): void {
    this.port("es_market", other).send(encodeMarketMessage(message));
  }

  pay(other: Actor, message: PayMessage): void {
    this.port("es_pay", other).send(encodePayMessage(message));
  }

  /** Codes of the faults that others committed against it, without repeats. */
  get faults(): string[] {
    return [...new Set(this.node.faults.map((fault) => fault.split(" ").at(-1) as string))];
  }

  connectedTo(other: Actor): boolean {
    return this.node.torrent?.stats().peers.some(({ remote }) => remote.startsWith(`${other.address}:`)) === true;
  }

  events<T extends SimNode["marketEvents"][number]["type"]>(
    type: T,
  ): Extract<SimNode["marketEvents"][number], { type: T }>[] {
    return this.node.marketEvents.filter((event) => event.type === type) as never;
  }

  /** Nano base units that it revealed, or earned. */
  get paidNano(): bigint {
    return this.payments.reduce((sum, event) => (event.type === "paid" ? sum + event.amountNano : sum), 0n);
  }

  get earnedNano(): bigint {
    return this.payments.reduce((sum, event) => (event.type === "earned" ? sum + event.amountNano : sum), 0n);
  }
}

export class Scene {
  readonly world: World;
  readonly network: Network;
  readonly chain = new MemoryChain(DOMAIN, nativeCurve);
  readonly actors: Actor[] = [];
  readonly content: Uint8Array;
  readonly infoHash: Uint8Array;
  readonly #init: { readonly seed: number } & Pick<NodeInit, "metainfo" | "tracker">;

  constructor({ seed = 1, sizeBytes = 4 << 20, pieceLengthBytes = 64 * KIB, kind = "hybrid" }: SceneInit = {}) {
    this.world = new World(seed);
    this.network = new Network(this.world);
    this.content = seededRandom(seed)(sizeBytes);
    const metainfo = torrentOf(this.content, { kind, pieceLengthBytes });
    this.infoHash = (metainfo.infoHashV1 ?? metainfo.infoHashV2)?.bytes.subarray(0, 20) as Uint8Array;
    this.#init = { seed, metainfo, tracker: trackerOf(this.world) };
  }

  /** Adds a node and starts it. */
  async add(name: string, actor: ActorInit): Promise<Actor> {
    const address = actor.address ?? `10.${this.actors.length + 1}.0.1`;
    this.network.addHost({
      address,
      latencyMs: actor.latencyMs ?? 10,
      up: actor.up ?? 1 << 20,
      down: actor.down ?? 8 << 20,
    });
    const disk = new Disk(this.content, actor.seeds === true);
    const made = new Actor({ ...this.#init, name, scene: this }, actor, { address, disk });
    this.chain.fund(made.node.signer.address, FUNDS);
    this.actors.push(made);
    let started = false;
    void made.node.start().then(() => {
      started = true;
    });
    await this.world.run(this.world.now + 1_000, () => started);
    return made;
  }

  /** Lets time pass, at most so much, until `until` holds. True when it did. */
  async run(seconds: number, until: () => boolean = () => false): Promise<boolean> {
    await this.world.run(this.world.now + seconds * 1000, until);
    return until();
  }

  async stop(): Promise<void> {
    for (const { node } of this.actors) await node.stop();
  }
}
