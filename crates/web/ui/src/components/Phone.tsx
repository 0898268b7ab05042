import { formatPhone } from "../lib/phone";

/** A number as people write it. */
export function Phone({ number, className }: { number: string | null | undefined; className?: string }) {
  return <span className={className}>{formatPhone(number)}</span>;
}
