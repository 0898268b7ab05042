import { describe, expect, it } from "vitest";
import { EMPTY_CONNECT, newChannel, slips, stepOf } from "./credentials";

const HEX = "0123456789abcdef0123456789abcdef";
const GOOD = {
  ...EMPTY_CONNECT,
  accountSid: `AC${HEX}`,
  authToken: HEX,
  phoneNumber: "(555) 123-4567",
  name: "Front desk",
};

describe("credentials as they are typed", () => {
  it("are right in any usual form, blanks and all", () => {
    expect(slips(GOOD)).toEqual({});
    expect(slips({ ...GOOD, accountSid: ` AC${HEX} `, authToken: `${HEX}\n` })).toEqual({});
  });

  it("are told apart when they were mixed up", () => {
    expect(slips({ ...GOOD, accountSid: `SK${HEX}` }).accountSid).toBe("sidIsApiKey");
    expect(slips({ ...GOOD, accountSid: `MG${HEX}` }).accountSid).toBe("sidIsService");
    expect(slips({ ...GOOD, authToken: `AC${HEX}` }).authToken).toBe("tokenIsSid");
  });

  it("must be there", () => {
    expect(Object.keys(slips(EMPTY_CONNECT)).sort()).toEqual([
      "accountSid",
      "authToken",
      "name",
      "phoneNumber",
    ]);
  });

  it("have an API key and its secret, or neither", () => {
    expect(slips({ ...GOOD, apiKeySid: `SK${HEX}` })).toEqual({ apiKeySecret: "apiSecretMissing" });
    expect(slips({ ...GOOD, apiKeySecret: "x" })).toEqual({ apiKeySid: "apiKeyMissing" });
    expect(slips({ ...GOOD, apiKeySid: "SK1", apiKeySecret: "x" })).toEqual({
      apiKeySid: "apiKeyForm",
    });
  });

  it("refuses letters in a number", () => {
    expect(slips({ ...GOOD, phoneNumber: "call me" }).phoneNumber).toBe("phoneForm");
  });
});

describe("the wizard", () => {
  it("goes back to the earliest step with a field that is wrong", () => {
    expect(stepOf(["phoneNumber", "mode"])).toBe(1);
    expect(stepOf(["authToken", "phoneNumber"])).toBe(0);
    expect(stepOf(["other"])).toBeUndefined();
  });

  it("sends what was typed, without blanks and without what was left empty", () => {
    expect(newChannel({ ...GOOD, accountSid: ` AC${HEX} `, mode: "trial" }, "connected")).toEqual({
      type: "twilio_sms",
      name: "Front desk",
      status: "connected",
      mode: "trial",
      credentials: { accountSid: `AC${HEX}`, authToken: HEX, phoneNumber: "(555) 123-4567" },
    });
  });
});
