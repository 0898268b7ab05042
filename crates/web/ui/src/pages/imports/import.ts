import type { Import } from "../model";

/** The largest file that the API takes. */
export const MAX_BYTES = 20 * 1024 * 1024;

/** What a column can hold, for the list of those that are understood. */
export const COLUMN_FIELDS = ["name", "phone", "email", "status", "source", "tags", "country", "timezone"] as const;

/** Why a chosen file can't be sent at all. */
export function refusedFile(file: { name: string; size: number; type: string }) {
  if (file.size === 0) return "empty" as const;
  if (file.size > MAX_BYTES) return "tooLarge" as const;
  if (/\.(xlsx?|ods|numbers)$/i.test(file.name)) return "spreadsheet" as const;
  if (!/\.(csv|tsv|txt)$/i.test(file.name) && !/csv|text\/plain/.test(file.type)) return "other" as const;
  return undefined;
}

/** How far an import is, from 0 to 100. */
export function percent({ done_rows, total_rows }: Pick<Import, "done_rows" | "total_rows">): number {
  if (total_rows <= 0) return 0;
  return Math.min(100, Math.floor((done_rows / total_rows) * 100));
}

/** Whether it still changes. */
export function isRunning(one: Pick<Import, "status"> | undefined): boolean {
  return one?.status === "running";
}

/** What a dry run says of the real one. */
export function verdict(preview: Import): "nothingRecognised" | "allBad" | "someBad" | "good" | "empty" {
  if (preview.total_rows === 0) return "empty";
  if (preview.columns.every(({ field }) => field == null)) return "nothingRecognised";
  if (preview.failed === 0) return "good";
  return preview.created + preview.updated + preview.skipped === 0 ? "allBad" : "someBad";
}

/** The name of the file with the bad rows of an import. */
export function errorsFilename(filename: string | null): string {
  const stem = (filename ?? "").replace(/\.[^.]+$/, "") || "import";
  return `${stem}-bad-rows.csv`;
}

/** How many rows of a file would become leads or change some. */
export function usableRows({ total_rows, failed }: Pick<Import, "total_rows" | "failed">): number {
  return Math.max(0, total_rows - failed);
}
