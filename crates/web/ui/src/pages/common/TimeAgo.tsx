import { fullTime, useNow } from "../../lib/time";
import { ago } from "./ago";

/** A time in words relative to now; the whole of it on hover. */
export function TimeAgo({ at, className }: { at: string; className?: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={fullTime(at)} className={className}>
      {ago(at, now)}
    </time>
  );
}
