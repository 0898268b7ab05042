export const commands = {
  placeholder: "Search people, messages and notes, or type a command",
  none: "Nothing found",
  hint: "↑↓ to move, Enter to choose, Esc to close",
  groups: { conversations: "Conversations", messages: "Messages", notes: "Private notes", leads: "Leads", go: "Go to", act: "Do" },
  theme: (name: string) => `Appearance: ${name}`,
  go: (name: string) => `Go to ${name}`,
};

export const keyHelp = {
  title: "Keyboard shortcuts",
  groups: {
    everywhere: "Everywhere",
    inbox: "Inbox",
    compose: "Writing",
  },
  command: "Open the command bar",
  help: "Show this list",
  next: "Next conversation",
  previous: "Previous conversation",
  close: "Close or reopen the conversation",
  snooze: "Snooze",
  note: "Write a private note",
  reply: "Write a reply",
  attach: "Attach a file",
  send: "Send",
  newline: "New line",
  escape: "Leave what is open",
};
