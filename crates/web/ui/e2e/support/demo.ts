import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { binary, pictures } from "./env";

export interface Credentials {
  email: string;
  password: string;
}

/** A running `trunkline demo`, and what it prints about itself. */
export interface Demo {
  url: string;
  /** The simulator: the handset is its first page. */
  handset: string;
  owner: Credentials;
  agent: Credentials;
  stop(): Promise<void>;
}

const START_MS = 60_000;
const END_MS = 20_000;
const LAST_LINE = "Ctrl-C ends it";

/** Starts a demo in a folder of its own, on free ports. `name` is for its log. */
export async function startDemo(name: string): Promise<Demo> {
  const data = mkdtempSync(join(tmpdir(), "trunkline-e2e-"));
  mkdirSync(pictures, { recursive: true });
  const log = createWriteStream(join(pictures, `${name}.log`));
  const program = spawn(binary, ["demo", "--data", data, "--bind", "127.0.0.1:0"], {
    cwd: data,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  program.stderr.pipe(log);
  const stop = async () => {
    await end(program);
    log.end();
    rmSync(data, { recursive: true, force: true });
  };
  try {
    return { ...read(await printed(program)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function printed(program: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const fail = (why: string) => reject(new Error(`${binary} demo ${why}; it printed:\n${text}`));
    const timer = setTimeout(() => fail("is not up in time"), START_MS);
    program.once("error", (error) => fail(`can't be started (${error.message})`));
    program.once("exit", (code) => fail(`ended with ${String(code)}`));
    program.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (!text.includes(LAST_LINE)) return;
      clearTimeout(timer);
      resolve(text);
    });
  });
}

function read(text: string): Omit<Demo, "stop"> {
  const find = (pattern: RegExp): string[] => {
    const found = pattern.exec(text)?.slice(1);
    if (!found) throw new Error(`the demo printed nothing like ${String(pattern)}:\n${text}`);
    return found;
  };
  const login = (who: string): Credentials => {
    const [email = "", password = ""] = find(new RegExp(`${who}(?: logs in)? with\\s+(\\S+)\\s+(\\S+)`));
    return { email, password };
  };
  const [url = ""] = find(/listening on (http:\/\/\S+)/);
  const [handset = ""] = find(/Handset:\s+(http:\/\/\S+?)\/?\s/);
  return { url, handset, owner: login("owner"), agent: login("agent") };
}

async function end(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null || program.pid === undefined) return;
  const exit = once(program, "exit");
  program.kill("SIGTERM");
  const timer = setTimeout(() => program.kill("SIGKILL"), END_MS);
  await exit;
  clearTimeout(timer);
}
