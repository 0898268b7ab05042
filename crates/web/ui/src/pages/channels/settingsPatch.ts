import type { Channel, ChannelMode, ChannelPatch } from "../model";

/** The settings of a channel as the form has them; secrets begin empty. */
export interface SettingsValues {
  name: string;
  mode: ChannelMode;
  /** Empty for the default. */
  pace: number | "";
  deleteMedia: boolean;
  authToken: string;
  messagingServiceSid: string;
  apiKeySid: string;
  apiKeySecret: string;
}

export const SETTINGS_FIELDS = [
  "name",
  "mode",
  "messages_per_second",
  "authToken",
  "messagingServiceSid",
  "apiKeySid",
  "apiKeySecret",
] as const;

export function settingsOf({ name, mode, settings, credentials }: Channel): SettingsValues {
  return {
    name,
    mode,
    pace: settings.messages_per_second ?? "",
    deleteMedia: settings.delete_media_at_twilio ?? false,
    authToken: "",
    messagingServiceSid: credentials.messagingServiceSid ?? "",
    apiKeySid: credentials.apiKeySid ?? "",
    apiKeySecret: "",
  };
}

function credentialsPatch(before: SettingsValues, after: SettingsValues): NonNullable<ChannelPatch["credentials"]> {
  const now = (field: "authToken" | "messagingServiceSid" | "apiKeySid" | "apiKeySecret") => after[field].trim();
  return {
    ...(now("authToken") && { authToken: now("authToken") }),
    ...(now("messagingServiceSid") !== before.messagingServiceSid && {
      messagingServiceSid: now("messagingServiceSid") || null,
    }),
    ...(now("apiKeySid") !== before.apiKeySid && { apiKeySid: now("apiKeySid") || null }),
    ...(now("apiKeySecret") && { apiKeySecret: now("apiKeySecret") }),
  };
}

/** What has changed. An empty secret means the one that is there; an empty SID takes it away. */
export function settingsPatch(before: SettingsValues, after: SettingsValues): ChannelPatch {
  const credentials = credentialsPatch(before, after);
  const settings = {
    ...(after.pace !== before.pace && { messages_per_second: after.pace === "" ? null : after.pace }),
    ...(after.deleteMedia !== before.deleteMedia && { delete_media_at_twilio: after.deleteMedia }),
  };
  return {
    ...(after.name.trim() !== before.name && { name: after.name.trim() }),
    ...(after.mode !== before.mode && { mode: after.mode }),
    ...(Object.keys(settings).length > 0 && { settings }),
    ...(Object.keys(credentials).length > 0 && { credentials }),
  };
}
