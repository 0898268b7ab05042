import type { NewChannel } from "../model";

/** What somebody types into the wizard. */
export interface ConnectValues {
  accountSid: string;
  authToken: string;
  apiKeySid: string;
  apiKeySecret: string;
  phoneNumber: string;
  messagingServiceSid: string;
  name: string;
  mode: "production" | "trial" | "test";
}

export type ConnectField = keyof ConnectValues;

export const EMPTY_CONNECT: ConnectValues = {
  accountSid: "",
  authToken: "",
  apiKeySid: "",
  apiKeySecret: "",
  phoneNumber: "",
  messagingServiceSid: "",
  name: "",
  mode: "production",
};

/** Which fields each step of the wizard asks for. */
export const STEPS: readonly (readonly ConnectField[])[] = [
  ["accountSid", "authToken", "apiKeySid", "apiKeySecret"],
  ["phoneNumber", "name", "messagingServiceSid"],
  ["mode"],
];

/** What is plainly wrong with an entry, as a key of the words; the API has the last say. */
export type Slip =
  | "required"
  | "sidIsApiKey"
  | "sidIsService"
  | "sidForm"
  | "tokenForm"
  | "tokenIsSid"
  | "phoneForm"
  | "serviceForm"
  | "apiKeyForm"
  | "apiSecretMissing"
  | "apiKeyMissing";

const HEX_32 = /^[0-9a-fA-F]{32}$/;

function isSid(prefix: string, text: string): boolean {
  return text.startsWith(prefix) && HEX_32.test(text.slice(2));
}

function accountSlip(text: string): Slip | undefined {
  if (text === "") return "required";
  if (isSid("AC", text)) return undefined;
  if (text.startsWith("SK")) return "sidIsApiKey";
  if (text.startsWith("MG")) return "sidIsService";
  return "sidForm";
}

function tokenSlip(text: string): Slip | undefined {
  if (text === "") return "required";
  if (/^[A-Z]{2}[0-9a-f]{32}$/.test(text)) return "tokenIsSid";
  return /^[0-9a-zA-Z]{32}$/.test(text) ? undefined : "tokenForm";
}

function phoneSlip(text: string): Slip | undefined {
  if (text === "") return "required";
  const digits = text.replace(/\D/g, "").length;
  return digits >= 7 && digits <= 15 && /^[+0-9 ().\-/]+$/.test(text) ? undefined : "phoneForm";
}

function apiKeySlips(sid: string, secret: string): Partial<Record<ConnectField, Slip>> {
  if (sid === "" && secret === "") return {};
  if (sid === "") return { apiKeySid: "apiKeyMissing" };
  if (!isSid("SK", sid)) return { apiKeySid: "apiKeyForm" };
  return secret === "" ? { apiKeySecret: "apiSecretMissing" } : {};
}

/** Everything that is plainly wrong, by field. Blanks around an entry don't count. */
export function slips(values: ConnectValues): Partial<Record<ConnectField, Slip>> {
  const of = (field: ConnectField) => values[field].trim();
  const service = of("messagingServiceSid");
  const found: Partial<Record<ConnectField, Slip | undefined>> = {
    accountSid: accountSlip(of("accountSid")),
    authToken: tokenSlip(of("authToken")),
    phoneNumber: phoneSlip(of("phoneNumber")),
    name: of("name") === "" ? "required" : undefined,
    messagingServiceSid: service === "" || isSid("MG", service) ? undefined : "serviceForm",
    ...apiKeySlips(of("apiKeySid"), of("apiKeySecret")),
  };
  return Object.fromEntries(Object.entries(found).filter(([, slip]) => slip !== undefined));
}

/** The request that makes the channel; what was left empty is left out. */
export function newChannel(values: ConnectValues, status: "connected" | "active"): NewChannel {
  const of = (field: ConnectField) => values[field].trim();
  return {
    type: "twilio_sms",
    name: of("name"),
    status,
    mode: values.mode,
    credentials: {
      accountSid: of("accountSid"),
      authToken: of("authToken"),
      phoneNumber: of("phoneNumber"),
      ...(of("messagingServiceSid") && { messagingServiceSid: of("messagingServiceSid") }),
      ...(of("apiKeySid") && { apiKeySid: of("apiKeySid"), apiKeySecret: of("apiKeySecret") }),
    },
  };
}

/** The earliest step with one of these fields. */
export function stepOf(fields: readonly string[]): number | undefined {
  const step = STEPS.findIndex((asked) => asked.some((field) => fields.includes(field)));
  return step === -1 ? undefined : step;
}
