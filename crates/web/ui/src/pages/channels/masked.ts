/** The beginning of an account SID, as much of it as is shown: `AC012345…`. */
export function maskedSid(sid: string): string {
  return sid.length > 8 ? `${sid.slice(0, 8)}…` : sid;
}
