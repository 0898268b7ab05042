import { nextEmail, nextNumber, PASSWORD, shown } from "./support/business";
import { Inbox } from "./support/inbox";
import { Simulator } from "./support/simulator";
import { expect, test } from "./support/test";

test("one signs up, connects Twilio at the second try, and gets the first text", async ({ demo, open, watch }) => {
  const simulator = new Simulator(demo.handset);
  const number = nextNumber();
  const account = await simulator.open("Pizzeria Vesuvio", number);
  const page = await open(null, { path: "/login" });
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByRole("textbox", { name: "Business name" }).fill("Pizzeria Vesuvio");
  await page.getByRole("textbox", { name: "Your name" }).fill("Paola");
  await page.getByRole("textbox", { name: "E-mail" }).fill(nextEmail("paola"));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();

  const guide = page.getByRole("region", { name: "Getting started" });
  await expect(guide).toContainText("0 of 4 done");
  await guide.getByRole("link", { name: "Connect Twilio" }).click();

  const wizard = page.getByRole("dialog", { name: "Connect Twilio" });
  await wizard.getByRole("textbox", { name: "Account SID" }).fill(account.sid.replace("AC", "SK"));
  await wizard.getByRole("button", { name: "Next" }).click();
  await expect(wizard.getByText("This is an API key.")).toBeVisible();
  await wizard.getByRole("textbox", { name: "Account SID" }).fill(account.sid);
  await wizard.getByLabel("Auth token", { exact: true }).fill("0123456789abcdef0123456789abcdef");
  await wizard.getByRole("button", { name: "Next" }).click();
  await wizard.getByRole("textbox", { name: "Phone number" }).fill(number);
  await wizard.getByRole("button", { name: "Next" }).click();
  await expect(wizard.getByText(shown(number))).toBeVisible();
  watch.allow(/status of 4\d\d .*\/channels/);
  await wizard.getByRole("button", { name: "Check and connect" }).click();

  await expect(wizard.getByRole("alert")).toContainText("It isn't connected yet");
  await expect(wizard.getByRole("alert")).toContainText(/Twilio says: .*\(20003\)/);
  const token = wizard.getByLabel("Auth token", { exact: true });
  await expect(token).toHaveAccessibleDescription(/auth token|credentials/i);
  await expect(token).toHaveAttribute("aria-invalid", "true");
  await token.fill(account.auth_token);
  await wizard.getByRole("button", { name: "Next" }).click();
  await expect(wizard.getByRole("textbox", { name: "Phone number" })).toHaveValue(number);
  await wizard.getByRole("button", { name: "Next" }).click();
  await wizard.getByRole("button", { name: "Check and connect" }).click();
  await expect(wizard.getByText(`${shown(number)} is connected`)).toBeVisible();
  await wizard.getByRole("link", { name: "Go to the inbox" }).click();

  await expect(guide).toContainText("1 of 4 done");
  await expect(page.getByText("Ready for the first text")).toBeVisible();
  const customer = nextNumber();
  await simulator.text(account.sid, customer, number, "One Margherita, please");
  const inbox = new Inbox(page);
  await expect(inbox.row(customer)).toContainText("One Margherita, please");
  await expect(guide).toContainText("2 of 4 done");
  await inbox.open(customer);
  await inbox.send("In twenty minutes");
  await expect(inbox.tick("In twenty minutes", "Delivered")).toBeVisible();
  await page.getByRole("link", { name: "Channels" }).click();
  await expect(page.getByRole("heading", { name: "Front desk" })).toBeVisible();
  await expect(guide).toHaveCount(0);
});

test("an account that is a trial one can be connected as such", async ({ demo, open, business, watch }) => {
  const simulator = new Simulator(demo.handset);
  const number = nextNumber();
  const account = await simulator.open("Trial", number, "Trial");
  const page = await open(business.owner, { path: "/channels?connect=true" });
  const wizard = page.getByRole("dialog", { name: "Connect Twilio" });
  await wizard.getByRole("textbox", { name: "Account SID" }).fill(account.sid);
  await wizard.getByLabel("Auth token", { exact: true }).fill(account.auth_token);
  await wizard.getByRole("button", { name: "Next" }).click();
  await wizard.getByRole("textbox", { name: "Phone number" }).fill(number);
  await wizard.getByRole("textbox", { name: "Name" }).fill("Second line");
  await wizard.getByRole("button", { name: "Next" }).click();
  watch.allow(/status of 422 .*\/channels/);
  await wizard.getByRole("button", { name: "Check and connect" }).click();
  await wizard.getByRole("button", { name: "It's a trial account: go on as trial" }).click();
  await expect(wizard.getByText("is connected")).toBeVisible();
  await wizard.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("article", { name: /^Second line/ })).toContainText("Trial account");
});
