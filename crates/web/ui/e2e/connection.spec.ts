import { expect, test } from "./support/test";
import { Wire } from "./support/proxy";

test("a lost connection comes back with nothing missing and nothing doubled", async ({ business, demo, inboxOf, watch }) => {
  const wire = await Wire.to(demo.url);
  watch.allow(/net::ERR_/);
  const [here, elsewhere] = [business.customer(), business.customer()];
  await here.text("Before the storm");
  const inbox = await inboxOf(business.owner, { at: wire.url });
  await inbox.row(here.number).click();
  await expect(inbox.bubble("Before the storm")).toBeVisible();

  await wire.cut();
  await expect(inbox.page.getByText("No connection to Trunkline.")).toBeVisible();

  const missed = ["Missed one", "Missed two", "Missed three"];
  for (const text of missed) await here.text(text);
  await elsewhere.text("From somebody new");
  await inbox.send("Written in the dark");
  await expect(inbox.bubble("Written in the dark")).toContainText("Waiting for a connection");
  expect(await here.received()).toHaveLength(0);

  await wire.mend();
  await expect(inbox.page.getByText("No connection to Trunkline.")).toHaveCount(0);
  await expect(inbox.row(elsewhere.number)).toContainText("From somebody new");
  await expect(inbox.tick("Written in the dark", "Delivered")).toBeVisible();
  for (const text of [...missed, "Before the storm", "Written in the dark"]) await expect(inbox.bubble(text)).toHaveCount(1);
  expect((await here.received()).map((message) => message.body)).toEqual(["Written in the dark"]);

  await here.text("After the storm");
  await expect(inbox.bubble("After the storm")).toHaveCount(1);
  await wire.cut();
});

test("what is written without a connection survives a reload, and is sent once", async ({ business, demo, inboxOf, watch }) => {
  const wire = await Wire.to(demo.url);
  watch.allow(/net::ERR_/);
  const customer = business.customer();
  await customer.text("Still there?");
  const inbox = await inboxOf(business.owner, { at: wire.url });
  await inbox.open(customer.number);

  await wire.cut();
  await inbox.send("Sure, the line was down");
  await expect(inbox.bubble("Sure, the line was down")).toContainText("Waiting for a connection");
  await wire.mend();
  await inbox.page.reload();

  await expect(inbox.tick("Sure, the line was down", "Delivered")).toBeVisible();
  await expect(inbox.bubble("Sure, the line was down")).toHaveCount(1);
  expect(await customer.received()).toHaveLength(1);
  await wire.cut();
});
