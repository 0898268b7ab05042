import { fullTime, relativeTime, useNow } from "../lib/time";

/** How long ago, short; the whole time on hover and for readers. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={fullTime(at)} className={className}>
      {relativeTime(at, now)}
    </time>
  );
}
