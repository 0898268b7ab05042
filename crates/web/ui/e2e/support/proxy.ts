import { createServer, connect, type Server, type Socket } from "node:net";
import { once } from "node:events";

/** A wire between browser and service that can be cut. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private port = 0;

  private constructor(
    private readonly host: string,
    private readonly target: number,
  ) {}

  static async to(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    const wire = new Wire(hostname, Number(port));
    await wire.mend();
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Ends all connections, and refuses new ones. */
  async cut(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = null;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Lets connections through, by the same address as before. */
  async mend(): Promise<void> {
    const server = createServer((client) => this.join(client));
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address) this.port = address.port;
    this.server = server;
  }

  private join(client: Socket): void {
    const service = connect(this.target, this.host);
    for (const [one, other] of [
      [client, service],
      [service, client],
    ] as const) {
      this.sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
