import type { Login } from "./support/api";
import { expect, test } from "./support/test";

test("who has taken a conversation over is told to everybody, and it can be released", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("I'd rather talk to a person.");
  const anna = await business.hire("agent", "Anna Agent");
  const vera = await business.hire("viewer", "Vera Viewer");
  const { id } = await anna.api.conversationWith(customer.number);
  const mine = await inboxOf(business.owner);
  const viewing = await inboxOf(vera);
  for (const inbox of [mine, viewing]) {
    await inbox.open(customer.number);
    await expect(inbox.thread.getByText("answers", { exact: false })).toHaveCount(0);
  }

  await anna.api.patch(`conversations/${id}`, { control: "human" });
  for (const inbox of [mine, viewing]) {
    await expect(inbox.thread.getByText("Anna Agent answers")).toBeVisible();
    await expect(inbox.thread.getByText("Anna Agent took over")).toBeVisible();
    await expect(inbox.row(customer.number).getByRole("img", { name: "Anna Agent has taken over" })).toBeVisible();
  }
  await expect(viewing.thread.getByRole("button", { name: "Release" })).toHaveCount(0);

  await mine.thread.getByRole("button", { name: "Release" }).click();
  for (const inbox of [mine, viewing]) {
    await expect(inbox.thread.getByText("Anna Agent answers")).toHaveCount(0);
    await expect(inbox.thread.getByText("Olga Owner released this")).toBeVisible();
    await expect(inbox.row(customer.number).getByRole("img", { name: /taken over/ })).toHaveCount(0);
  }
  expect((await anna.api.conversationWith(customer.number)).control).toBe("ai");

  await business.owner.api.patch(`conversations/${id}`, { control: "human" });
  await expect(mine.thread.getByText("You answer")).toBeVisible();
  await expect(viewing.thread.getByText("Olga Owner answers")).toBeVisible();
  await mine.page.reload();
  await expect(mine.thread.getByText("You answer")).toBeVisible();
  await mine.page.keyboard.press("ControlOrMeta+k");
  const commands = mine.page.getByRole("dialog", { name: "Command bar" });
  await commands.getByRole("combobox").fill("release");
  await commands.getByRole("option", { name: "Release", selected: true }).click();
  await expect(mine.thread.getByText("You answer")).toHaveCount(0);
});

test("where an assistant answers, one takes over from it and gives back", async ({ business, inboxOf }) => {
  const customer = business.customer();
  await customer.text("Are you a robot?");
  const inbox = await inboxOf(business.owner);
  // No assistant can be had yet: only the page is told of one.
  await inbox.page.route("**/api/v1/auth/refresh", async (route) => {
    const response = await route.fetch();
    const login = (await response.json()) as Login;
    await route.fulfill({ response, json: { ...login, tenant: { ...login.tenant, assistant_enabled: true } } });
  });
  await inbox.page.reload();
  await inbox.open(customer.number);
  await expect(inbox.thread.getByText("AI answers")).toBeVisible();
  await expect(inbox.row(customer.number).getByRole("img", { name: "AI answers" })).toBeVisible();

  await inbox.thread.getByRole("button", { name: "Take over" }).click();
  await expect(inbox.thread.getByText("You answer")).toBeVisible();
  await expect(inbox.thread.getByText("Olga Owner took over")).toBeVisible();
  const taken = await business.owner.api.conversationWith(customer.number);
  expect([taken.control, taken.control_user_id]).toEqual(["human", business.owner.login.user.id]);

  await inbox.thread.getByRole("button", { name: "Release to AI" }).click();
  await expect(inbox.thread.getByText("AI answers")).toBeVisible();
  expect((await business.owner.api.conversationWith(customer.number)).control).toBe("ai");
});
