import { ActionIcon, Button, FileButton, Menu, SegmentedControl, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { IconChevronDown, IconClock, IconLock, IconPaperclip, IconSend2, IconCircleCheck } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useId, useRef, useState, type DragEvent, type KeyboardEvent } from "react";

import { useMe } from "../../api/client";
import type { Conversation } from "../../api/types";
import { reaches } from "../../app/navigation";
import { strings } from "../../app/strings";
import { useConnection } from "../../events/useEvents";
import { isMac, useShortcuts } from "../../lib/shortcuts";
import { useStore } from "../../lib/store";
import { formatPhone } from "../../lib/phone";
import { loadDraft, saveDraft } from "../drafts";
import type { Pending } from "../outbox";
import { useChannels } from "../queries";
import { countSegments } from "../segments";
import { outbox } from "../sending";
import { addFiles, attachments, clearFiles, restoreFiles, type Attachment } from "./attachments";
import { Attachments } from "./Attachments";
import { Counter } from "./Counter";
import { Editor } from "./Editor";
import { obstacleOf, type Obstacle } from "./why";
import classes from "./Composer.module.css";

const ScheduleDialog = lazy(() => import("./ScheduleDialog").then((m) => ({ default: m.ScheduleDialog })));
const t = strings.inbox.composer;

const MAX_TEXT = 1600;
const MAX_NOTE = 5000;
const NO_FILES: readonly Attachment[] = [];

interface ComposerProps {
  conversation: Conversation;
  /** The newest item of the thread: what is sent now comes after. */
  newest: string | null;
  /** A refused text to be written anew. */
  restored: Pending | null;
  onRestored: () => void;
}

/** Where replies and notes are written. */
export function Composer(props: ComposerProps) {
  const role = useMe().user.role;
  if (reaches(role, "agent")) return <Writing {...props} />;
  return (
    <div className={classes.composer}>
      <p className={classes.obstacle}>{t.disabled.viewer}</p>
    </div>
  );
}

