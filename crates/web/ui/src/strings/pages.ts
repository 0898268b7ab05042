/** What several pages say alike. */
export const pageWords = {
  copy: (what: string) => `Copy ${what.toLowerCase()}`,
  loadMore: "Show more",
  steps: "Steps",
  done: "done",
};

export const placeWords = {
  country: "Country",
  timezone: "Time zone",
  none: "Nothing found",
  clock: (time: string) => `It is ${time} there now.`,
};
