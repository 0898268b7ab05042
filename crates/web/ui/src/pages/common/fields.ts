import { ApiProblem } from "../../api/problem";
import { sentence } from "../../components/errorWords";

/**
 * What the API says of the fields of a form, by field, and whether anything is left that no field
 * shows. A pointer such as `/tags/0` belongs to the field `tags`.
 */
export function fieldProblems<F extends string>(
  error: unknown,
  fields: readonly F[],
): { fields: Partial<Record<F, string>>; rest: boolean } {
  if (!(error instanceof ApiProblem)) return { fields: {}, rest: error !== null && error !== undefined };
  const found: Partial<Record<F, string>> = {};
  let rest = error.fields.size === 0;
  for (const [pointer, detail] of error.fields) {
    const names = pointer.split("/");
    const field = fields.find((name) => names.includes(name));
    if (field === undefined) rest = true;
    else found[field] ??= sentence(detail);
  }
  return { fields: found, rest };
}
