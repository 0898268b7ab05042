import { auth } from "../strings/auth";
import { commands, keyHelp } from "../strings/commands";
import { common } from "../strings/common";
import { errors } from "../strings/errors";
import { inbox } from "../strings/inbox";

/**
 * Every word that the page shows, by feature. A translation is another object of the same shape;
 * texts with values in them are functions, so that each language builds its own sentence.
 */
export const strings = { common, errors, auth, commands, keyHelp, inbox };
