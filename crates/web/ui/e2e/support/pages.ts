import { expect, type Page } from "@playwright/test";

import { png } from "./picture";
import type { Api, Conversation, Lead, Message } from "./api";
import type { Business } from "./business";

/** A page of the program, and what shows that it is there. */
export interface Place {
  name: string;
  path: string;
  ready: (page: Page) => Promise<void>;
}

const heading = (name: string | RegExp) => async (page: Page) => {
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await settled(page);
};

/** Nothing loads any more, and nothing moves. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await expect(page.locator(".mantine-Skeleton-root")).toHaveCount(0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished.catch(() => undefined)));
  });
}

export const OUTSIDE: Place[] = [
  { name: "login", path: "/login", ready: heading("Welcome back") },
  { name: "sign-up", path: "/signup", ready: heading("Create your account") },
];

/** Every page behind the login, in a business that {@link furnish} has filled. */
export function inside({ conversation, lead }: Furnished): Place[] {
  return [
    { name: "inbox", path: "/inbox", ready: heading("Inbox") },
    {
      name: "thread",
      path: `/inbox/${conversation.id}`,
      ready: async (page) => {
        await expect(page.getByRole("log", { name: "Messages" }).getByRole("article").last()).toBeVisible();
        await settled(page);
      },
    },
    { name: "leads", path: "/leads", ready: heading("Leads") },
    { name: "lead", path: `/leads/${lead.id}`, ready: heading(/Maria Moreno/) },
    { name: "import", path: "/leads/import", ready: heading("Import leads") },
    { name: "channels", path: "/channels", ready: heading("Channels") },
    { name: "logs", path: "/logs", ready: heading("Logs") },
    { name: "team", path: "/team", ready: heading("Team") },
    { name: "api-keys", path: "/api-keys", ready: heading("API keys") },
    { name: "settings", path: "/settings", ready: heading("Settings") },
    { name: "nowhere", path: "/there/is/nothing", ready: async (page) => expect(page.getByText("There is nothing here")).toBeVisible() },
  ];
}

export interface Furnished {
  conversation: Conversation;
  lead: Lead;
}

const CHAT: [who: "them" | "us", text: string][] = [
  ["them", "Hi, my name is Maria. The boiler in our flat has made strange noises since Tuesday."],
  ["us", "Hello Maria, thank you for writing. Is it more of a knocking or more of a whistling?"],
  ["them", "Knocking. Mostly in the morning, when the heating starts, and then again at about ten in the evening. My neighbour says that it was the same with theirs before it broke down completely."],
  ["us", "That sounds like air or lime in the heat exchanger."],
  ["us", "We can have a look on Thursday between 9 and 11, or on Friday between 2 and 4. Which one suits you?"],
  ["them", "Thursday 👍"],
];

/** Fills a business with everything that pages show: files, notes, failures, what waits, who doesn't want texts. */
export async function furnish(business: Business): Promise<Furnished> {
  const { api } = business.owner;
  const maria = business.customer();
  for (const [who, text] of CHAT) {
    if (who === "them") await maria.text(text);
    else await answer(api, maria.number, text, "delivered");
  }
  await maria.text("This is how it looks", [{ content_type: "image/png", base64: png(800, 600).toString("base64") }]);
  await business.simulator.outcome(business.account.sid, { status: "undelivered", error_code: 30006 });
  await answer(api, maria.number, "Could you send us the number on the plate, too?", "undelivered");
  await business.simulator.outcome(business.account.sid, { status: "delivered" });
  const conversation = await api.name(maria.number, "Maria Moreno");
  await api.patch(`conversations/${conversation.id}`, { labels: ["boiler", "urgent"], priority: "high", control: "human" });
  await api.post(`conversations/${conversation.id}/notes`, { body: "The boiler is from 2009. Olga knows the house, send her if you can." });
  const tomorrow = new Date(Date.now() + 24 * 3_600_000).toISOString();
  await api.post(`conversations/${conversation.id}/messages`, { body: "A reminder: we come today between 9 and 11.", send_at: tomorrow });
  await api.patch(`leads/${conversation.lead.id}`, { email: "maria@example.com", timezone: "America/New_York", tags: ["flat", "gas"], status: "qualified" });
  await others(business);
  await business.hire("agent", "Anna Agent");
  await business.hire("viewer", "Victor Viewer");
  await api.post("api-keys", { name: "Website form", scopes: ["leads:write"] });
  return { conversation, lead: await api.get<Lead>(`leads/${conversation.lead.id}`) };
}

/** Answers, and waits until it is known what became of it. */
async function answer(api: Api, number: string, body: string, end: Message["status"]): Promise<void> {
  const conversation = await api.conversationWith(number);
  const { id } = await api.post<Message>(`conversations/${conversation.id}/messages`, { body });
  await expect.poll(async () => (await api.get<Message>(`messages/${id}`)).status).toBe(end);
}

const OTHERS: [name: string | null, texts: string[]][] = [
  ["Grace Gone", ["How much is a new tap?", "STOP"]],
  ["Bartholomew Featherstonehaugh-Cholmondeley", ["Good morning! I should like to inquire about the renovation of two bathrooms and one guest lavatory."]],
  [null, ["Are you open on Saturdays?"]],
  ["Noor Nasser", ["شكرا جزيلا", "Thank you!"]],
];

async function others(business: Business): Promise<void> {
  for (const [name, texts] of OTHERS) {
    const customer = business.customer();
    for (const text of texts) await customer.text(text);
    if (name) await business.owner.api.name(customer.number, name);
  }
}
