import { session } from "../api/client";
import { ApiProblem, NetworkProblem } from "../api/problem";
import type { Problem, UploadedMedia } from "../api/types";

export const MAX_FILE_BYTES = 20 * 1024 * 1024;
export const MAX_FILES = 10;

export interface UploadOptions {
  /** From 0 to 1. */
  onProgress: (share: number) => void;
  signal: AbortSignal;
  /** Makes trying again harmless. */
  key: string;
}

/** Sends a file; by XMLHttpRequest, as `fetch` can't tell how far it is. */
export async function uploadFile(file: File, options: UploadOptions): Promise<UploadedMedia> {
  const token = await session.token();
  const first = await post(file, token, options);
  if (first.status !== 401 || token === null) return read(first);
  session.refuse(token);
  return read(await post(file, await session.token(), options));
}

function post(file: File, token: string | null, { onProgress, signal, key }: UploadOptions): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/media");
    if (token !== null) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => resolve(request);
    request.onerror = () => reject(new NetworkProblem("no answer"));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file, file.name || "file");
    request.send(form);
  });
}

function read(request: XMLHttpRequest): UploadedMedia {
  const body = parse(request.responseText);
  if (request.status >= 200 && request.status < 300) return body as UploadedMedia;
  throw new ApiProblem(request.status, body as Partial<Problem>);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
