import { Button, CloseButton, CopyButton, NativeSelect, TagsInput, Tooltip } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { IconBan, IconCheck, IconCopy, IconExternalLink } from "@tabler/icons-react";

import { api, unwrap, useMe } from "../../api/client";
import { keys } from "../../api/keys";
import type { Conversation, Lead, LeadPatch, LeadStatus } from "../../api/types";
import { reaches } from "../../app/navigation";
import { strings } from "../../app/strings";
import { Avatar } from "../../components/Avatar";
import { notifyError } from "../../components/notify";
import { formatPhone } from "../../lib/phone";
import { clockTime, fullTime, isTimeZone, relativeTime, shortDateTime, useNow } from "../../lib/time";
import { LabelPicker } from "../actions/LabelPicker";
import { applyConversation } from "../cache";
import { useChannels, useLabels } from "../queries";
import { fetchConversationsWith } from "../requests";
import { EditableField } from "./EditableField";
import classes from "./Person.module.css";

const t = strings.inbox.person;
const STATUSES: readonly LeadStatus[] = ["new", "contacted", "qualified", "converted", "lost"];

interface PersonPaneProps {
  conversation: Conversation;
  onClose?: () => void;
}

/** Who the conversation is with. */
export function PersonPane({ conversation, onClose }: PersonPaneProps) {
  const { lead } = conversation;
  const client = useQueryClient();
  const me = useMe().user;
  const mayWrite = reaches(me.role, "agent");
  const change = useMutation({
    mutationFn: (body: LeadPatch) => unwrap(api.PATCH("/api/v1/leads/{id}", { params: { path: { id: lead.id } }, body })),
    onSuccess: (after: Lead) => {
      applyConversation(client, { ...conversation, lead: after }, me.id);
      void client.invalidateQueries({ queryKey: keys.leads });
    },
  });
  const save = (body: LeadPatch) => change.mutateAsync(body);
  const name = lead.name || formatPhone(conversation.remote_address);
  return (
    <aside className={classes.pane} aria-label={t.label}>
      {onClose && <CloseButton className={classes.close} onClick={onClose} aria-label={strings.common.close} />}
      <div className={classes.head}>
        <Avatar name={lead.name} seed={lead.id} size={56} />
        <p className={classes.name}>{name}</p>
        <LocalTime lead={lead} />
      </div>
      {lead.sms_opt_out && <OptedOut lead={lead} editable={mayWrite} onUndo={() => void save({ sms_opt_out: false }).catch(notifyError)} />}
      <Section title={strings.inbox.actions.labels}>
        <LabelPicker conversation={conversation} mayWrite={mayWrite} />
      </Section>
      <Section title={t.label}>
        <EditableField label={t.name} value={lead.name ?? ""} add={t.addName} editable={mayWrite} pointer="/name" onSave={(name) => save({ name: name || null })} />
        <div className={classes.field}>
          <span className={classes.fieldLabel}>{t.phone}</span>
          <span className={classes.fieldStatic}>
            {formatPhone(lead.phone ?? conversation.remote_address)}
            <Copy value={lead.phone ?? conversation.remote_address} />
          </span>
        </div>
        <EditableField label={t.email} type="email" value={lead.email ?? ""} add={t.addEmail} editable={mayWrite} pointer="/email" onSave={(email) => save({ email: email || null })} />
        <div className={classes.field}>
          <label className={classes.fieldLabel} htmlFor="lead-status">
            {t.status}
          </label>
          <NativeSelect
            id="lead-status"
            size="xs"
            classNames={{ input: classes.quiet }}
            disabled={!mayWrite}
            value={lead.status}
            onChange={(event) => void save({ status: event.currentTarget.value as LeadStatus }).catch(notifyError)}
            data={STATUSES.map((value) => ({ value, label: t.statuses[value] }))}
          />
        </div>
        <EditableField
          label={t.timezone}
          value={lead.timezone ?? ""}
          shown={lead.timezone?.replaceAll("_", " ")}
          add={t.addTimezone}
          editable={mayWrite}
          pointer="/timezone"
          suggestions={timeZones()}
          onSave={(timezone) => save({ timezone: timezone || null })}
        />
        <Fact label={t.source}>{t.sources[lead.source]}</Fact>
        <div className={classes.field} data-tall>
          <span className={classes.fieldLabel}>{t.tags}</span>
          <TagsInput
            size="xs"
            aria-label={t.tags}
            placeholder={lead.tags.length === 0 ? t.addTag : undefined}
            value={lead.tags}
            disabled={!mayWrite}
            onChange={(tags) => void save({ tags }).catch(notifyError)}
            classNames={{ input: classes.quiet, pill: classes.tag }}
          />
        </div>
        <Button component={Link} to={`/leads/${lead.id}`} size="compact-sm" variant="subtle" px={4} mt={8} leftSection={<IconExternalLink size={14} aria-hidden />}>
          {t.openLead}
        </Button>
      </Section>
      <ConversationFacts conversation={conversation} />
      <OtherConversations conversation={conversation} />
      {mayWrite && !lead.sms_opt_out && (
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconBan size={14} aria-hidden />} onClick={() => void save({ sms_opt_out: true }).catch(notifyError)} mx={14} mb={20}>
          {t.markOptedOut}
        </Button>
      )}
    </aside>
  );
}

