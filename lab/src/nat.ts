/**
 * Port mapping against a router of a few lines on this machine that speaks UPnP (SSDP, SOAP). Not part of `npm test`: the
 * search goes out by multicast, and a real router on the network may answer it as well.
 *
 *     npm run lab -- nat
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { mapPort } from "@everseed/node";

const PORT = 48_123;
const SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1";
const DEVICE = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";

function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const address of addresses ?? []) if (address.family === "IPv4" && !address.internal) return address.address;
  return "127.0.0.1";
}

async function startRouter() {
  const calls: string[] = [];
  const http = createServer((request, response) => {
    if (request.method === "GET") {
      const service = `<service><serviceType>${SERVICE}</serviceType><serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId><controlURL>/ctl</controlURL><eventSubURL>/evt</eventSubURL><SCPDURL>/scpd.xml</SCPDURL></service>`;
      const wan = (type: string, inner: string): string =>
        `<device><deviceType>urn:schemas-upnp-org:device:${type}:1</deviceType>${inner}</device>`;
      const connection = wan("WANConnectionDevice", `<serviceList>${service}</serviceList>`);
      const inner = wan("WANDevice", `<deviceList>${connection}</deviceList>`);
      response.setHeader("content-type", "text/xml");
      return void response.end(
        `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">${wan("InternetGatewayDevice", `<deviceList>${inner}</deviceList>`)}</root>`,
      );
    }
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const action = /u:(\w+)/.exec(body)?.[1] ?? "";
      const protocol = /<NewProtocol[^>]*>(\w+)</.exec(body)?.[1] ?? "";
      const port = /<NewExternalPort[^>]*>(\d+)</.exec(body)?.[1] ?? "";
      calls.push(`${action} ${protocol} ${port}`);
      response.setHeader("content-type", "text/xml");
      response.end(
        `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:${action}Response xmlns:u="${SERVICE}"/></s:Body></s:Envelope>`,
      );
    });
  });
  await new Promise<void>((resolve) => http.listen(0, resolve));
  const location = `http://${ownAddress()}:${(http.address() as AddressInfo).port}/root.xml`;
  const ssdp = createSocket({ type: "udp4", reuseAddr: true });
  await new Promise<void>((resolve) => ssdp.bind(1900, resolve));
  ssdp.addMembership("239.255.255.250", ownAddress());
  ssdp.on("message", (packet, from) => {
    if (!packet.toString().startsWith("M-SEARCH")) return;
    const answer = `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${DEVICE}\r\nUSN: uuid:1::${DEVICE}\r\nEXT:\r\nLOCATION: ${location}\r\n\r\n`;
    ssdp.send(answer, from.port, from.address);
  });
  return {
    calls,
    stop: () => Promise.all([new Promise((done) => http.close(done)), new Promise<void>((done) => ssdp.close(done))]),
  };
}

export async function run(): Promise<void> {
  const router = await startRouter();
  try {
    const started = performance.now();
    let mapping: ReturnType<typeof mapPort> | undefined;
    const mapped = await new Promise<boolean>((resolve) => {
      mapping = mapPort(PORT, resolve);
    });
    const seconds = (performance.now() - started) / 1_000;
    await mapping?.stop();
    const wanted = ["Add", "Delete"].flatMap((verb) =>
      ["TCP", "UDP"].map((name) => `${verb}PortMapping ${name} ${PORT}`),
    );
    const missing = wanted.filter((call) => !router.calls.includes(call));
    if (!mapped || missing.length > 0) throw new Error(`The router was not asked: ${missing.join(", ")}`);
    console.log(`mapped for TCP and UDP in ${seconds.toFixed(1)} s, and taken back`);
  } finally {
    await router.stop();
  }
}
