/** What is used of @silentbot1/nat-api, which carries no types. */
declare module "@silentbot1/nat-api" {
  export default class NatApi {
    constructor(options: { ttl?: number; description?: string });
    /** Resolves with whether a router agreed. */
    map(port: number): Promise<boolean>;
    destroy(): Promise<void>;
  }
}
