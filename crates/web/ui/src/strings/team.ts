import type { Role } from "../pages/model";

const roleHints: Record<Role, string> = {
  viewer: "Reads everything, changes nothing.",
  agent: "Answers customers and works with leads.",
  admin: "Manages channels and team as well.",
  owner: "Everything, with API keys and the business's settings.",
};

export const team = {
  title: "Team",
  description: "Who works here, and what they may do.",
  invite: "Invite",
  you: "You",
  roleHints,
  columns: { person: "Person", role: "Role", joined: "Joined", actions: "Actions" },
  roleOf: (name: string) => `Role of ${name}`,
  remove: "Remove",
  removeOf: (name: string) => `Remove ${name}`,
  aloneTitle: "It's just you so far",
  aloneText: "Invite colleagues so that nobody waits for an answer.",
  why: {
    adminOnly: "Only admins and owners can manage the team.",
    above: "Only an owner can change this person.",
    lastOwner: "There must be an owner. Make somebody else owner first.",
    yourself: "This is you. Somebody else has to remove you.",
  },
  changed: (name: string, role: string) => `${name} is ${role} now`,
  changeFailed: "The role was not changed",
  removed: (name: string) => `${name} was removed`,
  ownRoleConfirm: {
    title: "Change your own role?",
    text: (role: string) => `You become ${role} at once, and can't undo it yourself.`,
    action: "Change my role",
  },
  removeConfirm: {
    title: (name: string) => `Remove ${name}?`,
    text: "Their logins and API keys stop working at once. What they wrote stays.",
    action: "Remove",
  },
  form: {
    title: "Invite somebody",
    email: "E-mail",
    emailHint: "They log in with it. An address can belong to one business only.",
    name: "Name",
    nameHint: "How colleagues see them.",
    role: "Role",
    submit: "Make the login",
    taken: "This address has a login already.",
  },
  created: {
    title: (name: string) => `${name} can log in`,
    once: "This password is shown once. Trunkline sends no e-mail: pass it on yourself, by a safe way.",
    email: "E-mail",
    password: "One-time password",
    address: "Address",
    copyAll: "Copy everything",
    text: (url: string, email: string, password: string) => `Log in at ${url}\nE-mail: ${email}\nPassword: ${password}\nPlease change the password under Settings.`,
    done: "I have passed it on",
    replayed: "The login is there already, but its password can't be shown again. Remove the person and invite them anew.",
  },
};