function LocalTime({ lead }: { lead: Lead }) {
  const now = useNow();
  if (!lead.timezone || !isTimeZone(lead.timezone)) return null;
  return <p className={classes.local}>{t.localTime(clockTime(new Date(now).toISOString(), lead.timezone))}</p>;
}

function OptedOut({ lead, editable, onUndo }: { lead: Lead; editable: boolean; onUndo: () => void }) {
  const number = lead.sms_opt_out_number ? formatPhone(lead.sms_opt_out_number) : null;
  const source = lead.sms_opt_out_source;
  const words = source === "manual" ? t.optedOut.manual : source ? t.optedOut[source](number) : t.optedOut.unknown;
  return (
    <div className={classes.optedOut}>
      <strong>
        <IconBan size={15} aria-hidden /> {t.optedOutTitle}
      </strong>
      <span>{words}</span>
      {editable && source === "manual" && (
        <Button size="compact-xs" variant="default" onClick={onUndo}>
          {t.undoOptOut}
        </Button>
      )}
    </div>
  );
}

function ConversationFacts({ conversation }: { conversation: Conversation }) {
  const channel = useChannels().data?.find((one) => one.id === conversation.channel_id);
  const zone = conversation.lead.timezone ?? undefined;
  const last = conversation.lead.last_contact_at;
  return (
    <Section title={t.conversation}>
      <Fact label={t.number}>{channel ? `${channel.name} · ${formatPhone(channel.credentials.phoneNumber)}` : "–"}</Fact>
      <Fact label={t.began} title={fullTime(conversation.created_at, zone)}>
        {shortDateTime(conversation.created_at, zone)}
      </Fact>
      {last && (
        <Fact label={t.lastContact} title={fullTime(last, zone)}>
          {shortDateTime(last, zone)}
        </Fact>
      )}
    </Section>
  );
}

/** What else there is with this person, by other numbers of ours. */
function OtherConversations({ conversation }: { conversation: Conversation }) {
  const { lead } = conversation;
  const now = useNow();
  const channels = useChannels().data;
  const labels = useLabels().data;
  const query = useQuery({
    queryKey: keys.leadConversations(lead.id),
    queryFn: () => fetchConversationsWith(lead.id),
  });
  const others = (query.data ?? []).filter((one) => one.id !== conversation.id);
  if (others.length === 0) return null;
  return (
    <Section title={t.others}>
      {others.map((one) => (
        <Link key={one.id} to="/inbox/$conversationId" params={{ conversationId: one.id }} search={(current: object) => current} className={classes.other}>
          <span>{channels?.find((channel) => channel.id === one.channel_id)?.name ?? strings.common.sms}</span>
          <span>
            {strings.inbox.status[one.status]} · {relativeTime(one.last_message_at, now)}
            {labels && one.labels.length > 0 ? ` · ${one.labels.join(", ")}` : ""}
          </span>
        </Link>
      ))}
    </Section>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={classes.section}>
      <h3 className={classes.sectionTitle}>{title}</h3>
      {children}
    </section>
  );
}

function Fact({ label, title, children }: { label: string; title?: string; children: React.ReactNode }) {
  return (
    <div className={classes.field}>
      <span className={classes.fieldLabel}>{label}</span>
      <span className={classes.fieldStatic} title={title}>
        {children}
      </span>
    </div>
  );
}

function Copy({ value }: { value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? strings.common.copied : t.copy}>
          <button type="button" className={classes.copy} onClick={copy} aria-label={`${t.copy}: ${value}`}>
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </button>
        </Tooltip>
      )}
    </CopyButton>
  );
}

let zones: readonly string[] | null = null;

function timeZones(): readonly string[] {
  zones ??= Intl.supportedValuesOf("timeZone");
  return zones;
}
