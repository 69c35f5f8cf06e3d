/**
 * One WebTorrent client that seeds or fetches one torrent: webtorrent-peer.mjs seed|get TORRENT|MAGNET DIR PORT LINK [HOST:PORT]...
 * Prints READY or DONE, then runs until it is ended; at the end one JSON object with its own cpuSeconds and maxRssMiB. LINK is plain, encrypted, utp, utp+encrypted, or webrtc: then it meets
 * its peers through the torrent's trackers.
 */
import { readFileSync } from "node:fs";
import WebTorrent from "webtorrent";

const [mode, source, folder, port, link, ...peers] = process.argv.slice(2);
const client = new WebTorrent({
  torrentPort: Number(port),
  dht: false,
  lsd: false,
  utp: link.startsWith("utp"),
  utPex: false,
  natUpnp: false,
  natPmp: false,
  tracker: link === "webrtc",
  secure: link.endsWith("encrypted"),
});
client.on("error", (error) => {
  console.error(String(error));
  process.exit(1);
});
const torrent = client.add(source.startsWith("magnet:") ? source : readFileSync(source), {
  path: folder,
  ...(link === "webrtc" ? {} : { announce: [] }),
});
const dial = () => {
  if (torrent.done || torrent.numPeers > 0) return;
  for (const peer of peers) torrent.addPeer(peer);
};
torrent.on("infoHash", dial);
torrent.on("ready", dial);
torrent.on("done", () => console.log(mode === "seed" ? "READY" : "DONE"));

const finish = () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, maxRssMiB: maxRSS / 1024 }));
  process.exit(0);
};
process.on("SIGTERM", finish);
process.stdin.on("end", finish).resume();
