import { Api, type Channel, type Login, type Role } from "./api";
import type { Demo } from "./demo";
import { Simulator, type Account, type Attachment } from "./simulator";

export const PASSWORD = "correct horse battery";

let made = 0;

/** Numbers that nobody has: each call gives the next one. */
export function nextNumber(): string {
  made += 1;
  const areas = ["212", "312", "404", "503", "602", "615", "702", "713", "801", "919"];
  return `+1${areas[Math.floor(made / 100) % areas.length] ?? "212"}5550${String(100 + (made % 100))}`;
}

/** An address that nobody has. */
export function nextEmail(who: string): string {
  made += 1;
  return `${who}${String(made)}@example.com`;
}

/** Somebody who is logged in: with a client of their own, and a token for one browser. */
export interface Person {
  login: Login;
  api: Api;
}

/** A business that belongs to one test: nobody else's texts, counts or colleagues get in its way. */
export interface Business {
  owner: Person;
  account: Account;
  number: string;
  channel: Channel;
  simulator: Simulator;
  /** Somebody else who works there. */
  hire(role: Role, name: string): Promise<Person>;
  /** A customer with a number of their own. */
  customer(): Customer;
}

export interface Customer {
  number: string;
  /** Texts the business; comes back, with the SID, when the service has it. */
  text(body: string, media?: Attachment[]): Promise<string>;
  /** What has been sent to them. */
  received(): Promise<{ sid: string; body: string; media: { content_type: string; url: string }[] }[]>;
}

export async function register(demo: Demo, name: string): Promise<Person> {
  const open = new Api(demo.url);
  const login = await open.post<Login>("auth/register", {
    tenant_name: name,
    name: "Olga Owner",
    email: nextEmail("owner"),
    password: PASSWORD,
    timezone: "America/New_York",
  });
  return { login, api: open.as(login) };
}

/** Registers a business and connects a number of the simulated Twilio. */
export async function found(demo: Demo, name: string): Promise<Business> {
  const owner = await register(demo, name);
  const simulator = new Simulator(demo.handset);
  const number = nextNumber();
  const account = await simulator.open(name, number);
  await simulator.outcome(account.sid, { status: "delivered" });
  const channel = await owner.api.post<Channel>("channels", {
    type: "twilio_sms",
    name: "Front desk",
    status: "connected",
    credentials: { accountSid: account.sid, authToken: account.auth_token, phoneNumber: number },
    // The usual pace, a segment a second, is no test's business.
    settings: { messages_per_second: 50 },
  });
  return {
    owner,
    account,
    number,
    channel,
    simulator,
    hire: (role, who) => hire(demo, owner, role, who),
    customer: () => customer(simulator, account, number),
  };
}

async function hire(demo: Demo, owner: Person, role: Role, name: string): Promise<Person> {
  const email = nextEmail(role);
  await owner.api.post("users", { email, name, role, password: PASSWORD });
  const open = new Api(demo.url);
  const login = await open.login({ email, password: PASSWORD });
  return { login, api: open.as(login) };
}

function customer(simulator: Simulator, account: Account, to: string): Customer {
  const number = nextNumber();
  return {
    number,
    text: (body, media) => simulator.text(account.sid, number, to, body, media),
    received: () => simulator.sentTo(account.sid, number),
  };
}

/** A number as the page shows it. */
export function shown(number: string): string {
  return `+1 (${number.slice(2, 5)}) ${number.slice(5, 8)}\u2011${number.slice(8)}`;
}
