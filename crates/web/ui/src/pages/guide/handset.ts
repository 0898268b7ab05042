import type { Channel } from "../model";

/** How the demo's made-up account begins. */
const DEMO_ACCOUNT = "AC0de3";

/** Whether texts go to a simulated Twilio, so that a handset in the browser can answer them. */
export function isSimulated(channels: readonly Pick<Channel, "credentials">[]): boolean {
  return channels.some(({ credentials }) => credentials.accountSid.startsWith(DEMO_ACCOUNT));
}

/** Where the handset is, if it is where the demo puts it; elsewhere only the demo itself knows. */
export function handsetUrl({ hostname, port }: Pick<Location, "hostname" | "port">): string | undefined {
  const here = hostname === "localhost" || hostname === "127.0.0.1";
  return here && port === "8080" ? `http://${hostname}:8081/` : undefined;
}
