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
export type Import = Schemas["Import"];
export type ImportStatus = Schemas["ImportStatus"];
export type Activity = Schemas["Activity"];
export type ActivityKind = Activity["kind"];

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

const kinds: Record<ActivityKind, true> = {
  conversation_assigned: true,
  conversation_status_changed: true,
  control_started: true,
  control_ended: true,
  labels_changed: true,
  priority_changed: true,
  opted_out: true,
  opted_in: true,
  lead_created: true,
  lead_deleted: true,
  leads_imported: true,
  channel_created: true,
  channel_changed: true,
  channel_deleted: true,
  member_added: true,
  member_changed: true,
  member_removed: true,
  api_key_created: true,
  api_key_revoked: true,
};

export const ACTIVITY_KINDS = Object.keys(kinds) as ActivityKind[];

/** A page of any list. */
export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}
