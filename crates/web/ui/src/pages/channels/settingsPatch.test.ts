import { describe, expect, it } from "vitest";
import { settingsPatch, type SettingsValues } from "./settingsPatch";

const BEFORE: SettingsValues = {
  name: "Desk",
  mode: "trial",
  pace: 3,
  deleteMedia: false,
  authToken: "",
  messagingServiceSid: "MG1",
  apiKeySid: "SK1",
  apiKeySecret: "",
};

describe("changed settings of a channel", () => {
  it("are all that is sent", () => {
    expect(settingsPatch(BEFORE, BEFORE)).toEqual({});
    expect(settingsPatch(BEFORE, { ...BEFORE, name: " Front desk ", mode: "production" })).toEqual({
      name: "Front desk",
      mode: "production",
    });
  });

  it("go back to the default when the pace is emptied", () => {
    expect(settingsPatch(BEFORE, { ...BEFORE, pace: "" })).toEqual({ settings: { messages_per_second: null } });
  });

  it("leave secrets alone unless new ones are typed", () => {
    expect(settingsPatch(BEFORE, { ...BEFORE, authToken: " new " })).toEqual({ credentials: { authToken: "new" } });
    expect(settingsPatch(BEFORE, { ...BEFORE, apiKeySid: "" })).toEqual({ credentials: { apiKeySid: null } });
  });
});
