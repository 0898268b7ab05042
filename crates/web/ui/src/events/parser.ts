/** One event of a `text/event-stream`. */
export interface Frame {
  id: string | null;
  event: string;
  data: string;
}

/** What a stream says, as it comes in. */
export interface ParserHandlers {
  onFrame: (frame: Frame) => void;
  /** From here the stream can be gone on with; also without an event. */
  onId?: (id: string) => void;
  /** The server asks to wait this long before connecting again. */
  onRetry?: (milliseconds: number) => void;
}

/**
 * Reads `text/event-stream` as the HTML standard describes it: chunks may end anywhere, also
 * between CR and LF; comments are skipped; an event without data is none.
 */
export function createParser({ onFrame, onId, onRetry }: ParserHandlers) {
  let rest = "";
  let data: string[] = [];
  let event = "";
  let id: string | null = null;

  function field(name: string, value: string) {
    if (name === "data") data.push(value);
    else if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "retry" && /^\d+$/.test(value)) onRetry?.(Number(value));
  }

  function line(text: string) {
    if (text === "") {
      if (data.length > 0) onFrame({ id, event: event || "message", data: data.join("\n") });
      if (id !== null) onId?.(id);
      data = [];
      event = "";
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return;
    if (colon < 0) field(text, "");
    else field(text.slice(0, colon), text.slice(colon + 1).replace(/^ /, ""));
  }

  return {
    push(chunk: string) {
      rest += chunk;
      let start = 0;
      for (let i = 0; i < rest.length; i++) {
        const c = rest[i];
        if (c !== "\n" && c !== "\r") continue;
        // Whether a CR stands alone shows with the next chunk.
        if (c === "\r" && i + 1 === rest.length) break;
        line(rest.slice(start, i));
        if (c === "\r" && rest[i + 1] === "\n") i++;
        start = i + 1;
      }
      rest = rest.slice(start);
    },
  };
}
