/** Port mapping against a router of a few lines that speaks UPnP (SSDP, SOAP) on this machine. */
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { mapPort } from "./port-mapping.ts";

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

test("a router that speaks UPnP maps the port for TCP and UDP, and takes it back", async () => {
  const router = await startRouter();
  try {
    let told: boolean | undefined;
    const mapping = mapPort(48_123, (mapped) => {
      told = mapped;
    });
    for (let waited = 0; told === undefined && waited < 20_000; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toBe(true);
    expect(router.calls).toEqual(expect.arrayContaining(["AddPortMapping TCP 48123", "AddPortMapping UDP 48123"]));
    await mapping.stop();
    expect(router.calls.filter((call) => call.startsWith("DeletePortMapping"))).toHaveLength(2);
  } finally {
    await router.stop();
  }
}, 30_000);
