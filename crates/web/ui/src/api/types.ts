/** Short names for the types that come from the API's own document. */
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type Activity = Schemas["Activity"];
export type Channel = Schemas["Channel"];
export type Conversation = Schemas["Conversation"];
export type ConversationPatch = Schemas["ConversationPatch"];
export type ConversationPriority = Schemas["ConversationPriority"];
export type ConversationStatus = Schemas["ConversationStatus"];
export type ConversationQuery = NonNullable<operations["list_conversations"]["parameters"]["query"]>;
export type Compose = Schemas["Compose"];
export type Label = Schemas["Label"];
export type LabelColor = Schemas["LabelColor"];
export type Lead = Schemas["Lead"];
export type LeadPatch = Schemas["LeadPatch"];
export type LeadStatus = Schemas["LeadStatus"];
export type Login = Schemas["Login"];
export type Media = Schemas["MessageMedia"];
export type Message = Schemas["Message"];
export type MessagePatch = Schemas["MessagePatch"];
export type MessageSource = Schemas["MessageSource"];
export type MessageStatus = Schemas["MessageStatus"];
export type Note = Schemas["Note"];
export type Person = Schemas["Person"];
export type Problem = Schemas["Problem"];
export type Role = Schemas["Role"];
export type SearchResult = Schemas["SearchResult"];
export type Tenant = Schemas["Tenant"];
export type TimelineItem = Schemas["TimelineItem"];
export type TimelinePage = Schemas["TimelinePage"];
export type UploadedMedia = Schemas["UploadedMedia"];
export type User = Schemas["User"];
