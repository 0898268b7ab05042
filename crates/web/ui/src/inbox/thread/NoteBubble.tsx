import { ActionIcon, Button, Menu, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconDots, IconLock, IconPencil, IconTrash } from "@tabler/icons-react";
import { memo, useState } from "react";

import { useMe } from "../../api/client";
import type { Note } from "../../api/types";
import { reaches } from "../../app/navigation";
import { strings } from "../../app/strings";
import { notifyError } from "../../components/notify";
import { clockTime, fullTime } from "../../lib/time";
import { refreshTimeline } from "../cache";
import { deleteNote, updateNote } from "../requests";
import { LinkedText } from "./LinkedText";
import classes from "./Bubble.module.css";

const t = strings.inbox.thread;

/** A note for the team; never sent. */
export const NoteBubble = memo(function NoteBubble({ note }: { note: Note }) {
  const { user } = useMe();
  const [text, setText] = useState<string | null>(null);
  const client = useQueryClient();
  const done = () => refreshTimeline(client, note.conversation_id);
  const save = useMutation({
    mutationFn: (body: string) => updateNote(note.id, body),
    onSuccess: async () => {
      await done();
      setText(null);
    },
    onError: notifyError,
  });
  const remove = useMutation({ mutationFn: () => deleteNote(note.id), onSuccess: done, onError: notifyError });
  const mine = note.author?.id === user.id || reaches(user.role, "admin");
  const edited = note.updated_at !== note.created_at;
  return (
    <article className={classes.note} aria-label={`${t.note}, ${note.author?.name ?? ""}, ${fullTime(note.created_at)}`}>
      <div className={classes.noteHead}>
        <IconLock size={13} aria-hidden />
        <strong>{t.note}</strong>
        <span>{note.author?.name}</span>
        <time dateTime={note.created_at} title={fullTime(note.created_at)}>
          {clockTime(note.created_at)}
        </time>
        {edited && <span>({t.noteEdited})</span>}
        {mine && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={20} ml="auto" aria-label={strings.common.more}>
                <IconDots size={14} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setText(note.body)}>
                {t.noteEdit}
              </Menu.Item>
              <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => remove.mutate()}>
                {t.noteDelete}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {text === null ? (
        <div className={classes.noteBody}>
          <LinkedText text={note.body} />
        </div>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) save.mutate(text.trim());
          }}
        >
          <Textarea value={text} onChange={(event) => setText(event.currentTarget.value)} autosize minRows={2} maxLength={5000} aria-label={t.note} autoFocus />
          <Button.Group mt={6}>
            <Button type="submit" size="compact-sm" loading={save.isPending}>
              {strings.common.save}
            </Button>
            <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setText(null)}>
              {strings.common.cancel}
            </Button>
          </Button.Group>
        </form>
      )}
    </article>
  );
});
