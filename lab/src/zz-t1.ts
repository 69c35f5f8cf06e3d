import { Scene } from "./sim/scene.ts";
import { priceFromPerGib } from "@everseed/market";
const scene = new Scene({ sizeBytes: 32 << 20, pieceLengthBytes: 256<<10, kind: process.argv[2] as any ?? "hybrid" });
const reserve = { type: "fixed", price: priceFromPerGib(1_000_000n, "up") } as const;
const s = await scene.add("seller", { seeds: true, price: "market", market: { reserve, slots: Number(process.argv[3]??2) }, up: 1<<20, uploadLimit: 900<<10 });
const b = await scene.add("buyer", { budget: 1_000_000n, deposit: 100_000n, price:"market", market: { bid: 2_000_000n } });
const f = await scene.add("free", { });
for (let i = 0; i < 60; i++) {
  await scene.run(1);
  const p = b.node.torrent!.stats(); const q = f.node.torrent!.stats();
  console.log((scene.world.now/1000).toFixed(0), "buyer KiB", (p.haveBytes/1024).toFixed(0), p.peers.map(x=>`${x.remote} dn${(x.downloadedBytes/1024).toFixed(0)}`).join(), "paid", b.paidNano, s.earnedNano, "free", (q.haveBytes/1024).toFixed(0), b.payments.filter(e=>!["paid","earned"].includes(e.type)).map(e=>e.type).slice(-3).join());
  if (b.node.completedAtMs && f.node.completedAtMs) break;
}
console.log(s.node.marketEvents.map(e=>`${e.type} ${(e as any).price??""} ${(e as any).reason??(e as any).code ?? ""}`).join("\n"));
console.log(s.faults,b.faults,f.faults, b.node.completedAtMs, f.node.completedAtMs);
