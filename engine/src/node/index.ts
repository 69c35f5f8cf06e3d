export * from "./create-torrent.ts";
export * from "./datagram-port.ts";
export * from "./file-storage.ts";
export * from "./http-get.ts";
export * from "./node-web-rtc.ts";
export * from "./tcp-transport.ts";
export * from "./udp-socket.ts";
export * from "./worker-hasher.ts";
