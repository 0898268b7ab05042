import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type OptOutSource = Schemas["OptOutSource"];
export type Lead = Schemas["Lead"];
export type LeadPage = Schemas["LeadPage"];
export type LeadStatus = Schemas["LeadStatus"];
export type LeadSource = Schemas["LeadSource"];
export type NewLead = Schemas["NewLead"];
export type LeadPatch = Schemas["LeadPatch"];
export type Message = Schemas["Message"];
export type Conversation = Schemas["Conversation"];
export type Interaction = Schemas["Interaction"];
export type Channel = Schemas["Channel"];
export type ChannelPatch = Schemas["ChannelPatch"];
export type ChannelHealth = Schemas["ChannelHealth"];
export type ChannelCheck = Schemas["ChannelCheck"];
export type ChannelMode = Schemas["ChannelMode"];
export type NewChannel = Schemas["NewChannel"];
export type CredentialsInput = Schemas["CredentialsInput"];
export type Queue = Schemas["Queue"];
export type ChannelQueue = Schemas["ChannelQueue"];
export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["NewApiKey"];
export type Scope = Schemas["Scope"];
export type Tenant = Schemas["Tenant"];
export type TenantPatch = Schemas["TenantPatch"];

// Typed as records over the generated unions, so that a value the API gains fails the type check
// here instead of missing from a menu.
const statuses: Record<LeadStatus, true> = {
  new: true,
  contacted: true,
  qualified: true,
  converted: true,
  lost: true,
};
const sources: Record<LeadSource, true> = {
  sms: true,
  call: true,
  manual: true,
  import: true,
  web: true,
  api: true,
};
const roles: Record<Role, true> = { viewer: true, agent: true, admin: true, owner: true };

export const LEAD_STATUSES = Object.keys(statuses) as LeadStatus[];
export const LEAD_SOURCES = Object.keys(sources) as LeadSource[];
/** Lowest first. */
export const ROLES = Object.keys(roles) as Role[];

// Imports and the activity feed, until the API's document has them.

export type ImportStatus = "running" | "done" | "failed" | "canceled";

/** A row of a file that could not become a lead. */
export interface ImportError {
  row: number;
  column: string | null;
  value: string | null;
  detail: string;
}

/** A file of leads on its way in. */
export interface Import {
  id: string;
  filename: string | null;
  status: ImportStatus;
  /** Why it failed. */
  detail: string | null;
  dry_run: boolean;
  on_duplicate: "update" | "skip";
  total_rows: number;
  done_rows: number;
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  columns: { header: string; field: string | null }[];
  delimiter: string;
  encoding: string;
  errors: ImportError[];
  created_at: string;
  finished_at: string | null;
}

export const ACTIVITY_KINDS = [
  "conversation_assigned",
  "conversation_status_changed",
  "control_started",
  "control_ended",
  "labels_changed",
  "priority_changed",
  "opted_out",
  "opted_in",
  "lead_created",
  "lead_deleted",
  "leads_imported",
  "channel_created",
  "channel_changed",
  "channel_deleted",
  "member_added",
  "member_changed",
  "member_removed",
  "api_key_created",
  "api_key_revoked",
] as const;

export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/** Something that somebody did, or that happened. */
export interface Activity {
  id: string;
  kind: ActivityKind;
  actor: { id: string; name: string } | null;
  conversation_id: string | null;
  lead_id: string | null;
  channel_id: string | null;
  data: Record<string, unknown>;
  created_at: string;
}

/** A page of any list. */
export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}
