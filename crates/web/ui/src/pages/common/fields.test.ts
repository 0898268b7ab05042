import { describe, expect, it } from "vitest";
import { ApiProblem, NetworkProblem } from "../../api/problem";
import { fieldProblems } from "./fields";

const problem = (...errors: [pointer: string, detail: string][]) =>
  new ApiProblem(422, {
    detail: "some fields are wrong",
    errors: errors.map(([pointer, detail]) => ({ pointer, detail })),
  });

describe("what the API says of fields", () => {
  it("goes to the fields of the form, nested ones too", () => {
    const error = problem(["/phone", "is too short"], ["/tags/2", "is too long"]);
    expect(fieldProblems(error, ["phone", "tags", "name"])).toEqual({
      fields: { phone: "Is too short.", tags: "Is too long." },
      rest: false,
    });
  });

  it("is shown apart where the form has no such field", () => {
    expect(fieldProblems(problem(["/credentials/sharedKeys", "no"]), ["phone"])).toEqual({ fields: {}, rest: true });
  });

  it("is all there is to show where the problem is no field's", () => {
    expect(fieldProblems(new ApiProblem(409, { detail: "taken" }), ["phone"]).rest).toBe(true);
    expect(fieldProblems(new NetworkProblem("no answer"), ["phone"]).rest).toBe(true);
    expect(fieldProblems(null, ["phone"])).toEqual({ fields: {}, rest: false });
  });
});
