import { isPassing } from "../../api/problem";
import type { UploadedMedia } from "../../api/types";
import { strings } from "../../app/strings";
import { errorWords } from "../../components/errorWords";
import { randomId } from "../../lib/id";
import { createStore } from "../../lib/store";
import { MAX_FILE_BYTES, MAX_FILES, uploadFile } from "../upload";

const t = strings.inbox.composer;

/** A file beside what is being written, on its way up or there. */
export interface Attachment {
  key: string;
  name: string;
  size: number;
  isImage: boolean;
  /** From 0 to 1. */
  progress: number;
  media: UploadedMedia | null;
  error: string | null;
  /** To see it before it is up. */
  preview: string | null;
}

type ByConversation = Readonly<Record<string, readonly Attachment[]>>;

/** Files live outside of the composer: an upload goes on while another conversation is looked at. */
export const attachments = createStore<ByConversation>({});

const running = new Map<string, { abort: AbortController; file: File }>();

function change(conversationId: string, edit: (list: readonly Attachment[]) => readonly Attachment[]) {
  attachments.set((all) => ({ ...all, [conversationId]: edit(all[conversationId] ?? []) }));
}

function patch(conversationId: string, key: string, part: Partial<Attachment>) {
  change(conversationId, (list) => list.map((one) => (one.key === key ? { ...one, ...part } : one)));
}

/** Begins to upload files; returns what is wrong with those that are not taken. */
export function addFiles(conversationId: string, files: readonly File[]): string | null {
  const room = MAX_FILES - (attachments.get()[conversationId]?.length ?? 0);
  const fitting = files.filter((file) => file.size <= MAX_FILE_BYTES);
  for (const file of fitting.slice(0, room)) begin(conversationId, file);
  const tooLarge = files.find((file) => file.size > MAX_FILE_BYTES);
  if (tooLarge) return t.tooLarge(tooLarge.name);
  return fitting.length > room ? t.tooMany : null;
}

function begin(conversationId: string, file: File) {
  const key = randomId();
  const isImage = file.type.startsWith("image/");
  const preview = isImage ? URL.createObjectURL(file) : null;
  const item = { key, name: file.name || "file", size: file.size, isImage, progress: 0, media: null, error: null, preview };
  change(conversationId, (list) => [...list, item]);
  void run(conversationId, key, file);
}

async function run(conversationId: string, key: string, file: File) {
  const abort = new AbortController();
  running.set(key, { abort, file });
  try {
    const media = await uploadFile(file, {
      key,
      signal: abort.signal,
      onProgress: (progress) => patch(conversationId, key, { progress }),
    });
    patch(conversationId, key, { media, progress: 1 });
    running.delete(key);
  } catch (error) {
    if (abort.signal.aborted) return;
    const words = errorWords(error);
    patch(conversationId, key, { error: isPassing(error) ? words.title : words.detail });
  }
}

export function retryFile(conversationId: string, key: string): void {
  const file = running.get(key)?.file;
  if (!file) return;
  patch(conversationId, key, { error: null, progress: 0 });
  void run(conversationId, key, file);
}

export function removeFile(conversationId: string, key: string): void {
  running.get(key)?.abort.abort();
  running.delete(key);
  const item = attachments.get()[conversationId]?.find((one) => one.key === key);
  if (item?.preview) URL.revokeObjectURL(item.preview);
  change(conversationId, (list) => list.filter((one) => one.key !== key));
}

export function clearFiles(conversationId: string): void {
  for (const item of attachments.get()[conversationId] ?? []) removeFile(conversationId, item.key);
}

/** Puts back files of an earlier page that are uploaded already. */
export function restoreFiles(conversationId: string, files: readonly UploadedMedia[]): void {
  if (attachments.get()[conversationId]) return;
  change(conversationId, () =>
    files.map((media) => ({
      key: media.id,
      name: media.filename ?? "file",
      size: media.size,
      isImage: false,
      progress: 1,
      media,
      error: null,
      preview: null,
    })),
  );
}
