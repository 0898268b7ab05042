/** What the address says about the channels: whether the wizard is open. */
export interface ChannelSearch {
  connect?: true;
}

export function readChannelSearch(raw: Record<string, unknown>): ChannelSearch {
  return raw["connect"] === true ? { connect: true } : {};
}
