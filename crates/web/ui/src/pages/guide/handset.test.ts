import { describe, expect, it } from "vitest";
import { handsetUrl, isSimulated } from "./handset";

const channel = (accountSid: string) => ({
  credentials: { accountSid, authToken: "********", phoneNumber: "+14155550100" },
});

describe("the simulated handset", () => {
  it("belongs to the demo's account", () => {
    expect(isSimulated([channel("AC0de30000000000000000000000000001")])).toBe(true);
    expect(isSimulated([channel("AC0123456789abcdef0123456789abcdef")])).toBe(false);
    expect(isSimulated([])).toBe(false);
  });

  it("is beside the demo, or where nobody but the demo knows", () => {
    expect(handsetUrl({ hostname: "127.0.0.1", port: "8080" })).toBe("http://127.0.0.1:8081/");
    expect(handsetUrl({ hostname: "127.0.0.1", port: "9000" })).toBeUndefined();
    expect(handsetUrl({ hostname: "sms.example.com", port: "" })).toBeUndefined();
  });
});
