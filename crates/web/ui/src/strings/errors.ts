/** What went wrong, in words for the person who sees it, and what they can do. */
export const errors = {
  network: {
    title: "No connection",
    detail: "Trunkline could not be reached. Check your network; nothing is lost.",
  },
  unauthorized: { title: "Your login has ended", detail: "Log in again to go on." },
  forbidden: { title: "Not allowed", detail: "Your role doesn't reach that far. Ask an owner or admin." },
  missing: { title: "Not found", detail: "It isn't there any more, or belongs to somebody else." },
  tooLarge: { title: "Too large", detail: "That is more than Trunkline takes." },
  tooMany: (seconds: number | null) => ({
    title: "Too many requests",
    detail: seconds ? `Wait ${String(seconds)} seconds and try again.` : "Wait a moment and try again.",
  }),
  server: {
    title: "Something went wrong on the server",
    detail: "Try again. If it keeps happening, tell your operator the request id.",
  },
  unknown: { title: "Something went wrong", detail: "Reload the page. If it keeps happening, tell your operator." },
  invalid: { title: "Please check what you entered" },
  refused: { title: "That didn't work" },
  page: {
    title: "This page stumbled",
    detail: "An error in the page itself. Your messages are safe; reload to go on.",
  },
  notFound: { title: "There is nothing here", detail: "The address leads nowhere.", action: "Go to the inbox" },
};
