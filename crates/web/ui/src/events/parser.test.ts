import { describe, expect, it } from "vitest";

import { createParser, type Frame } from "./parser";

function parse(...chunks: string[]) {
  const frames: Frame[] = [];
  const retries: number[] = [];
  const parser = createParser({ onFrame: (frame) => frames.push(frame), onRetry: (ms) => retries.push(ms) });
  for (const chunk of chunks) parser.push(chunk);
  return { frames, retries };
}

const STREAM = 'retry: 2000\n: hello\n\nid: 7\nevent: sms_received\ndata: {"a":1}\n\n: beat\n\nid: 8\nevent: resync\ndata: {}\n\n';
const FRAMES = [
  { id: "7", event: "sms_received", data: '{"a":1}' },
  { id: "8", event: "resync", data: "{}" },
];

describe("createParser", () => {
  it("reads frames and skips comments", () => {
    expect(parse(STREAM)).toEqual({ frames: FRAMES, retries: [2000] });
  });

  it("reads the same however the bytes are cut, with any line end", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = STREAM.replaceAll("\n", end);
      // A CR at the very end is held back until what follows is known.
      for (let size = 1; size < 9; size++) {
        const chunks = text.match(new RegExp(`[\\s\\S]{1,${String(size)}}`, "g")) ?? [];
        expect(parse(...chunks, ":\n").frames).toEqual(FRAMES);
      }
    }
  });

  it("joins lines of data, keeps the last id, and drops events without data", () => {
    const { frames } = parse("id: 1\ndata: a\ndata:b\n\nevent: empty\n\ndata: c\n\n");
    expect(frames).toEqual([
      { id: "1", event: "message", data: "a\nb" },
      { id: "1", event: "message", data: "c" },
    ]);
  });

  it("tells of ids without an event, once they are complete", () => {
    const ids: string[] = [];
    const parser = createParser({ onFrame: () => undefined, onId: (id) => ids.push(id) });
    parser.push("id: 44\n");
    expect(ids).toEqual([]);
    parser.push("\n");
    expect(ids).toEqual(["44"]);
  });

  it("gives nothing of an event that has not ended", () => {
    expect(parse("id: 1\ndata: a\n").frames).toEqual([]);
  });
});
