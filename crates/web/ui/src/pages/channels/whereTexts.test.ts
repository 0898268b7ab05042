import { describe, expect, it } from "vitest";
import { whereTexts } from "./whereTexts";

const OURS = "https://sms.example.com/api/webhooks/twilio/channels/1/sms#rc=5&rp=all&rt=2500";

describe("where Twilio reports texts to", () => {
  it("is here, with or without the rules for retries", () => {
    expect(whereTexts(OURS, OURS)).toBe("here");
    expect(whereTexts(OURS.replace(/#.*/, ""), OURS)).toBe("here");
  });

  it("is somewhere else, or nowhere", () => {
    expect(whereTexts("https://old.example.com/sms", OURS)).toBe("elsewhere");
    expect(whereTexts("", OURS)).toBe("nowhere");
    expect(whereTexts(null, OURS)).toBe("nowhere");
  });
});
