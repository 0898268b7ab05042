/** Which import is looked at; without one, a file is to be chosen. */
export interface ImportSearch {
  id?: string;
}

export function readImportSearch(raw: Record<string, unknown>): ImportSearch {
  return typeof raw["id"] === "string" ? { id: raw["id"] } : {};
}