function Writing({ conversation, newest, restored, onRestored }: ComposerProps) {
  const { id } = conversation;
  const me = useMe().user.id;
  const channels = useChannels().data;
  const offline = useConnection() === "offline";
  const [draft, setDraft] = useState(() => loadDraft(me, id));
  const [scheduling, setScheduling] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [dragging, setDragging] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<() => void>(() => undefined);
  const infoId = useId();

  const files = useStore(attachments)[id] ?? NO_FILES;
  useEffect(() => restoreFiles(id, loadDraft(me, id).files), [id, me]);
  useEffect(() => {
    const uploaded = files.flatMap((file) => (file.media ? [file.media] : []));
    // At once: who goes on to another conversation right after a paste must not lose it.
    saveDraft(me, id, { ...draft, files: uploaded });
  }, [draft, files, id, me]);

  // What was refused comes back into the field.
  const [taken, setTaken] = useState<Pending | null>(null);
  if (restored && restored !== taken) {
    setTaken(restored);
    setDraft((now) => ({ ...now, mode: restored.kind === "note" ? "note" : "reply", [restored.kind === "note" ? "note" : "reply"]: restored.body }));
  }
  useEffect(() => {
    if (restored) onRestored();
  }, [restored, onRestored]);

  const note = draft.mode === "note";
  const body = note ? draft.note : draft.reply;
  const setBody = (value: string) => setDraft((now) => ({ ...now, [note ? "note" : "reply"]: value }));
  const setMode = (mode: "reply" | "note") => {
    setDraft((now) => ({ ...now, mode }));
    requestAnimationFrame(() => field.current?.focus());
  };
  const obstacle = note ? null : obstacleOf(conversation, channels);
  const size = countSegments(draft.reply);
  const uploading = !note && files.some((file) => !file.media);
  const empty = body.trim() === "" && (note || files.length === 0);
  const ready = !empty && !uploading && !obstacle;

  const take = (list: readonly File[]) => {
    setTrouble(addFiles(id, list));
    if (note) setMode("reply");
  };

  const send = (options: { at?: string; cancelOnReply?: boolean; thenClose?: boolean } = {}) => {
    if (!ready) return;
    const text = body.trim();
    const media = note ? [] : files.flatMap((file) => (file.media ? [{ id: file.media.id, name: file.name }] : []));
    outbox.add({
      kind: note ? "note" : "message",
      owner: me,
      conversationId: id,
      body: text,
      compose: {
        body: text,
        media_ids: media.map((file) => file.id),
        ...(options.at ? { send_at: options.at, cancel_on_reply: options.cancelOnReply ?? false } : {}),
      },
      files: media,
      after: newest,
      thenClose: options.thenClose ?? false,
    });
    if (!note) clearFiles(id);
    setBody("");
    setTrouble(null);
    setScheduling(false);
    field.current?.focus();
  };

  useShortcuts({
    "alt+p": () => setMode("note"),
    "alt+l": () => setMode("reply"),
    "alt+a": () => picker.current(),
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (isMac ? event.metaKey : event.ctrlKey) && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape") field.current?.blur();
  };
  const drop = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setDragging(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDragging(false);
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setDragging(false);
      take([...event.dataTransfer.files]);
    },
  };

  const channel = channels?.find((one) => one.id === conversation.channel_id);
  return (
    <section className={classes.composer} data-note={note || undefined} aria-label={t.label} {...drop}>
      <div className={classes.top}>
        <SegmentedControl
          size="xs"
          value={draft.mode}
          onChange={(value) => setMode(value as "reply" | "note")}
          data={[
            { value: "reply", label: t.reply },
            { value: "note", label: <span className={classes.noteTab}><IconLock size={12} aria-hidden /> {t.note}</span> },
          ]}
        />
        {!note && channel && (
          <span className={classes.from} title={channel.name}>
            {t.from(formatPhone(channel.credentials.phoneNumber))}
          </span>
        )}
      </div>
      {obstacle ? (
        <ObstacleLine obstacle={obstacle} />
      ) : (
        <div className={classes.box}>
          {!note && <Attachments conversationId={id} items={files} />}
          <Editor
            ref={field}
            value={body}
            forcing={note ? [] : size.forcing}
            label={note ? t.note : t.reply}
            placeholder={note ? t.notePlaceholder : t.replyPlaceholder}
            maxLength={note ? MAX_NOTE : MAX_TEXT}
            onChange={setBody}
            onKeyDown={onKeyDown}
            onFiles={take}
            describedBy={infoId}
          />
          <div className={classes.bar}>
            {!note && (
              <FileButton onChange={take} multiple>
                {({ onClick }) => {
                  picker.current = onClick;
                  return (
                    <Tooltip label={t.attach}>
                      <ActionIcon variant="subtle" color="gray" size={34} onClick={onClick} aria-label={t.attach}>
                        <IconPaperclip size={19} stroke={1.7} />
                      </ActionIcon>
                    </Tooltip>
                  );
                }}
              </FileButton>
            )}
            <span id={infoId} className={classes.info}>
              {trouble ? (
                <span className={classes.trouble} role="alert">
                  {trouble}
                </span>
              ) : offline ? (
                t.offline
              ) : null}
            </span>
            {!note && draft.reply !== "" && <Counter body={draft.reply} size={size} onChange={setBody} />}
            {note ? (
              <Button onClick={() => send()} disabled={!ready} color="yellow" variant="filled" h={34}>
                {t.addNote}
              </Button>
            ) : (
              <SendButton disabled={!ready} onSend={send} onLater={() => setScheduling(true)} />
            )}
          </div>
        </div>
      )}
      {dragging && <div className={classes.drop}>{t.drop}</div>}
      <Suspense>
        {scheduling && (
          <ScheduleDialog
            title={strings.inbox.scheduled.dialogTitle}
            submit={strings.inbox.scheduled.submit}
            at={null}
            cancelOnReply={false}
            timezone={conversation.lead.timezone ?? null}
            onClose={() => setScheduling(false)}
            onSubmit={({ at, cancelOnReply }) => send({ at, cancelOnReply })}
          />
        )}
      </Suspense>
    </section>
  );
}

function ObstacleLine({ obstacle }: { obstacle: Obstacle }) {
  return (
    <p className={classes.obstacle}>
      {obstacle.reason} {obstacle.toChannels && <Link to="/channels">{t.disabled.toChannels}</Link>}
    </p>
  );
}

interface SendButtonProps {
  disabled: boolean;
  onSend: (options?: { thenClose?: boolean }) => void;
  onLater: () => void;
}

/** Send now; behind the arrow, later, or send and close. */
function SendButton({ disabled, onSend, onLater }: SendButtonProps) {
  return (
    <Button.Group>
      <Button
        h={34}
        px={14}
        disabled={disabled}
        onClick={() => onSend()}
        rightSection={<IconSend2 size={16} aria-hidden />}
        aria-keyshortcuts={isMac ? "Meta+Enter" : "Control+Enter"}
      >
        {t.send}
      </Button>
      <Menu position="top-end" width={190}>
        <Menu.Target>
          <Button h={34} px={7} disabled={disabled} aria-label={t.sendMenu} className={classes.sendMore}>
            <IconChevronDown size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconClock size={16} />} onClick={onLater}>
            {t.later}
          </Menu.Item>
          <Menu.Item leftSection={<IconCircleCheck size={16} />} onClick={() => onSend({ thenClose: true })}>
            {t.sendAndClose}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}
