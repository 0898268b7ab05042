import { strings } from "../../app/strings";
import { dayName, useNow } from "../../lib/time";
import { formatPhone } from "../../lib/phone";
import type { Pending } from "../outbox";
import type { Row } from "../rows";
import { activityWords } from "./activityWords";
import { MessageBubble } from "./MessageBubble";
import { NoteBubble } from "./NoteBubble";
import { PendingBubble } from "./PendingBubble";
import classes from "./Bubble.module.css";

const t = strings.inbox.thread;

interface ThreadRowProps {
  row: Row;
  address: string;
  mayWrite: boolean;
  nameOf: (userId: string | null | undefined) => string | null;
  onEdit: (pending: Pending) => void;
}

/** One line of the thread. */
export function ThreadRow({ row, address, mayWrite, nameOf, onEdit }: ThreadRowProps) {
  switch (row.kind) {
    case "begin":
      return <p className={classes.begin}>{t.begin(formatPhone(address))}</p>;
    case "day":
      return <Day at={row.at} />;
    case "new":
      return (
        <div className={classes.new} role="separator">
          {t.new}
        </div>
      );
    case "message":
      return (
        <MessageBubble
          message={row.message}
          startsGroup={row.startsGroup}
          endsGroup={row.endsGroup}
          showsState={row.showsState}
          author={nameOf(row.message.sent_by_user_id)}
          mayWrite={mayWrite}
        />
      );
    case "note":
      return <NoteBubble note={row.note} />;
    case "activity":
      return (
        <p className={classes.activity} title={row.activity.created_at}>
          {activityWords(row.activity)}
        </p>
      );
    case "pending":
      return <PendingBubble pending={row.pending} onEdit={onEdit} />;
  }
}

function Day({ at }: { at: string }) {
  const now = useNow();
  return (
    <div className={classes.day} role="separator">
      <span>{dayName(at, now)}</span>
    </div>
  );
}
