import type { LeadSource, LeadStatus, OptOutSource } from "../pages/model";

const statuses: Record<LeadStatus, string> = {
  new: "New",
  contacted: "Contacted",
  qualified: "Qualified",
  converted: "Converted",
  lost: "Lost",
};

const sources: Record<LeadSource, string> = {
  sms: "SMS",
  call: "Call",
  manual: "Added by hand",
  import: "Import",
  web: "Website",
  api: "API",
};

export const leads = {
  title: "Leads",
  description: "Everybody your business talks to by text.",
  statuses,
  sources,
  columns: { lead: "Lead", source: "Source", status: "Status", lastActivity: "Last activity" },
  table: "Leads",
  noContact: "No contact yet",
  optedOut: "Opted out",
  smsBadge: "SMS",
  lastSms: (when: string) => `Last text ${when}`,
  smsNoDate: "Texts have been exchanged",
  loadingMore: "Loading more leads",
  shown: (count: number, more: boolean) =>
    more ? `${count.toLocaleString()} leads loaded, more below` : count === 1 ? "1 lead" : `${count.toLocaleString()} leads`,
  search: {
    label: "Search leads",
    placeholder: "Name, number or e-mail",
    filters: "Filters",
    filtersOn: (count: number) => `Filters, ${String(count)} on`,
    status: "Status",
    source: "Source",
    sms: "Texts",
    smsAll: "All",
    smsYes: "Has texts",
    smsNo: "Never texted",
    tag: "Tag",
    tagPlaceholder: "Exactly as it is written",
    any: "Any",
    clear: "Clear filters",
    without: (what: string) => `Remove filter: ${what}`,
  },
  actions: {
    add: "Add lead",
    import: "Import",
    export: "Export",
    exportAll: "Download all leads as CSV",
    exportFound: "Download the leads that match as CSV",
    exporting: "Preparing the file…",
    exported: "Your download has started",
    exportFailed: "The export failed",
    more: "More",
  },
  empty: {
    title: "No leads yet",
    text: "Whoever texts one of your numbers appears here by themselves. You can also add people, or bring a list.",
  },
  nothingFound: {
    title: "Nobody matches",
    text: "Try fewer words or filters.",
  },
  form: {
    addTitle: "Add a lead",
    editTitle: "Edit lead",
    intro: "A name, a number or an e-mail address is enough.",
    name: "Name",
    phone: "Phone number",
    phoneHint: (country: string) => `In any usual form. Without a country code it is read as a number in ${country}.`,
    email: "E-mail",
    status: "Status",
    source: "Source",
    tags: "Tags",
    tagsHint: "Press Enter after each one.",
    country: "Country",
    timezone: "Time zone",
    timezoneHint: "Decides when it is night for them. Worked out from the number if left empty.",
    more: "Country and time zone",
    nothing: "Give at least a name, a number or an e-mail address.",
    add: "Add lead",
    save: "Save changes",
    added: (name: string) => `${name} was added`,
    saved: "Changes saved",
    taken: "Another lead has this number.",
    openOther: "Find the other lead",
  },
  viewerOnly: "Your role is viewer: you can look, but not change leads. Ask an owner or admin for the role agent.",
};

export const lead = {
  back: "All leads",
  unnamed: "Unknown name",
  text: "Text this person",
  edit: "Edit",
  more: "More actions",
  remove: "Delete lead",
  optOut: "Mark as opted out",
  optIn: "Take the opt-out mark off",
  missing: {
    title: "This lead is not there",
    text: "It may have been deleted, or the link is wrong.",
    action: "Go to all leads",
  },
  details: "Details",
  fields: {
    email: "E-mail",
    source: "Source",
    tags: "Tags",
    country: "Country",
    timezone: "Time zone",
    localTime: (time: string) => `${time} there now`,
    created: "Lead since",
    lastContact: "Last contact",
    lastSms: "Last text",
    noPhone: "No phone number",
  },
  copyPhone: "Copy number",
  optOutTitle: "Doesn't want texts",
  optOutWords: (source: OptOutSource | null | undefined, number: string): string => {
    const by = number || "one of your numbers";
    if (source === "keyword") {
      return `They texted STOP to ${by}. Only they can change that, by texting START.`;
    }
    if (source === "carrier") {
      return `Twilio says that they opted out of texts from ${by}. Only they can change that, by texting START.`;
    }
    return "Your team marked them. You can take the mark off.";
  },
  tabs: { thread: "Texts", activity: "Activity" },
  thread: {
    label: "Texts with this lead, oldest first",
    empty: "No texts yet",
    emptyText: "When you text them or they text you, it shows here.",
    capped: "These are the latest 1,000 texts.",
    customer: "Customer",
    noBody: "No text",
    attachments: (count: number) => (count === 1 ? "1 attachment" : `${String(count)} attachments`),
    openConversation: "Open in the inbox",
    sources: { assistant: "AI", campaign: "Campaign", notification: "Notification", api: "API", system: "System" } as Record<
      string,
      string
    >,
  },
  conversations: {
    title: "Conversations",
    empty: "None yet",
    open: (number: string) => `Open the conversation by ${number}`,
    unread: (count: number) => `${String(count)} unread`,
    statuses: { open: "Open", pending: "Pending", snoozed: "Snoozed", closed: "Closed" },
    unknownChannel: "Removed channel",
  },
  compose: {
    title: (name: string) => `Text ${name}`,
    to: "To",
    from: "From",
    fromAuto: "Best number (last contact, else default)",
    body: "Message",
    placeholder: "Write a text…",
    counter: (characters: number, segments: number, unicode: boolean) =>
      `${String(characters)} characters · ${segments === 1 ? "1 segment" : `${String(segments)} segments`}${unicode ? " · special characters" : ""}`,
    send: "Send",
    sent: "On its way",
    open: "Open conversation",
    tooLong: (max: number) => `At most ${String(max)} characters.`,
    noChannel: "No channel can send yet.",
    connect: "Connect Twilio",
    failed: "The text was not sent",
  },
  whyNot: {
    noPhone: "There is no phone number to text. Add one first.",
    optedOut: "They opted out, so they can't be texted.",
    notANumber: "They text from a short code or a name, which can't be answered.",
    viewer: "Your role is viewer: agents can send texts.",
  },
  optOutConfirm: {
    title: "Stop texting this person?",
    text: (name: string) =>
      `${name} can't be texted any more, by any of your numbers. Texts that wait are taken back. You can undo this mark; a STOP that they text themselves you can't.`,
    action: "Mark as opted out",
    done: "Marked as opted out",
  },
  optInConfirm: {
    title: "Allow texts again?",
    text: (name: string) => `Only if ${name} agreed to it. Texting people who don't want it is against the law in many places.`,
    action: "Allow texts",
    done: "Texts are allowed again",
  },
  removeConfirm: {
    title: "Delete this lead for good?",
    text: (name: string) =>
      `This erases ${name} with all texts, notes and files, and takes back what waits to be sent. It can't be undone. An opt-out stays with the number.`,
    action: "Delete for good",
    done: (name: string) => `${name} was deleted`,
  },
};
